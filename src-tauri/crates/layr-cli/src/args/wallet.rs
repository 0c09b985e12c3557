//! `wallet …`.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum WalletCommand {
    /// Have the friendbot of a test network open your account and fill it
    #[command(after_help = "Example:\n  layr wallet fund")]
    Fund,
    /// Pay somebody; an account that does not exist yet is opened with at least 1 lumen
    #[command(
        after_help = "Example:\n  layr wallet send G… 12.5\n  layr wallet send G… 12.5 --memo 'invoice 7'\n\nNothing is paid twice: each payment has a name, which stands on standard error before it is sent. Where an answer was lost, the same command with that name as --key tells what became of it; without it, a repeat is another payment."
    )]
    Send(WalletSendArgs),
    /// What you signed for the ledger, the newest first: payments, deposits for agreements, their ends
    #[command(
        after_help = "Example:\n  layr wallet history --limit 20\n\nWhat others paid you is not in it: the account's balance shows that."
    )]
    History(WalletHistoryArgs),
    /// Pay from an account that you have, by its secret key, or from that of your words again
    #[command(
        after_help = "Example:\n  layr wallet use\n  layr wallet use --key-fd 3 3<key.txt\n  layr wallet use --phrase\n\nThe secret key (S…) is typed, or read from standard input, and never an argument; it is kept where the keys of this home are. Your 24 words do not bring it back: keep it yourself. No node may run, and no agreement of the account that paid until now."
    )]
    Use(WalletUseArgs),
}

#[derive(Debug, Args)]
pub(crate) struct WalletUseArgs {
    /// Go back to the account of your 24 words
    #[arg(long, conflicts_with = "key_fd")]
    pub(crate) phrase: bool,
    /// Read the secret key from this open file descriptor
    #[arg(long, value_name = "N")]
    pub(crate) key_fd: Option<i32>,
}

#[derive(Debug, Args)]
pub(crate) struct WalletHistoryArgs {
    /// The most transactions to show, up to 1000 [default: 100]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct WalletSendArgs {
    /// The account to pay
    #[arg(value_name = "G…")]
    pub(crate) destination: String,
    /// Amount in lumens, with at most 7 digits after the point
    #[arg(value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(crate) amount: String,
    /// A text of at most 28 bytes that goes with it; everybody can read it
    #[arg(long, value_name = "TEXT")]
    pub(crate) memo: Option<String>,
    /// A name for this payment: under the same name it is made once, unless the library was replaced by an older copy since; then look into the
    /// account before you repeat it [default: a random one]
    #[arg(long, value_name = "NAME")]
    pub(crate) key: Option<String>,
    /// Only say what it would come to; nothing is signed
    #[arg(long)]
    pub(crate) plan: bool,
}
