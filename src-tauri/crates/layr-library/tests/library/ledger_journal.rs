//! Transactions on a ledger: written before they are sent, and found again under their keys.

use layr_library::{LedgerFees, LedgerTransaction, Library, TransactionState};

use crate::kit::{Kit, NOW_S, OWNER, entropy};

pub(crate) const NETWORK: [u8; 32] = [7; 32];

pub(crate) fn signed(key: &str, sequence: i64) -> LedgerTransaction {
    LedgerTransaction {
        network_id: NETWORK,
        key: key.to_owned(),
        intent: [1; 32],
        account: [2; 32],
        sequence,
        envelope: vec![3; 300],
        hashes: vec![[4; 32]],
        earlier_hashes: Vec::new(),
        from_ledger: 5,
        valid_until_unix_s: 6,
        fee_cap_stroops: 100_000,
        state: TransactionState::Signed,
    }
}

#[test]
fn what_was_written_is_there_after_a_restart_and_open_until_it_is_decided() {
    let kit = Kit::new();
    let mut first = signed("send:a", 8);
    let second = LedgerTransaction {
        hashes: vec![[5; 32], [6; 32]],
        earlier_hashes: vec![[8; 32]],
        ..signed("send:b", 7)
    };
    let other = LedgerTransaction { account: [9; 32], ..signed("send:c", 1) };
    // The same name on another network is another payment.
    let elsewhere = LedgerTransaction { network_id: [10; 32], sequence: 2, ..first.clone() };
    for entry in [&first, &second, &other, &elsewhere] {
        kit.library.write_ledger_transaction(entry).unwrap();
    }
    let Kit { dir, library } = kit;
    drop(library);
    let library = Library::open(&dir.path().join(Library::FILE_NAME), OWNER, entropy(), NOW_S).unwrap();
    let kit = Kit { dir, library };
    assert_eq!(kit.library.ledger_transaction(&NETWORK, "send:b").unwrap(), Some(second.clone()));
    assert_eq!(kit.library.ledger_transaction(&NETWORK, "send:d").unwrap(), None);
    assert_eq!(
        kit.library.open_ledger_transactions(&NETWORK, &[2; 32]).unwrap(),
        [second.clone(), first.clone()]
    );

    let returned = Some(vec![1, 2, 3]);
    for state in [
        TransactionState::Refused { code: "txBadAuth".to_owned() },
        TransactionState::Settled { ledger: 9, fee_stroops: 100, returned },
        TransactionState::Settled { ledger: 9, fee_stroops: 0, returned: None },
        TransactionState::Failed {
            ledger: 9,
            fee_stroops: Some(100),
            code: "txFailed paymentUnderfunded".to_owned(),
        },
        TransactionState::Failed { ledger: 9, fee_stroops: None, code: "txBadSeq".to_owned() },
        TransactionState::Dead,
        TransactionState::Forgotten,
        TransactionState::Signed,
    ] {
        let is_open = matches!(state, TransactionState::Signed | TransactionState::Refused { .. });
        first.state = state;
        kit.library.write_ledger_transaction(&first).unwrap();
        assert_eq!(kit.library.ledger_transaction(&NETWORK, "send:a").unwrap(), Some(first.clone()));
        let open = kit.library.open_ledger_transactions(&NETWORK, &[2; 32]).unwrap();
        assert_eq!(open.contains(&first), is_open, "{:?}", first.state);
        let settled = kit.library.settled_ledger_transaction(&NETWORK, &[2; 32], 8).unwrap();
        let is_settled = matches!(first.state, TransactionState::Settled { .. });
        assert_eq!(settled, is_settled.then(|| first.clone()));
        assert_eq!(kit.library.settled_ledger_transaction(&[10; 32], &[2; 32], 8).unwrap(), None);
    }
    assert_eq!(kit.library.ledger_transaction(&[10; 32], "send:a").unwrap(), Some(elsewhere));
}

#[test]
fn fees_are_summed_of_what_counts_since_then_and_what_is_in_doubt_counts_with_the_most_that_it_may_be() {
    let kit = Kit::new();
    let settled = |fee_stroops| TransactionState::Settled { ledger: 9, fee_stroops, returned: None };
    let failed =
        |fee_stroops| TransactionState::Failed { ledger: 9, fee_stroops, code: "txFailed".to_owned() };
    for (number, (key, valid_until_unix_s, state)) in [
        ("open:a", 100, settled(1)),
        ("open:b", 100, failed(Some(2))),
        ("open:c", 100, failed(None)),
        ("open:d", 100, TransactionState::Dead),
        ("settle:a", 101, settled(4)),
        // Too old, and of another family.
        ("settle:b", 99, settled(8)),
        ("send:a", 100, settled(16)),
        ("open", 100, settled(32)),
        ("open:e", 100, TransactionState::Signed),
        ("open:f", 100, TransactionState::Refused { code: "txBadSeq".to_owned() }),
        ("open:g", 100, TransactionState::Forgotten),
        ("send:b", 100, TransactionState::Signed),
    ]
    .into_iter()
    .enumerate()
    {
        let sequence = i64::try_from(number).unwrap();
        let entry = LedgerTransaction { valid_until_unix_s, state, ..signed(key, sequence) };
        kit.library.write_ledger_transaction(&entry).unwrap();
        let elsewhere = LedgerTransaction { network_id: [10; 32], ..entry };
        kit.library.write_ledger_transaction(&elsewhere).unwrap();
    }
    let fees = kit.library.ledger_fees(&NETWORK, 100, |family| ["open", "settle"].contains(&family)).unwrap();
    assert_eq!(fees, LedgerFees { taken_stroops: 1 + 2 + 4, undecided_stroops: 300_000 });
    assert_eq!(kit.library.ledger_fees(&[11; 32], 0, |_| true).unwrap(), LedgerFees::default());
}

#[test]
fn the_newest_transactions_come_first_whichever_account_signed_them() {
    let kit = Kit::new();
    let other = LedgerTransaction { account: [9; 32], ..signed("open:b", 1) };
    let elsewhere = LedgerTransaction { network_id: [10; 32], ..signed("send:c", 1) };
    for entry in [signed("send:a", 1), other, elsewhere, signed("send:d", 2)] {
        kit.library.write_ledger_transaction(&entry).unwrap();
    }
    // What becomes of it later does not change its place.
    kit.library
        .write_ledger_transaction(&LedgerTransaction { state: TransactionState::Dead, ..signed("send:a", 1) })
        .unwrap();
    let keys = |limit| -> Vec<String> {
        let newest = kit.library.newest_ledger_transactions(&NETWORK, limit).unwrap();
        newest.into_iter().map(|entry| entry.key).collect()
    };
    assert_eq!(keys(9), ["send:d", "open:b", "send:a"]);
    assert_eq!(keys(1), ["send:d"]);
}
