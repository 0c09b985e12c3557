//! Stopping anywhere, and going on.

use std::time::Duration;

use layr_node::api::PutRequest;
use layr_node::error::ErrorCode;
use layr_node::operation::OperationKind;
use layr_testkit::Lie;

use crate::scene::{MIB, Scene, noise, request, tree};

async fn slow_scene(seed: u64) -> Scene {
    let scene = Scene::new(seed, 12).await;
    scene.network.net().set_latency(Duration::from_millis(10));
    for host in &scene.hosts {
        scene.network.net().set_bandwidth(host.peer(), None, Some(2_000_000));
    }
    for index in 0..20 {
        scene.write(&format!("tree/{index}"), &noise(seed * 1000 + index, 50_000));
    }
    scene.write("tree/big", &noise(seed, 40 * MIB));
    scene
}

/// Crashes the owner after `after` and uploads again; returns the bytes on hosts.
async fn crash_and_repeat(seed: u64, after: Duration) -> (Scene, bool) {
    let mut scene = slow_scene(seed).await;
    let tree_path = scene.path("tree");
    let put = request(&[&tree_path]);
    let operation = scene.owner.operation(OperationKind::Put, "test");
    let finished = tokio::select! {
        outcome = scene.owner.put(put, &operation) => {
            outcome.unwrap();
            true
        }
        () = tokio::time::sleep(after) => false,
    };
    drop(operation);
    let Scene { network, owner, .. } = &mut scene;
    network.kill(owner).await;
    network.revive(owner).await;
    scene.put(&[&tree_path]).await.unwrap();
    (scene, finished)
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_instant_resumes_without_storing_twice() {
    let content = 40 * MIB as u64 + 20 * 50_000;
    let mut step = 0_u64;
    loop {
        let after = Duration::from_millis(step * 700);
        let (scene, finished) = crash_and_repeat(240 + step, after).await;
        let stored = scene.stored_bytes().await;
        // What a crash leaves reserved or half sent is given back; what was planned is finished, not planned anew.
        assert!(stored <= 3 * content * 102 / 100, "{stored} bytes for {content} after a crash at {after:?}");
        for host in &scene.hosts {
            assert_eq!(host.host_show().await.unwrap().reserved_bytes, 0, "after a crash at {after:?}");
        }
        scene.get("tree", &scene.path("back")).await.unwrap();
        assert_eq!(tree(&scene.path("back")), tree(&scene.path("tree")), "after a crash at {after:?}");
        if finished {
            break;
        }
        step += 1;
    }
    assert!(step > 5, "only {step} crashes");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_ignores_questions_holds_a_repeat_up_once() {
    let mut scene = slow_scene(303).await;
    let tree_path = scene.path("tree");
    let put = request(&[&tree_path]);
    let operation = scene.owner.operation(OperationKind::Put, "test");
    tokio::select! {
        _ = scene.owner.put(put, &operation) => panic!("too fast to be interrupted"),
        () = tokio::time::sleep(Duration::from_secs(2)) => {}
    }
    drop(operation);
    let Scene { network, owner, .. } = &mut scene;
    network.kill(owner).await;
    network.revive(owner).await;
    // Another one takes its place: what it ignores is asked for each segment that was under way.
    let extra = scene.network.add_host(crate::scene::GIB).await;
    scene.network.lie(&extra, Lie::IgnoresQuestions);
    let calls_before = scene.network.net().calls_to(extra.peer());
    scene.put(&[&tree_path]).await.unwrap();
    let calls = scene.network.net().calls_to(extra.peer()) - calls_before;
    assert!(calls <= 2, "{calls} calls: its offer and one question");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_changed_meanwhile_is_planned_anew() {
    let mut scene = slow_scene(300).await;
    let tree_path = scene.path("tree");
    let put = request(&[&tree_path]);
    let operation = scene.owner.operation(OperationKind::Put, "test");
    tokio::select! {
        _ = scene.owner.put(put, &operation) => panic!("too fast to be interrupted"),
        () = tokio::time::sleep(Duration::from_secs(3)) => {}
    }
    drop(operation);
    let Scene { network, owner, .. } = &mut scene;
    network.kill(owner).await;
    network.revive(owner).await;
    scene.write("tree/big", &noise(301, 30 * MIB));
    std::fs::remove_file(scene.path("tree/3")).unwrap();
    let report = scene.put(&[&tree_path]).await.unwrap();
    assert_eq!(report.files.len(), 20);
    scene.get("tree", &scene.path("back")).await.unwrap();
    assert_eq!(tree(&scene.path("back")), tree(&scene.path("tree")));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_upload_is_interrupted_and_a_repeat_finishes_it() {
    let scene = slow_scene(302).await;
    let tree_path = scene.path("tree");
    let operation = scene.owner.operation(OperationKind::Put, "test");
    let cancel = operation.cancel();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(4)).await;
        cancel.cancel();
    });
    let error = scene.owner.put(request(&[&tree_path]), &operation).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Interrupted);
    let report = scene.put(&[&tree_path]).await.unwrap();
    assert_eq!(report.files.len(), 21);
    let content = 40 * MIB as u64 + 20 * 50_000;
    let stored = scene.stored_bytes().await;
    assert!(stored <= 3 * content * 102 / 100, "{stored} bytes for {content}");
}

#[tokio::test(start_paused = true)]
async fn hosts_that_crash_while_they_receive_lose_nothing_that_they_acknowledged() {
    let mut scene = slow_scene(303).await;
    let tree_path = scene.path("tree");
    let put = request(&[&tree_path]);
    let operation = scene.owner.operation(OperationKind::Put, "test");
    let net = scene.network.net().clone();
    let victim = scene.hosts[4].peer();
    let outcome = {
        let put = scene.owner.put(put, &operation);
        let crash = async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            net.fail(victim, layr_testkit::Failure::Dead);
        };
        tokio::join!(put, crash).0
    };
    outcome.unwrap();
    let Scene { network, hosts, .. } = &mut scene;
    network.kill(&mut hosts[4]).await;
    network.revive(&mut hosts[4]).await;
    let operation = scene.owner.operation(OperationKind::Verify, "test");
    let report = scene.owner.verify(Vec::new(), false, &operation).await.unwrap();
    let bad = report
        .shards
        .iter()
        .filter(|shard| !shard.host.is_empty() && shard.result != layr_node::api::CheckResult::Passed);
    assert_eq!(bad.count(), 0, "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_begun_for_more_hosts_than_are_left_is_planned_anew() {
    let mut scene = slow_scene(304).await;
    let tree_path = scene.path("tree");
    interrupt(&mut scene, request(&[&tree_path])).await;
    let report = scene.put(&[&tree_path]).await.unwrap();
    assert!(report.files.iter().all(|file| (file.health.needed, file.health.total) == (2, 7)), "{report:?}");
    // The hosts drop what the abandoned segments left with them.
    for host in &scene.hosts[..5] {
        scene.network.net().heal(host.peer());
    }
    scene.network.clock().jump(600);
    tokio::time::sleep(Duration::from_hours(3)).await;
    let content = 40 * MIB as u64 + 20 * 50_000;
    let stored = scene.stored_bytes().await;
    assert!(stored * 2 <= 7 * content * 102 / 100, "{stored} bytes are left for {content}");
    scene.get("tree", &scene.path("back")).await.unwrap();
    assert_eq!(tree(&scene.path("back")), tree(&scene.path("tree")));
}

/// Begins an upload, stops its node on the way, and starts it again where five hosts are dead.
async fn interrupt(scene: &mut Scene, begun: PutRequest) {
    let operation = scene.owner.operation(OperationKind::Put, "test");
    tokio::select! {
        _ = scene.owner.put(begun, &operation) => panic!("too fast to be interrupted"),
        () = tokio::time::sleep(Duration::from_secs(3)) => {}
    }
    drop(operation);
    let Scene { network, owner, hosts, .. } = scene;
    network.kill(owner).await;
    network.revive(owner).await;
    for host in &hosts[..5] {
        network.net().fail(host.peer(), layr_testkit::Failure::Dead);
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_cannot_be_finished_holds_no_other_one_up() {
    let mut scene = slow_scene(305).await;
    let begun = PutRequest { redundancy: Some((4, 12)), ..request(&[&scene.path("tree")]) };
    interrupt(&mut scene, begun.clone()).await;
    let other = scene.write("other", &noise(306, 10_000));
    let report = scene.put_with(PutRequest { redundancy: Some((1, 3)), ..request(&[&other]) }).await.unwrap();
    assert_eq!((report.files.len(), report.skipped.len()), (1, 0), "{report:?}");
    // What relies on it is told why it cannot be stored, and nothing of it is lost.
    let error = scene.put_with(begun.clone()).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotEnoughHosts);
    for host in &scene.hosts[..5] {
        scene.network.net().heal(host.peer());
    }
    // Until hosts that did not answer are asked again.
    tokio::time::sleep(Duration::from_mins(10)).await;
    scene.put_with(begun).await.unwrap();
    scene.get("tree", &scene.path("back")).await.unwrap();
    assert_eq!(tree(&scene.path("back")), tree(&scene.path("tree")));
}
