//! Agreements are kept as they were written.

use layr_codec::ShardRoot;
use layr_keys::OwnerId;
use layr_library::{AgreementData, AgreementRecord, AgreementRole, AgreementState, EscrowPlace};

use crate::kit::{Kit, peer, root};

pub(crate) fn agreement(role: AgreementRole, other: [u8; 32]) -> AgreementRecord {
    AgreementRecord {
        id: 0,
        role,
        network_id: [1; 32],
        contract: [2; 32],
        other,
        terms: vec![1],
        seat: vec![2],
        consent: vec![3],
        consent_until_ledger: 720,
        place: None,
        state: AgreementState::Consented,
        is_told: false,
        decided: 0,
        proven: 0,
        earned_stroops: 0,
        revision: 0,
        receipt: None,
        closing: None,
        begin_unix_s: 1,
        end_unix_s: 2,
        asked: 0,
    }
}

pub(crate) fn data(revision: u32, first_window: u32, shards: &[u8]) -> AgreementData {
    let shards: Vec<(ShardRoot, u32)> =
        shards.iter().map(|number| (ShardRoot::from_bytes([*number; 32]), 4)).collect();
    let leaves = 4 * shards.len() as u64;
    AgreementData { revision, first_window, data_root: [9; 32], leaves, shards, signatures: vec![7] }
}

#[test]
fn an_agreement_is_read_as_it_was_written_and_changes_with_what_becomes_of_it() {
    let kit = Kit::new();
    let library = &kit.library;
    let (owner, host) = (agreement(AgreementRole::Owner, [5; 32]), agreement(AgreementRole::Host, [6; 32]));
    let ids = library
        .write_agreements(&[(owner.clone(), Some(data(0, 0, &[1, 2]))), (host.clone(), None)])
        .unwrap();
    let mut owner = AgreementRecord { id: ids[0], ..owner };
    assert_eq!(library.open_agreements(AgreementRole::Owner).unwrap(), [owner.clone()]);
    assert_eq!(
        library.open_agreements(AgreementRole::Host).unwrap(),
        [AgreementRecord { id: ids[1], ..host }]
    );

    owner.place = Some(EscrowPlace { escrow: [8; 32], host: 3, path: vec![4, 5], hosts: 6 });
    owner.state = AgreementState::Open;
    (owner.is_told, owner.decided, owner.proven, owner.earned_stroops) = (true, 2, 3, 40);
    (owner.receipt, owner.closing, owner.asked) = (Some(vec![10]), Some(vec![11]), 5);
    assert_eq!(library.write_agreements(&[(owner.clone(), None)]).unwrap(), [owner.id]);
    assert_eq!(library.agreement_at(AgreementRole::Owner, &[8; 32], 3).unwrap(), Some(owner.clone()));
    assert_eq!(library.agreement_at(AgreementRole::Host, &[8; 32], 3).unwrap(), None);
    assert_eq!(library.agreement_at(AgreementRole::Owner, &[8; 32], 2).unwrap(), None);

    owner.state = AgreementState::Settled;
    library.write_agreements(&[(owner.clone(), None)]).unwrap();
    assert_eq!(library.open_agreements(AgreementRole::Owner).unwrap(), []);
    assert_eq!(library.agreements(AgreementRole::Owner).unwrap(), [owner]);
}

#[test]
fn a_window_is_about_the_newest_revision_that_has_begun_and_is_known() {
    let kit = Kit::new();
    let library = &kit.library;
    let record = agreement(AgreementRole::Host, [5; 32]);
    let id = library.write_agreements(&[(record.clone(), Some(data(0, 0, &[1])))]).unwrap()[0];
    let record = AgreementRecord { id, ..record };
    for (revision, first_window) in [(1, 2), (2, 4)] {
        library.write_agreements(&[(record.clone(), Some(data(revision, first_window, &[1, 2])))]).unwrap();
    }
    let at = |window, revision| library.agreement_data(id, window, revision).unwrap().unwrap();
    assert_eq!(at(0, 9), data(0, 0, &[1]));
    assert_eq!(at(1, 9).revision, 0);
    assert_eq!(at(2, 9), data(1, 2, &[1, 2]));
    assert_eq!(at(9, 9).revision, 2);
    assert_eq!(at(9, 1).revision, 1);
    assert_eq!(library.agreement_data(id + 1, 0, 9).unwrap(), None);
}

/// An agreement whose revisions 1 and 2 begin with windows 2 and 4; revision 2 holds.
fn revised(kit: &Kit) -> AgreementRecord {
    let record = agreement(AgreementRole::Host, [5; 32]);
    let id = kit.library.write_agreements(&[(record.clone(), Some(data(0, 0, &[1])))]).unwrap()[0];
    let mut record = AgreementRecord { id, ..record };
    for (shard, first_window) in [(1_u8, 2), (2, 4)] {
        record.revision = shard.into();
        kit.library.write_revision(&record, &data(shard.into(), first_window, &[shard, 9])).unwrap();
    }
    record
}

#[test]
fn a_revision_that_is_only_proposed_takes_the_place_of_another_such_and_of_none_that_holds() {
    let kit = Kit::new();
    let library = &kit.library;
    let record = revised(&kit);
    let newest = || library.agreement_data(record.id, u32::MAX, u32::MAX).unwrap().unwrap();
    library.propose_revision(&record, &data(3, 5, &[7])).unwrap();
    assert_eq!(newest(), data(3, 5, &[7]));
    library.propose_revision(&record, &data(4, 6, &[8])).unwrap();
    assert_eq!(newest(), data(4, 6, &[8]));
    let at = |window, revision| library.agreed_data(record.id, window, revision).unwrap().unwrap();
    assert_eq!(at(9, record.revision).revision, 2, "it holds only when both have signed it");
    assert_eq!(at(9, record.revision).leaves, 8);
    library.withdraw_revision(&record).unwrap();
    assert_eq!(newest(), data(2, 4, &[2, 9]));
}

#[test]
fn of_revisions_that_no_window_asks_for_only_what_counts_is_kept() {
    let kit = Kit::new();
    let library = &kit.library;
    let mut record = revised(&kit);
    let shards = |window| library.agreement_data(record.id, window, 9).unwrap().unwrap().shards.len();
    library.forget_lists(&record, 3).unwrap();
    assert_eq!((shards(1), shards(3), shards(4)), (0, 2, 2), "window 3 still asks for the first one");
    assert_eq!(library.agreed_data(record.id, 1, 9).unwrap().unwrap().leaves, 4, "what it had still counts");
    let owner = OwnerId::from_bytes([5; 32]);
    let agreed =
        |number: u8| library.are_agreed_on(owner, &[ShardRoot::from_bytes([number; 32])]).unwrap() == [true];
    assert!(!agreed(3) && agreed(1) && agreed(2) && agreed(9));
    library.forget_lists(&record, 4).unwrap();
    assert!(!agreed(1) && agreed(2));
    // Another one for the same window leaves the one before none.
    record.revision = 3;
    library.write_revision(&record, &data(3, 4, &[6])).unwrap();
    assert!(agreed(6) && !agreed(2));
    assert_eq!(library.agreed_data(record.id, 9, 2).unwrap().unwrap().revision, 1);
}

#[test]
fn a_proposal_is_forgotten_and_what_a_host_consented_to_is_not() {
    let kit = Kit::new();
    let library = &kit.library;
    let proposed = agreement(AgreementRole::Owner, [5; 32]);
    let place = Some(EscrowPlace { escrow: [8; 32], host: 3, path: vec![4, 5], hosts: 6 });
    let consented = AgreementRecord { place, ..proposed.clone() };
    let ids = library
        .write_agreements(&[(proposed, Some(data(0, 0, &[1]))), (consented, Some(data(0, 0, &[2])))])
        .unwrap();
    for id in &ids {
        library.forget_proposal(*id).unwrap();
    }
    let left: Vec<i64> =
        library.agreements(AgreementRole::Owner).unwrap().iter().map(|record| record.id).collect();
    assert_eq!(left, ids[1..]);
    assert_eq!(library.agreement_data(ids[0], 0, 0).unwrap(), None);
}

#[test]
fn what_a_host_is_paid_for_is_each_shard_that_it_acknowledged_once() {
    let kit = Kit::new();
    kit.upload(1, &[1]);
    kit.upload(2, &[2]);
    let shards = kit.library.shards_at(&peer(1)).unwrap();
    let mut expected = vec![root(1, 1), root(2, 1)];
    expected.sort_by_key(|root| *root.as_bytes());
    assert_eq!(shards.iter().map(|(root, _)| *root).collect::<Vec<_>>(), expected);
    assert!(shards.iter().all(|(_, leaves)| *leaves > 0));
    assert_eq!(kit.library.shards_at(&peer(99)).unwrap(), []);
    assert_eq!(kit.library.roots_at(&peer(1)).unwrap(), expected.into_iter().collect());
}

/// What is over is not paid for again unasked, and only its list says what that is.
#[test]
fn of_the_lists_of_what_is_settled_stays_what_is_not_to_be_paid_for_again_unasked() {
    let kit = Kit::new();
    let library = &kit.library;
    (1..=3).for_each(|segment| kit.upload(segment, &[segment]));
    let host = *peer(1).as_bytes();
    let listed = |revision, segments: &[u64]| {
        let mut shards: Vec<(ShardRoot, u32)> =
            segments.iter().map(|segment| (root(*segment, 1), 4)).collect();
        shards.sort_by_key(|(root, _)| *root.as_bytes());
        AgreementData { shards, leaves: 40, ..data(revision, 0, &[]) }
    };
    let in_state = |state, role| AgreementRecord { state, ..agreement(role, host) };
    let (settled, owner) = (AgreementState::Settled, AgreementRole::Owner);
    let written = [
        // Segment 8 is not there any more.
        (in_state(settled, owner), Some(listed(1, &[1, 2, 3, 8]))),
        (in_state(AgreementState::Open, owner), Some(listed(0, &[2, 9]))),
        // This one may come to nothing.
        (in_state(AgreementState::Consented, owner), Some(listed(0, &[3]))),
        (in_state(settled, AgreementRole::Host), Some(listed(0, &[9]))),
        (
            AgreementRecord { contract: [7; 32], ..in_state(AgreementState::Open, owner) },
            Some(listed(0, &[1])),
        ),
    ];
    let ids = library.write_agreements(&written).unwrap();
    let first = AgreementRecord { id: ids[0], ..written[0].0.clone() };
    library.write_agreements(&[(first, Some(listed(0, &[1])))]).unwrap();
    let at = |agreement: i64, revision| library.agreement_data(agreement, 0, revision).unwrap().unwrap();

    assert_eq!(library.prune_settled_lists().unwrap(), 2);
    assert_eq!(at(ids[0], 1), listed(1, &[1, 3]), "what it was about in all is still told");
    assert_eq!(at(ids[0], 0), listed(0, &[]));
    for (id, (_, data)) in ids.iter().zip(&written).skip(1) {
        assert_eq!(Some(&at(*id, 0)), data.as_ref(), "it is still asked for");
    }
    assert_eq!(library.prune_settled_lists().unwrap(), 0, "once");
    let renewed = in_state(settled, owner);
    library.write_agreements(&[(renewed, Some(listed(0, &[1, 3])))]).unwrap();
    assert_eq!(library.prune_settled_lists().unwrap(), 1);
    assert_eq!(at(ids[0], 1), listed(1, &[]));
}
