//! Hosts without room.

use layr_node::error::ErrorCode;

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
