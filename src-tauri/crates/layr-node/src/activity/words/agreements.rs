//! What the entries about agreements say.

use layr_ledger::Stroops;
use layr_library::{ActivityLevel, NewActivity};

use super::{AGREEMENTS, are, single};
use crate::activity::ActivityKind;
use crate::agreements::{Missing, Prompt};
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
pub(crate) fn agreements_unpaid(hosts: u64, missing: Missing) -> NewActivity {
    let of = |what, lacks: Stroops| {
        (lacks > Stroops::ZERO).then(|| format!(" Your {what} lacks {lacks} lumens for it."))
    };
    let lacking = [of("account", missing.money), of("monthly limit", missing.monthly)];
    single(
        ActivityLevel::Action,
        ActivityKind::AgreementsUnpaid,
        "Parts of your files are not paid for",
        format!(
            "{} parts of your files and {} not paid.{} Nobody has to keep what is not paid for. Send lumens to your account, or raise \
             the limit: `layr agreements check` says what is missing with whom.",
            are(hosts, "host has", "hosts have"),
            if hosts == 1 { "is" } else { "are" },
            lacking.into_iter().flatten().collect::<String>()
        ),
        AGREEMENTS,
    )
}

/// Terms end, or have ended, and there is no next one.
pub(crate) fn agreements_end(prompt: &Prompt) -> NewActivity {
    let kind = ActivityKind::AgreementsEnd;
    let entry = match prompt {
        Prompt::Ends { told_days, left_days, end_unix_s, hosts, deposit, missing } => {
            let left = match left_days {
                0 => "today".to_owned(),
                1 => "tomorrow".to_owned(),
                days => format!("in {days} days"),
            };
            let level = if *told_days > URGENT_DAYS { ActivityLevel::Warning } else { ActivityLevel::Action };
            let title = format!("Storage is paid for until {}", date(*end_unix_s));
            let text = format!(
                "The agreements with {} end {left}. Your files are safe until then, and hosts keep them for a week more. Renewing them puts about \
                 {deposit} lumens into escrow; what hosts do not earn comes back.{} Renew under Agreements, or with `layr agreements renew --all`.",
                are(*hosts, "host", "hosts"),
                if *missing > Stroops::ZERO {
                    format!(" Your account lacks {missing} lumens for that: send them to it first.")
                } else {
                    String::new()
                }
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

    use super::{agreements_end, agreements_opened, agreements_unpaid};
    use crate::agreements::{Missing, Prompt};

    #[test]
    fn one_is_not_spoken_of_as_several() {
        assert!(agreements_opened(1, Stroops::ZERO).text.contains("for 1 host."));
        let unpaid = |hosts, missing| agreements_unpaid(hosts, missing).text;
        assert!(
            unpaid(1, Missing::default())
                .starts_with("1 host has parts of your files and is not paid. Nobody")
        );
        assert!(
            unpaid(2, Missing::default()).starts_with("2 hosts have parts of your files and are not paid")
        );
    }

    #[test]
    fn what_is_missing_is_named_in_lumens() {
        let missing = Missing { money: Stroops::small(15_000_000), monthly: Stroops::small(2_000_000) };
        let text = agreements_unpaid(1, missing).text;
        assert!(
            text.contains("Your account lacks 1.5 lumens for it. Your monthly limit lacks 0.2 lumens"),
            "{text}"
        );
        let ends = |missing| Prompt::Ends {
            told_days: 7,
            left_days: 6,
            end_unix_s: 1_900_000_000,
            hosts: 3,
            deposit: Stroops::small(30_000_000),
            missing,
        };
        let text = |missing| agreements_end(&ends(missing)).text;
        assert!(text(missing.money).contains("Your account lacks 1.5 lumens for that"));
        assert!(!text(Stroops::ZERO).contains("lacks"));
    }
}
