//! `ledger [keep]`: a Stellar ledger on this computer, and the life of the contract's code on the network's.

mod keep;

use std::time::Duration;

use layr_local_ledger::{Clock, LocalLedger, LocalLedgerError, LocalLedgerSettings};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::shutdown::terminated;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

pub(crate) use self::keep::life_words;
use crate::args::{LedgerArgs, LedgerCommand};
use crate::failure::Outcome;
use crate::output::print;
use crate::session::Session;

/// What the ledger prints once, when it serves.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LedgerReady {
    pub(crate) ledger: String,
    pub(crate) passphrase: String,
}

pub(crate) async fn run(session: &Session, args: LedgerArgs) -> Outcome<()> {
    match args.command {
        Some(LedgerCommand::Keep(args)) => keep::run(session, args).await,
        None => serve(session, args).await,
    }
}

async fn serve(session: &Session, args: LedgerArgs) -> Outcome<()> {
    let settings = LocalLedgerSettings {
        directory: args.dir.unwrap_or_else(|| session.home.dir().join("ledger")),
        listen: args.listen,
        closes_at_once: args.close_every.is_none(),
        close_every: args.close_every.map(Duration::from_secs),
        clock: Clock::system(),
    };
    let ledger = LocalLedger::start(settings).await.map_err(|error| not_started(&error))?;
    let ready = LedgerReady { ledger: ledger.url(), passphrase: ledger.network_passphrase().to_owned() };
    let told = print(session.json, &ready, |ready| {
        format!("ready ledger={} passphrase={:?}", ready.ledger, ready.passphrase)
    });
    if told.is_ok() {
        let stop = CancellationToken::new();
        if args.until_stdin_ends {
            super::nodes::stop_when_stdin_ends(stop.clone());
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = terminated() => {}
        }
    }
    ledger.stop().await;
    told
}

pub(crate) fn not_started(error: &LocalLedgerError) -> NodeError {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    NodeError::new(ErrorCode::LocalFile, format!("{error}{cause}"))
}
