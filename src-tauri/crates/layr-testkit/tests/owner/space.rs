//! Hosts without room.

use std::time::Duration;

use layr_node::api::HostSettings;
use layr_node::error::ErrorCode;
use layr_testkit::Failure;
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
    let scene = Scene::new(101, 17).await;
    let net = scene.network.net();
    let (first, newcomers) = scene.hosts.split_at(12);
    for host in &scene.hosts {
        net.set_bandwidth(host.peer(), None, Some(500_000));
    }
    for host in newcomers {
        net.fail(host.peer(), Failure::Dead);
    }
    let path = scene.write("big", &noise(101, 120 * MIB));
    let paths = [path.as_path()];
    let fill_up = async {
        sleep(Duration::from_secs(30)).await;
        for host in newcomers {
            net.heal(host.peer());
        }
        for host in &first[..5] {
            // What it holds and has promised, and no more.
            let report = host.host_show().await.unwrap();
            let quota_bytes = Some(report.used_bytes + report.reserved_bytes);
            host.host_set(HostSettings { quota_bytes, ..HostSettings::default() }).await.unwrap();
        }
        assert!(scene.owner.ls(None, true, false).await.unwrap().files.is_empty(), "the upload is under way");
    };
    let (report, ()) = tokio::join!(scene.put(&paths), fill_up);
    assert_eq!(report.unwrap().files[0].health.alive, 12);
    assert!(newcomers[0].host_show().await.unwrap().shards > 0);
}
