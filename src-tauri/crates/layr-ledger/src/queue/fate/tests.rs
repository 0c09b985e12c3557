use super::{Absence, Number};
use crate::address::Account;
use crate::amount::Stroops;
use crate::journal::{EntryState, JournalEntry};

/// Signed at ledger 1000, valid until second 5000.
fn entry() -> JournalEntry {
    JournalEntry {
        network_id: [8; 32],
        key: "send:1".to_owned(),
        intent: [0; 32],
        account: Account::from_bytes([1; 32]),
        sequence: 7,
        envelope: Vec::new(),
        hashes: vec![[3; 32]],
        earlier_hashes: Vec::new(),
        from_ledger: 1000,
        valid_until_unix_s: 5000,
        fee_cap: Stroops::ZERO,
        state: EntryState::Signed,
    }
}

/// What becomes of it, where it does not stay open. The account is asked at `number`'s ledger.
fn fate(latest: u32, close_s: u64, oldest: u32, number: Number) -> Option<EntryState> {
    let absence = Absence { latest_ledger: latest, latest_close_unix_s: close_s, oldest_ledger: oldest };
    absence.fate_of(&entry(), number)
}

fn used(ledger: u32) -> Number {
    Number { is_used: true, ledger }
}

fn free(ledger: u32) -> Number {
    Number { is_used: false, ledger }
}

#[test]
fn a_transaction_is_dead_only_when_no_ledger_has_it_and_none_ever_will() {
    // In time, number free: it may come.
    assert_eq!(fate(1010, 4000, 1, free(1010)), None);
    // The very last second still counts.
    assert_eq!(fate(1100, 5000, 1, free(1100)), None);
    // Too late by the ledger's clock.
    assert_eq!(fate(1100, 5001, 1, free(1100)), Some(EntryState::Dead));
    // Its number was used by another: proven where the answer reaches from the signing to that ledger.
    assert_eq!(fate(1010, 4000, 1001, used(1005)), Some(EntryState::Dead));
    // The answer about the transaction is of an older ledger than that of the account: it may be in between.
    assert_eq!(fate(1010, 4000, 1, used(1011)), None);
    // What happened since the signing is no longer kept.
    assert_eq!(fate(9000, 9000, 1002, used(1005)), Some(EntryState::Forgotten));
    assert_eq!(fate(9000, 4000, 1002, used(1005)), Some(EntryState::Forgotten));
    // Used, by the word of an answer that is older than the signing: an account that was opened since is not there yet.
    assert_eq!(fate(1010, 4000, 1, used(999)), None);
    assert_eq!(fate(9000, 9000, 5000, used(999)), None);
    // No longer kept, and free by the word of an answer that is older than its end.
    assert_eq!(fate(9000, 9000, 5000, free(8999)), None);
    // No longer kept, but its number was never used, and its time is over.
    assert_eq!(fate(9000, 9000, 5000, free(9000)), Some(EntryState::Dead));
}

#[test]
fn a_ledger_that_was_begun_anew_frees_what_was_signed_for_the_old_one() {
    assert_eq!(fate(20, 4000, 1, free(20)), None, "its time is not over");
    assert_eq!(fate(20, 6000, 1, free(20)), Some(EntryState::Dead));
    // The account has other numbers now.
    assert_eq!(fate(20, 6000, 1, used(20)), Some(EntryState::Dead));
    assert_eq!(fate(20, 4000, 1, used(20)), None);
}
