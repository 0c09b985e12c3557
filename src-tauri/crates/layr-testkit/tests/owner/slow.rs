//! Hosts that lag.

use std::time::Duration;

use layr_testkit::{Failure, Lie};
use tokio::time::Instant;

use crate::scene::{MIB, Scene, noise};

#[tokio::test(start_paused = true)]
async fn a_slow_host_is_raced_by_a_spare() {
    let scene = Scene::new(60, 15).await;
    for host in &scene.hosts {
        scene.network.net().set_bandwidth(host.peer(), None, Some(20_000_000));
    }
    // These would take 40 s for their share of one segment.
    for host in &scene.hosts[..3] {
        scene.network.net().set_bandwidth(host.peer(), None, Some(100_000));
    }
    let path = scene.write("big", &noise(60, 16 * MIB));
    let began = Instant::now();
    let report = scene.put(&[&path]).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!(report.files[0].health.alive, 12);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_falls_silent_while_it_receives_is_replaced() {
    let scene = Scene::new(61, 14).await;
    for host in &scene.hosts {
        scene.network.net().set_bandwidth(host.peer(), None, Some(500_000));
    }
    let silent: Vec<_> = scene.hosts[..2].iter().map(layr_testkit::SimNode::peer).collect();
    let net = scene.network.net().clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        for peer in silent {
            net.fail(peer, Failure::Silent);
        }
    });
    let path = scene.write("big", &noise(61, 15 * MIB));
    let report = scene.put(&[&path]).await.unwrap();
    assert_eq!(report.files[0].health.alive, 12, "{report:?}");
    let shards = scene.shards("big").await;
    assert!(shards.values().all(|host| *host >= 2), "{shards:?}");
}

#[tokio::test(start_paused = true)]
async fn without_spares_a_segment_completes_with_what_is_there() {
    let scene = Scene::new(62, 12).await;
    let silent = scene.hosts[5].peer();
    for host in &scene.hosts {
        scene.network.net().set_bandwidth(host.peer(), None, Some(2_000_000));
    }
    let net = scene.network.net().clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        net.fail(silent, Failure::Silent);
    });
    let path = scene.write("big", &noise(62, 16 * MIB));
    let began = Instant::now();
    let report = scene.put(&[&path]).await.unwrap();
    assert_eq!(report.files[0].health.alive, 11, "{report:?}");
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
    // The missing one follows in the background.
    scene.network.net().heal(silent);
    tokio::time::sleep(Duration::from_secs(1300)).await;
    assert_eq!(scene.owner.info("big").await.unwrap().file.health.unwrap().alive, 12);
}

#[tokio::test(start_paused = true)]
async fn a_slow_host_does_not_slow_a_download() {
    let scene = Scene::new(63, 12).await;
    let content = noise(63, 16 * MIB);
    let path = scene.write("big", &content);
    scene.put(&[&path]).await.unwrap();
    let shards = scene.shards("big").await;
    for (_, host) in shards.iter().filter(|((_, index), _)| *index < 2) {
        scene.network.lie(&scene.hosts[*host], Lie::Slow { bytes_per_s: 20_000 });
    }
    let began = Instant::now();
    scene.get("big", &scene.path("back")).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(std::fs::read(scene.path("back")).unwrap() == content);
}
