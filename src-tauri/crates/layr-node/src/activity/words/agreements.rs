//! What the entries about agreements say.

use layr_ledger::Stroops;
use layr_library::{ActivityLevel, NewActivity};

use super::{AGREEMENTS, are, single};
use crate::activity::ActivityKind;
use crate::agreements::Prompt;
use crate::catalogue::rfc3339;

/// Days ahead from which on it is the person's turn.
const URGENT_DAYS: u64 = 7;

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
        AGREEMENTS,
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
        AGREEMENTS,
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
        AGREEMENTS,
    )
}

/// Terms end, or have ended, and there is no next one.
pub(crate) fn agreements_end(prompt: &Prompt) -> NewActivity {
    let kind = ActivityKind::AgreementsEnd;
    let entry = match prompt {
        Prompt::Ends { told_days, left_days, end_unix_s, hosts, deposit } => {
            let left = match left_days {
                0 => "today".to_owned(),
                1 => "tomorrow".to_owned(),
                days => format!("in {days} days"),
            };
            let level = if *told_days > URGENT_DAYS { ActivityLevel::Warning } else { ActivityLevel::Action };
            let title = format!("Storage is paid for until {}", date(*end_unix_s));
            let text = format!(
                "The agreements with {} end {left}. Your files are safe until then, and hosts keep them for a week more. Renewing them puts about \
                 {deposit} lumens into escrow; what hosts do not earn comes back. Renew under Agreements, or with `layr agreements renew --all`.",
                are(*hosts, "host", "hosts")
            );
            single(level, kind, &title, text, AGREEMENTS)
        }
        Prompt::Ended { hosts, kept_until_unix_s } => {
            let text = format!(
                "{} parts of your files and {} not paid any more. They keep them until {} and may delete them then. Renew the agreements \
                 under Agreements or with `layr agreements renew --all`, or bring the files back to this computer.",
                are(*hosts, "host has", "hosts have"),
                if *hosts == 1 { "is" } else { "are" },
                date(*kept_until_unix_s)
            );
            single(ActivityLevel::Action, kind, "Agreements have ended", text, AGREEMENTS)
        }
    };
    NewActivity { subject: prompt.subject(), ..entry }
}

fn date(unix_s: u64) -> String {
    rfc3339(unix_s).chars().take_while(|c| *c != 'T').collect()
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
