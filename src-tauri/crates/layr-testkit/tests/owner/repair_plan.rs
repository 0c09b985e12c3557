//! What a repair would do is told before, and is what it does then.

use std::time::Duration;

use layr_node::activity::ActivityKind;
use layr_node::api::{PutRequest, RepairPlan, ShardFailure, ShardInfo};
use layr_node::audit::Leaves;
use layr_node::operation::OperationKind;
use layr_node::repair::When;
use layr_testkit::Lie;

use crate::scene::{GIB, MIB, Scene, noise, request};

/// A file of 4 of 12 among so many hosts, with the hosts of its shards.
async fn stored(seed: u64, hosts: usize) -> (Scene, Vec<usize>) {
    let scene = Scene::new(seed, hosts).await;
    let path = scene.write("big", &noise(seed, 3 * MIB));
    scene.put_with(PutRequest { redundancy: Some((4, 12)), ..request(&[&path]) }).await.unwrap();
    let holders = scene.shards("big").await.into_values().collect();
    (scene, holders)
}

async fn audit(scene: &Scene) {
    let operation = scene.owner.operation(OperationKind::Audit, "test");
    scene.owner.audit(Vec::new(), Leaves::Each(1), &operation).await.unwrap();
}

/// Bytes of all shards at these hosts.
async fn stored_at(scene: &Scene, hosts: &[usize]) -> u64 {
    let mut total = 0;
    for host in hosts {
        total += scene.hosts[*host].host_show().await.unwrap().used_bytes;
    }
    total
}

async fn plan(scene: &Scene, when: When) -> RepairPlan {
    scene.owner.repair_plan(vec!["big".to_owned()], when).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_what_is_done_and_changes_nothing() {
    let (mut scene, holders) = stored(620, 24).await;
    assert_eq!(plan(&scene, When::Now).await, RepairPlan::default(), "nothing is lost");
    for host in &holders[..3] {
        scene.kill(*host).await;
    }
    audit(&scene).await;
    assert_eq!(plan(&scene, When::Due).await, RepairPlan::default(), "they may come back");
    let alive: Vec<usize> = (0..24).filter(|host| !holders[..3].contains(host)).collect();
    let before = stored_at(&scene, &alive).await;
    let plan = plan(&scene, When::Now).await;
    assert!(plan.read_bytes > 0 && plan.sent_bytes > 0, "{plan:?}");
    assert_eq!((plan.segments, plan.shards, plan.shards_without_host), (1, 3, 0), "{plan:?}");
    assert_eq!(stored_at(&scene, &alive).await, before, "nothing was sent");
    assert_eq!(scene.health("big").await.alive, 9);
    let operation = scene.owner.operation(OperationKind::Repair, "test");
    let report = scene.owner.repair(vec!["big".to_owned()], When::Now, &operation).await.unwrap();
    assert_eq!(
        (report.rebuilt, report.bytes_received, report.bytes_sent),
        (plan.shards, plan.read_bytes, plan.sent_bytes),
        "{plan:?}"
    );
    // That it was done is among what happened.
    let happened = scene.owner.activity().await.unwrap().entries;
    let repaired = happened.iter().find(|entry| entry.kind == ActivityKind::Repaired.code()).unwrap();
    assert!(repaired.text.starts_with("3 lost parts were made again"), "{repaired:?}");
}

#[tokio::test(start_paused = true)]
async fn a_plan_names_what_is_lacking() {
    let (mut scene, holders) = stored(621, 13).await;
    for host in &holders[..3] {
        scene.kill(*host).await;
    }
    audit(&scene).await;
    let found = plan(&scene, When::Now).await;
    assert_eq!((found.shards, found.shards_without_host), (1, 2), "{found:?}");
    assert_eq!(found.sent_bytes * 4, found.read_bytes, "4 are read for the one that is sent");
    // A host that nobody has asked yet is found by the look that the lack brings about.
    scene.hosts.push(scene.network.add_host(GIB).await);
    // A look at the network is good for some seconds.
    tokio::time::sleep(Duration::from_secs(15)).await;
    let found = plan(&scene, When::Now).await;
    assert_eq!((found.shards, found.shards_without_host), (2, 1), "{found:?}");
    for host in &holders[3..9] {
        scene.kill(*host).await;
    }
    audit(&scene).await;
    let found = plan(&scene, When::Now).await;
    assert_eq!(found, RepairPlan { short_segments: 1, ..RepairPlan::default() }, "3 of the 4 that it takes");
}

#[tokio::test(start_paused = true)]
async fn what_audits_know_of_each_shard_is_told() {
    let (mut scene, holders) = stored(622, 12).await;
    scene.network.lie(&scene.hosts[holders[0]], Lie::Denies);
    scene.network.lie(&scene.hosts[holders[1]], Lie::HashesOnly);
    scene.kill(holders[2]).await;
    audit(&scene).await;
    let info = scene.owner.info("big").await.unwrap();
    let known = |shard: &ShardInfo| (shard.failed, shard.question_open, shard.last_audit.is_some());
    let shards: Vec<_> = info.segments[0].shards[..4].iter().map(known).collect();
    assert_eq!(
        shards,
        [
            (Some(ShardFailure::Missing), false, true),
            (Some(ShardFailure::Corrupt), false, true),
            (None, true, true),
            (None, false, true),
        ]
    );
}
