//! `layr`: the command line, the daemon and the development network.

mod args;
mod commands;
mod demo;
mod devnet;
mod failure;
mod metrics;
mod output;
mod passphrase;
mod progress;
mod quantity;
mod session;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use layr_node::error::{ErrorCode, NodeError};
use tracing_subscriber::EnvFilter;

use args::{Cli, Command};
use commands::{
    agreements, delegates, files, hosting, identity, ledger, limit, nodes, reference, sharing, upkeep, wallet,
};
use failure::{Finished, Outcome};
use session::Session;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error),
    };
    let json = cli.global.json;
    log_to_stderr(cli.global.verbose);
    let finished = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| failure::local("cannot start", &error))
        .and_then(|runtime| {
            let outcome = runtime.block_on(run(cli));
            // What blocks on a terminal or a keyring must not hold the process.
            runtime.shutdown_background();
            outcome
        });
    match finished {
        Ok(finished) => failure::finish(&finished, json),
        Err(error) => failure::report(&error, json),
    }
}

async fn run(cli: Cli) -> Outcome<Finished> {
    let session = Session::new(&cli.global)?;
    let session = &session;
    match cli.command {
        Command::Put(args) => return files::put(session, args).await,
        Command::Verify(args) => return upkeep::verify(session, args).await,
        Command::Audit(args) => return upkeep::audit(session, args).await,
        Command::Repair(args) => return upkeep::repair(session, args).await,
        Command::Init(args) => identity::init(session, args).await?,
        Command::Daemon(args) => nodes::daemon(session, args).await?,
        Command::Stop => nodes::stop(session).await?,
        Command::Seed(args) => nodes::seed(session, args).await?,
        Command::Ledger(args) => ledger::run(session, args).await?,
        Command::Devnet(args) => devnet::run(session, args).await?,
        Command::Demo(args) => demo::run(session, args).await?,
        Command::Status => upkeep::status(session).await?,
        Command::Get(args) => files::get(session, args).await?,
        Command::Ls(args) => files::ls(session, args).await?,
        Command::Info(args) => files::info(session, args).await?,
        Command::Rm(args) => files::rm(session, args).await?,
        Command::Mv(args) => files::mv(session, args).await?,
        Command::Restore(args) => files::restore(session, args).await?,
        Command::Trash => files::trash(session).await?,
        Command::Share(args) => sharing::share(session, args).await?,
        Command::Export(args) => sharing::export(session, args).await?,
        Command::Import(args) => sharing::import(session, args).await?,
        Command::Hosts(args) => upkeep::hosts(session, args).await?,
        Command::Limit(args) => limit::run(session, args).await?,
        Command::Host { command } => hosting::run(session, command).await?,
        Command::Delegate { command } => delegates::run(session, command).await?,
        Command::Agreements(args) => agreements::run(session, args).await?,
        Command::Wallet { command } => wallet::run(session, command).await?,
        Command::Completions { shell } => reference::completions(shell)?,
        Command::Man => reference::man()?,
    }
    Ok(Finished::Done)
}

/// Wrong flags: clap's own words for people, the error document for scripts. Help and version are no errors.
fn misunderstood(error: &clap::Error) -> ExitCode {
    let wanted = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if !wanted && std::env::args_os().any(|argument| argument == "--json") {
        let words = error.to_string();
        // Up to the first empty line: what is missing or possible stands below what is wrong.
        let lines: Vec<&str> = words.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
        let sentence = lines.join(" ");
        let sentence = sentence.trim_start_matches("error: ");
        return failure::report(&NodeError::new(ErrorCode::InvalidRequest, sentence), true);
    }
    let printed = error.print();
    if !wanted {
        return ExitCode::from(ErrorCode::InvalidRequest.exit_code());
    }
    match output::written_or_unread(printed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error, false),
    }
}

/// `RUST_LOG` wins; else warnings, and more with each `-v`.
fn log_to_stderr(verbose: u8) {
    let default = match verbose {
        0 => "warn",
        1 => "info,libp2p=warn",
        2 => "debug,libp2p=info",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // A log file or a journal is no terminal.
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init();
}
