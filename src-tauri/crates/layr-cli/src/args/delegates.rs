//! `delegate …`.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum DelegateCommand {
    /// Let another node look after your files; it can rebuild what is lost, and read nothing
    #[command(
        after_help = "Example:\n  layr delegate create 12D3KooW… --name server\n\nThen, at that node: layr delegate accept OWNER"
    )]
    Create(DelegateCreateArgs),
    /// Agree to look after the files of an owner who named this node; it costs traffic every day, more when much is to be repaired, and up to 1 GiB of disk
    #[command(after_help = "Example:\n  layr delegate accept 5c1f…")]
    Accept {
        /// The owner, as `layr delegate ls` shows it to them
        #[arg(value_name = "OWNER")]
        id: String,
    },
    /// List who looks after your files, and whose files this node looks after
    #[command(after_help = "Example:\n  layr delegate ls --json")]
    Ls,
    /// End it: a delegate of yours by its peer id, or what this node does for an owner by the owner\u{2019}s id
    #[command(after_help = "Example:\n  layr delegate revoke 12D3KooW…")]
    Revoke {
        /// Peer id or owner
        #[arg(value_name = "ID")]
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DelegateCreateArgs {
    /// The node, as `layr status` shows it there
    #[arg(value_name = "PEER_ID")]
    pub(crate) peer_id: String,
    /// What to call it
    #[arg(long, default_value = "")]
    pub(crate) name: String,
    /// Where to reach it, a multiaddress; may come several times [default: the network knows]
    #[arg(long = "address", value_name = "MULTIADDR")]
    pub(crate) addresses: Vec<String>,
}
