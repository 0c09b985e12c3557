//! Which shards of a segment are to be made again.

use std::collections::BTreeSet;

use layr_library::{SegmentRecord, ShardRecord, ShardState};

use super::When;
use crate::check::unplaced;

/// Shards that a repair of this segment would bring to new hosts, ascending; none if it is not due.
///
/// Lost is what was never placed or failed for good. What cannot be reached may come back, what was only heard to be bad may turn
/// out good, and both count as standing. A segment is due when something is lost and less stands than a fresh upload has to
/// bring to hosts, so that no fresh upload is repaired at once. [`When::Now`] waits for nothing of that.
pub(super) fn wanted(segment: &SegmentRecord, when: When) -> Vec<u8> {
    let of = |is: fn(&ShardRecord) -> bool| {
        segment.shards.iter().filter(move |shard| is(shard)).map(|shard| shard.index)
    };
    let lost = of(|shard| shard.failed.is_some());
    let mut wanted: BTreeSet<u8> = unplaced(segment).chain(lost).collect();
    match when {
        When::Now => wanted.extend(of(|shard| shard.state != ShardState::Healthy)),
        When::Due => {
            let standing = usize::from(segment.profile.n()) - wanted.len();
            if standing >= usize::from(segment.profile.success_threshold()) {
                wanted.clear();
            }
        }
    }
    wanted.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use layr_codec::{Profile, SegmentId, ShardRoot};
    use layr_keys::PeerId;
    use layr_library::{Failure, SegmentRecord, ShardRecord, ShardState};

    use super::{When, wanted};

    /// 4 of 12: 10 have to stand.
    fn segment(states: &[Option<(ShardState, Option<Failure>)>]) -> SegmentRecord {
        let shards = (0_u8..).zip(states).filter_map(|(index, states)| {
            let (state, failed) = (*states)?;
            Some(ShardRecord {
                index,
                root: ShardRoot::from_bytes([index; 32]),
                host: PeerId::from_bytes([index; 32]),
                state,
                checked_unix_s: None,
                failed,
                open_leaf: None,
            })
        });
        SegmentRecord {
            id: SegmentId::from_bytes([1; 16]),
            profile: Profile::new(4, 12).unwrap(),
            len_bytes: 1,
            is_ours: true,
            shards: shards.collect(),
            cursor: 1,
        }
    }

    #[test]
    fn what_is_lost_is_due_below_what_an_upload_brings() {
        let mut states = [Some((ShardState::Healthy, None)); 12];
        assert!(wanted(&segment(&states), When::Now).is_empty());
        (states[1], states[7]) = (Some((ShardState::Missing, Some(Failure::Missing))), None);
        assert!(wanted(&segment(&states), When::Due).is_empty(), "10 stand, as after an upload");
        assert_eq!(wanted(&segment(&states), When::Now), [1, 7]);
        states[4] = Some((ShardState::Unreachable, None));
        states[5] = Some((ShardState::Corrupt, None));
        assert!(wanted(&segment(&states), When::Due).is_empty(), "they may come back, and turn out good");
        assert_eq!(wanted(&segment(&states), When::Now), [1, 4, 5, 7]);
        states[9] = Some((ShardState::Unreachable, Some(Failure::WrittenOff)));
        assert_eq!(wanted(&segment(&states), When::Due), [1, 7, 9]);
    }
}
