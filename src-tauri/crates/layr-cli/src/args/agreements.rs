//! `agreements …`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct AgreementsArgs {
    /// Only the agreement with this id, with all that is known of it
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,
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
    /// Show what may be spent on agreements, or change it; nothing is, and only hosts that are free store anything, unless you say so
    #[command(
        after_help = "Example:\n  layr agreements limit --price 0.3 --monthly 20\n  layr agreements limit --monthly 0\n\nA host whose price `layr hosts --offers` shows is within a price limit of that very number. Agreements that run stay as they are."
    )]
    Limit(AgreementsLimitArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AgreementsLimitArgs {
    /// The most that a host may ask for a GiB and month of 30 days, in lumens; 0: only hosts that are free
    #[arg(long, value_name = "XLM", allow_hyphen_values = true)]
    pub(crate) price: Option<String>,
    /// The most that hosts are paid in 30 days, in lumens; 0: nothing
    #[arg(long, value_name = "XLM", allow_hyphen_values = true)]
    pub(crate) monthly: Option<String>,
}
