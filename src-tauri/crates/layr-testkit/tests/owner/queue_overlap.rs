//! Transfers of the queue and what happens to the same files meanwhile.

use std::time::Duration;

use layr_codec::SegmentId;
use layr_library::Library;

use crate::queue::{all_done, get, slow_scene, until};
use crate::scene::{MIB, Scene, noise, request, tree};

#[tokio::test(start_paused = true)]
async fn a_download_brings_what_was_asked_for_whatever_it_is_called_by_then() {
    let scene = slow_scene(430).await;
    scene.write("docs/a", b"asked for");
    scene.write("note", b"asked for, too");
    scene.put(&[&scene.path("docs"), &scene.path("note")]).await.unwrap();
    scene.owner.transfer_pause(None).await.unwrap();
    for (name, output) in [("docs", "one"), ("note", "two"), ("/", "all")] {
        scene.queue_get(get(name, &scene.path(output))).await.unwrap();
    }
    let asked_for = tree(&scene.path("docs"));
    scene.owner.mv("docs", "old docs").await.unwrap();
    scene.owner.mv("note", "old note").await.unwrap();
    scene.write("docs/a", b"something else");
    scene.put(&[&scene.path("docs")]).await.unwrap();
    scene.owner.transfer_resume(None).await.unwrap();
    all_done(&scene.owner).await;
    assert_eq!(tree(&scene.path("one")), asked_for);
    assert_eq!(std::fs::read(scene.path("two")).unwrap(), b"asked for, too");
    assert_eq!(tree(&scene.path("all/old docs")), asked_for);
    let names: Vec<_> =
        scene.owner.transfers().await.unwrap().transfers.into_iter().map(|transfer| transfer.name).collect();
    assert_eq!(names, ["docs", "note", "Layr library"]);
}

/// Segments that are planned and not safe: what a paused upload goes on with.
fn unsafe_segments(scene: &Scene) -> Vec<SegmentId> {
    let library = Library::open_read_only(&scene.owner.home().join(Library::FILE_NAME)).unwrap();
    let mut segments = library.unfinished_segments().unwrap();
    segments.retain(|segment| !library.unfinished_segment(segment).unwrap().unwrap().is_safe);
    segments
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_upload_leaves_another_ones_progress_alone() {
    let scene = slow_scene(431).await;
    let big = scene.write("docs/big", &noise(431, 40 * MIB));
    let first = scene.owner.enqueue_put(request(&[&big])).await.unwrap();
    until(&scene.owner, |report| report.transfers[0].done_bytes > 20 * MIB as u64).await;
    scene.owner.transfer_pause(None).await.unwrap();
    while !scene.owner.status().await.unwrap().transfers.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let planned = unsafe_segments(&scene);
    assert!(!planned.is_empty());
    let second = scene.owner.enqueue_put(request(&[&scene.path("docs")])).await.unwrap();
    for (cancelled, position, left) in [(second, 1, planned), (first, 0, Vec::new())] {
        scene.owner.transfer_cancel(Some(cancelled)).await.unwrap();
        until(&scene.owner, |report| report.transfers[position].finished.is_some()).await;
        assert_eq!(unsafe_segments(&scene), left, "cancelled {position}");
    }
}
