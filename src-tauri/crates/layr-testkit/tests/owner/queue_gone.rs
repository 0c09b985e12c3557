//! The queue and directories that go away under it, as those of an unplugged disk do, and come back.

use layr_node::activity::ActivityKind;
use layr_node::api::{Transfer, TransferState};
use layr_node::error::{ErrorCode, Retry};

use crate::queue::{all_done, all_ended, get, slow_scene, until};
use crate::scene::{MIB, Scene, noise, request, tree};

/// The last transfer, which waits for the person.
async fn failed(scene: &Scene) -> Transfer {
    let report = until(&scene.owner, all_ended).await;
    let transfer = report.transfers.last().unwrap().clone();
    assert_eq!((transfer.state, transfer.code), (TransferState::Failed, Some(ErrorCode::NotFound)));
    assert_eq!(transfer.retry, Some(Retry::AfterUserAction));
    transfer
}

/// What the list of what happened says of it.
async fn told(scene: &Scene) -> String {
    let entries = scene.owner.activity().await.unwrap().entries;
    let kind = ActivityKind::TransferFailed.code();
    entries.into_iter().find(|entry| entry.kind == kind && !entry.resolved).unwrap().text
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_disk_goes_is_none_that_is_through_and_goes_on_when_it_is_back() {
    let scene = slow_scene(700).await;
    for file in 0..12 {
        scene.write(&format!("stick/{file:02}"), &noise(700 + file, 4 * MIB));
    }
    let (stick, away) = (scene.path("stick"), scene.path("away"));
    let id = scene.owner.enqueue_put(request(&[&stick])).await.unwrap();
    until(&scene.owner, |report| report.transfers[0].done_bytes > 0).await;
    std::fs::rename(&stick, &away).unwrap();
    let reason = failed(&scene).await.reason.unwrap();
    assert!(reason.contains("does not exist") && reason.contains("not connected"), "{reason}");
    let text = told(&scene).await;
    for untrue in ["Nothing was sent", "untouched"] {
        assert!(!text.contains(untrue), "{text}");
    }
    let sent_before = scene.stored_bytes().await;
    assert!(sent_before > 0);
    std::fs::rename(&away, &stick).unwrap();
    scene.owner.transfer_retry(Some(id)).await.unwrap();
    all_done(&scene.owner).await;
    scene.get("stick", &scene.path("back")).await.unwrap();
    assert_eq!(tree(&scene.path("back")), tree(&stick));
    for file in scene.owner.ls(Some("stick"), false, true).await.unwrap().files {
        assert_eq!(file.version, 1, "{file:?}");
    }
}

/// A mount point of a fixed table stays where it is, and is empty while its disk is away.
#[tokio::test(start_paused = true)]
async fn a_folder_that_is_empty_and_was_not_is_no_upload_that_is_through() {
    let scene = slow_scene(703).await;
    for file in 0..12 {
        scene.write(&format!("stick/{file:02}"), &noise(703 + file, 4 * MIB));
    }
    let (stick, away) = (scene.path("stick"), scene.path("away"));
    let unplug = || {
        std::fs::rename(&stick, &away).unwrap();
        std::fs::create_dir(&stick).unwrap();
    };
    let plug_in = || {
        std::fs::remove_dir(&stick).unwrap();
        std::fs::rename(&away, &stick).unwrap();
    };
    scene.owner.transfer_pause(None).await.unwrap();
    let id = scene.owner.enqueue_put(request(&[&stick])).await.unwrap();
    unplug();
    scene.owner.transfer_resume(None).await.unwrap();
    let reason = failed(&scene).await.reason.unwrap();
    assert!(reason.contains("is empty, and was not") && reason.contains("not connected"), "{reason}");
    plug_in();
    // And where it goes half-way.
    scene.owner.transfer_retry(Some(id)).await.unwrap();
    until(&scene.owner, |report| report.transfers[0].done_bytes > 0).await;
    unplug();
    failed(&scene).await;
    plug_in();
    scene.owner.transfer_retry(Some(id)).await.unwrap();
    all_done(&scene.owner).await;
    scene.get("stick", &scene.path("back")).await.unwrap();
    assert_eq!(tree(&scene.path("back")), tree(&stick));
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_was_never_possible_says_that_nothing_was_sent() {
    let scene = slow_scene(701).await;
    let error = scene.owner.enqueue_put(request(&[&scene.path("none")])).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
    assert!(
        error.message.contains("does not exist") && error.message.ends_with("Nothing was sent."),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_download_whose_disk_goes_says_so_and_comes_back_with_it() {
    let scene = slow_scene(702).await;
    let stored = scene.write("stored", &noise(702, 3 * MIB));
    scene.put(&[&stored]).await.unwrap();
    let stick = scene.path("stick");
    std::fs::create_dir(&stick).unwrap();
    let id = scene.queue_get(get("stored", &stick.join("back"))).await.unwrap();
    until(&scene.owner, |report| report.transfers[0].done_bytes > 0).await;
    std::fs::remove_dir_all(&stick).unwrap();
    let reason = failed(&scene).await.reason.unwrap();
    assert!(reason.contains("connect its disk"), "{reason}");
    // Still away.
    scene.owner.transfer_retry(Some(id)).await.unwrap();
    failed(&scene).await;
    assert!(!stick.exists());
    std::fs::create_dir(&stick).unwrap();
    scene.owner.transfer_retry(Some(id)).await.unwrap();
    all_done(&scene.owner).await;
    assert_eq!(std::fs::read(stick.join("back")).unwrap(), noise(702, 3 * MIB));
    assert!(scene.temporaries().is_empty());
    // And where it is not there any more, the library says whether it can be had again.
    std::fs::remove_file(stick.join("back")).unwrap();
    let error = scene.owner.transfer_target(id).await.unwrap_err();
    assert!(error.message.contains("is still stored"), "{error}");
    scene.owner.rm(vec!["stored".to_owned()]).await.unwrap();
    let error = scene.owner.transfer_target(id).await.unwrap_err();
    assert!(error.code == ErrorCode::NotFound && error.message.contains("not in the library"), "{error}");
}
