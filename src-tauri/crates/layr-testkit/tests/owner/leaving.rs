//! What lies at hosts that leave is brought to others, and nothing is worse meanwhile.

use std::collections::BTreeSet;
use std::time::Duration;

use layr_node::api::{CheckReport, LeaveRequest, PutRequest};
use layr_node::audit::Leaves;
use layr_node::operation::OperationKind;
use layr_testkit::Lie;
use tokio::time::sleep;

use crate::scene::{GIB, Scene, noise, request};

const DAY: Duration = Duration::from_hours(24);
const HOUR: Duration = Duration::from_hours(1);
const FILES: u64 = 3;

fn content(seed: u64) -> Vec<u8> {
    noise(seed, 200_000)
}

/// Some files of 2 of 6. The first of these hosts has a shard of each where there are no more than six.
async fn scene(seed: u64, hosts: usize) -> Scene {
    let scene = Scene::new(seed, hosts).await;
    for number in 0..FILES {
        put(&scene, seed + number).await;
    }
    scene
}

async fn put(scene: &Scene, seed: u64) {
    let path = scene.write(&seed.to_string(), &content(seed));
    scene.put_with(PutRequest { redundancy: Some((2, 6)), ..request(&[&path]) }).await.unwrap();
}

/// A host with something of ours.
async fn a_holder(scene: &Scene, seed: u64) -> usize {
    *scene.shards(&seed.to_string()).await.values().next().unwrap()
}

async fn audit(scene: &Scene, leaves: Leaves) -> CheckReport {
    let operation = scene.owner.operation(OperationKind::Audit, "test");
    scene.owner.audit(Vec::new(), leaves, &operation).await.unwrap()
}

async fn leave(scene: &Scene, host: usize) {
    scene.hosts[host].host_leave(LeaveRequest::default()).await.unwrap();
}

/// All shards of all files are healthy.
async fn are_whole(scene: &Scene, seed: u64) -> bool {
    for number in 0..FILES {
        let health = scene.health(&(seed + number).to_string()).await;
        if health.alive != health.total {
            return false;
        }
    }
    true
}

/// Every shard is with a host of its own, none with `left`, each leaf of it is proven, and the files come back.
async fn is_well_without(scene: &Scene, seed: u64, left: usize) {
    for number in 0..FILES {
        let name = (seed + number).to_string();
        let hosts: BTreeSet<usize> = scene.shards(&name).await.into_values().collect();
        assert!(hosts.len() == 6 && !hosts.contains(&left), "{hosts:?} without {left}");
        scene.comes_back(&name, &content(seed + number)).await;
    }
    let report = audit(scene, Leaves::All).await;
    assert_eq!((report.passed, report.failed, report.unreachable), (6 * FILES, 0, 0));
}

async fn told(scene: &Scene, kind: &str) -> usize {
    let entries = scene.owner.activity().await.unwrap().entries;
    entries.iter().filter(|entry| entry.kind == kind && !(kind == "copies_stay" && entry.resolved)).count()
}

async fn says_that_it_leaves(scene: &Scene, host: usize) -> bool {
    let (peer, hosts) = (scene.hosts[host].peer().to_string(), scene.owner.hosts(false).await.unwrap().hosts);
    hosts.iter().any(|host| host.peer_id == peer && host.leaves_at.is_some())
}

#[tokio::test(start_paused = true)]
async fn a_host_that_leaves_is_emptied_and_no_file_has_a_shard_less_meanwhile() {
    let scene = scene(800, 9).await;
    let (leaver, stored) = (a_holder(&scene, 800).await, scene.stored_bytes().await);
    leave(&scene, leaver).await;
    let mut minutes = 0;
    while scene.hosts[leaver].host_show().await.unwrap().hosting {
        assert!(are_whole(&scene, 800).await, "after {minutes} minutes");
        sleep(Duration::from_mins(1)).await;
        minutes += 1;
        assert!(minutes < 26 * 60, "it is not empty in a day");
    }
    assert_eq!(scene.bodies(leaver).len(), 0);
    assert!(says_that_it_leaves(&scene, leaver).await);
    // Told with the look that finds nothing more.
    sleep(Duration::from_mins(6)).await;
    assert_eq!((told(&scene, "copies_moved").await, told(&scene, "copies_stay").await), (1, 0));
    assert_eq!(scene.stored_bytes().await, stored, "nothing lies anywhere twice");
    is_well_without(&scene, 800, leaver).await;
}

#[tokio::test(start_paused = true)]
async fn without_another_host_it_waits_and_lets_go_of_nothing() {
    let mut scene = scene(810, 6).await;
    leave(&scene, 0).await;
    audit(&scene, Leaves::Each(1)).await;
    let bodies = scene.bodies(0);
    sleep(DAY).await;
    assert_eq!((scene.bodies(0), told(&scene, "copies_stay").await), (bodies, 1));
    assert!(are_whole(&scene, 810).await);
    scene.hosts.push(scene.network.add_host(GIB).await);
    sleep(HOUR * 3).await;
    assert_eq!((scene.bodies(0).len(), told(&scene, "copies_stay").await), (0, 0));
    is_well_without(&scene, 810, 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_in_the_middle_costs_traffic_and_nothing_else() {
    // While the second copy is sent, when it may just be proven, and at the third.
    for (seed, after_s) in [(820, 3), (830, 11), (840, 16)] {
        let mut scene = scene(seed, 6).await;
        leave(&scene, 0).await;
        audit(&scene, Leaves::Each(1)).await;
        let stored = scene.stored_bytes().await;
        scene.hosts.push(scene.network.add_host(GIB).await);
        // A copy of 100 KiB takes ten seconds.
        scene.network.net().set_bandwidth(scene.owner.peer(), Some(10_000), None);
        while scene.bodies(6).is_empty() {
            sleep(Duration::from_secs(1)).await;
        }
        sleep(Duration::from_secs(after_s)).await;
        assert!((1..3).contains(&scene.bodies(6).len()), "it is not in the middle");
        let Scene { network, owner, .. } = &mut scene;
        network.crash(owner).await;
        network.net().set_bandwidth(owner.peer(), None, None);
        network.revive(owner).await;
        assert!(are_whole(&scene, seed).await);
        sleep(HOUR * 3).await;
        assert_eq!((scene.bodies(0).len(), scene.stored_bytes().await), (0, stored), "after {after_s} s");
        is_well_without(&scene, seed, 0).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_leaver_that_lies_is_found_out_and_what_it_lost_is_made_again() {
    let scene = scene(870, 9).await;
    let leaver = a_holder(&scene, 870).await;
    leave(&scene, leaver).await;
    scene.network.lie(&scene.hosts[leaver], Lie::WrongBytes);
    sleep(DAY + HOUR * 2).await;
    assert_eq!(told(&scene, "copies_moved").await, 0, "nothing of it was taken for good");
    assert!(told(&scene, "repaired").await > 0 && are_whole(&scene, 870).await);
    is_well_without(&scene, 870, leaver).await;
}

#[tokio::test(start_paused = true)]
async fn who_stays_after_all_keeps_what_it_has_and_gets_nothing_new_at_first() {
    let mut scene = scene(880, 6).await;
    leave(&scene, 0).await;
    audit(&scene, Leaves::Each(1)).await;
    assert!(says_that_it_leaves(&scene, 0).await);
    sleep(HOUR).await;
    let bodies = scene.bodies(0);
    scene.hosts[0].host_stay().await.unwrap();
    audit(&scene, Leaves::Each(1)).await;
    assert!(!says_that_it_leaves(&scene, 0).await);
    scene.hosts.push(scene.network.add_host(GIB).await);
    sleep(HOUR * 3).await;
    assert_eq!(scene.bodies(0), bodies);
    // Six of seven hosts get a shard of each: chance leaves out the same one hardly ever.
    for seed in 890..894 {
        put(&scene, seed).await;
        let hosts = scene.shards(&seed.to_string()).await;
        assert!(hosts.into_values().all(|host| host != 0), "it may leave again");
    }
}

#[tokio::test(start_paused = true)]
async fn while_everything_is_paused_nothing_moves() {
    let scene = scene(900, 9).await;
    let leaver = a_holder(&scene, 900).await;
    leave(&scene, leaver).await;
    scene.owner.transfer_pause(None).await.unwrap();
    let bodies = scene.bodies(leaver);
    sleep(DAY + HOUR).await;
    assert_eq!(scene.bodies(leaver), bodies);
    scene.owner.transfer_resume(None).await.unwrap();
    sleep(HOUR).await;
    assert_eq!(scene.bodies(leaver).len(), 0);
}
