//! The ledger of a devnet: in this process, kept with the homes, for accounts that a friendbot fills.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use layr_control::Client;
use layr_ledger::agreement::keep_on_local_ledger;
use layr_local_ledger::{Clock, LocalLedger, LocalLedgerSettings};
use layr_node::api::WalletReport;
use layr_node::error::{ErrorCode, NodeError};
use layr_node::home::Home;
use layr_node::network_file::{LedgerKind, StellarNetwork};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::commands::ledger::not_started;
use crate::failure::{self, Outcome};
use crate::output::stderr_line;

/// As on the public network.
const CLOSE_EVERY: Duration = Duration::from_secs(5);

/// Starts the ledger that lies in `dir`, on any free port of this machine.
pub(super) async fn start(dir: &Path) -> Outcome<LocalLedger> {
    let settings = LocalLedgerSettings {
        directory: dir.to_owned(),
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        closes_at_once: false,
        close_every: Some(CLOSE_EVERY),
        clock: Clock::system(),
    };
    LocalLedger::start(settings).await.map_err(|error| not_started(&error))
}

/// How the network file names it, with the agreement contract that is on it then.
pub(super) async fn named(ledger: &LocalLedger) -> Outcome<LedgerKind> {
    let network = StellarNetwork::on_local_ledger(&ledger.url(), ledger.network_passphrase()).await;
    network.map(LedgerKind::Stellar).map_err(|error| {
        let message = format!("the agreement contract cannot be brought onto the devnet's ledger: {error}");
        NodeError::new(ErrorCode::Internal, message)
    })
}

/// Keeps the contract on the devnet's ledger alive until it is aborted.
pub(super) fn keep_contract(kind: &LedgerKind) -> JoinHandle<()> {
    let settings = match kind {
        LedgerKind::Stellar(network) => Some(network.settings()),
        LedgerKind::None => None,
    };
    tokio::spawn(async move {
        let Some(settings) = settings else { return };
        let Err(error) = keep_on_local_ledger(settings).await;
        stderr_line(&format!("layr: the agreement contract is not kept alive: {error}"));
    })
}

/// Has the nodes that run in these homes fill their accounts; those that are open already stay as they are.
pub(super) async fn fund(homes: impl IntoIterator<Item = &Home>) -> Outcome<()> {
    let fund = |home: &Home| {
        let socket = home.control_socket();
        async move {
            let mut client = Client::connect(&socket).await.map_err(|error| failure::from_connect(&error))?;
            let called = client.call::<_, WalletReport>("wallet.fund", &Value::Null, |_| Ok(())).await;
            called.map(drop).map_err(failure::from_call)
        }
    };
    futures::future::try_join_all(homes.into_iter().map(fund)).await?;
    Ok(())
}
