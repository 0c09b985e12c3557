//! Arguments of `ledger`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
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
}
