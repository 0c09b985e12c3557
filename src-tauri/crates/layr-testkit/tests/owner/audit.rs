//! Having hosts prove what they hold, and catching those that cannot.

use std::collections::{BTreeMap, BTreeSet};

use layr_codec::{ChunkId, ChunkKey, Profile, SEALED_OVERHEAD_BYTES, SegmentBlindKey, SegmentId, ShardRoot};
use layr_library::{
    Manifest, ManifestChunk, ManifestContent, ManifestEntry, ManifestHost, ManifestSegment, ManifestShard,
    RelativePath, write_bearer,
};
use layr_node::api::{CheckReport, CheckResult, PutRequest, Reputation, ShardState};
use layr_node::audit::Leaves;
use layr_node::operation::OperationKind;
use layr_node::share::ManifestSource;
use layr_testkit::liar::is_lost;
use layr_testkit::{Failure, Lie};

use crate::scene::{MIB, Scene, noise, request};

async fn audit(scene: &Scene, names: &[&str], leaves: Leaves) -> CheckReport {
    let operation = scene.owner.operation(OperationKind::Audit, "test");
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    scene.owner.audit(names, leaves, &operation).await.unwrap()
}

/// What came out at each host, which hold one shard each here.
fn by_host(scene: &Scene, report: &CheckReport) -> BTreeMap<usize, BTreeSet<CheckResult>> {
    let index = |peer: &str| scene.hosts.iter().position(|host| host.peer().to_string() == peer).unwrap();
    let mut results: BTreeMap<usize, BTreeSet<CheckResult>> = BTreeMap::new();
    for shard in &report.shards {
        results.entry(index(&shard.host)).or_default().insert(shard.result);
    }
    results
}

#[tokio::test(start_paused = true)]
async fn one_request_a_host_proves_all_shards() {
    let scene = Scene::new(400, 4).await;
    for number in 0..40 {
        let path = scene.write(&format!("f{number}"), &noise(400 + number, 5000));
        scene.put_with(PutRequest { redundancy: Some((2, 4)), ..request(&[&path]) }).await.unwrap();
    }
    let calls =
        |scene: &Scene| scene.hosts.iter().map(|host| scene.network.net().calls_to(host.peer())).sum::<u64>();
    let before = calls(&scene);
    let report = audit(&scene, &[], Leaves::Each(1)).await;
    assert_eq!((report.passed, report.failed, report.unreachable, report.leaves), (160, 0, 0, 160));
    assert_eq!(calls(&scene) - before, 4);
    // A leaf and its path, and not the shard.
    assert!(report.bytes_received < 160 * 1400, "{}", report.bytes_received);
    let info = scene.owner.info("f7").await.unwrap();
    assert!(info.segments[0].shards.iter().all(|shard| shard.last_audit.is_some()));
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_loss_is_told_apart_and_recorded() {
    let mut scene = Scene::new(401, 12).await;
    let path = scene.write("big", &noise(401, 3 * MIB));
    scene.put(&[&path]).await.unwrap();
    scene.network.lie(&scene.hosts[0], Lie::HashesOnly);
    scene.network.lie(&scene.hosts[1], Lie::Denies);
    scene.network.lie(&scene.hosts[2], Lie::Garbage);
    scene.kill(3).await;
    let report = audit(&scene, &["big"], Leaves::Each(4)).await;
    let results = by_host(&scene, &report);
    let of = |index: usize| results[&index].iter().copied().collect::<Vec<_>>();
    assert_eq!(of(0), [CheckResult::Corrupt]);
    assert_eq!(of(1), [CheckResult::Missing]);
    assert_eq!(of(2), [CheckResult::Unreachable], "a broken answer proves nothing");
    assert_eq!(of(3), [CheckResult::Unreachable]);
    assert_eq!((report.passed, report.failed, report.corrupt, report.unreachable), (8, 2, 1, 2));
    let info = scene.owner.info("big").await.unwrap();
    let state = |state| info.segments[0].shards.iter().filter(|shard| shard.state == state).count();
    assert_eq!(
        [ShardState::Healthy, ShardState::Corrupt, ShardState::Missing, ShardState::Unreachable].map(state),
        [8, 1, 1, 2]
    );
}

#[tokio::test(start_paused = true)]
async fn no_trick_passes_for_a_proof() {
    let scene = Scene::new(402, 12).await;
    // Two shards a host, so that another can be sent instead.
    for (name, seed) in [("one", 402), ("two", 403)] {
        let path = scene.write(name, &noise(seed, 3 * MIB));
        scene.put(&[&path]).await.unwrap();
    }
    let first = audit(&scene, &[], Leaves::Each(1)).await;
    assert_eq!(first.passed, 24);
    let tricks = [Lie::HashesOnly, Lie::OtherLeaf, Lie::OtherShard, Lie::RepeatsAnswers];
    for (host, trick) in scene.hosts.iter().zip(tricks) {
        scene.network.lie(host, trick);
    }
    // The one that repeats itself has to hear a question before it can give an old answer to the next.
    audit(&scene, &[], Leaves::Each(1)).await;
    let results = by_host(&scene, &audit(&scene, &[], Leaves::Each(1)).await);
    for (host, trick) in tricks.into_iter().enumerate() {
        assert_eq!(results[&host], BTreeSet::from([CheckResult::Corrupt]), "{trick:?}");
    }
    assert!((4..12).all(|host| results[&host] == BTreeSet::from([CheckResult::Passed])));
}

#[tokio::test(start_paused = true)]
async fn whoever_kept_every_second_leaf_is_caught_by_enough_of_them() {
    let scene = Scene::new(404, 12).await;
    let path = scene.write("big", &noise(404, 3 * MIB));
    scene.put(&[&path]).await.unwrap();
    scene.network.lie(&scene.hosts[5], Lie::EverySecondLeaf);
    // The chance that 40 draws miss every second leaf is 2^-40.
    let report = audit(&scene, &[], Leaves::Each(40)).await;
    assert_eq!(by_host(&scene, &report)[&5], BTreeSet::from([CheckResult::Corrupt]));
    assert_eq!(report.passed, 11);
}

#[tokio::test(start_paused = true)]
async fn late_answers_and_put_off_ones_prove_nothing_and_blame_nobody() {
    let scene = Scene::new(405, 4).await;
    for number in 0..30 {
        let path = scene.write(&format!("f{number}"), &noise(500 + number, 5000));
        scene.put_with(PutRequest { redundancy: Some((2, 4)), ..request(&[&path]) }).await.unwrap();
    }
    scene.network.lie(&scene.hosts[0], Lie::LateAnswers);
    scene.network.lie(&scene.hosts[1], Lie::StallsSome);
    let report = audit(&scene, &[], Leaves::Each(1)).await;
    let results = by_host(&scene, &report);
    assert_eq!(results[&0], BTreeSet::from([CheckResult::Unreachable]));
    // One shard that is put off does not hide what is said of the others.
    assert_eq!(results[&1], BTreeSet::from([CheckResult::Passed, CheckResult::Unreachable]));
    assert_eq!(report.failed, 0);
    assert!([2, 3].iter().all(|host| results[host] == BTreeSet::from([CheckResult::Passed])));
}

#[tokio::test(start_paused = true)]
async fn a_lost_body_and_a_flipped_byte_are_named_exactly() {
    let scene = Scene::new(406, 12).await;
    let path = scene.write("big", &noise(406, 3 * MIB));
    scene.put(&[&path]).await.unwrap();
    std::fs::remove_file(&scene.bodies(3)[0]).unwrap();
    let flipped = &scene.bodies(8)[0];
    let mut bytes = std::fs::read(flipped).unwrap();
    let at = bytes.len() - 1;
    bytes[at] ^= 1;
    std::fs::write(flipped, bytes).unwrap();
    let report = audit(&scene, &[], Leaves::All).await;
    let results = by_host(&scene, &report);
    assert_eq!((report.passed, report.failed, report.corrupt), (10, 2, 1));
    assert_eq!(results[&3], BTreeSet::from([CheckResult::Missing]));
    assert_eq!(results[&8], BTreeSet::from([CheckResult::Corrupt]));
}

/// An unmounted disk is no loss.
#[tokio::test(start_paused = true)]
async fn a_host_whose_disk_is_away_is_out_of_reach_and_nothing_is_lost() {
    let scene = Scene::new(407, 12).await;
    let path = scene.write("big", &noise(407, 3 * MIB));
    scene.put(&[&path]).await.unwrap();
    let vault = scene.hosts[2].home().join("vault");
    let away = scene.hosts[2].home().join("away");
    std::fs::rename(&vault, &away).unwrap();
    let report = audit(&scene, &[], Leaves::Each(1)).await;
    assert_eq!((report.passed, report.failed, report.unreachable), (11, 0, 1));
    std::fs::rename(&away, &vault).unwrap();
    assert_eq!(audit(&scene, &[], Leaves::Each(1)).await.passed, 12);
}

/// The shards behind the one at which a host stalls have their turn.
#[tokio::test(start_paused = true)]
async fn a_shard_at_which_a_host_stalls_hides_no_other() {
    let scene = Scene::new(408, 4).await;
    for number in 0..10 {
        let path = scene.write(&format!("f{number}"), &noise(800 + number, 5000));
        scene.put_with(PutRequest { redundancy: Some((2, 4)), ..request(&[&path]) }).await.unwrap();
    }
    scene.network.lie(&scene.hosts[0], Lie::HangsAtOne);
    let report = audit(&scene, &[], Leaves::Each(1)).await;
    assert_eq!((report.passed, report.failed, report.unreachable), (39, 0, 1));
    assert!(by_host(&scene, &report)[&0].contains(&CheckResult::Unreachable));
}

/// Nothing is hidden behind the shards at which a host breaks off, and each of those has an open question.
#[tokio::test(start_paused = true)]
async fn shards_at_which_a_host_breaks_off_hide_no_others() {
    let scene = Scene::new(415, 4).await;
    for number in 0..30 {
        let path = scene.write(&format!("f{number}"), &noise(1200 + number, 5000));
        scene.put_with(PutRequest { redundancy: Some((2, 4)), ..request(&[&path]) }).await.unwrap();
    }
    // A body has the root for its name.
    let bodies = scene.bodies(0);
    let names = bodies.iter().map(|body| body.file_name().unwrap().to_str().unwrap());
    let lost = names.filter(|name| is_lost(*name.parse::<ShardRoot>().unwrap().as_bytes())).count();
    assert!((5..25).contains(&lost), "{lost}");
    scene.network.lie(&scene.hosts[0], Lie::BreaksAtLost);
    let report = audit(&scene, &[], Leaves::Each(1)).await;
    assert_eq!((report.passed, report.failed, report.unreachable), (120 - lost as u64, 0, lost as u64));
    let mut open = 0;
    for number in 0..30 {
        let info = scene.owner.info(&format!("f{number}")).await.unwrap();
        open += info.segments[0].shards.iter().filter(|shard| shard.state == ShardState::Unreachable).count();
    }
    assert_eq!(open, lost);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_busy_has_nothing_held_against_it() {
    let scene = Scene::new(409, 12).await;
    let path = scene.write("big", &noise(409, 3 * MIB));
    scene.put(&[&path]).await.unwrap();
    scene.network.lie(&scene.hosts[5], Lie::TooBusy);
    let report = audit(&scene, &[], Leaves::Each(1)).await;
    assert_eq!((report.passed, report.failed, report.unreachable), (11, 0, 1));
    assert_eq!(scene.health("big").await.alive, 12);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_failed_is_told_and_not_asked_for_again() {
    let scene = Scene::new(410, 12).await;
    let path = scene.write("big", &noise(410, 3 * MIB));
    scene.put(&[&path]).await.unwrap();
    scene.network.lie(&scene.hosts[5], Lie::Denies);
    audit(&scene, &[], Leaves::Each(1)).await;
    scene.network.be_honest(&scene.hosts[5]);
    let calls = scene.network.net().calls_to(scene.hosts[5].peer());
    for leaves in [Leaves::Each(1), Leaves::All] {
        let report = audit(&scene, &[], leaves).await;
        assert_eq!((report.passed, report.failed, report.unreachable), (11, 1, 0), "{leaves:?}");
        assert_eq!(by_host(&scene, &report)[&5], BTreeSet::from([CheckResult::Missing]));
    }
    assert_eq!(scene.network.net().calls_to(scene.hosts[5].peer()), calls, "nobody asks it");
}

/// A shared file whose one segment has this id and names the shards of "mine" at their hosts, and claims another length.
async fn claim(scene: &Scene, segment: SegmentId, plain_bytes: u32) {
    let overhead_bytes = u32::try_from(SEALED_OVERHEAD_BYTES).unwrap();
    let mut manifest = Manifest { created_unix_s: 1, ..Manifest::default() };
    manifest.chunks.push(ManifestChunk {
        id: ChunkId::from_bytes([1; 32]),
        key: ChunkKey::from_bytes([2; 32]),
        plain_bytes,
        sealed_bytes: plain_bytes + overhead_bytes,
        segment: 0,
        offset_bytes: 0,
    });
    // A body has the root for its name.
    let root = |host: usize| {
        let body = scene.bodies(host).remove(0);
        body.file_name().unwrap().to_str().unwrap().parse().unwrap()
    };
    let hosts = scene.hosts.iter();
    manifest.hosts = hosts.map(|host| ManifestHost { peer: host.peer(), addresses: Vec::new() }).collect();
    let places = scene.shards("mine").await;
    manifest.segments.push(ManifestSegment {
        id: segment,
        profile: Profile::new(2, 4).unwrap(),
        len_bytes: plain_bytes + overhead_bytes,
        blind_key: SegmentBlindKey::from_bytes([4; 32]),
        shards: places
            .into_iter()
            .map(|((_, index), host)| ManifestShard {
                index: u8::try_from(index).unwrap(),
                root: root(host),
                host: u16::try_from(host).unwrap(),
            })
            .collect(),
    });
    manifest.entries.push(ManifestEntry {
        path: RelativePath::parse("theirs").unwrap(),
        content: ManifestContent::File { size_bytes: plain_bytes.into(), chunks: vec![0] },
        mtime_ns: 0,
        mode: None,
    });
    let file = scene.write("theirs.layr", &write_bearer(&manifest).unwrap());
    scene.owner.import(&ManifestSource::File(file)).await.unwrap();
}

/// A file of 2 of 4, one shard at each of four hosts.
async fn mine(seed: u64, bytes: usize) -> Scene {
    let scene = Scene::new(seed, 4).await;
    let path = scene.write("mine", &noise(seed, bytes));
    scene.put_with(PutRequest { redundancy: Some((2, 4)), ..request(&[&path]) }).await.unwrap();
    scene
}

/// A segment of somebody else that names a shard of ours and says that it is longer.
#[tokio::test(start_paused = true)]
async fn a_shard_whose_size_is_in_dispute_is_told_as_one_that_nobody_can_be_asked_about() {
    let scene = mine(411, 5000).await;
    claim(&scene, SegmentId::from_bytes([3; 16]), 100_000).await;
    let report = audit(&scene, &[], Leaves::Each(1)).await;
    assert_eq!((report.shards.len(), report.passed, report.unreachable), (8, 4, 4), "{report:?}");
    let theirs = report.shards.iter().filter(|shard| shard.result == CheckResult::Unreachable);
    assert!(theirs.clone().all(|shard| shard.segment == SegmentId::from_bytes([3; 16]).to_string()));
}

/// Of a shard that is said to have another size honest hosts prove what is wrong for that size.
#[tokio::test(start_paused = true)]
async fn a_strangers_claim_about_our_segments_ends_no_copy_and_blames_no_host() {
    for (seed, claimed_bytes) in [(412, 5_000), (413, 900_000)] {
        let scene = mine(seed, 100_000).await;
        let segment = scene.owner.info("mine").await.unwrap().segments[0].id.parse().unwrap();
        claim(&scene, segment, claimed_bytes).await;
        for names in [&["theirs"][..], &[]] {
            for leaves in [Leaves::Each(3), Leaves::All] {
                audit(&scene, names, leaves).await;
                let info = scene.owner.info("mine").await.unwrap();
                let shards = &info.segments[0].shards;
                assert_eq!(info.file.health.unwrap().alive, 4, "{names:?} {leaves:?} {shards:#?}");
                assert!(shards.iter().all(|shard| shard.failed.is_none() && !shard.question_open));
            }
        }
        // Each is looked at, and none in the place of the other.
        let report = audit(&scene, &[], Leaves::Each(1)).await;
        assert_eq!(report.shards.len(), 8);
        let hosts = scene.owner.hosts(false).await.unwrap().hosts;
        assert!(
            hosts.iter().all(|host| host.reputation == Reputation::New && host.score.is_none()),
            "{hosts:?}"
        );
    }
}

/// A check while our own network is away must not take all files for lost.
#[tokio::test(start_paused = true)]
async fn while_no_host_answers_nothing_is_recorded() {
    let scene = mine(414, 100_000).await;
    scene.network.net().fail(scene.owner.peer(), Failure::Silent);
    for leaves in [Leaves::Each(1), Leaves::All] {
        let report = audit(&scene, &[], leaves).await;
        assert_eq!((report.unreachable, report.nobody_answered), (4, true), "{report:?}");
        assert_eq!(scene.health("mine").await.alive, 4);
    }
    scene.network.net().heal(scene.owner.peer());
    // One answer says that it is the others that are away.
    for host in &scene.hosts[1..] {
        scene.network.net().fail(host.peer(), Failure::Silent);
    }
    let report = audit(&scene, &[], Leaves::Each(1)).await;
    assert_eq!((report.passed, report.unreachable, report.nobody_answered), (1, 3, false), "{report:?}");
    assert_eq!(scene.health("mine").await.alive, 1);
}
