//! Hosts that are gone.

use std::time::Duration;

use layr_node::api::{HealthState, TransferState};
use layr_node::error::{ErrorCode, Retry};
use layr_node::operation::OperationKind;
use layr_testkit::{Failure, Lie};
use tokio::time::Instant;

use crate::queue::{get, until};
use crate::scene::{GIB, MIB, Scene, noise};

async fn stored(seed: u64) -> (Scene, Vec<u8>) {
    let scene = Scene::new(seed, 12).await;
    let content = noise(seed, 17 * MIB + 12_345);
    let path = scene.write("big", &content);
    scene.put(&[&path]).await.unwrap();
    (scene, content)
}

#[tokio::test(start_paused = true)]
async fn any_parity_may_die() {
    for lost in [[0, 1, 2, 3, 4, 5, 6, 7], [4, 5, 6, 7, 8, 9, 10, 11], [0, 2, 3, 5, 6, 8, 9, 11]] {
        let (mut scene, content) = stored(20).await;
        for index in lost {
            scene.kill(index).await;
        }
        scene.get("big", &scene.path("back")).await.unwrap();
        assert!(std::fs::read(scene.path("back")).unwrap() == content, "other content with {lost:?} dead");
    }
}

#[tokio::test(start_paused = true)]
async fn hosts_that_fall_silent_cost_a_bounded_wait() {
    let (scene, content) = stored(21).await;
    for host in &scene.hosts[..8] {
        scene.network.net().fail(host.peer(), Failure::Silent);
    }
    let began = Instant::now();
    scene.get("big", &scene.path("back")).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(std::fs::read(scene.path("back")).unwrap() == content);
    // Now they are known to be down: nobody waits for them again.
    let began = Instant::now();
    scene.get("big", &scene.path("again")).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn one_more_is_an_error_in_time_and_nothing_is_written() {
    for failure in [Failure::Dead, Failure::Silent, Failure::Refusing] {
        let (scene, _) = stored(22).await;
        for host in &scene.hosts[..9] {
            scene.network.net().fail(host.peer(), failure);
        }
        let began = Instant::now();
        let error = scene.get("big", &scene.path("back")).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::NotEnoughHosts, "{error}");
        assert_eq!(error.params["available"], 3, "{error:?}");
        assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
        assert!(!scene.path("back").exists());
        assert!(scene.temporaries().is_empty());
        for host in &scene.hosts {
            scene.network.net().heal(host.peer());
        }
        tokio::time::sleep(Duration::from_secs(61)).await;
        scene.get("big", &scene.path("back")).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn hosts_may_die_in_the_middle_of_a_download() {
    let (mut scene, content) = stored(23).await;
    scene.network.net().set_latency(Duration::from_millis(20));
    for host in &scene.hosts {
        scene.network.net().set_bandwidth(host.peer(), Some(1_000_000), None);
    }
    let doomed: Vec<_> = scene.hosts[..8].iter().map(layr_testkit::SimNode::peer).collect();
    let net = scene.network.net().clone();
    let reaper = tokio::spawn(async move {
        for peer in doomed {
            tokio::time::sleep(Duration::from_millis(400)).await;
            net.fail(peer, Failure::Dead);
        }
    });
    scene.get("big", &scene.path("back")).await.unwrap();
    assert!(std::fs::read(scene.path("back")).unwrap() == content);
    assert!(reaper.is_finished(), "the download was over before the hosts died");
    scene.kill(0).await;
}

#[tokio::test(start_paused = true)]
async fn a_normal_read_asks_the_dht_nothing() {
    let (scene, _) = stored(24).await;
    let before = scene.network.net().counters().lookups;
    scene.get("big", &scene.path("back")).await.unwrap();
    scene.read("big", Some((5_000_000, 5_000_100))).await.unwrap();
    assert_eq!(scene.network.net().counters().lookups, before);
}

#[tokio::test(start_paused = true)]
async fn what_too_many_hosts_have_lost_is_stored_again_by_whoever_still_has_it() {
    let (mut scene, content) = stored(24).await;
    let streams = scene.network.net().counters().opens;
    let path = scene.path("big");
    scene.put(&[&path]).await.unwrap();
    assert_eq!(scene.network.net().counters().opens, streams, "it is known to be safe");
    for host in &scene.hosts[..9] {
        scene.network.lie(host, Lie::Denies);
    }
    let error = scene.get("big", &scene.path("back")).await.unwrap_err();
    assert_eq!((error.code, error.retry), (ErrorCode::NotEnoughHosts, Retry::AfterUserAction), "{error}");
    assert_eq!(scene.owner.info("big").await.unwrap().file.health.unwrap().state, HealthState::Lost);
    // A download gives up at the first segment that is lost; a check looks at all.
    let operation = scene.owner.operation(OperationKind::Verify, "test");
    scene.owner.verify(Vec::new(), false, &operation).await.unwrap();
    for host in &mut scene.hosts[..9] {
        scene.network.kill(host).await;
    }
    let fresh = scene.network.add_hosts(12, GIB).await;
    // Whoever has just looked for hosts finds no new ones.
    tokio::time::sleep(Duration::from_secs(61)).await;
    let report = scene.put(&[&path]).await.unwrap();
    assert_eq!(report.files[0].deduplicated_bytes, 0);
    assert_eq!(scene.owner.info("big").await.unwrap().file.health.unwrap().state, HealthState::Safe);
    scene.get("big", &scene.path("back")).await.unwrap();
    assert!(std::fs::read(scene.path("back")).unwrap() == content);
    drop(fresh);
}

#[tokio::test(start_paused = true)]
async fn a_download_waits_for_hosts_that_are_away_and_not_for_shards_that_are_gone() {
    let (scene, _) = stored(25).await;
    let target = |name: &str| get("big", &scene.path(name));
    for host in &scene.hosts[..9] {
        scene.network.net().fail(host.peer(), Failure::Dead);
    }
    scene.queue_get(target("away")).await.unwrap();
    until(&scene.owner, |report| {
        report.transfers[0].state == TransferState::Waiting && report.transfers[0].code.is_some()
    })
    .await;
    for host in &scene.hosts[..9] {
        scene.network.net().heal(host.peer());
        scene.network.lie(host, Lie::Denies);
    }
    let report = until(&scene.owner, |report| report.transfers[0].state == TransferState::Failed).await;
    let reason = report.transfers[0].reason.as_deref().unwrap();
    assert!(reason.contains("Waiting does not help"), "{reason}");
}
