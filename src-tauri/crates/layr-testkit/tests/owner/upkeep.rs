//! Audits and repairs that nobody asks for, over days.

use std::time::Duration;

use layr_node::api::PutRequest;
use layr_testkit::Failure;
use tokio::time::sleep;

use crate::scene::{Scene, noise, request};

const DAY: Duration = Duration::from_hours(24);

/// A file of 2 of 6 among nine hosts; 5 have to stand.
async fn scene(seed: u64) -> (Scene, Vec<u8>, Vec<usize>) {
    let scene = Scene::new(seed, 9).await;
    let content = noise(seed, 200_000);
    let path = scene.write("file", &content);
    scene.put_with(PutRequest { redundancy: Some((2, 6)), ..request(&[&path]) }).await.unwrap();
    let holders = scene.shards("file").await.into_values().collect();
    (scene, content, holders)
}

async fn told(scene: &Scene, kind: &str) -> usize {
    scene.owner.activity().await.unwrap().entries.iter().filter(|entry| entry.kind == kind).count()
}

#[tokio::test(start_paused = true)]
async fn what_hosts_lose_is_found_within_a_day_and_made_again() {
    let (scene, content, holders) = scene(700).await;
    for host in &holders[..2] {
        for body in scene.bodies(*host) {
            std::fs::remove_file(body).unwrap();
        }
    }
    sleep(DAY).await;
    assert_eq!(scene.health("file").await.alive, 6);
    let now: Vec<usize> = scene.shards("file").await.into_values().collect();
    assert!(holders[..2].iter().all(|host| !now.contains(host)));
    assert_eq!((told(&scene, "copies_failed").await, told(&scene, "repaired").await), (2, 1));
    scene.comes_back("file", &content).await;
}

#[tokio::test(start_paused = true)]
async fn hosts_that_stay_away_are_waited_for_and_then_replaced() {
    let (scene, content, holders) = scene(701).await;
    // Silent ones fail last in every look: they look like a network of ours that is away.
    for host in &holders[..3] {
        scene.network.net().fail(scene.hosts[*host].peer(), Failure::Silent);
    }
    sleep(DAY / 4).await;
    // It counts against health at once, and nothing is given up yet.
    assert_eq!((scene.health("file").await.alive, told(&scene, "copies_failed").await), (3, 0));
    sleep(DAY * 5 / 4).await;
    assert_eq!(scene.health("file").await.alive, 6);
    assert_eq!(told(&scene, "copies_failed").await, 3);
    scene.comes_back("file", &content).await;
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_back_in_time_keeps_its_shards() {
    let (mut scene, _, holders) = scene(702).await;
    for host in &holders[..3] {
        scene.kill(*host).await;
    }
    sleep(DAY / 3).await;
    assert_eq!(scene.health("file").await.alive, 3);
    for host in &holders[..3] {
        scene.network.revive(&mut scene.hosts[*host]).await;
    }
    sleep(DAY / 2).await;
    assert_eq!(scene.health("file").await.alive, 6);
    assert_eq!((told(&scene, "copies_failed").await, told(&scene, "repaired").await), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn days_without_our_own_network_end_nothing() {
    let (scene, content, _) = scene(703).await;
    sleep(DAY / 4).await;
    scene.network.net().fail(scene.owner.peer(), Failure::Silent);
    sleep(DAY * 5 / 4).await;
    assert_eq!(told(&scene, "copies_failed").await, 0);
    scene.network.net().heal(scene.owner.peer());
    sleep(DAY / 2).await;
    assert_eq!(scene.health("file").await.alive, 6);
    assert_eq!((told(&scene, "copies_failed").await, told(&scene, "repaired").await), (0, 0));
    scene.comes_back("file", &content).await;
}
