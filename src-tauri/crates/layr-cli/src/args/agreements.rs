//! `agreements …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct AgreementsArgs {
    /// Only the agreement with this id, with all that is known of it
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Write them into a new file, as a table for spreadsheets
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<AgreementsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AgreementsCommand {
    /// Do at once what is due: agree with hosts that are to be paid, have them prove windows, end terms
    #[command(
        after_help = "Example:\n  layr agreements check\n\nThe node does the same by itself, a look a minute. Nothing is spent beyond `layr agreements limit`."
    )]
    Check,
    /// Agree on the next term of agreements that end within 30 days, also without `auto-renew`
    #[command(
        after_help = "Example:\n  layr agreements renew --all\n  layr agreements renew 7 8\n  layr agreements renew --all --most 2\n  layr agreements renew 7 --windows 17"
    )]
    Renew(AgreementsRenewArgs),
    /// End an agreement before its time: with the week after the one that runs
    #[command(
        after_help = "Example:\n  layr agreements end 7\n\nUntil then it is proven and paid as before. Nothing is deleted or moved: what lies at the host is not paid for after it, unless `layr agreements renew` agrees on it anew."
    )]
    End(AgreementsEndArgs),
    /// Have agreements that end agreed on anew by themselves, or not
    #[command(
        after_help = "Example:\n  layr agreements auto-renew on --budget 20\n  layr agreements auto-renew off\n\nThe next term is agreed on three weeks before the one that runs ends, and begins when that ends. The budget is the monthly limit of `layr agreements limit`."
    )]
    AutoRenew(AutoRenewArgs),
    /// Show what may be spent on agreements, or change it; nothing is, and only hosts that are free store anything, unless you say so
    #[command(
        after_help = "Example:\n  layr agreements limit --price 0.3 --monthly 20\n  layr agreements limit --monthly 0\n\nA host whose price `layr hosts --offers` shows is within a price limit of that very number. Agreements that run stay as they are."
    )]
    Limit(AgreementsLimitArgs),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(false))]
pub(crate) struct AgreementsRenewArgs {
    /// Agreements, as `layr agreements` numbers them
    #[arg(value_name = "ID", group = "which")]
    pub(crate) ids: Vec<String>,
    /// All that end within 30 days
    #[arg(long, group = "which")]
    pub(crate) all: bool,
    /// Windows of a week that the next term has: 4 to 17 [default: 13]
    #[arg(long, value_name = "N")]
    pub(crate) windows: Option<u32>,
    /// Only say what it would agree on and what that would cost; nothing is signed
    #[arg(long)]
    pub(crate) plan: bool,
    /// The most that may go into escrow for it, in lumens; what a host asks beyond it is not agreed on [default: what the limits allow]
    #[arg(long, value_name = "XLM", allow_hyphen_values = true)]
    pub(crate) most: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AgreementsEndArgs {
    /// The agreement, as `layr agreements` numbers it
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct AutoRenewArgs {
    /// Whether they are: on or off
    #[arg(value_name = "on|off", value_parser = clap::builder::BoolishValueParser::new(), action = clap::ArgAction::Set, hide_possible_values = true)]
    pub(crate) on: bool,
    /// The most that storing may cost in 30 days, in lumens, with the ledger's fees [default: the limit as it is]
    #[arg(long, value_name = "XLM", allow_hyphen_values = true)]
    pub(crate) budget: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AgreementsLimitArgs {
    /// The most that a host may ask for a GiB and month of 30 days, in lumens; 0: only hosts that are free
    #[arg(long, value_name = "XLM", allow_hyphen_values = true)]
    pub(crate) price: Option<String>,
    /// The most that storing may cost in 30 days, in lumens, with the ledger's fees; 0: nothing
    #[arg(long, value_name = "XLM", allow_hyphen_values = true)]
    pub(crate) monthly: Option<String>,
}
