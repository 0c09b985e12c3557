//! Making lost shards again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use layr_codec::{SegmentId, ShardRoot};
use layr_keys::PeerId;
use layr_library::{AuditMark, AuditOutcome, Entropy, Failure, Library, StoredShard};
use layr_node::api::{Health, HealthState, PutRequest, RepairReport, WaitReason};
use layr_node::audit::Leaves;
use layr_node::operation::OperationKind;
use layr_node::repair::When;
use layr_testkit::Lie;
use tokio::time::Instant;

use crate::scene::{GIB, MIB, Scene, noise, request};

async fn repair(scene: &Scene, when: When) -> RepairReport {
    let operation = scene.owner.operation(OperationKind::Repair, "test");
    scene.owner.repair(Vec::new(), when, &operation).await.unwrap()
}

async fn audit(scene: &Scene) {
    let operation = scene.owner.operation(OperationKind::Audit, "test");
    scene.owner.audit(Vec::new(), Leaves::Each(1), &operation).await.unwrap();
}

fn of_twelve(path: &Path) -> PutRequest {
    PutRequest { redundancy: Some((4, 12)), ..request(&[path]) }
}

/// Bytes of all shards at a host.
async fn stored_bytes(scene: &Scene, host: usize) -> u64 {
    scene.hosts[host].host_show().await.unwrap().used_bytes
}

#[tokio::test(start_paused = true)]
async fn a_file_outlives_more_hosts_than_it_was_first_stored_at() {
    let mut scene = Scene::new(600, 24).await;
    let content = noise(600, 3 * MIB);
    let path = scene.write("big", &content);
    scene.put_with(of_twelve(&path)).await.unwrap();
    let mut killed = BTreeSet::new();
    // Three rounds of losing more than a file of 4 of 12 can lose in all.
    for _ in 0..3 {
        let holders: BTreeSet<usize> = scene.shards("big").await.into_values().collect();
        assert!(holders.is_disjoint(&killed) && holders.len() == 12);
        for host in holders.into_iter().take(4) {
            scene.kill(host).await;
            killed.insert(host);
        }
        audit(&scene).await;
        assert_eq!(scene.health("big").await.alive, 8);
        assert_eq!(repair(&scene, When::Due).await.rebuilt, 0, "they may come back");
        let report = repair(&scene, When::Now).await;
        assert_eq!((report.rebuilt, report.placed.len(), report.waiting.len()), (4, 4, 0), "{report:?}");
        // k shards are read and the lost ones sent, nothing else.
        assert_eq!(report.bytes_received, report.bytes_sent);
        let whole = Health { alive: 12, needed: 4, total: 12, state: HealthState::Safe };
        assert_eq!((scene.health("big").await, report.health[0].health), (whole, whole));
    }
    scene.comes_back("big", &content).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_lost_is_made_again_once_it_counts() {
    let scene = Scene::new(601, 24).await;
    let content = noise(601, 3 * MIB);
    let path = scene.write("big", &content);
    scene.put_with(of_twelve(&path)).await.unwrap();
    let holders: Vec<usize> = scene.shards("big").await.into_values().collect();
    scene.network.lie(&scene.hosts[holders[0]], Lie::Denies);
    audit(&scene).await;
    assert_eq!(repair(&scene, When::Due).await.rebuilt, 0, "11 of 12 stand");
    // As many stand as after an upload, and where two hosts are lost on the first day more may be soon.
    scene.network.lie(&scene.hosts[holders[1]], Lie::HashesOnly);
    audit(&scene).await;
    let report = repair(&scene, When::Due).await;
    assert_eq!(report.rebuilt, 2, "{report:?}");
    let now: BTreeSet<usize> = scene.shards("big").await.into_values().collect();
    assert!(now.len() == 12 && holders[..2].iter().all(|host| !now.contains(host)));
    assert_eq!(repair(&scene, When::Now).await.rebuilt, 0, "nothing is left to do");
}

#[tokio::test(start_paused = true)]
async fn no_liar_gets_into_what_is_rebuilt_and_none_is_trusted_with_it() {
    let scene = Scene::new(602, 18).await;
    let content = noise(602, 3 * MIB);
    let path = scene.write("big", &content);
    scene.put_with(of_twelve(&path)).await.unwrap();
    let holders: BTreeSet<usize> = scene.shards("big").await.into_values().collect();
    let mut held = holders.iter().copied();
    let (gone, lying) = (held.next().unwrap(), [held.next().unwrap(), held.next().unwrap()]);
    scene.network.lie(&scene.hosts[gone], Lie::Denies);
    audit(&scene).await;
    for host in lying {
        scene.network.lie(&scene.hosts[host], Lie::WrongBytes);
    }
    // Of the six that could take a shard four acknowledge and keep nothing.
    let fresh: Vec<usize> = (0..18).filter(|host| !holders.contains(host)).collect();
    for host in &fresh[..4] {
        scene.network.lie(&scene.hosts[*host], Lie::KeepsNothing);
    }
    let report = repair(&scene, When::Now).await;
    assert!(report.rebuilt >= 1, "{report:?}");
    for shard in &report.placed {
        let host = scene.hosts.iter().position(|host| host.peer().to_string() == shard.host).unwrap();
        assert!(fresh[4..].contains(&host), "a host that keeps nothing was trusted");
    }
    scene.comes_back("big", &content).await;
}

#[tokio::test(start_paused = true)]
async fn a_repair_that_finds_no_host_waits_and_loses_nothing() {
    let mut scene = Scene::new(603, 12).await;
    let content = noise(603, 3 * MIB);
    let path = scene.write("big", &content);
    scene.put(&[&path]).await.unwrap();
    scene.kill(3).await;
    audit(&scene).await;
    let report = repair(&scene, When::Now).await;
    assert_eq!((report.rebuilt, report.bytes_received), (0, 0), "nothing is read in vain");
    assert_eq!(
        report.waiting.iter().map(|waits| waits.reason).collect::<Vec<_>>(),
        [WaitReason::NotEnoughHosts]
    );
    assert_eq!(scene.health("big").await.alive, 11);
    scene.comes_back("big", &content).await;
    scene.hosts.push(scene.network.add_host(GIB).await);
    // A look at the network is good for some seconds.
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert_eq!(repair(&scene, When::Now).await.rebuilt, 1);
    assert_eq!(scene.health("big").await.alive, 12);
}

#[tokio::test(start_paused = true)]
async fn below_k_it_says_so_and_what_comes_back_helps() {
    let mut scene = Scene::new(604, 24).await;
    let content = noise(604, MIB);
    let path = scene.write("big", &content);
    scene.put_with(of_twelve(&path)).await.unwrap();
    let holders: Vec<usize> = scene.shards("big").await.into_values().collect();
    for host in &holders[..9] {
        scene.kill(*host).await;
    }
    audit(&scene).await;
    let report = repair(&scene, When::Now).await;
    assert_eq!(report.waiting[0].reason, WaitReason::TooFewShards, "{report:?}");
    assert_eq!(report.rebuilt, 0);
    scene.network.revive(&mut scene.hosts[holders[0]]).await;
    let report = repair(&scene, When::Now).await;
    // Who answered is not replaced, although it was out of reach when it was looked at last.
    assert_eq!((report.rebuilt, report.waiting.len()), (8, 0), "{report:?}");
    assert_eq!(scene.health("big").await.alive, 12);
    scene.comes_back("big", &content).await;
}

#[tokio::test(start_paused = true)]
async fn the_old_copy_is_let_go_of_after_the_new_one_is_proven() {
    let mut scene = Scene::new(605, 24).await;
    let path = scene.write("big", &noise(605, 3 * MIB));
    scene.put_with(of_twelve(&path)).await.unwrap();
    let old = *scene.shards("big").await.values().next().unwrap();
    let before = stored_bytes(&scene, old).await;
    assert!(before > 0);
    scene.kill(old).await;
    audit(&scene).await;
    assert_eq!(repair(&scene, When::Now).await.rebuilt, 1);
    scene.network.revive(&mut scene.hosts[old]).await;
    assert_eq!(stored_bytes(&scene, old).await, before);
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(stored_bytes(&scene, old).await, 0);
    assert_eq!(scene.health("big").await.alive, 12);
}

/// A host that is back holds what it was to drop, and is the only one there for a shard that is lost anew.
#[tokio::test(start_paused = true)]
async fn a_delete_on_its_way_does_not_meet_the_copy_that_is_taken_back_into_use() {
    let mut scene = Scene::new(606, 13).await;
    let path = scene.write("big", &noise(606, 3 * MIB));
    scene.put_with(of_twelve(&path)).await.unwrap();
    let before = scene.shards("big").await;
    let (lost, old) = before.iter().next().map(|(shard, host)| (shard.clone(), *host)).unwrap();
    scene.kill(old).await;
    audit(&scene).await;
    assert_eq!(repair(&scene, When::Now).await.rebuilt, 1);
    let new = scene.shards("big").await[&lost];
    scene.network.revive(&mut scene.hosts[old]).await;
    let deletes = scene.network.delay_deletes(&scene.hosts[old], Duration::from_secs(8));
    scene.kill(new).await;
    audit(&scene).await;
    deletes.next().await;
    let report = repair(&scene, When::Now).await;
    assert_eq!((report.rebuilt, scene.shards("big").await[&lost]), (1, old), "{report:?}");
    // By now the delete has arrived, whenever that was.
    tokio::time::sleep(Duration::from_mins(1)).await;
    audit(&scene).await;
    assert_eq!(scene.health("big").await.alive, 12);
    assert!(stored_bytes(&scene, old).await > 0);
}

#[tokio::test(start_paused = true)]
async fn more_segments_than_are_looked_up_at_once_are_all_repaired() {
    const FILES: usize = 70;
    let mut scene = Scene::new(607, 5).await;
    for number in 0..FILES {
        let path = scene.write(&format!("f{number}"), &noise(700 + number as u64, 2000));
        scene.put_with(PutRequest { redundancy: Some((2, 4)), ..request(&[&path]) }).await.unwrap();
    }
    let lost = scene.bodies(0).len() as u64;
    assert!(lost > 0);
    scene.kill(0).await;
    audit(&scene).await;
    let report = repair(&scene, When::Now).await;
    assert_eq!((report.rebuilt, report.waiting.len()), (lost, 0));
    assert_eq!(report.health.len() as u64, lost, "each of its own segment");
}

/// What hosts said before a long read does not count any more when it ends.
#[tokio::test(start_paused = true)]
async fn hosts_are_asked_again_after_a_slow_read() {
    let mut scene = Scene::new(608, 13).await;
    let path = scene.write("big", &noise(608, 3 * MIB));
    scene.put_with(of_twelve(&path)).await.unwrap();
    let holders: Vec<usize> = scene.shards("big").await.into_values().collect();
    scene.kill(holders[0]).await;
    audit(&scene).await;
    for host in &holders[1..] {
        scene.network.lie(&scene.hosts[*host], Lie::Slow { bytes_per_s: 8000 });
    }
    let began = Instant::now();
    let report = repair(&scene, When::Now).await;
    assert!(began.elapsed() > Duration::from_secs(90), "{:?}", began.elapsed());
    assert_eq!((report.rebuilt, report.waiting.len()), (1, 0), "{report:?}");
}

/// As after a database was put together from parts: one of two segments remembers another root than its shard has.
#[tokio::test(start_paused = true)]
async fn a_damaged_segment_keeps_no_other_from_being_repaired() {
    let mut scene = Scene::new(609, 14).await;
    for (seed, name) in [(609, "damaged"), (610, "sound")] {
        let path = scene.write(name, &noise(seed, MIB));
        scene.put_with(of_twelve(&path)).await.unwrap();
    }
    let lost = |shards: BTreeMap<(String, u32), usize>, count: usize| {
        let lost = shards.into_iter().take(count);
        lost.map(|((segment, index), host)| (segment, u8::try_from(index).unwrap(), host)).collect::<Vec<_>>()
    };
    // The damaged one is more endangered, and has its turn first.
    let (damaged, sound) = (lost(scene.shards("damaged").await, 4), lost(scene.shards("sound").await, 3));
    let Scene { network, owner, hosts } = &mut scene;
    network.kill(owner).await;
    let file = owner.home().join(Library::FILE_NAME);
    let library = Library::open(&file, owner.owner_keys().owner_id(), Entropy::system(), 1).unwrap();
    let fail = |segment: &str, index: u8, host: PeerId| {
        let segment: SegmentId = segment.parse().unwrap();
        let outcome = AuditOutcome::Failed(Failure::Missing);
        let mark = AuditMark { segment, index, host, shard: None, outcome };
        assert_eq!(library.note_audit(&[mark], 1).unwrap().failed.len(), 1);
    };
    for (segment, index, host) in damaged.iter().chain(&sound) {
        fail(segment, *index, hosts[*host].peer());
    }
    let (segment, index, _) = &damaged[0];
    let (nobody, root) = (PeerId::from_bytes([9; 32]), ShardRoot::from_bytes([9; 32]));
    let other = StoredShard { index: *index, root, host: nobody };
    library.shards_stored(&segment.parse().unwrap(), &[other]).unwrap();
    fail(segment, *index, nobody);
    drop(library);
    network.revive(owner).await;
    let report = repair(&scene, When::Now).await;
    let reasons: Vec<_> = report.waiting.iter().map(|waits| (waits.segment.clone(), waits.reason)).collect();
    assert!(reasons.contains(&(segment.clone(), WaitReason::Damaged)), "{report:?}");
    assert!(report.placed.iter().any(|placed| placed.segment == sound[0].0), "{report:?}");
    assert!(report.placed.iter().all(|placed| placed.segment != *segment), "{report:?}");
}
