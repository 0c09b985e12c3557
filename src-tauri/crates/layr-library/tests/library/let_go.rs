//! Shards that are deleted for their owners, and stay while an agreement is about them.

use std::collections::BTreeSet;

use layr_codec::ShardRoot;
use layr_keys::OwnerId;
use layr_library::{AgreementData, AgreementRecord, AgreementRole, AgreementState};

use crate::agreement::agreement as agreement_with;
use crate::kit::Kit;

fn root(number: u8) -> ShardRoot {
    ShardRoot::from_bytes([number; 32])
}

fn agreement(role: AgreementRole, owner: OwnerId) -> AgreementRecord {
    agreement_with(role, *owner.as_bytes())
}

fn data(shards: &[u8]) -> AgreementData {
    let shards: Vec<(ShardRoot, u32)> = shards.iter().map(|number| (root(*number), 4)).collect();
    let leaves = 4 * shards.len() as u64;
    AgreementData { revision: 0, first_window: 0, data_root: [9; 32], leaves, shards, signatures: Vec::new() }
}

#[test]
fn what_is_let_go_goes_when_no_agreement_is_about_it_any_more() {
    let kit = Kit::new();
    let library = &kit.library;
    let (owner, other) = (OwnerId::from_bytes([7; 32]), OwnerId::from_bytes([8; 32]));
    let role = AgreementRole::Host;
    let written = [
        (agreement(role, owner), Some(data(&[1, 3, 5]))),
        (agreement(role, owner), Some(data(&[3, 4]))),
        // As one who pays nothing is kept for this owner.
        (agreement(AgreementRole::Owner, owner), Some(data(&[6]))),
    ];
    let ids = library.write_agreements(&written).unwrap();
    let roots: Vec<ShardRoot> = (1..=6).map(root).collect();
    let agreed = library.are_agreed_on(owner, &roots).unwrap();
    assert_eq!(agreed, [true, false, true, true, true, false]);
    assert_eq!(library.are_agreed_on(other, &roots).unwrap(), [false; 6]);

    let none = BTreeSet::new();
    library.let_go(owner, &[root(1), root(3)]).unwrap();
    library.let_go(owner, &[root(3)]).unwrap();
    assert_eq!(library.are_let_go(&roots[..3]).unwrap(), [true, false, true]);
    assert_eq!(library.let_go_at_last(9, &none).unwrap(), None);
    // One of the two is over: what the other is about stays.
    let mut first = agreement(role, owner);
    (first.id, first.state) = (ids[0], AgreementState::Settled);
    library.write_agreements(&[(first, None)]).unwrap();
    assert_eq!(library.let_go_at_last(9, &none).unwrap(), Some((owner, vec![root(1)])));
    assert_eq!(library.let_go_at_last(9, &BTreeSet::from([owner])).unwrap(), None);
    library.hold_again(owner, &[root(1)]).unwrap();
    assert_eq!(library.let_go_at_last(9, &none).unwrap(), None);
    library.drop_agreement(ids[1]).unwrap();
    assert_eq!(library.let_go_at_last(9, &none).unwrap(), Some((owner, vec![root(3)])));
    assert_eq!(library.agreement_data(ids[1], 0, 0).unwrap(), None, "nobody asks for it any more");
    assert_eq!(library.let_go_at_last(0, &none).unwrap(), None);
}

#[test]
fn of_agreements_that_came_to_nothing_the_newest_are_kept() {
    let kit = Kit::new();
    let owner = OwnerId::from_bytes([7; 32]);
    for _ in 0..70 {
        let new = [(agreement(AgreementRole::Host, owner), Some(data(&[1])))];
        let ids = kit.library.write_agreements(&new).unwrap();
        kit.library.drop_agreement(ids[0]).unwrap();
    }
    let open = [(agreement(AgreementRole::Host, owner), None)];
    let ids = kit.library.write_agreements(&open).unwrap();
    let kept = kit.library.agreements(AgreementRole::Host).unwrap();
    assert_eq!((kept.len(), kept.last().unwrap().id), (65, ids[0]));
}
