//! Many small files: what waits for a segment is bounded.

use std::time::Duration;

use layr_node::node::NodeEvent;
use tokio::time::timeout;

use crate::scene::{Scene, noise};

#[tokio::test(start_paused = true)]
async fn more_small_files_than_a_segment_may_bring_are_stored_in_several() {
    let scene = Scene::new(200, 3).await;
    // One segment would have room for all of them.
    let files = 10_000_u64;
    for number in 0..files {
        scene.write(&format!("tree/{}/{number}", number / 1000), &noise(number, 40));
    }
    let tree = scene.path("tree");
    let paths = [tree.as_path()];
    let mut events = scene.owner.events();
    let mut put = std::pin::pin!(scene.put(&paths));
    let told = async {
        while !matches!(events.recv().await, Ok(NodeEvent::LibraryChanged)) {}
        scene.owner.status().await.unwrap().files
    };
    let listed = tokio::select! {
        _ = &mut put => panic!("nobody was told of a file before all of them were stored"),
        listed = told => listed,
    };
    assert!((1..files).contains(&listed), "{listed}");
    let report = put.await.unwrap();
    assert_eq!(report.files.len() as u64, files);
    assert!(report.files.iter().all(|file| file.health.alive == 3 && file.uploaded_bytes == 40));
    assert_eq!(scene.hosts[0].host_show().await.unwrap().shards, 3);
}

#[tokio::test(start_paused = true)]
async fn very_many_files_of_one_content_do_not_wait_for_each_other() {
    let scene = Scene::new(201, 3).await;
    // More than may wait for the segment that brings the content.
    let files = 17_000;
    for number in 0..files {
        scene.write(&format!("tree/{}/{number}", number / 1000), b"always the same");
    }
    let tree = scene.path("tree");
    let paths = [tree.as_path()];
    let report = timeout(Duration::from_hours(1), scene.put(&paths)).await.expect("it ends").unwrap();
    assert_eq!(report.files.len(), files);
    assert_eq!(report.files.iter().map(|file| file.uploaded_bytes).sum::<u64>(), 15);
    assert!(report.files.iter().all(|file| file.health.alive == 3));
}
