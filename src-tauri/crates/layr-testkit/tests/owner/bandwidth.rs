//! The limits of all transfers.

use std::time::Duration;

use layr_node::api::{BandwidthSettings, HostSettings};
use layr_node::error::ErrorCode;
use layr_node::net::MIN_RATE_BYTES_PER_S;
use tokio::time::Instant;

use crate::scene::{MIB, Scene, noise};

const HALF_A_DAY_S: i64 = 12 * 3600;

async fn upload_takes(scene: &Scene, name: &str, seed: u64) -> Duration {
    let path = scene.write(name, &noise(seed, MIB));
    let started = Instant::now();
    scene.put(&[&path]).await.unwrap();
    started.elapsed()
}

#[tokio::test(start_paused = true)]
async fn limits_hold_for_what_is_under_way_in_their_hours_and_after_a_restart() {
    let mut scene = Scene::new(430, 3).await;
    let free = upload_takes(&scene, "free", 1).await;
    assert!(free < Duration::from_secs(5), "{free:?}");
    let limits = BandwidthSettings {
        up_bytes_per_s: Some(200_000),
        schedule: Some("00:00-12:00".to_owned()),
        ..BandwidthSettings::default()
    };
    scene.owner.bandwidth_set(limits).await.unwrap();
    let mut held = Vec::new();
    for round in 0..2_u64 {
        let took = upload_takes(&scene, &format!("limited {round}"), 2 + round).await;
        assert_eq!(took > Duration::from_secs(5), scene.owner.bandwidth().in_force, "{took:?}");
        held.push(scene.owner.bandwidth().in_force);
        // Half a day later, wherever this machine stands, it is the other half of the day.
        scene.network.clock().jump(HALF_A_DAY_S);
        tokio::time::sleep(Duration::from_mins(2)).await;
    }
    assert_ne!(held[0], held[1]);

    let always = BandwidthSettings { schedule: Some("always".to_owned()), ..BandwidthSettings::default() };
    scene.owner.bandwidth_set(always).await.unwrap();
    let Scene { network, owner, .. } = &mut scene;
    network.crash(owner).await;
    network.revive(owner).await;
    let took = upload_takes(&scene, "after a restart", 9).await;
    assert!(took > Duration::from_secs(5), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_is_none_changes_nothing_and_hosting_keeps_its_own_settings() {
    let scene = Scene::new(431, 3).await;
    let wrong = BandwidthSettings {
        up_bytes_per_s: Some(1),
        schedule: Some("sometimes".to_owned()),
        ..BandwidthSettings::default()
    };
    let before = scene.owner.bandwidth();
    assert_eq!(scene.owner.bandwidth_set(wrong).await.unwrap_err().code, ErrorCode::InvalidRequest);
    assert_eq!(scene.owner.bandwidth(), before);

    let host = &scene.hosts[0];
    let quota_bytes = host.host_show().await.unwrap().quota_bytes;
    let limits = BandwidthSettings { down_bytes_per_s: Some(5_000_000), ..BandwidthSettings::default() };
    let hosting = HostSettings { max_term_days: Some(7), ..HostSettings::default() };
    let (limited, lent) = tokio::join!(host.bandwidth_set(limits), host.host_set(hosting));
    limited.unwrap();
    lent.unwrap();
    let written = std::fs::read_to_string(host.home().join("config.toml")).unwrap();
    for line in ["down_bytes_per_s = 5000000", "max_term_days = 7", &format!("quota_bytes = {quota_bytes}")] {
        assert!(written.contains(line), "{line} is lost:\n{written}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_lowest_limits_make_an_upload_and_a_download_slow_and_not_fail() {
    // More than two segments, whose ninety streams would share 100 kB/s if they went at once.
    const SIZE_BYTES: usize = 48 * MIB;
    let scene = Scene::new(432, 30).await;
    let lowest = || BandwidthSettings {
        up_bytes_per_s: Some(MIN_RATE_BYTES_PER_S),
        down_bytes_per_s: Some(MIN_RATE_BYTES_PER_S),
        ..BandwidthSettings::default()
    };
    for bytes_per_s in [1, MIN_RATE_BYTES_PER_S - 1, u64::MAX] {
        let refused = BandwidthSettings { up_bytes_per_s: Some(bytes_per_s), ..lowest() };
        assert_eq!(scene.owner.bandwidth_set(refused).await.unwrap_err().code, ErrorCode::InvalidRequest);
    }
    let hosting = HostSettings { down_bytes_per_s: Some(MIN_RATE_BYTES_PER_S), ..HostSettings::default() };
    for host in &scene.hosts {
        host.host_set(hosting.clone()).await.unwrap();
    }
    scene.owner.bandwidth_set(lowest()).await.unwrap();
    let path = scene.write("slow", &noise(432, SIZE_BYTES));
    let report = scene.put(&[&path]).await.unwrap();
    let health = report.files[0].health;
    assert_eq!(health.alive, health.total, "no host was given up: {health:?}");
    scene.get("slow", &scene.path("back")).await.unwrap();
    assert_eq!(std::fs::read(scene.path("back")).unwrap(), noise(432, SIZE_BYTES));
}
