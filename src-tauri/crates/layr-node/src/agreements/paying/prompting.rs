//! Terms that end and have no next one: the person is told 30, 14, 7, 3 and 1 days ahead, and when hosts are not paid any more.

use std::collections::BTreeMap;

use layr_keys::PeerId;
use layr_ledger::{LedgerTip, Stroops};
use layr_library::{AgreementRole, AgreementState};

use super::{Agreement, Paying, PayingError, now_s};
use crate::activity::{ActivityKind, words};
use crate::agreements::GRACE_S;

const DAY_S: u64 = 24 * 60 * 60;
/// Days ahead at which the person is told, the last first.
const TOLD_DAYS: [u64; 5] = [1, 3, 7, 14, 30];
/// What renews by itself begins three weeks ahead; who is told before that could only wait.
const TOLD_DAYS_OF_RENEWED: u64 = 14;
/// So long after their end people are told of terms that ended; who did nothing until then has heard it.
const TOLD_AFTER_S: u64 = 30 * DAY_S;

/// Something that a person is told about terms that end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// They end soon.
    Ends {
        /// Which of [`TOLD_DAYS`].
        told_days: u64,
        /// Whole days until the first of them ends.
        left_days: u64,
        /// When that is.
        end_unix_s: u64,
        /// Hosts whose terms end within so many days.
        hosts: u64,
        /// What the same put into escrow once more would be.
        deposit: Stroops,
        /// What of that the account lacks, as far as the ledger says what it has.
        missing: Stroops,
    },
    /// They have ended, and hosts still have parts of files.
    Ended {
        /// Such hosts.
        hosts: u64,
        /// Until when all of them keep what they have.
        kept_until_unix_s: u64,
    },
}

/// The last term with a host.
#[derive(Debug, Clone, Copy)]
struct Last {
    end_unix_s: u64,
    deposit: Stroops,
}

impl Prompt {
    /// What tells this one from others: the person is told anew of another one.
    pub(crate) fn subject(&self) -> String {
        match self {
            Self::Ends { told_days, .. } => told_days.to_string(),
            Self::Ended { .. } => ENDED.to_owned(),
        }
    }
}

/// The subject of what has ended.
const ENDED: &str = "ended";

impl Paying {
    /// Whether anything runs, waits, or ended so short a while ago that its hosts may still have something.
    pub(super) async fn has_to_look(&self) -> Result<bool, PayingError> {
        let now_s = self.shared.owner.now_unix_s();
        let records = self.library(|library| library.agreements(AgreementRole::Owner)).await?;
        Ok(records.iter().filter(|record| self.is_here(record)).any(|record| match record.state {
            AgreementState::Consented | AgreementState::Open => true,
            AgreementState::Settled => record.end_unix_s.saturating_add(TOLD_AFTER_S) > now_s,
            AgreementState::Dropped => false,
        }))
    }

    /// Tells the person of terms that end. Where the ledger is out of sight, by this computer's clock and what the ledger's was when it was seen last: then
    /// nothing that was told is taken back.
    pub(super) async fn prompt(&self, tip: Option<&LedgerTip>) -> Result<(), PayingError> {
        let seen_s = {
            let mut seen = self.shared.seen.lock();
            seen.ledger_s = tip.map_or(seen.ledger_s, now_s);
            seen.ledger_s
        };
        let now_s = tip.map_or_else(|| self.shared.owner.now_unix_s().max(seen_s), now_s);
        let mut prompts = prompts(&self.last_terms(now_s).await?, now_s, self.limits().renews);
        if tip.is_some() {
            self.name_what_is_missing(&mut prompts).await;
        }
        self.tell(prompts, tip.is_some()).await;
        Ok(())
    }

    /// The last term with each host that still has something.
    async fn last_terms(&self, now_s: u64) -> Result<Vec<Last>, PayingError> {
        let records = self.library(|library| library.agreements(AgreementRole::Owner)).await?;
        let mut last: BTreeMap<PeerId, Last> = BTreeMap::new();
        for record in records {
            let was_open = matches!(record.state, AgreementState::Open | AgreementState::Settled);
            let is_recent = record.end_unix_s.saturating_add(TOLD_AFTER_S) > now_s;
            if !(was_open && is_recent && self.is_here(&record)) {
                continue;
            }
            let agreement = Agreement::read(record)?;
            let peer = PeerId::from_bytes(agreement.record.other);
            let one = Last {
                end_unix_s: agreement.record.end_unix_s,
                deposit: Stroops::new(agreement.host.deposit_stroops).unwrap_or(Stroops::MAX),
            };
            let of_host = last.entry(peer).or_insert(one);
            if of_host.end_unix_s < one.end_unix_s {
                *of_host = one;
            }
        }
        let over: Vec<PeerId> =
            last.iter().filter(|(_, last)| last.end_unix_s <= now_s).map(|(peer, _)| *peer).collect();
        let emptied = self.library(move |library| {
            let mut emptied = Vec::new();
            for peer in over {
                if library.shards_at(&peer)?.is_empty() {
                    emptied.push(peer);
                }
            }
            Ok(emptied)
        });
        for peer in emptied.await? {
            last.remove(&peer);
        }
        Ok(last.into_values().collect())
    }

    /// A server that does not say what the account has leaves it at nothing missing; the look after this one asks again.
    async fn name_what_is_missing(&self, prompts: &mut [Prompt]) {
        for prompt in prompts {
            let Prompt::Ends { deposit, missing, .. } = prompt else { continue };
            let ledger = &self.shared.ledger;
            if let Ok(account) = ledger.queue().ledger().find_account(ledger.account()).await {
                let has = account.map_or(Stroops::ZERO, |account| account.spendable());
                *missing = deposit.saturating_sub(has);
            }
        }
    }

    /// Nothing ends that the person should know of.
    pub(super) async fn prompt_nothing(&self) {
        self.tell(Vec::new(), true).await;
    }

    async fn tell(&self, prompts: Vec<Prompt>, ends_others: bool) {
        if self.shared.prompted.lock().as_ref() == Some(&prompts) {
            return;
        }
        let told = prompts.clone();
        let kept = self.shared.activity.change(move |library, now| {
            let mut is_changed = false;
            for prompt in &told {
                is_changed |= library.tell_state(&words::agreements_end(prompt), now)?;
            }
            let subjects = TOLD_DAYS.iter().map(u64::to_string).chain([ENDED.to_owned()]);
            for subject in subjects {
                if ends_others && told.iter().all(|prompt| prompt.subject() != subject) {
                    is_changed |= library.end_state(ActivityKind::AgreementsEnd.code(), &subject, now)?;
                }
            }
            Ok(is_changed)
        });
        if kept.await && ends_others {
            *self.shared.prompted.lock() = Some(prompts);
        }
    }
}

/// What is to be told of these, each host's last term.
fn prompts(last: &[Last], now_s: u64, renews: bool) -> Vec<Prompt> {
    let (over, runs): (Vec<Last>, Vec<Last>) = last.iter().partition(|last| last.end_unix_s <= now_s);
    let longest_days = if renews { TOLD_DAYS_OF_RENEWED } else { u64::MAX };
    let days_of = |last: &Last| last.end_unix_s.saturating_sub(now_s).div_ceil(DAY_S);
    let told_days =
        |left_days: u64| TOLD_DAYS.into_iter().find(|told| left_days <= *told && *told <= longest_days);
    let first = runs.iter().min_by_key(|last| last.end_unix_s);
    let ends = first.and_then(|first| Some((first, told_days(days_of(first))?))).map(|(first, told_days)| {
        let with_it = || runs.iter().filter(|last| days_of(last) <= told_days);
        Prompt::Ends {
            told_days,
            left_days: (first.end_unix_s - now_s) / DAY_S,
            end_unix_s: first.end_unix_s,
            hosts: with_it().count() as u64,
            deposit: with_it().fold(Stroops::ZERO, |sum, last| sum.saturating_add(last.deposit)),
            missing: Stroops::ZERO,
        }
    });
    let ended = over.iter().map(|last| last.end_unix_s).min().map(|end_unix_s| Prompt::Ended {
        hosts: over.len() as u64,
        kept_until_unix_s: end_unix_s.saturating_add(GRACE_S),
    });
    ends.into_iter().chain(ended).collect()
}

#[cfg(test)]
mod tests {
    use super::{DAY_S, GRACE_S, Last, Prompt, Stroops, prompts};

    const END_S: u64 = 1_900_000_000;

    fn last(end_unix_s: u64) -> Last {
        Last { end_unix_s, deposit: Stroops::small(7) }
    }

    /// Which of the days is told when a term ends in so many seconds.
    fn told(left_s: u64, renews: bool) -> Option<u64> {
        prompts(&[last(END_S)], END_S - left_s, renews).into_iter().find_map(|prompt| match prompt {
            Prompt::Ends { told_days, .. } => Some(told_days),
            Prompt::Ended { .. } => None,
        })
    }

    #[test]
    fn five_times_before_a_term_ends_the_person_is_told_and_not_before() {
        let at = [
            (30 * DAY_S + 1, None),
            (30 * DAY_S, Some(30)),
            (14 * DAY_S + 1, Some(30)),
            (14 * DAY_S, Some(14)),
            (7 * DAY_S, Some(7)),
            (3 * DAY_S, Some(3)),
            (DAY_S + 1, Some(3)),
            (DAY_S, Some(1)),
            (1, Some(1)),
            (0, None),
        ];
        for (left_s, days) in at {
            assert_eq!(told(left_s, false), days, "{left_s} s before the end");
        }
        // By then it has renewed itself, if it can.
        assert_eq!((told(30 * DAY_S, true), told(14 * DAY_S, true)), (None, Some(14)));
    }

    #[test]
    fn all_that_ends_in_these_days_is_told_at_once_with_what_it_costs() {
        let ends = [last(END_S), last(END_S + DAY_S), last(END_S + 40 * DAY_S)];
        let told = prompts(&ends, END_S - 13 * DAY_S, false);
        let expected = Prompt::Ends {
            told_days: 14,
            left_days: 13,
            end_unix_s: END_S,
            hosts: 2,
            deposit: Stroops::small(14),
            missing: Stroops::ZERO,
        };
        assert_eq!(told, [expected]);
    }

    #[test]
    fn what_has_ended_is_told_with_the_last_day_on_which_hosts_keep_it() {
        let ended = prompts(&[last(END_S), last(END_S + 99 * DAY_S)], END_S, false);
        assert_eq!(ended, [Prompt::Ended { hosts: 1, kept_until_unix_s: END_S + GRACE_S }]);
        assert_eq!(prompts(&[], END_S, false), []);
    }
}
