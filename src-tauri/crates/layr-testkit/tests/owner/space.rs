//! Hosts without room.

use std::time::Duration;

use layr_node::api::HostSettings;
use layr_node::error::ErrorCode;
use tokio::time::sleep;

use crate::scene::{MIB, Scene, noise};

#[tokio::test(start_paused = true)]
async fn too_little_room_is_said_so_and_what_fits_stays() {
    // Room for two shards of full size each.
    let scene = Scene::with_quota(100, 12, 9 * MIB as u64).await;
    let path = scene.write("big", &noise(100, 80 * MIB));
    let error = scene.put(&[&path]).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotEnoughSpace, "{error}");
    assert!(scene.owner.ls(None, true, false).await.unwrap().files.is_empty(), "half a file is no file");
    for host in &scene.hosts {
        let report = host.host_show().await.unwrap();
        assert!(report.used_bytes + report.reserved_bytes <= report.quota_bytes, "{report:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn hosts_that_fill_up_on_the_way_are_replaced_by_those_that_have_room() {
    let scene = Scene::new(101, 20).await;
    let net = scene.network.net();
    for host in &scene.hosts {
        // A shard of full size takes 20 s: longer than a few segments, and all but those in use have not been heard of for long.
        net.set_bandwidth(host.peer(), None, Some(200_000));
    }
    let path = scene.write("big", &noise(101, 120 * MIB));
    let paths = [path.as_path()];
    let fill_up = async {
        sleep(Duration::from_secs(100)).await;
        let mut full = 0;
        for host in &scene.hosts {
            let report = host.host_show().await.unwrap();
            if report.reserved_bytes > 0 && full < 5 {
                // What it holds and has promised, and no more.
                let quota_bytes = Some(report.used_bytes + report.reserved_bytes);
                host.host_set(HostSettings { quota_bytes, ..HostSettings::default() }).await.unwrap();
                full += 1;
            }
        }
        full
    };
    let (report, full) = tokio::join!(scene.put(&paths), fill_up);
    assert_eq!(full, 5, "more hosts are full than a segment can do without");
    assert_eq!(report.unwrap().files[0].health.alive, 12);
}
