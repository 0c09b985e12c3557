//! Windows that were missed, as far as an excuse could still make them count.

use layr_agreement::EXCUSE_UNTIL_S;

use super::Agreement;

impl Agreement {
    /// The windows that do not count, ended at least `since_s` ago, and may be excused now or later. After three in a row there are none: they would
    /// have to be excused first.
    pub(crate) fn missed_windows(&self, since_s: u64, now_s: u64) -> Vec<u32> {
        let (calendar, slot) = (&self.terms.calendar, self.slot());
        let is_in_time = |window: &u32| {
            let end_s = calendar.begin_s(window + 1);
            (end_s.saturating_add(since_s)..=end_s.saturating_add(EXCUSE_UNTIL_S)).contains(&now_s)
        };
        (0..slot.windows)
            .filter(|window| !slot.counts(*window) && !slot.has_ended(*window))
            .filter(is_in_time)
            .collect()
    }

    /// Whether a window that counts could still bring its host anything: some rent, or collateral that it would lose.
    pub(crate) fn has_at_stake(&self) -> bool {
        let stake = self.stake();
        stake.collateral > 0 || stake.deposit > self.record.earned_stroops
    }
}

#[cfg(test)]
mod tests {
    use layr_agreement::{EXCUSE_AFTER_S, EXCUSE_UNTIL_S};
    use layr_library::AgreementRole;

    use crate::agreements::agreement_of;

    #[test]
    fn windows_are_missed_that_are_over_do_not_count_and_can_be_excused() {
        let mut agreement = agreement_of(AgreementRole::Owner, [2; 32], ([1; 32], 5));
        let end_s = |window: u32| {
            agreement_of(AgreementRole::Owner, [2; 32], ([1; 32], 5)).terms.calendar.begin_s(window + 1)
        };
        assert!(agreement.missed_windows(1, end_s(0)).is_empty());
        assert_eq!(agreement.missed_windows(1, end_s(0) + 1), [0]);
        assert!(agreement.missed_windows(EXCUSE_AFTER_S, end_s(0) + EXCUSE_AFTER_S - 1).is_empty());
        assert_eq!(agreement.missed_windows(EXCUSE_AFTER_S, end_s(0) + EXCUSE_AFTER_S), [0]);
        // The fourth in a row is none that an excuse could be for.
        assert_eq!(agreement.missed_windows(0, end_s(3)), [0, 1, 2]);
        agreement.advance(2, 0b10, 5);
        assert_eq!(agreement.missed_windows(0, end_s(3)), [0, 2, 3]);
        assert_eq!(agreement.missed_windows(0, end_s(0) + EXCUSE_UNTIL_S), [0, 2, 3, 4]);
        assert_eq!(agreement.missed_windows(0, end_s(0) + EXCUSE_UNTIL_S + 1), [2, 3, 4]);
        agreement.record.end_unix_s = agreement.terms.calendar.begin_s(3);
        assert_eq!(agreement.missed_windows(0, end_s(3)), [0, 2], "it was ended before");
    }

    #[test]
    fn nothing_is_at_stake_without_collateral_once_the_deposit_is_earned() {
        let mut agreement = agreement_of(AgreementRole::Owner, [2; 32], ([1; 32], 5));
        assert!(agreement.has_at_stake());
        agreement.record.earned_stroops = agreement.host.deposit_stroops;
        assert!(agreement.has_at_stake(), "collateral");
        agreement.host.collateral_stroops = 0;
        assert!(!agreement.has_at_stake());
        agreement.record.earned_stroops -= 1;
        assert!(agreement.has_at_stake(), "rent");
    }
}
