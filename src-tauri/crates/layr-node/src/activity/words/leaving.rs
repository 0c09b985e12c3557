//! What the entries about hosts that leave say.

use layr_library::{ActivityLevel, NewActivity};

use super::{HOSTING, NETWORK, are, single};
use crate::activity::ActivityKind;

/// Copies were brought from hosts that leave to others.
pub(crate) fn copies_moved(shards: u64) -> NewActivity {
    single(
        ActivityLevel::Info,
        ActivityKind::CopiesMoved,
        "Parts of your files moved to other hosts",
        format!(
            "{} brought away from hosts that leave. Your files are as safe as before; there is nothing to do.",
            are(shards, "part was", "parts were")
        ),
        NETWORK,
    )
}

/// Copies at hosts that leave find no other host.
pub(crate) fn copies_stay() -> NewActivity {
    single(
        ActivityLevel::Warning,
        ActivityKind::CopiesStay,
        "Hosts leave, and no others have room",
        "Parts of your files lie at hosts that said that they leave. No other host fits that has room for them. They stay where they \
         are, and it is tried again by itself; what is lost when those hosts stop is made again from the other parts. There is \
         nothing to do but to wait."
            .to_owned(),
        NETWORK,
    )
}

/// This host left, and everything was fetched.
pub(crate) fn host_left() -> NewActivity {
    single(
        ActivityLevel::Info,
        ActivityKind::HostLeft,
        "Hosting is off: nothing of others lies here any more",
        "Everything that you kept for others is with other hosts, or was deleted by its owners. You can switch this computer off."
            .to_owned(),
        HOSTING,
    )
}

/// The time is over, and something lies here still.
pub(crate) fn host_left_early(shards: u64, owners: u64) -> NewActivity {
    single(
        ActivityLevel::Warning,
        ActivityKind::HostLeftEarly,
        "Hosting is off, and not everything was fetched",
        format!(
            "{} of {} fetched in time. Nothing is deleted: what lies here is served on while Layr runs, and its owners are still told \
             to fetch it.",
            are(shards, "piece", "pieces"),
            are(owners, "owner was not", "owners were not")
        ),
        HOSTING,
    )
}

/// As [`host_left_early`], where the disk cannot say what lies there.
pub(crate) fn host_left_unseen() -> NewActivity {
    single(
        ActivityLevel::Warning,
        ActivityKind::HostLeftEarly,
        "Hosting is off, and its disk is missing",
        "The time in which you wanted to leave is over. Whether everything was fetched is not known, since the disk with what you \
         keep for others cannot be found. Nothing on it is touched."
            .to_owned(),
        HOSTING,
    )
}

#[cfg(test)]
mod tests {
    use super::{copies_moved, host_left_early};

    #[test]
    fn one_is_not_spoken_of_as_several() {
        assert!(copies_moved(1).text.starts_with("1 part was brought"));
        assert!(host_left_early(1, 1).text.starts_with("1 piece of 1 owner was not fetched"));
        assert!(host_left_early(2, 3).text.starts_with("2 pieces of 3 owners were not fetched"));
    }
}
