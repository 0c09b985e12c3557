//! Which shards of a segment are to be made again.

use std::collections::BTreeSet;

use layr_codec::{Profile, SegmentBlindKey};
use layr_library::{SegmentRecord, ShardRecord, ShardState};

use super::{RepairError, When};
use crate::check::{CheckError, unplaced};
use crate::durability::{FailureRate, is_repair_due};
use crate::owner::Owner;

/// What makes a segment due.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trigger {
    when: When,
    /// How fast hosts were lost until now.
    rate: FailureRate,
}

impl Trigger {
    pub(super) async fn read(owner: &Owner, when: When) -> Result<Self, CheckError> {
        let losses = owner.library_job(layr_library::Library::host_losses).await??;
        Ok(Self { when, rate: FailureRate::from_evidence(&losses) })
    }

    /// Whether a segment is due of which something is lost and so many shards are not.
    pub(super) fn is_due(self, profile: Profile, standing: usize) -> bool {
        is_repair_due(profile, standing, self.rate)
    }

    /// Whether those that are away are not waited for, though nobody said so.
    pub(super) fn is_cut_short(self, segment: &SegmentRecord) -> bool {
        self.when == When::Due && segment.is_long_at_risk
    }
}

/// Shards that a repair of this segment would bring to new hosts, ascending; none if it is not due.
///
/// Lost is what was never placed or failed for good. What cannot be reached may come back, what was only heard to be bad may turn
/// out good, and both count as standing. A segment is due when something is lost and either less stands than a fresh upload has
/// to bring to hosts, or what stands may well be lost before a repair could end ([`is_repair_due`]). The second makes a fresh
/// upload of a small code due when it found fewer hosts than shards; by itself a repair looks only at segments of which copies
/// failed, and rests where it finds no host, so that it is not tried again and again. [`When::Now`] waits for nothing of that. Nor
/// is anything waited for once the healthy shards alone have been at risk for long: what is away then is made again with what is
/// lost, and its copies stay on record until others take their places.
pub(super) fn wanted(segment: &SegmentRecord, trigger: Trigger) -> Vec<u8> {
    let of = |is: fn(&ShardRecord) -> bool| {
        segment.shards.iter().filter(move |shard| is(shard)).map(|shard| shard.index)
    };
    let lost = of(|shard| shard.failed.is_some());
    let mut wanted: BTreeSet<u8> = unplaced(segment).chain(lost).collect();
    if trigger.when == When::Now || segment.is_long_at_risk {
        wanted.extend(of(|shard| shard.state != ShardState::Healthy));
    } else {
        let standing = usize::from(segment.profile.n()) - wanted.len();
        if !trigger.is_due(segment.profile, standing) {
            wanted.clear();
        }
    }
    wanted.into_iter().collect()
}

/// What blinds a segment's shards, and which of those wanted can be told from something else. Of one that another owner entrusted
/// only what that owner knows: it could not tell what a shard is that no host ever took.
pub(super) async fn blinding(
    owner: &Owner,
    segment: &SegmentRecord,
    mut wanted: Vec<u8>,
) -> Result<(SegmentBlindKey, Vec<u8>), RepairError> {
    let (id, key) = (segment.id, owner.library_key().clone());
    let entrusted = owner.library_job(move |library| library.watched_blind_key(&id, &key)).await??;
    let Some(entrusted) = entrusted else { return Ok((owner.secrets().segment_blind_key(&id), wanted)) };
    wanted.retain(|index| segment.shards.iter().any(|shard| shard.index == *index));
    Ok((entrusted, wanted))
}

/// All that is lost, as where nothing was seen of hosts.
#[cfg(test)]
pub(super) const NOW: Trigger = Trigger { when: When::Now, rate: FailureRate::assumed() };

#[cfg(test)]
mod tests {
    use layr_codec::{Profile, SegmentId, ShardRoot};
    use layr_keys::PeerId;
    use layr_library::{Failure, SegmentRecord, ShardRecord, ShardState};

    use super::{NOW, Trigger, When, wanted};
    use crate::durability::FailureRate;

    const DUE: Trigger = Trigger { when: When::Due, rate: FailureRate::assumed() };

    /// One shard an index, or none.
    type States = [Option<(ShardState, Option<Failure>)>];

    /// 4 of 12: 10 have to stand.
    fn segment(states: &States) -> SegmentRecord {
        segment_of(Profile::new(4, 12).unwrap(), states)
    }

    fn segment_of(profile: Profile, states: &States) -> SegmentRecord {
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
                shown_unix_s: None,
                whole_unix_s: None,
            })
        });
        SegmentRecord {
            id: SegmentId::from_bytes([1; 16]),
            profile,
            len_bytes: 1,
            is_ours: true,
            is_long_at_risk: false,
            is_stale: false,
            shards: shards.collect(),
            cursor: 1,
        }
    }

    #[test]
    fn what_is_lost_is_due_below_what_an_upload_brings() {
        let mut states = [Some((ShardState::Healthy, None)); 12];
        assert!(wanted(&segment(&states), NOW).is_empty());
        (states[1], states[7]) = (Some((ShardState::Missing, Some(Failure::Missing))), None);
        assert!(wanted(&segment(&states), DUE).is_empty(), "10 stand, as after an upload");
        assert_eq!(wanted(&segment(&states), NOW), [1, 7]);
        states[4] = Some((ShardState::Unreachable, None));
        states[5] = Some((ShardState::Corrupt, None));
        assert!(wanted(&segment(&states), DUE).is_empty(), "they may come back, and turn out good");
        assert_eq!(wanted(&segment(&states), NOW), [1, 4, 5, 7]);
        states[9] = Some((ShardState::Unreachable, Some(Failure::WrittenOff)));
        assert_eq!(wanted(&segment(&states), DUE), [1, 7, 9]);
    }

    #[test]
    fn what_may_be_lost_before_a_repair_ends_is_due_at_once() {
        let standing = Some((ShardState::Healthy, None));
        let failed = Some((ShardState::Missing, Some(Failure::Missing)));
        // A small code as after its upload, or better: two thirds of its parity stand.
        for (k, n, lost, is_due) in [
            (3, 9, 1, false),
            (3, 9, 2, true),
            (2, 6, 1, true),
            (1, 3, 1, true),
            (4, 12, 2, false),
            (10, 30, 6, false),
        ] {
            let mut states = vec![standing; n];
            states[..lost].fill(failed);
            let segment = segment_of(Profile::new(k, u8::try_from(n).unwrap()).unwrap(), &states);
            assert_eq!(wanted(&segment, DUE).len(), if is_due { lost } else { 0 }, "{lost} of {k} of {n}");
        }
        // Nothing is lost of what is only out of reach, and of what is whole.
        let away = Some((ShardState::Unreachable, None));
        let small = Profile::new(1, 3).unwrap();
        for states in [[standing, standing, standing], [standing, away, away]] {
            assert!(wanted(&segment_of(small, &states), DUE).is_empty());
        }
    }

    #[test]
    fn what_is_long_at_risk_is_made_again_without_those_that_may_come_back() {
        let mut states = [Some((ShardState::Unreachable, None)); 12];
        states[..6].fill(Some((ShardState::Healthy, None)));
        states[11] = Some((ShardState::Missing, Some(Failure::Missing)));
        let mut at_risk = segment(&states);
        assert!(wanted(&at_risk, DUE).is_empty(), "11 stand");
        at_risk.is_long_at_risk = true;
        assert_eq!(wanted(&at_risk, DUE), [6, 7, 8, 9, 10, 11]);
    }
}
