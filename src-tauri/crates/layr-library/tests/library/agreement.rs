//! Agreements are kept as they were written.

use layr_codec::ShardRoot;
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
    }
}

fn data(revision: u32, first_window: u32, shards: &[u8]) -> AgreementData {
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
    (owner.receipt, owner.closing) = (Some(vec![10]), Some(vec![11]));
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
}
