//! The command line's shape. Names, flags and meanings are a contract with scripts, which
//! `tests/network/contract.rs` holds.

mod agreements;
mod delegates;
mod ledger;
mod wallet;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use layr_node::agreements::price::MonthlyPrice;
use layr_node::schedule::Schedule;

pub(crate) use self::agreements::{
    AgreementsArgs, AgreementsCommand, AgreementsEndArgs, AgreementsLimitArgs, AgreementsRenewArgs,
    AutoRenewArgs,
};
pub(crate) use self::delegates::DelegateCommand;
pub(crate) use self::ledger::{LedgerArgs, LedgerCommand, LedgerKeepArgs};
pub(crate) use self::wallet::{WalletCommand, WalletHistoryArgs, WalletSendArgs, WalletUseArgs};
use crate::quantity::{ByteRange, ByteRate, ByteSize, Leaves, Period, Redundancy};

/// Store your files, encrypted, on other people's computers.
#[derive(Debug, Parser)]
#[command(name = "layr", version, max_term_width = 100)]
#[command(
    after_help = "Example:\n  layr init && layr daemon --detach\n  layr put ~/Documents\n  layr get /Documents -o ~/restored\n\nExit codes:\n  0 done, 1 failed, 2 wrong usage, 3 not found, 4 parts damaged or out of reach,\n  5 too few hosts or too little space, 6 too little money, 7 no node or no network, 8 locked or wrong key,\n  130 interrupted: the same command goes on with what is left\n\nPassphrase, from the first of these:\n  --passphrase-fd, the file that LAYR_PASSPHRASE_FILE names,\n  the systemd credential layr-passphrase, your terminal"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Home directory of the node [default: the platform's data directory]
    #[arg(long, global = true, env = "LAYR_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Print exactly one JSON document on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say more on standard error; repeat for still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Read the passphrase of the key file, or of a sealed phrase, from this open file descriptor
    #[arg(long, global = true, value_name = "N")]
    pub(crate) passphrase_fd: Option<i32>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create an identity, or bring yours back from its 24 words
    #[command(
        after_help = "Example:\n  layr init --network friends.toml\n  layr init --recover --phrase-file words.txt"
    )]
    Init(InitArgs),
    /// Run the node until it is stopped
    #[command(
        after_help = "Example:\n  layr daemon --listen /ip4/0.0.0.0/tcp/4100 --host\n  layr daemon --detach"
    )]
    Daemon(DaemonArgs),
    /// Stop the node that runs in this home
    #[command(after_help = "Example:\n  layr stop")]
    Stop,
    /// Run a bootstrap and relay node, which stores nothing
    #[command(after_help = "Example:\n  layr --home /var/lib/layr-seed seed --listen /ip4/0.0.0.0/tcp/4100")]
    Seed(SeedArgs),
    /// Run a Stellar ledger on this machine, with real contracts and play money; or keep your network's contract alive
    #[command(
        after_help = "Example:\n  layr ledger --dir ~/ledger --close-every 5\n  curl 'http://127.0.0.1:8000/friendbot?addr=G…'"
    )]
    Ledger(LedgerArgs),
    /// Run a whole network on this machine: a seed, hosts and an owner, each a process
    #[command(after_help = "Example:\n  layr devnet --hosts 12\n  layr devnet --hosts 12 --price 0.3")]
    Devnet(DevnetArgs),
    /// Show the main job from end to end on a network of its own
    #[command(after_help = "Example:\n  layr demo --tree . --generate 256MiB")]
    Demo(DemoArgs),
    /// Show what the node is doing
    #[command(after_help = "Example:\n  layr status --json")]
    Status,
    /// Store files and directory trees; a repeat resumes
    #[command(
        visible_alias = "upload",
        after_help = "Example:\n  layr put ~/Documents photo.jpg --to /backup\n  layr put --dry-run ~/Videos"
    )]
    Put(PutArgs),
    /// Bring a file or directory back
    #[command(
        visible_alias = "download",
        after_help = "Example:\n  layr get /Documents/a.pdf -o a.pdf\n  layr get movie.layr -o - --range 0-1048575 | file -"
    )]
    Get(GetArgs),
    /// List the library
    #[command(visible_alias = "list", after_help = "Example:\n  layr ls /Documents -r")]
    Ls(LsArgs),
    /// Show everything about one file: segments, shards, hosts
    #[command(after_help = "Example:\n  layr info /Documents/a.pdf --json")]
    Info(NameArg),
    /// Move files and directories to the trash, where they stay for 30 days
    #[command(after_help = "Example:\n  layr rm /Documents/old.pdf")]
    Rm(NamesArg),
    /// Rename or move a file or directory
    #[command(after_help = "Example:\n  layr mv /Documents/a.pdf /Archive/a.pdf")]
    Mv(MvArgs),
    /// Bring a file or directory back from the trash, or an older version of a file
    #[command(
        after_help = "Example:\n  layr restore /Documents/old.pdf\n  layr restore /notes.txt --version 3"
    )]
    Restore(RestoreArgs),
    /// List the trash
    #[command(after_help = "Example:\n  layr trash")]
    Trash,
    /// Download and check every shard, not only those that a download needs
    #[command(after_help = "Example:\n  layr verify\n  layr verify --quick /Documents")]
    Verify(VerifyArgs),
    /// Have every host prove now that it still has the shards it took, without downloading them
    #[command(
        after_help = "Example:\n  layr audit\n  layr audit --leaves 20 /Documents\n  layr audit --leaves all /Documents/a.pdf"
    )]
    Audit(AuditArgs),
    /// Make lost shards again from the others, and bring them to other hosts
    #[command(visible_alias = "patch")]
    #[command(
        after_help = "Example:\n  layr audit; layr repair\n  layr repair --now --dry-run\n  layr repair --now /Documents"
    )]
    Repair(RepairArgs),
    /// Print a link to a file or directory: whoever has it can fetch exactly that
    #[command(after_help = "Example:\n  layr share /Documents/a.pdf --expires 7d")]
    Share(ShareArgs),
    /// Write the manifest of a file or directory: whoever holds it can fetch exactly that (with --private, only you)
    #[command(
        after_help = "Example:\n  layr export /Documents/a.pdf -o a.layr\n  layr export /Documents --private"
    )]
    Export(ExportArgs),
    /// Take what a `.layr` file or link names into the library
    #[command(after_help = "Example:\n  layr import a.layr\n  layr import 'layr://import/1#…'")]
    Import(ImportArgs),
    /// List the hosts known and where our data lies
    #[command(after_help = "Example:\n  layr hosts --offers")]
    Hosts(HostsArgs),
    /// Lend disk space to others
    #[command(after_help = "Example:\n  layr host set --quota 500GB\n  layr host show")]
    Host {
        #[command(subcommand)]
        command: HostCommand,
    },
    /// Let another node audit and repair your files while your devices sleep, or do so for somebody else
    #[command(after_help = "Example:\n  layr delegate create 12D3KooW… --name server\n  layr delegate ls")]
    Delegate {
        #[command(subcommand)]
        command: DelegateCommand,
    },
    /// Show your account on the network's ledger and what it has, fill it on test networks, or pay from it
    #[command(after_help = "Example:\n  layr wallet\n  layr wallet fund\n  layr wallet send G… 12.5")]
    Wallet {
        #[command(subcommand)]
        command: Option<WalletCommand>,
    },
    /// Show the agreements by which hosts are paid, and what may be spent on them
    #[command(
        after_help = "Example:\n  layr agreements\n  layr agreements 12\n  layr agreements limit --price 0.3 --monthly 20"
    )]
    Agreements(AgreementsArgs),
    /// Limit what all transfers together take of the line, or show the limits; those of `host set` hold besides
    #[command(
        after_help = "Example:\n  layr limit --up 2MB/s --schedule 'mon-fri 08:00-18:00'\n  layr limit --up 0"
    )]
    Limit(LimitArgs),
    /// Print shell completions
    #[command(
        after_help = "Example:\n  layr completions bash > ~/.local/share/bash-completion/completions/layr"
    )]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the man page
    #[command(after_help = "Example:\n  layr man | man -l -")]
    Man,
}

/// Where the keys lie.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KeyStoreArg {
    /// The operating system's keyring
    Keyring,
    /// A file in the home directory, sealed with a passphrase
    File,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Bring an identity back from its 24 words instead of creating one; where only its keys are gone, they come back to what is
    /// there
    #[arg(long)]
    pub(crate) recover: bool,
    /// Network to join: a built-in name or a network file
    #[arg(long, value_name = "NAME|FILE", default_value = "local")]
    pub(crate) network: String,
    /// Where to keep the keys [default: keyring where there is one, else file]
    #[arg(long, value_enum)]
    pub(crate) key_store: Option<KeyStoreArg>,
    /// Read the 24 words from this file, `-` for standard input. A sealed recovery phrase, as the app saves it, is opened
    /// with a passphrase; where that is not typed, it seals a new key file, too
    #[arg(long, value_name = "F", requires = "recover")]
    pub(crate) phrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DaemonArgs {
    /// Address to listen on; repeat for several
    #[arg(long, value_name = "MULTIADDR")]
    pub(crate) listen: Vec<String>,
    /// Lend disk space from now on, also at later starts, within the quota set by `layr host set`
    #[arg(long)]
    pub(crate) host: bool,
    /// Serve metrics in the Prometheus text format at this address
    #[arg(long, value_name = "ADDR")]
    pub(crate) metrics: Option<SocketAddr>,
    /// Run in the background; returns when the node serves
    #[arg(long)]
    pub(crate) detach: bool,
    /// Stop when standard input ends: set by whoever starts this node and must not leave it behind
    #[arg(long, hide = true, conflicts_with = "detach")]
    pub(crate) until_stdin_ends: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SeedArgs {
    /// Address to listen on; repeat for several
    #[arg(long, value_name = "MULTIADDR")]
    pub(crate) listen: Vec<String>,
    /// Network to serve: a built-in name or a network file
    #[arg(long, value_name = "NAME|FILE", default_value = "local")]
    pub(crate) network: String,
    /// Stop when standard input ends
    #[arg(long, hide = true)]
    pub(crate) until_stdin_ends: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DevnetArgs {
    /// Hosts to run
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub(crate) hosts: u16,
    /// Directory for the homes; kept afterwards [default: a temporary one, removed afterwards]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// First TCP port; the seed takes it, each host the next, then the owner [default: free ports]
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(u16).range(1024..=65_000))]
    pub(crate) base_port: Option<u16>,
    /// Space that each host lends
    #[arg(long, value_name = "SIZE", default_value = "20GB")]
    pub(crate) quota: ByteSize,
    /// What each host asks for, in lumens for a GiB and month [default: nothing]
    #[arg(long, value_name = "XLM", allow_negative_numbers = true)]
    pub(crate) price: Option<MonthlyPrice>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArgs {
    /// Directory tree to store
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) tree: PathBuf,
    /// Size of the generated file that is stored beside it
    #[arg(long, value_name = "SIZE", default_value = "256MiB")]
    pub(crate) generate: ByteSize,
    /// Hosts to run
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(3..=60))]
    pub(crate) hosts: u16,
}

#[derive(Debug, Args)]
pub(crate) struct PutArgs {
    /// Files and directories
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Library directory that receives them
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<String>,
    /// Shards that suffice and shards in all, for example 4/12 [default: by the number of hosts]
    #[arg(long, value_name = "K/N")]
    pub(crate) redundancy: Option<Redundancy>,
    /// Only say how much would be stored and what it would cost
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    /// Library name, file id, `.layr` file or `layr://` link
    #[arg(value_name = "NAME|ID|FILE.layr|LINK")]
    pub(crate) name: String,
    /// Target file, or a directory to put it into; `-` for standard output [default: the name, in this directory]
    ///
    /// A directory of the name that is there already receives what is stored; its other files stay. What comes from a
    /// `.layr` file or a link never takes the place of anything, unless it is a file whose target you name here.
    #[arg(short, long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
    /// Only the bytes from A to B, both included
    #[arg(long, value_name = "A-B")]
    pub(crate) range: Option<ByteRange>,
    /// An older version
    #[arg(long, value_name = "V")]
    pub(crate) version: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct LsArgs {
    /// Directory [default: the root]
    pub(crate) dir: Option<String>,
    /// With everything below it
    #[arg(short, long)]
    pub(crate) recursive: bool,
    /// With older versions
    #[arg(long)]
    pub(crate) versions: bool,
}

#[derive(Debug, Args)]
pub(crate) struct NameArg {
    /// Library name or file id
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct NamesArg {
    /// Library names or file ids
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct MvArgs {
    /// Library name or file id
    pub(crate) from: String,
    /// New library name
    pub(crate) to: String,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// Library name or file id
    pub(crate) name: String,
    /// Version to make current again [default: the deleted one]
    #[arg(long, value_name = "V")]
    pub(crate) version: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Library names or file ids [default: everything]
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Check only as many shards as a download needs
    #[arg(long)]
    pub(crate) quick: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Library names or file ids [default: everything]
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Leaves of 1 KiB of each shard to be proven, or `all`, which reads every shard
    #[arg(long, value_name = "N|all", default_value = "1")]
    pub(crate) leaves: Leaves,
}

#[derive(Debug, Args)]
pub(crate) struct RepairArgs {
    /// Library names or file ids [default: everything]
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Repair whatever is lost, also where enough is left, and take what cannot be reached for lost
    #[arg(long)]
    pub(crate) now: bool,
    /// Tell what it would do, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ShareArgs {
    /// Library name or file id
    pub(crate) name: String,
    /// End the share after this time: 30m, 12h, 7d or 2w from now. A copy that somebody made before stays theirs
    #[arg(long, value_name = "TIME")]
    pub(crate) expires: Option<Period>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Library name or file id
    pub(crate) name: String,
    /// Target, where nothing may be yet [default: NAME.layr in this directory]
    #[arg(short, long, value_name = "F.layr")]
    pub(crate) output: Option<PathBuf>,
    /// Seal it for your own devices: it opens only with the same 24 words
    #[arg(long)]
    pub(crate) private: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The `.layr` file or the `layr://` link
    #[arg(value_name = "F.layr|LINK")]
    pub(crate) source: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct HostsArgs {
    /// Ask the network for hosts and their offers, too
    #[arg(long)]
    pub(crate) offers: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HostCommand {
    /// Set how much to lend and on which terms
    #[command(after_help = "Example:\n  layr host set --quota 500GB --up 10MB/s")]
    Set(HostSetArgs),
    /// Show what is lent
    #[command(after_help = "Example:\n  layr host show --json")]
    Show,
    /// Take no new shards for now; what is stored stays and is served
    #[command(after_help = "Example:\n  layr host pause")]
    Pause,
    /// Take new shards again
    #[command(after_help = "Example:\n  layr host resume")]
    Resume,
    /// Leave in good order: take nothing new, have owners bring what is here to other hosts, then stop lending by itself
    #[command(after_help = "Example:\n  layr host leave --until 14d\n  layr host leave --cancel")]
    Leave(HostLeaveArgs),
}

#[derive(Debug, Args)]
pub(crate) struct HostLeaveArgs {
    /// Stop in this time at the latest, for example 14d, 1d to 90d; nothing is deleted then [default: 14d]
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Period>,
    /// Stay after all
    #[arg(long, conflicts_with = "until")]
    pub(crate) cancel: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LimitArgs {
    /// Upload limit, for example 2MB/s, at least 100kB/s; 0 lifts it
    #[arg(long, value_name = "RATE")]
    pub(crate) up: Option<ByteRate>,
    /// Download limit; 0 lifts it
    #[arg(long, value_name = "RATE")]
    pub(crate) down: Option<ByteRate>,
    /// When these limits hold, in local time: always, 08:00-23:00, or mon-fri 08:00-18:00, sat-sun 10:00-22:00
    #[arg(long, value_name = "TIMES")]
    pub(crate) schedule: Option<Schedule>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct HostSetArgs {
    /// Space to lend, for example 500GB; 0 takes no new shards and serves those that are here
    #[arg(long, value_name = "SIZE")]
    pub(crate) quota: Option<ByteSize>,
    /// Longest term in days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) max_term: Option<u32>,
    /// Price in lumens for a GiB and month, where the network has a ledger with a contract; 0 lends for free
    #[arg(long, value_name = "XLM", allow_negative_numbers = true)]
    pub(crate) price: Option<MonthlyPrice>,
    /// Collateral that this node puts in, in hundredths of the rent of a term
    #[arg(long, value_name = "PCT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) collateral: Option<u8>,
    /// Upload limit for hosting, for example 10MB/s, at least 100kB/s; 0 lifts it
    #[arg(long, value_name = "RATE")]
    pub(crate) up: Option<ByteRate>,
    /// Download limit for hosting; 0 lifts it
    #[arg(long, value_name = "RATE")]
    pub(crate) down: Option<ByteRate>,
    /// Upload limit for each other computer; 0 lifts it
    #[arg(long, value_name = "RATE")]
    pub(crate) peer_up: Option<ByteRate>,
    /// Download limit for each other computer; 0 lifts it
    #[arg(long, value_name = "RATE")]
    pub(crate) peer_down: Option<ByteRate>,
    /// When these limits hold, in local time: always, 08:00-23:00, or mon-fri 08:00-18:00, sat-sun 10:00-22:00
    #[arg(long, value_name = "TIMES")]
    pub(crate) schedule: Option<Schedule>,
}
