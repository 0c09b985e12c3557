//! What hosting for money brings and costs.

use std::fmt::Display;

use layr_ledger::Stroops;
use layr_library::{ActivityLevel, NewActivity};

use super::{HOSTING, are, entry};
use crate::activity::ActivityKind;

/// Windows passed in which nothing was proven to an owner or on the ledger.
pub(crate) fn windows_missed(escrow: &impl Display, missed: u64, allowed: u64) -> NewActivity {
    entry(
        ActivityLevel::Warning,
        ActivityKind::WindowMissed,
        escrow,
        "What you keep for others was not proven in time".to_owned(),
        format!(
            "{} of an agreement passed without a proof, and earned nothing. {} may be missed for nothing; what is missed beyond costs a part of \
             your collateral. Keep this computer on and connected for some hours of each week's last two days.",
            are(missed, "week", "weeks"),
            are(allowed, "week in all", "weeks in all"),
        ),
        HOSTING,
    )
}

/// A part of the collateral went to an owner.
pub(crate) fn collateral_lost(escrow: &impl Display, lost: Stroops) -> NewActivity {
    entry(
        ActivityLevel::Warning,
        ActivityKind::CollateralLost,
        escrow,
        "A part of your collateral is lost".to_owned(),
        format!(
            "{lost} lumens of what you had put in went to an owner, for weeks in which what you kept was not proven. What you earned is yours."
        ),
        HOSTING,
    )
}
