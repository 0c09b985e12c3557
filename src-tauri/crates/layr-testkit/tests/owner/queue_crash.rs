//! The queue over crashes.

use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use layr_library::{Library, PlacedFile};
use layr_node::api::TransferState;
use layr_node::error::ErrorCode;

use crate::queue::{all_done, all_ended, get, slow_scene, states, until};
use crate::scene::{MIB, Scene, noise, request, tree};

/// Two uploads and a download of a stored tree, crashed after `after`; whether they were through by then.
async fn crash_after(seed: u64, after: Duration) -> bool {
    let mut scene = slow_scene(seed).await;
    scene.write("stored/deep/b", &noise(seed + 1, 2 * MIB));
    scene.write("stored/a", &noise(seed + 2, 100_000));
    scene.put(&[&scene.path("stored")]).await.unwrap();
    let paths =
        [scene.write("one", &noise(seed + 3, 3 * MIB)), scene.write("two", &noise(seed + 4, 2 * MIB))];
    for path in &paths {
        scene.owner.enqueue_put(request(&[path])).await.unwrap();
    }
    scene.queue_get(get("stored", &scene.path("out"))).await.unwrap();
    tokio::time::sleep(after).await;
    let was_through = all_ended(&scene.owner.transfers().await.unwrap());
    let Scene { network, owner, .. } = &mut scene;
    network.crash(owner).await;
    network.revive(owner).await;
    assert_eq!(scene.owner.transfers().await.unwrap().transfers.len(), 3, "crashed after {after:?}");
    all_done(&scene.owner).await;
    assert_eq!(tree(&scene.path("out")), tree(&scene.path("stored")), "crashed after {after:?}");
    assert!(!scene.path("out/stored").exists() && scene.temporaries().is_empty(), "crashed after {after:?}");
    for (name, path) in ["one", "two"].iter().zip(&paths) {
        let info = scene.owner.info(name).await.unwrap();
        assert_eq!(info.file.version, 1, "stored twice after a crash after {after:?}");
        assert_eq!(scene.read(name, None).await.unwrap(), std::fs::read(path).unwrap());
    }
    was_through
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_instant_loses_no_transfer_and_ends_each_as_it_would_have() {
    let mut step = 0_u64;
    loop {
        // Not in step with anything that happens every so often.
        let after = Duration::from_millis(step * 430 + step * step % 97);
        if crash_after(420 + 10 * step, after).await {
            break;
        }
        step += 1;
    }
    assert!(step > 5, "only {step} crashes");
}

/// A crash between the last rename of a download and the word that it is through.
async fn crash_when_placed(
    seed: u64,
    name: &str,
    is_noted: bool,
) -> (Scene, TransferState, Option<ErrorCode>) {
    let mut scene = slow_scene(seed).await;
    scene.write("docs/a", &noise(seed, 100_000));
    scene.put(&[&scene.path("docs")]).await.unwrap();
    scene.owner.transfer_pause(None).await.unwrap();
    let id = scene.queue_get(get(name, &scene.path("out"))).await.unwrap();
    let before = scene.network.snapshot(&scene.owner);
    scene.owner.transfer_resume(None).await.unwrap();
    all_done(&scene.owner).await;
    let Scene { network, owner, .. } = &mut scene;
    network.kill(owner).await;
    let target = scene.path("out").metadata().unwrap();
    let placed = PlacedFile { device: target.dev(), inode: target.ino() };
    let file = scene.owner.home().join(Library::FILE_NAME);
    let id_of_owner = scene.owner.owner_keys().owner_id();
    let open = || Library::open(&file, id_of_owner, layr_library::Entropy::system(), 1).unwrap();
    assert_eq!(open().transfer_task(id).unwrap().unwrap().placed, Some(placed));
    scene.network.restore(&scene.owner, &before);
    open().resume_transfers(None).unwrap();
    if is_noted {
        open().transfer_placed(id, placed).unwrap();
    }
    let Scene { network, owner, .. } = &mut scene;
    network.revive(owner).await;
    let report = until(&scene.owner, all_ended).await;
    let transfer = &report.transfers[0];
    assert_eq!(scene.path("out").metadata().unwrap().ino(), target.ino(), "it was written again");
    (scene, states(&report)[0], transfer.code)
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_the_last_rename_finds_its_own_work_and_nobody_elses() {
    for (seed, name) in [(600, "docs"), (601, "docs/a")] {
        let (_, state, code) = crash_when_placed(seed, name, true).await;
        assert_eq!((state, code), (TransferState::Done, None), "{name}");
        let (_, state, code) = crash_when_placed(seed, name, false).await;
        assert_eq!((state, code), (TransferState::Failed, Some(ErrorCode::Conflict)), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_decision_survives_a_crash_right_after_it() {
    let mut scene = slow_scene(610).await;
    for name in ["paused", "cancelled", "other"] {
        let path = scene.write(name, &noise(610 + name.len() as u64, 3 * MIB));
        scene.owner.enqueue_put(request(&[&path])).await.unwrap();
    }
    until(&scene.owner, |report| report.transfers[0].done_bytes > 0).await;
    let ids: Vec<u64> =
        scene.owner.transfers().await.unwrap().transfers.iter().map(|transfer| transfer.id).collect();
    scene.owner.transfer_pause(Some(ids[0])).await.unwrap();
    scene.owner.transfer_cancel(Some(ids[1])).await.unwrap();
    let Scene { network, owner, .. } = &mut scene;
    network.crash(owner).await;
    network.revive(owner).await;
    let expected = [TransferState::Paused, TransferState::Cancelled, TransferState::Done];
    until(&scene.owner, |report| states(report) == expected).await;
}
