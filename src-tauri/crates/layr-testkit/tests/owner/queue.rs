//! The queue of transfers: what a person decides happens, and nothing is lost or sent twice.

use std::path::Path;
use std::time::Duration;

use layr_keys::atomic::Existing;
use layr_node::api::{GetRequest, Transfer, TransferState, TransfersReport};
use layr_node::error::{ErrorCode, Retry};
use layr_node::node::{Node, NodeEvent};
use layr_testkit::Failure;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout};

use crate::scene::{MIB, Scene, noise, request, tree};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_hours(2);

/// Waits, woken by the queue's own events, until it looks like this.
pub async fn until(node: &Node, what: impl Fn(&TransfersReport) -> bool) -> TransfersReport {
    let mut events = node.events();
    let mut last = TransfersReport::default();
    let seen = timeout(LONG, async {
        loop {
            last = node.transfers().await.unwrap();
            if what(&last) {
                return;
            }
            assert!(!matches!(events.recv().await, Err(RecvError::Closed)));
        }
    });
    assert!(seen.await.is_ok(), "{last:#?}");
    last
}

pub fn states(report: &TransfersReport) -> Vec<TransferState> {
    report.transfers.iter().map(|transfer| transfer.state).collect()
}

pub fn all_ended(report: &TransfersReport) -> bool {
    use TransferState::{Cancelled, Done, Failed};
    report.transfers.iter().all(|transfer| match transfer.state {
        Cancelled => transfer.finished.is_some(),
        state => matches!(state, Done | Failed),
    })
}

/// Until everything ended; then all of it must be done.
pub async fn all_done(node: &Node) {
    let report = until(node, all_ended).await;
    let done = report.transfers.iter().all(|transfer| transfer.state == TransferState::Done);
    assert!(done, "{report:#?}");
}

/// A network whose hosts receive slowly, so that there is time to interfere.
pub async fn slow_scene(seed: u64) -> Scene {
    let scene = Scene::new(seed, 7).await;
    scene.network.net().set_latency(Duration::from_millis(10));
    for host in &scene.hosts {
        scene.network.net().set_bandwidth(host.peer(), Some(1_000_000), Some(500_000));
    }
    scene
}

pub fn get(name: &str, output: &Path) -> GetRequest {
    GetRequest { name: name.to_owned(), output: output.to_owned(), range: None, version: None }
}

/// The only transfer.
fn only(report: &TransfersReport) -> &Transfer {
    assert_eq!(report.transfers.len(), 1);
    &report.transfers[0]
}

#[tokio::test(start_paused = true)]
async fn a_paused_upload_resumes_without_sending_twice_what_was_acknowledged() {
    let scene = slow_scene(400).await;
    let big = scene.write("big", &noise(400, 40 * MIB));
    let id = scene.owner.enqueue_put(request(&[&big])).await.unwrap();
    until(&scene.owner, |report| only(report).done_bytes > 28 * MIB as u64).await;
    scene.owner.transfer_pause(Some(id)).await.unwrap();
    let paused = until(&scene.owner, |report| only(report).state == TransferState::Paused).await;
    assert!(only(&paused).reason.is_some() && only(&paused).rate_bytes_per_s.is_none());
    while !scene.owner.status().await.unwrap().transfers.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // A paused one stays paused.
    tokio::time::sleep(Duration::from_mins(30)).await;
    let (kept, sent_before) =
        (scene.stored_bytes().await, scene.network.net().sent_bytes(scene.owner.peer()));
    assert!(kept > 0, "nothing was acknowledged before the pause");
    assert_eq!(states(&scene.owner.transfers().await.unwrap()), [TransferState::Paused]);
    scene.owner.transfer_resume(Some(id)).await.unwrap();
    all_done(&scene.owner).await;
    let report = scene.owner.transfers().await.unwrap();
    assert_eq!((only(&report).done_bytes, only(&report).done_files), (40 * MIB as u64, 1));
    assert_eq!(only(&report).folder.as_deref(), Some("/"));
    let (stored, sent) =
        (scene.stored_bytes().await, scene.network.net().sent_bytes(scene.owner.peer()) - sent_before);
    assert!(sent <= (stored - kept) * 102 / 100, "{sent} bytes for {stored} - {kept}");
    scene.get("big", &scene.path("back")).await.unwrap();
    assert_eq!(std::fs::read(scene.path("back")).unwrap(), noise(400, 40 * MIB));
}

#[tokio::test(start_paused = true)]
async fn a_stop_parks_in_time_and_a_restart_goes_on_with_all_but_the_paused() {
    use TransferState::{Done, Paused, Running, Waiting};
    let mut scene = slow_scene(401).await;
    let mut ids = Vec::new();
    for index in 0..3 {
        let path = scene.write(&format!("file {index}"), &noise(401 + index, 6 * MIB));
        ids.push(scene.owner.enqueue_put(request(&[&path])).await.unwrap());
    }
    scene.owner.transfer_pause(Some(ids[2])).await.unwrap();
    until(&scene.owner, |report| report.transfers[0].done_bytes > 0).await;
    assert_eq!(states(&scene.owner.transfers().await.unwrap()), [Running, Waiting, Paused]);
    let began = Instant::now();
    scene.owner.stop().await;
    // It parks; it is not merely left alone after the two seconds that a stop waits for tasks.
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let Scene { network, owner, .. } = &mut scene;
    network.kill(owner).await;
    network.revive(owner).await;
    let report = until(&scene.owner, |report| states(report)[..2] == [Done, Done]).await;
    assert_eq!(states(&report), [Done, Done, Paused]);
    assert!(scene.owner.ls(None, true, false).await.unwrap().files.iter().all(|file| file.name != "/file 2"));
    scene.owner.transfer_resume(None).await.unwrap();
    all_done(&scene.owner).await;
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_by_itself_is_tried_again_with_growing_rests() {
    let scene = slow_scene(402).await;
    for host in &scene.hosts {
        scene.network.net().fail(host.peer(), Failure::Dead);
    }
    let path = scene.write("a", &noise(402, MIB));
    let mut events = scene.owner.events();
    scene.owner.enqueue_put(request(&[&path])).await.unwrap();
    let report = until(&scene.owner, |report| only(report).code.is_some()).await;
    let transfer = only(&report);
    assert_eq!((transfer.state, transfer.code), (TransferState::Waiting, Some(ErrorCode::NotEnoughHosts)));
    assert_eq!(transfer.retry, Some(Retry::Automatic));
    assert!(transfer.reason.is_some());
    // Both are written so that their order is that of their text.
    assert!(transfer.next_try.as_ref().is_some_and(|moment| *moment > transfer.added), "{transfer:?}");
    let mut runs = Vec::new();
    let began = Instant::now();
    let _ = timeout(Duration::from_mins(40), async {
        loop {
            if let Ok(NodeEvent::TransferStarted { .. }) = events.recv().await {
                runs.push(began.elapsed());
            }
        }
    })
    .await;
    // 5, 10, 20 … 300 seconds and then every five minutes.
    assert!((10..=16).contains(&runs.len()), "{runs:?}");
    for host in &scene.hosts {
        scene.network.net().heal(host.peer());
    }
    let healed = Instant::now();
    all_done(&scene.owner).await;
    assert!(healed.elapsed() < Duration::from_mins(7), "{:?}", healed.elapsed());
    assert!(only(&scene.owner.transfers().await.unwrap()).code.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_needs_the_person_fails_with_its_reason_until_it_is_retried() {
    let scene = slow_scene(403).await;
    let path = scene.write("a", &noise(403, MIB));
    scene.owner.transfer_pause(None).await.unwrap();
    let id = scene.owner.enqueue_put(request(&[&path])).await.unwrap();
    let report = scene.owner.transfers().await.unwrap();
    assert_eq!((report.paused_all, only(&report).state), (true, TransferState::Paused));
    std::fs::rename(&path, scene.path("elsewhere")).unwrap();
    scene.owner.transfer_resume(None).await.unwrap();
    let report = until(&scene.owner, all_ended).await;
    let failed = only(&report);
    assert_eq!((failed.state, failed.code), (TransferState::Failed, Some(ErrorCode::NotFound)));
    assert!(failed.reason.as_ref().unwrap().contains("does not exist") && failed.finished.is_some());
    // It does not try again by itself, nor go with what is cleared.
    tokio::time::sleep(Duration::from_hours(1)).await;
    scene.owner.transfers_clear().await.unwrap();
    assert_eq!(states(&scene.owner.transfers().await.unwrap()), [TransferState::Failed]);
    std::fs::rename(scene.path("elsewhere"), &path).unwrap();
    scene.owner.transfer_retry(Some(id)).await.unwrap();
    all_done(&scene.owner).await;
    scene.owner.transfers_clear().await.unwrap();
    assert!(scene.owner.transfers().await.unwrap().transfers.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_transfer_leaves_nothing_behind() {
    let scene = slow_scene(404).await;
    let kept = scene.write("kept", &noise(404, 6 * MIB));
    scene.put(&[&kept]).await.unwrap();
    let kept_bytes = scene.stored_bytes().await;
    let big = scene.write("big", &noise(405, 12 * MIB));
    let upload = scene.owner.enqueue_put(request(&[&big])).await.unwrap();
    let download = scene.queue_get(get("kept", &scene.path("back"))).await.unwrap();
    let moves = |transfer: &Transfer| transfer.done_bytes > 100_000;
    until(&scene.owner, |report| report.transfers.iter().all(moves)).await;
    assert_eq!(scene.temporaries().len(), 1);
    for id in [upload, download] {
        scene.owner.transfer_cancel(Some(id)).await.unwrap();
    }
    let report = until(&scene.owner, all_ended).await;
    assert_eq!(states(&report), [TransferState::Cancelled; 2]);
    assert!(!scene.path("back").exists() && scene.temporaries().is_empty());
    // Hosts drop what they have of it, and no later upload takes it up again.
    let other = scene.write("other", &noise(406, MIB));
    scene.put(&[&other]).await.unwrap();
    scene.network.clock().jump(600);
    tokio::time::sleep(Duration::from_hours(3)).await;
    let others = 3 * MIB as u64 * 130 / 100;
    let stored = scene.stored_bytes().await;
    assert!(stored <= kept_bytes + others, "{stored} bytes for {kept_bytes}");
    scene.owner.transfers_clear().await.unwrap();
    assert!(scene.owner.transfers().await.unwrap().transfers.is_empty());
    // Also one that never ran.
    scene.owner.transfer_pause(None).await.unwrap();
    let id = scene.owner.enqueue_put(request(&[&big])).await.unwrap();
    scene.owner.transfer_cancel(Some(id)).await.unwrap();
    assert_eq!(states(&scene.owner.transfers().await.unwrap()), [TransferState::Cancelled]);
}

#[tokio::test(start_paused = true)]
async fn a_download_replaces_nothing_and_says_what_is_in_the_way() {
    let scene = slow_scene(407).await;
    scene.write("docs/a", b"stored");
    scene.put(&[&scene.path("docs")]).await.unwrap();
    scene.write("out/docs/mine", b"kept");
    scene.write("out/a", b"kept too");
    scene.write("soon gone/x", b"");
    scene.owner.transfer_pause(None).await.unwrap();
    for (name, output) in
        [("docs", "out"), ("docs/a", "out"), ("docs/a", "soon gone"), ("docs", "fresh"), ("/", "out")]
    {
        scene.queue_get(get(name, &scene.path(output))).await.unwrap();
    }
    std::fs::remove_dir_all(scene.path("soon gone")).unwrap();
    scene.owner.transfer_resume(None).await.unwrap();
    let report = until(&scene.owner, all_ended).await;
    let codes: Vec<_> = report.transfers.iter().map(|transfer| transfer.code).collect();
    let (conflict, gone) = (Some(ErrorCode::Conflict), Some(ErrorCode::NotFound));
    assert_eq!(codes, [conflict, conflict, gone, None, None], "{report:#?}");
    assert!(report.transfers[0].reason.as_ref().unwrap().contains("Nothing was replaced"), "{report:#?}");
    assert!(!scene.path("out/docs/a").exists() && !scene.path("soon gone").exists());
    assert_eq!(std::fs::read(scene.path("out/docs/mine")).unwrap(), b"kept");
    assert_eq!(std::fs::read(scene.path("out/a")).unwrap(), b"kept too");
    assert_eq!(tree(&scene.path("fresh")), tree(&scene.path("docs")));
    assert_eq!(tree(&scene.path("out/Layr library/docs")), tree(&scene.path("docs")));
    // What is in the way may also come while it runs.
    scene.write("big/b", &noise(407, 3 * MIB));
    scene.put(&[&scene.path("big")]).await.unwrap();
    for (position, name, late) in [(5, "big/b", "late"), (6, "big", "late tree/mine")] {
        let target = scene.path(late.split('/').next().unwrap());
        scene.queue_get(get(name, &target)).await.unwrap();
        until(&scene.owner, |report| report.transfers[position].done_bytes > 0).await;
        scene.write(late, b"came meanwhile");
        let report = until(&scene.owner, all_ended).await;
        assert_eq!(report.transfers[position].code, conflict, "{name}");
        assert_eq!(std::fs::read(scene.path(late)).unwrap(), b"came meanwhile");
        assert!(!target.join("b").exists());
    }
    assert!(scene.temporaries().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_file_that_the_person_was_asked_about_gives_way_and_nothing_else_does() {
    let scene = Scene::new(408, 12).await;
    scene.write("docs/a", b"stored");
    scene.put(&[&scene.path("docs")]).await.unwrap();
    scene.owner.transfer_pause(None).await.unwrap();
    let targets = ["old", "changed", "gone", "file", "another", "edited"];
    for target in targets {
        let name = if target == "file" { "docs" } else { "docs/a" };
        scene.write(target, b"old");
        let request = get(name, &scene.path(target));
        scene.owner.enqueue_get_over(request, Existing::GivesWay).await.unwrap();
    }
    std::fs::remove_file(scene.path("changed")).unwrap();
    scene.write("changed/mine", b"kept");
    std::fs::remove_file(scene.path("gone")).unwrap();
    // The yes was to another file of the name, or to other content.
    scene.write("new", b"new");
    std::fs::rename(scene.path("new"), scene.path("another")).unwrap();
    scene.write("edited", b"newer");
    scene.owner.transfer_resume(None).await.unwrap();
    let report = until(&scene.owner, all_ended).await;
    let codes: Vec<_> = report.transfers.iter().map(|transfer| transfer.code).collect();
    let conflict = Some(ErrorCode::Conflict);
    assert_eq!(codes, [None, conflict, None, conflict, conflict, conflict], "{report:#?}");
    assert!(report.transfers[4].reason.as_ref().unwrap().contains("since you agreed"), "{report:#?}");
    let contents = [
        ("old", "stored"),
        ("changed/mine", "kept"),
        ("gone", "stored"),
        ("file", "old"),
        ("another", "new"),
        ("edited", "newer"),
    ];
    for (file, content) in contents {
        assert_eq!(std::fs::read_to_string(scene.path(file)).unwrap(), content, "{file}");
    }
}

#[tokio::test(start_paused = true)]
async fn equal_names_from_several_directories_get_targets_of_their_own() {
    let scene = Scene::new(407, 12).await;
    let mut ids = Vec::new();
    for (index, name) in
        ["a/report.pdf", "b/report.pdf", "c/report.pdf", "d/report (2).pdf"].iter().enumerate()
    {
        scene.write(name, name.as_bytes());
        scene.put(&[&scene.path(&name[..1])]).await.unwrap();
        ids.push(format!("/{name}"));
        assert_eq!(index + 1, ids.len());
    }
    let into = scene.path("into");
    std::fs::create_dir(&into).unwrap();
    scene.owner.enqueue_gets(ids.iter().map(|name| get(name, &into)).collect()).await.unwrap();
    all_done(&scene.owner).await;
    for (file, content) in [
        ("report.pdf", "a/report.pdf"),
        ("report (3).pdf", "b/report.pdf"),
        ("report (4).pdf", "c/report.pdf"),
        // What has this name of its own keeps it.
        ("report (2).pdf", "d/report (2).pdf"),
    ] {
        assert_eq!(std::fs::read_to_string(into.join(file)).unwrap(), content, "{file}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_hears_of_movement_at_most_ten_times_a_second_and_sees_how_fast() {
    let scene = slow_scene(408).await;
    let big = scene.write("big", &noise(408, 20 * MIB));
    let mut events = scene.owner.events();
    let began = Instant::now();
    scene.owner.enqueue_put(request(&[&big])).await.unwrap();
    let (mut announced, mut rates) = (0_u32, Vec::new());
    loop {
        let event = timeout(LONG, events.recv()).await.unwrap().unwrap();
        if event != NodeEvent::TransfersChanged {
            continue;
        }
        announced += 1;
        let report = scene.owner.transfers().await.unwrap();
        let transfer = only(&report);
        if transfer.rate_bytes_per_s.is_some() {
            assert_eq!(transfer.state, TransferState::Running);
            assert!(began.elapsed() >= Duration::from_secs(3));
            rates.push((transfer.rate_bytes_per_s, transfer.eta_s));
        }
        if transfer.state == TransferState::Done {
            break;
        }
    }
    let most = began.elapsed().as_millis() / 100 + 2;
    assert!(u128::from(announced) <= most && announced > 20, "{announced} in {:?}", began.elapsed());
    assert!(rates.iter().any(|(rate, eta)| rate.is_some() && eta.is_some()), "{rates:?}");
    // However often something changes.
    let began = Instant::now();
    for _ in 0..100 {
        scene.owner.transfer_pause(None).await.unwrap();
        scene.owner.transfer_resume(None).await.unwrap();
    }
    let mut announced = 0;
    while let Ok(event) = timeout(Duration::from_secs(1), events.recv()).await {
        announced += u128::from(event.unwrap() == NodeEvent::TransfersChanged);
    }
    assert!(
        (1..=began.elapsed().as_millis() / 100 + 2).contains(&announced),
        "{announced} in {:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_sense_is_refused_before_it_is_queued() {
    let scene = slow_scene(409).await;
    let path = scene.write("a", b"a");
    let put = |change: &dyn Fn(&mut layr_node::api::PutRequest)| {
        let mut asked = request(&[&path]);
        change(&mut asked);
        scene.owner.enqueue_put(asked)
    };
    for (asked, code) in [
        (put(&|asked| asked.paths.clear()).await, ErrorCode::InvalidRequest),
        (put(&|asked| asked.paths = vec!["a".into()]).await, ErrorCode::InvalidRequest),
        (put(&|asked| asked.paths = vec!["/a".into(); 10_001]).await, ErrorCode::InvalidRequest),
        (put(&|asked| asked.dry_run = true).await, ErrorCode::InvalidRequest),
        (put(&|asked| asked.redundancy = Some((3, 2))).await, ErrorCode::InvalidRequest),
        (put(&|asked| asked.paths = vec![scene.path("none")]).await, ErrorCode::NotFound),
        (scene.queue_get(get("nothing", &scene.path("out"))).await, ErrorCode::NotFound),
        (scene.queue_get(get("a", Path::new("out"))).await, ErrorCode::InvalidRequest),
    ] {
        assert_eq!(asked.unwrap_err().code, code);
    }
    for answer in [
        scene.owner.transfer_pause(Some(7)).await,
        scene.owner.transfer_resume(Some(7)).await,
        scene.owner.transfer_retry(Some(7)).await,
        scene.owner.transfer_cancel(Some(7)).await,
    ] {
        assert_eq!(answer.unwrap_err().code, ErrorCode::NotFound);
    }
    assert!(scene.owner.transfers().await.unwrap().transfers.is_empty());
}
