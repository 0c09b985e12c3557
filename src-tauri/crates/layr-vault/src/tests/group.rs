//! Changes that wait together are made durable together.

use layr_codec::ShardRoot;
use layr_keys::OwnerId;
use parking_lot::Mutex;

use crate::group::{Change, CommitQueue, Deleted, MAX_GROUP, Outcome};

fn change(root: u8) -> Change {
    Change::Delete { owner: OwnerId::from_bytes([1; 32]), root: ShardRoot::from_bytes([root; 32]) }
}

/// Submits one change, and the others while it is at work; answers the sizes of the groups.
fn groups(roots: &[u8]) -> Vec<usize> {
    let queue = CommitQueue::default();
    let sizes = Mutex::new(Vec::new());
    let apply = |changes: Vec<Change>| {
        let is_first = {
            let mut sizes = sizes.lock();
            sizes.push(changes.len());
            sizes.len() == 1
        };
        while is_first && queue.waiting() < roots.len() - 1 {
            std::thread::yield_now();
        }
        changes
            .iter()
            .map(|change| {
                let freed_bytes = u64::from(change.root().as_bytes()[0]);
                Ok(Outcome::Deleted(Deleted::Removed { freed_bytes }))
            })
            .collect()
    };
    std::thread::scope(|scope| {
        for &root in roots {
            let (queue, apply) = (&queue, &apply);
            scope.spawn(move || {
                let answer = queue.submit(change(root), apply).unwrap();
                let freed_bytes = u64::from(root);
                assert!(
                    matches!(answer, Outcome::Deleted(Deleted::Removed { freed_bytes: own }) if own == freed_bytes),
                    "an answer to somebody else's change"
                );
            });
        }
    });
    assert_eq!(queue.waiting(), 0);
    sizes.into_inner()
}

#[test]
fn all_who_wait_share_one_transaction() {
    assert_eq!(groups(&[0, 1, 2, 3, 4, 5, 6, 7]), [1, 7]);
}

#[test]
fn a_group_is_bounded() {
    let roots: Vec<u8> = (0..=u8::try_from(MAX_GROUP).unwrap() + 5).collect();
    assert_eq!(groups(&roots), [1, MAX_GROUP, 5]);
}

#[test]
fn changes_of_the_same_shard_keep_their_order_in_groups_of_their_own() {
    assert_eq!(groups(&[9, 9, 9, 9]), [1, 1, 1, 1]);
}
