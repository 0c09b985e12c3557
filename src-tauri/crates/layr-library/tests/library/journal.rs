//! Uploads: planned before sending, resumed after a crash, given up without a trace.

use layr_library::{CommitError, JournalError, StoreError};

use crate::kit::{Kit, assert_consistent, chunk, file, peer, plan, root, segment, shard, shards};

#[test]
fn a_plan_comes_back_exactly() {
    let kit = Kit::new();
    let plan = plan(1, &[10, 11, 12]);
    kit.library.plan_segment(&plan).unwrap();
    kit.library.shards_stored(&plan.id, &[shard(1, 4, 40), shard(1, 0, 41)]).unwrap();
    assert_eq!(kit.library.unfinished_segments().unwrap(), [plan.id]);
    let unfinished = kit.library.unfinished_segment(&plan.id).unwrap().unwrap();
    assert_eq!(unfinished.plan, plan);
    assert_eq!(unfinished.stored, [shard(1, 0, 41), shard(1, 4, 40)]);
    assert!(!unfinished.is_safe);
}

#[test]
fn a_safe_segment_is_resumed_until_all_shards_are_stored() {
    let kit = Kit::new();
    let plan = plan(1, &[10]);
    kit.library.plan_segment(&plan).unwrap();
    kit.library.shards_stored(&plan.id, &shards(1, 5)).unwrap();
    kit.library.segment_safe(&plan.id).unwrap();
    assert!(kit.library.unfinished_segment(&plan.id).unwrap().unwrap().is_safe);
    kit.library.shards_stored(&plan.id, &[shard(1, 5, 5)]).unwrap();
    assert_eq!(kit.library.unfinished_segments().unwrap(), []);
    assert_eq!(kit.library.unfinished_segment(&plan.id).unwrap(), None);
    assert_consistent(&kit.file());
}

#[test]
fn the_rest_of_a_safe_segment_can_be_given_up() {
    let kit = Kit::new();
    let plan = plan(1, &[10]);
    kit.library.plan_segment(&plan).unwrap();
    assert!(matches!(kit.library.finish_segment(&plan.id), Err(JournalError::BadPlan { .. })));
    kit.library.shards_stored(&plan.id, &shards(1, 3)).unwrap();
    kit.library.segment_safe(&plan.id).unwrap();
    kit.library.finish_segment(&plan.id).unwrap();
    assert_eq!(kit.library.unfinished_segments().unwrap(), []);
    kit.put("/a", &[10]);
    assert_consistent(&kit.file());
}

#[test]
fn a_segment_id_is_never_planned_twice() {
    let kit = Kit::new();
    kit.library.plan_segment(&plan(1, &[10])).unwrap();
    assert!(matches!(kit.library.plan_segment(&plan(1, &[11])), Err(JournalError::SegmentExists { .. })));
    assert_eq!(kit.library.known_chunks(&[chunk(11)]).unwrap(), [None]);
}

#[test]
fn plans_that_contradict_themselves_are_refused() {
    let kit = Kit::new();
    let good = plan(1, &[10, 11]);
    let mut gap = good.clone();
    gap.chunks[1].offset_bytes += 1;
    let mut short = good.clone();
    short.len_bytes -= 1;
    let mut empty = good.clone();
    empty.chunks.clear();
    empty.len_bytes = 0;
    let mut hollow = good.clone();
    hollow.chunks[0].plain_bytes = 0;
    let mut long = plan(1, &[10]);
    long.chunks[0].sealed_bytes = 9 * 1024 * 1024;
    long.len_bytes = 9 * 1024 * 1024;
    for bad in [gap, short, empty, hollow, long] {
        assert!(matches!(kit.library.plan_segment(&bad), Err(JournalError::BadPlan { .. })), "{bad:?}");
    }
    assert_eq!(kit.library.unfinished_segments().unwrap(), []);
}

#[test]
fn a_segment_is_not_safe_with_fewer_shards_than_it_needs() {
    let kit = Kit::new();
    let plan = plan(1, &[10]);
    kit.library.plan_segment(&plan).unwrap();
    kit.library.shards_stored(&plan.id, &[shard(1, 0, 0)]).unwrap();
    let refused = kit.library.segment_safe(&plan.id);
    assert!(matches!(refused, Err(JournalError::TooFewShards { stored: 1, needed: 2, .. })));
    let refused = kit.library.commit_versions(&[file("/a", &[10])], 0);
    assert!(matches!(refused, Err(CommitError::ChunkNotSafe { chunk: id, .. }) if id == chunk(10)));
    assert_eq!(kit.names(), [""; 0]);
}

#[test]
fn acknowledgements_may_repeat_and_unknown_ones_change_nothing() {
    let kit = Kit::new();
    let plan = plan(1, &[10]);
    kit.library.plan_segment(&plan).unwrap();
    for _ in 0..2 {
        kit.library.shards_stored(&plan.id, &shards(1, 3)).unwrap();
    }
    let beyond = kit.library.shards_stored(&plan.id, &[shard(1, 4, 4), shard(1, 6, 6)]);
    assert!(matches!(beyond, Err(JournalError::NoSuchShard { index: 6, .. })));
    assert!(matches!(
        kit.library.shards_stored(&segment(2), &[shard(2, 0, 0)]),
        Err(JournalError::UnknownSegment { .. })
    ));
    assert_eq!(kit.library.unfinished_segment(&plan.id).unwrap().unwrap().stored, shards(1, 3));
    assert_eq!(kit.library.garbage_count().unwrap(), 0);
}

/// The queue is read a while before its hosts are asked.
#[test]
fn what_came_back_into_use_is_no_garbage_any_more() {
    use layr_library::{ShardMark, ShardState};
    let kit = Kit::new();
    kit.upload(1, &[10]);
    let spares = [shard(1, 2, 77), shard(1, 3, 77)];
    kit.library.shards_stored(&segment(1), &spares).unwrap();
    let due: Vec<u64> = kit.library.garbage_due(10).unwrap().iter().map(|item| item.id).collect();
    assert_eq!(kit.library.garbage_still(&peer(77), &due).unwrap(), due.iter().copied().collect());
    let lost = ShardMark {
        segment: segment(1),
        index: 2,
        host: peer(2),
        shard: None,
        state: ShardState::Unreachable,
    };
    kit.library.mark_shards(&[lost], 5).unwrap();
    kit.library.shards_stored(&segment(1), &[spares[0]]).unwrap();
    assert_eq!(kit.library.garbage_still(&peer(77), &due).unwrap(), [due[1]].into());
    assert!(kit.library.garbage_still(&peer(3), &due).unwrap().is_empty(), "of another host");
}

#[test]
fn a_spare_that_comes_second_is_garbage_and_one_that_replaces_a_lost_copy_stays() {
    use layr_library::{ShardMark, ShardState};
    let kit = Kit::new();
    kit.upload(1, &[10]);
    // A slow host took shard 2 after all, but another has it.
    kit.library.shards_stored(&segment(1), &[shard(1, 2, 77)]).unwrap();
    let garbage = kit.library.garbage_due(10).unwrap();
    assert_eq!(
        garbage.iter().map(|item| (item.root, item.host)).collect::<Vec<_>>(),
        [(root(1, 2), peer(77))]
    );
    kit.library.garbage_done(&[garbage[0].id]).unwrap();

    // The holder of shard 3 is gone; the new copy is the shard now, the old one may go.
    let lost = ShardMark {
        segment: segment(1),
        index: 3,
        host: peer(3),
        shard: None,
        state: ShardState::Unreachable,
    };
    assert_eq!(kit.library.mark_shards(&[lost], 5).unwrap(), 1);
    kit.library.shards_stored(&segment(1), &[shard(1, 3, 78)]).unwrap();
    let garbage = kit.library.garbage_due(10).unwrap();
    assert_eq!(garbage.iter().map(|item| item.host).collect::<Vec<_>>(), [peer(3)]);
    // It comes back to the first host: then that copy must not be deleted.
    let lost = ShardMark { host: peer(78), ..lost };
    kit.library.mark_shards(&[lost], 6).unwrap();
    kit.library.shards_stored(&segment(1), &[shard(1, 3, 3)]).unwrap();
    let garbage = kit.library.garbage_due(10).unwrap();
    assert_eq!(garbage.iter().map(|item| item.host).collect::<Vec<_>>(), [peer(78)]);
    assert_consistent(&kit.file());
}

#[test]
fn an_abandoned_segment_leaves_only_what_its_hosts_must_drop() {
    let kit = Kit::new();
    let plan = plan(1, &[10]);
    kit.library.plan_segment(&plan).unwrap();
    kit.library.shards_stored(&plan.id, &shards(1, 2)).unwrap();
    kit.library.abandon_segment(&plan.id).unwrap();
    assert_eq!(kit.library.unfinished_segments().unwrap(), []);
    assert_eq!(kit.library.known_chunks(&[chunk(10)]).unwrap(), [None]);
    let garbage = kit.library.garbage_due(10).unwrap();
    let dropped: Vec<_> = garbage.iter().map(|item| (item.host, item.root)).collect();
    assert_eq!(dropped, [(peer(0), root(1, 0)), (peer(1), root(1, 1))]);
    assert_consistent(&kit.file());
}

#[test]
fn a_segment_that_a_file_needs_is_not_abandoned() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/a", &[10]);
    assert!(matches!(kit.library.abandon_segment(&segment(1)), Err(JournalError::SegmentInUse { .. })));
    assert_eq!(kit.library.garbage_count().unwrap(), 0);
}

#[test]
fn a_failed_deletion_is_repeated_later_and_later() {
    let kit = Kit::new();
    let plan = plan(1, &[10]);
    kit.library.plan_segment(&plan).unwrap();
    kit.library.shards_stored(&plan.id, &[shard(1, 0, 0)]).unwrap();
    kit.library.abandon_segment(&plan.id).unwrap();
    let mut now = crate::kit::NOW_S;
    for wait_s in [60, 120, 240, 480] {
        let due = kit.library.garbage_due(10).unwrap();
        assert_eq!(due.len(), 1);
        kit.library.garbage_failed(&[due[0].id]).unwrap();
        kit.library.tick(now + wait_s - 1).unwrap();
        assert_eq!(kit.library.garbage_due(10).unwrap(), []);
        now += wait_s;
        kit.library.tick(now).unwrap();
    }
}

#[test]
fn reading_only_changes_nothing() {
    let kit = Kit::new();
    let reader = layr_library::Library::open_read_only(&kit.file()).unwrap();
    assert!(matches!(reader.plan_segment(&plan(1, &[1])), Err(JournalError::Store(StoreError::ReadOnly))));
    assert!(matches!(reader.tick(1), Err(StoreError::ReadOnly)));
}
