//! What a repair would do, told before anything is read or sent.

use std::collections::BTreeSet;

use layr_codec::{LayoutError, SegmentLayout};
use layr_keys::PeerId;
use layr_library::{Library, SegmentRecord, ShardState};

use super::wanted::{Trigger, wanted};
use super::{RepairError, When};
use crate::api::RepairPlan;
use crate::check::{CheckError, Walk};
use crate::owner::Owner;

/// What [`super::repair`] of these would do, as far as is known. Reads and sends no shard. Where too few hosts with room are known
/// it looks for more, which takes seconds.
///
/// # Errors
/// [`RepairError`].
pub async fn plan(owner: &Owner, names: Vec<String>, when: When) -> Result<RepairPlan, RepairError> {
    let trigger = Trigger::read(owner, when).await?;
    let plan = with_known_hosts(owner, names.clone(), trigger).await?;
    if plan.shards_without_host == 0 {
        return Ok(plan);
    }
    // What hosts said of their room may be too old to count, or nobody has asked them yet.
    owner.hosts().refresh().await?;
    with_known_hosts(owner, names, trigger).await
}

async fn with_known_hosts(
    owner: &Owner,
    names: Vec<String>,
    trigger: Trigger,
) -> Result<RepairPlan, RepairError> {
    let hosts: BTreeSet<PeerId> =
        owner.hosts().eligible().into_iter().map(|host| host.contact.peer).collect();
    let look_up = move |library: &Library| {
        let mut walk = Walk::new(library, &names)?;
        let mut plan = RepairPlan::default();
        loop {
            let segments = walk.next(library)?;
            if segments.is_empty() {
                return Ok::<_, CheckError>(plan);
            }
            for segment in &segments {
                add(&mut plan, segment, trigger, &hosts)?;
            }
        }
    };
    Ok(owner.library_job(look_up).await??)
}

/// Adds what would become of one segment where so many hosts have room.
fn add(
    plan: &mut RepairPlan,
    segment: &SegmentRecord,
    trigger: Trigger,
    hosts: &BTreeSet<PeerId>,
) -> Result<(), LayoutError> {
    let wanted = wanted(segment, trigger).len();
    if wanted == 0 {
        return Ok(());
    }
    if !segment.is_ours {
        plan.segments_of_others += 1;
        return Ok(());
    }
    let needed = usize::from(segment.profile.k());
    if segment.shards.iter().filter(|shard| shard.state == ShardState::Healthy).count() < needed {
        plan.short_segments += 1;
        return Ok(());
    }
    let holders: BTreeSet<PeerId> = segment.shards.iter().map(|shard| shard.host).collect();
    let placed = wanted.min(hosts.difference(&holders).count());
    plan.shards_without_host += (wanted - placed) as u64;
    if placed > 0 {
        let layout = SegmentLayout::new(segment.profile, u64::from(segment.len_bytes))?;
        plan.segments += 1;
        plan.shards += placed as u64;
        plan.read_bytes += needed as u64 * layout.shard_bytes();
        plan.sent_bytes += placed as u64 * layout.shard_bytes();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use layr_codec::{Profile, SegmentId, ShardRoot};
    use layr_keys::PeerId;
    use layr_library::{Failure, SegmentRecord, ShardRecord, ShardState};

    use super::super::wanted::NOW;
    use super::add;
    use crate::api::RepairPlan;

    #[test]
    fn what_somebody_else_stored_is_theirs_to_repair() {
        let shard = |index| ShardRecord {
            index,
            root: ShardRoot::from_bytes([index; 32]),
            host: PeerId::from_bytes([index; 32]),
            state: if index == 0 { ShardState::Missing } else { ShardState::Healthy },
            checked_unix_s: None,
            failed: (index == 0).then_some(Failure::Missing),
            open_leaf: None,
            shown_unix_s: None,
            whole_unix_s: None,
        };
        let mut segment = SegmentRecord {
            id: SegmentId::from_bytes([1; 16]),
            profile: Profile::new(2, 4).unwrap(),
            len_bytes: 1000,
            is_ours: false,
            is_long_at_risk: false,
            is_stale: false,
            shards: (0..4).map(shard).collect(),
            cursor: 1,
        };
        let hosts = BTreeSet::from([PeerId::from_bytes([9; 32])]);
        let mut plan = RepairPlan::default();
        add(&mut plan, &segment, NOW, &hosts).unwrap();
        assert_eq!(plan, RepairPlan { segments_of_others: 1, ..RepairPlan::default() });
        segment.is_ours = true;
        let mut plan = RepairPlan::default();
        add(&mut plan, &segment, NOW, &hosts).unwrap();
        assert_eq!((plan.segments, plan.shards, plan.segments_of_others), (1, 1, 0));
    }
}
