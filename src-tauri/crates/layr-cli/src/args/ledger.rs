//! `ledger …`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct LedgerArgs {
    /// Directory of its database [default: `ledger` in the home directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Where it listens; whoever can reach it can use it
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8000")]
    pub(crate) listen: SocketAddr,
    /// Close a ledger every so many seconds [default: at once with each transaction]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) close_every: Option<u64>,
    /// Stop when standard input ends
    #[arg(long, hide = true)]
    pub(crate) until_stdin_ends: bool,
    #[command(subcommand)]
    pub(crate) command: Option<LedgerCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Pay for the life of the agreement contract's code on your network's ledger, so that everybody can go on calling it
    #[command(
        after_help = "Example:\n  layr ledger keep --plan\n  layr ledger keep --yes --fee-cap 120\n\nA ledger archives code that nobody pays for, and agreements on it stand still until somebody restores it. Code with more than 60 days left costs nothing; else its life is made as long as the ledger allows. Your account pays, for everybody's use, and gets nothing else for it."
    )]
    Keep(LedgerKeepArgs),
}

#[derive(Debug, Args)]
pub(crate) struct LedgerKeepArgs {
    /// Only say what it would come to; nothing is signed
    #[arg(long, conflicts_with = "yes")]
    pub(crate) plan: bool,
    /// Pay without being asked
    #[arg(long)]
    pub(crate) yes: bool,
    /// Also where more than 60 days are left
    #[arg(long)]
    pub(crate) force: bool,
    /// The most that each of its one or two transactions may cost, in lumens [default: 160]
    #[arg(long, value_name = "XLM", allow_hyphen_values = true)]
    pub(crate) fee_cap: Option<String>,
}
