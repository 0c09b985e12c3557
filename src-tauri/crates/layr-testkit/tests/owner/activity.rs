//! What happened is told once, and is resolved when it has passed.

use std::os::unix::net::UnixListener;
use std::time::Duration;

use layr_node::activity::ActivityKind;
use layr_node::api::{ActivityEntry, ActivityLevel, TransferState, WorkerState};
use layr_node::error::ErrorCode;
use layr_node::node::{Node, NodeEvent};
use layr_node::operation::OperationKind;
use layr_testkit::Failure;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{sleep, timeout};

use crate::queue::{all_done, all_ended, get, slow_scene, until};
use crate::scene::{MIB, Scene, noise, request};

async fn entries(node: &Node, kind: ActivityKind) -> Vec<ActivityEntry> {
    let report = node.activity().await.unwrap();
    report.entries.into_iter().filter(|entry| entry.kind == kind.code()).collect()
}

/// Waits, woken by the events about it, until the entries of this kind look like this.
async fn until_entries(node: &Node, kind: ActivityKind, what: impl Fn(&[ActivityEntry]) -> bool) {
    let mut events = node.events();
    let seen = timeout(Duration::from_hours(2), async {
        while !what(&entries(node, kind).await) {
            while !matches!(events.recv().await, Ok(NodeEvent::ActivityChanged) | Err(RecvError::Lagged(_))) {
            }
        }
    });
    assert!(seen.await.is_ok(), "{:#?}", node.activity().await);
}

/// An owner with a stored file and a download of it that something is in the way of.
async fn blocked_download(seed: u64) -> (Scene, u64) {
    let scene = Scene::new(seed, 7).await;
    scene.put(&[&scene.write("doc", b"stored")]).await.unwrap();
    let target = scene.write("in the way", b"mine");
    let id = scene.queue_get(get("doc", &target)).await.unwrap();
    until(&scene.owner, all_ended).await;
    (scene, id)
}

#[tokio::test(start_paused = true)]
async fn a_failed_transfer_needs_the_person_until_it_is_tried_again() {
    let (mut scene, id) = blocked_download(800).await;
    let failed = entries(&scene.owner, ActivityKind::TransferFailed).await;
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert_eq!((failed[0].level, failed[0].resolved, failed[0].times), (ActivityLevel::Action, false, None));
    assert_eq!(
        (failed[0].title.as_str(), failed[0].opens.as_deref()),
        ("“doc” was not downloaded", Some("/transfers"))
    );
    assert!(failed[0].text.contains("Nothing was replaced"), "{failed:#?}");
    assert_eq!(scene.owner.transfer_target(id).await.unwrap_err().code, ErrorCode::InvalidRequest);
    // It is there after a restart, and once.
    let Scene { network, owner, .. } = &mut scene;
    network.kill(owner).await;
    network.revive(owner).await;
    assert_eq!(entries(&scene.owner, ActivityKind::TransferFailed).await, failed);
    scene.owner.transfer_retry(Some(id)).await.unwrap();
    let again = until(&scene.owner, |report| report.transfers[0].state == TransferState::Failed).await;
    assert_eq!(again.transfers.len(), 1);
    let twice = entries(&scene.owner, ActivityKind::TransferFailed).await;
    assert_eq!(twice.iter().map(|entry| entry.resolved).collect::<Vec<_>>(), [false, true], "{twice:#?}");
    std::fs::remove_file(scene.path("in the way")).unwrap();
    scene.owner.transfer_retry(None).await.unwrap();
    all_done(&scene.owner).await;
    assert!(entries(&scene.owner, ActivityKind::TransferFailed).await.iter().all(|entry| entry.resolved));
    let done = entries(&scene.owner, ActivityKind::DownloadDone).await;
    assert_eq!((done.len(), done[0].level, done[0].resolved), (1, ActivityLevel::Info, true));
    assert_eq!(scene.owner.transfer_target(id).await.unwrap(), scene.path("in the way"));
    std::fs::remove_file(scene.path("in the way")).unwrap();
    assert_eq!(scene.owner.transfer_target(id).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(scene.owner.transfer_target(99).await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test(start_paused = true)]
async fn what_the_person_has_seen_to_does_not_come_back() {
    let (mut scene, id) = blocked_download(801).await;
    let failed = entries(&scene.owner, ActivityKind::TransferFailed).await;
    scene.owner.activity_clear().await.unwrap();
    assert_eq!(entries(&scene.owner, ActivityKind::TransferFailed).await, failed, "an open one stays");
    scene.owner.activity_resolve(failed[0].id).await.unwrap();
    scene.owner.activity_clear().await.unwrap();
    let Scene { network, owner, .. } = &mut scene;
    network.kill(owner).await;
    network.revive(owner).await;
    scene.owner.transfer_pause(Some(id)).await.unwrap();
    assert_eq!(scene.owner.activity().await.unwrap().entries, []);
    assert_eq!(scene.owner.activity_resolve(failed[0].id).await.unwrap_err().code, ErrorCode::NotFound);
    // A cancelled one is seen to as well.
    let target = scene.path("in the way");
    let second = scene.queue_get(get("doc", &target)).await.unwrap();
    until_entries(&scene.owner, ActivityKind::TransferFailed, |found| found.len() == 1).await;
    scene.owner.transfer_cancel(Some(second)).await.unwrap();
    assert!(entries(&scene.owner, ActivityKind::TransferFailed).await[0].resolved);
}

#[tokio::test(start_paused = true)]
async fn only_a_long_upload_is_news_and_what_was_left_out_always_is() {
    let scene = slow_scene(802).await;
    let quick = scene.write("quick", b"quick");
    scene.owner.enqueue_put(request(&[&quick])).await.unwrap();
    all_done(&scene.owner).await;
    assert_eq!(scene.owner.activity().await.unwrap().entries, []);
    scene.write("docs/a", &noise(802, MIB));
    put_slowly(&scene).await;
    let done = entries(&scene.owner, ActivityKind::UploadDone).await;
    assert_eq!((done.len(), done[0].title.as_str()), (1, "“docs” is uploaded"));
    assert_eq!(entries(&scene.owner, ActivityKind::UploadIncomplete).await, []);
    let _socket = UnixListener::bind(scene.path("docs/socket")).unwrap();
    put_slowly(&scene).await;
    assert_eq!(
        entries(&scene.owner, ActivityKind::UploadDone).await,
        done,
        "what is not whole is not called safe"
    );
    let incomplete = entries(&scene.owner, ActivityKind::UploadIncomplete).await;
    assert_eq!((incomplete.len(), incomplete[0].level), (1, ActivityLevel::Warning));
    assert!(incomplete[0].text.contains("1 item was not stored") && incomplete[0].text.contains("socket"));
    assert!(!incomplete[0].resolved);
}

/// Uploads the directory `docs`, waiting for so long that its end is news.
async fn put_slowly(scene: &Scene) {
    scene.owner.transfer_pause(None).await.unwrap();
    scene.owner.enqueue_put(request(&[&scene.path("docs")])).await.unwrap();
    sleep(Duration::from_mins(3)).await;
    scene.owner.transfer_resume(None).await.unwrap();
    all_done(&scene.owner).await;
}

#[tokio::test(start_paused = true)]
async fn too_few_hosts_are_one_entry_however_often_it_is_tried() {
    let mut scene = Scene::new(803, 7).await;
    for index in 0..7 {
        scene.kill(index).await;
    }
    for name in ["a", "b"] {
        let path = scene.write(name, &noise(803, MIB));
        scene.owner.enqueue_put(request(&[&path])).await.unwrap();
    }
    sleep(Duration::from_hours(1)).await;
    let waits = entries(&scene.owner, ActivityKind::TooFewHosts).await;
    assert_eq!((waits.len(), waits[0].resolved), (1, false), "{waits:#?}");
    let looking = |worker: &layr_node::api::Worker| worker.name == "Looking for hosts";
    let worker = scene.owner.activity().await.unwrap().workers.into_iter().find(looking).unwrap();
    assert_eq!(
        (worker.state, worker.last_error.as_deref()),
        (WorkerState::Failed, Some("No host has answered."))
    );
    // Nobody answers at all.
    let away = entries(&scene.owner, ActivityKind::NetworkAway).await;
    assert_eq!(
        (away.len(), away[0].level, away[0].resolved),
        (1, ActivityLevel::Warning, false),
        "{away:#?}"
    );
    let Scene { network, hosts, owner, .. } = &mut scene;
    for host in hosts {
        network.revive(host).await;
    }
    all_done(owner).await;
    for kind in [ActivityKind::TooFewHosts, ActivityKind::NetworkAway] {
        until_entries(owner, kind, |found| found.len() == 1 && found[0].resolved).await;
    }
    let workers = owner.activity().await.unwrap().workers;
    assert!(workers.iter().all(|worker| worker.last_error.is_none()), "{workers:#?}");
    assert_eq!(workers.len(), 16);
}

#[tokio::test(start_paused = true)]
async fn files_in_danger_are_told_until_they_are_safe_again() {
    use ActivityKind::{FilesAtRisk, FilesSafeAgain};

    let mut scene = Scene::new(807, 12).await;
    for (seed, name) in [(807, "doc"), (808, "other")] {
        let path = scene.write(name, &noise(seed, MIB));
        scene.put(&[&path]).await.unwrap();
    }
    sleep(Duration::from_mins(2)).await;
    assert_eq!(scene.owner.activity().await.unwrap().entries, []);
    check_without(&scene, 8, &[]).await;
    assert_open(&scene, Some("2 files are at risk"), None).await;
    let told = entries(&scene.owner, FilesAtRisk).await;
    // After a restart it is the same entry, of which nobody is told again.
    restart(&mut scene).await;
    assert_eq!(entries(&scene.owner, FilesAtRisk).await, told);
    // What the person has seen to is not told again while it lasts, not after a restart either.
    scene.owner.activity_resolve(told[0].id).await.unwrap();
    restart(&mut scene).await;
    check_without(&scene, 8, &[]).await;
    assert_open(&scene, None, None).await;
    let at_risk = entries(&scene.owner, FilesAtRisk).await;
    assert_eq!((at_risk.len(), at_risk[0].times), (1, None), "{at_risk:#?}");
    // Another sort of danger is another entry.
    check_without(&scene, 9, &[]).await;
    assert_open(&scene, None, Some("2 files cannot be brought back now")).await;
    assert_eq!(entries(&scene.owner, FilesSafeAgain).await, [], "two files are lost");
    // That it has passed is told once, and what comes after that is another danger.
    check_without(&scene, 0, &[]).await;
    assert_open(&scene, None, None).await;
    let safe_again = entries(&scene.owner, FilesSafeAgain).await;
    assert_eq!((safe_again.len(), safe_again[0].title.as_str()), (1, "No file is at risk any more"));
    restart(&mut scene).await;
    assert_eq!(entries(&scene.owner, FilesSafeAgain).await, safe_again);
    check_without(&scene, 8, &[]).await;
    assert_open(&scene, Some("2 files are at risk"), None).await;
    assert_eq!(entries(&scene.owner, FilesAtRisk).await.len(), 2);
}

/// Checks these files, all where there are none, while so many hosts are away, and gives the node time to look at the outcome.
async fn check_without(scene: &Scene, away: usize, names: &[&str]) {
    for (index, host) in scene.hosts.iter().enumerate() {
        let net = scene.network.net();
        if index < away { net.fail(host.peer(), Failure::Dead) } else { net.heal(host.peer()) }
    }
    let operation = scene.owner.operation(OperationKind::Verify, "test");
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    scene.owner.verify(names, false, &operation).await.unwrap();
    drop(operation);
    sleep(Duration::from_mins(2)).await;
}

/// Starts the owner anew and gives it time to look at its files.
async fn restart(scene: &mut Scene) {
    let Scene { network, owner, .. } = scene;
    network.kill(owner).await;
    network.revive(owner).await;
    sleep(Duration::from_mins(2)).await;
}

/// What is open about files at risk and about lost ones.
async fn assert_open(scene: &Scene, at_risk: Option<&str>, lost: Option<&str>) {
    for (kind, title) in [(ActivityKind::FilesAtRisk, at_risk), (ActivityKind::FilesLost, lost)] {
        let found = entries(&scene.owner, kind).await;
        let open: Vec<_> =
            found.iter().filter(|entry| !entry.resolved).map(|entry| entry.title.as_str()).collect();
        assert_eq!(open, title.into_iter().collect::<Vec<_>>(), "{found:#?}");
    }
}
