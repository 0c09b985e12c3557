//! What a host's evidence is worth: whether it gets new shards, how many, and the score that people see.
//!
//! Evidence is our own only ([`HostEvidence`]): hearsay about hosts could be bought, and identities cost nothing. So a new host
//! starts with little rather than with trust, and gets more as it proves what it holds.

use layr_library::HostEvidence;
use serde::{Deserialize, Serialize};

/// Leaves that a host has to prove, and the time since the first, before it may hold more than a small part of a segment: a
/// week of daily samples. Who makes many identities has to store and prove for each.
const VETTED_LEAVES: u64 = 100;
const VETTED_FOR_S: u64 = 7 * 24 * 60 * 60;
/// A host that proves less than this of what it is asked is poor, once it was asked for enough leaves to tell: one that lost 1 %
/// of its bytes by bad luck stays far above.
const POOR_BELOW: f64 = 0.96;
const POOR_AFTER_LEAVES: f64 = 100.0;
/// After so many damaged copies as well: its disk is dying, or it lies.
const POOR_CORRUPT_COPIES: u64 = 2;
/// Not for ever, in either case, but for so long from the last copy that failed: nobody audits who holds nothing any more, and a
/// disk can be replaced.
const POOR_FOR_S: u64 = 90 * 24 * 60 * 60;

/// How far a host is trusted with new shards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Reputation {
    /// It has not proven enough yet: it gets a small part of each segment at most.
    #[default]
    New,
    /// It has proven what it holds for a week.
    Vetted,
    /// It failed too often: it gets nothing new. What it holds is audited as before.
    Poor,
}

/// What the evidence says.
pub fn reputation(evidence: &HostEvidence) -> Reputation {
    let asked = evidence.passed + evidence.failed;
    let is_unreliable = asked >= POOR_AFTER_LEAVES && kept(evidence) < POOR_BELOW;
    let is_recent = evidence.failed_ago_s.is_some_and(|ago_s| ago_s < POOR_FOR_S);
    if is_recent && (is_unreliable || evidence.corrupt_copies >= POOR_CORRUPT_COPIES) {
        Reputation::Poor
    } else if evidence.proven_leaves >= VETTED_LEAVES && evidence.proven_for_s >= VETTED_FOR_S {
        Reputation::Vetted
    } else {
        Reputation::New
    }
}

/// From 0 to 1: the expected share of leaves that it proves, times that of daily looks at which it is there. None before
/// anything is known.
pub fn score(evidence: &HostEvidence) -> Option<f64> {
    let is_known = evidence.passed + evidence.failed + evidence.up + evidence.down > 0.0;
    is_known.then(|| kept(evidence) * online(evidence))
}

/// The expected share of leaves that it proves: the mean of a beta distribution over an even prior (Laplace's rule of succession).
fn kept(evidence: &HostEvidence) -> f64 {
    (evidence.passed + 1.0) / (evidence.passed + evidence.failed + 2.0)
}

/// The expected share of the time in which it is there, from 0 to 1; of one that nothing is known of a half. For placement.
pub(crate) fn online(evidence: &HostEvidence) -> f64 {
    (evidence.up + 1.0) / (evidence.up + evidence.down + 2.0)
}

#[cfg(test)]
mod tests {
    use layr_library::HostEvidence;

    use super::{POOR_FOR_S, Reputation, VETTED_FOR_S, reputation, score};

    const GOOD: HostEvidence = HostEvidence {
        passed: 130.0,
        failed: 0.0,
        up: 7.0,
        down: 0.0,
        proven_leaves: 140,
        corrupt_copies: 0,
        failed_ago_s: None,
        proven_for_s: VETTED_FOR_S,
    };

    #[test]
    fn a_host_is_new_until_it_has_proven_enough_for_long_enough() {
        assert_eq!(reputation(&HostEvidence::default()), Reputation::New);
        assert_eq!(reputation(&GOOD), Reputation::Vetted);
        assert_eq!(reputation(&HostEvidence { proven_leaves: 99, ..GOOD }), Reputation::New);
        assert_eq!(reputation(&HostEvidence { proven_for_s: VETTED_FOR_S - 1, ..GOOD }), Reputation::New);
    }

    #[test]
    fn who_fails_often_or_sends_damaged_shards_is_poor_however_long_it_was_good() {
        let failed =
            |passed, failed, ago_s| HostEvidence { passed, failed, failed_ago_s: Some(ago_s), ..GOOD };
        assert_eq!(reputation(&failed(130.0, 4.0, 0)), Reputation::Vetted, "3 %");
        assert_eq!(reputation(&failed(130.0, 6.0, 0)), Reputation::Poor);
        assert_eq!(
            reputation(&failed(130.0, 6.0, POOR_FOR_S)),
            Reputation::Vetted,
            "it has its chance again"
        );
        assert_eq!(reputation(&failed(10.0, 4.0, 0)), Reputation::Vetted, "too little to tell");
        let corrupt = |corrupt_copies, ago_s| HostEvidence {
            passed: 1e3,
            corrupt_copies,
            failed_ago_s: Some(ago_s),
            ..GOOD
        };
        assert_eq!(reputation(&corrupt(1, 0)), Reputation::Vetted);
        assert_eq!(reputation(&corrupt(2, POOR_FOR_S - 1)), Reputation::Poor);
        assert_eq!(reputation(&corrupt(2, POOR_FOR_S)), Reputation::Vetted, "it has its chance again");
    }

    #[test]
    fn a_score_is_between_nothing_and_one_and_absent_without_evidence() {
        assert_eq!(score(&HostEvidence::default()), None);
        let good = score(&GOOD).unwrap();
        let often_away = score(&HostEvidence { down: 7.0, ..GOOD }).unwrap();
        let fails = score(&HostEvidence { failed: 30.0, ..GOOD }).unwrap();
        assert!(0.0 < often_away && often_away < 0.6 * good && good < 1.0, "{often_away} {good}");
        assert!(fails < 0.85 * good, "{fails} {good}");
    }
}
