//! What the entries about agreements say.

use layr_ledger::Stroops;
use layr_library::{ActivityLevel, NewActivity};

use super::{NETWORK, are, single};
use crate::activity::ActivityKind;

/// An escrow came onto the ledger.
pub(crate) fn agreements_opened(hosts: u64, deposited: Stroops) -> NewActivity {
    single(
        ActivityLevel::Info,
        ActivityKind::AgreementsOpened,
        "Storage is paid for",
        format!(
            "{deposited} lumens are in escrow on the ledger for {}. A host gets its part only for weeks in which it proved that it has \
             your data; the rest comes back at the end of the term.",
            are(hosts, "host", "hosts")
        ),
        NETWORK,
    )
}

/// Terms are over and their money is divided.
pub(crate) fn agreements_settled(hosts: u64) -> NewActivity {
    single(
        ActivityLevel::Info,
        ActivityKind::AgreementsSettled,
        "Agreements ended",
        format!(
            "The ledger paid {} for the weeks that were proven, and what is left is back in your account.",
            are(hosts, "host", "hosts")
        ),
        NETWORK,
    )
}

/// Hosts have shards and are not paid, since money or the person's limit does not reach.
pub(crate) fn agreements_unpaid(hosts: u64) -> NewActivity {
    single(
        ActivityLevel::Action,
        ActivityKind::AgreementsUnpaid,
        "Parts of your files are not paid for",
        format!(
            "{} parts of your files and {} not paid: your account or your monthly limit has too few lumens for it. Nobody has \
             to keep what is not paid for. Send lumens to your account, or raise the limit: `layr agreements check` says what is missing.",
            are(hosts, "host has", "hosts have"),
            if hosts == 1 { "is" } else { "are" }
        ),
        NETWORK,
    )
}

#[cfg(test)]
mod tests {
    use layr_ledger::Stroops;

    use super::{agreements_opened, agreements_unpaid};

    #[test]
    fn one_is_not_spoken_of_as_several() {
        assert!(agreements_opened(1, Stroops::ZERO).text.contains("for 1 host."));
        assert!(agreements_unpaid(1).text.starts_with("1 host has parts of your files and is not paid"));
        assert!(agreements_unpaid(2).text.starts_with("2 hosts have parts of your files and are not paid"));
    }
}
