//! Checking what is stored, and letting go of it.

use std::collections::BTreeSet;
use std::time::Duration;

use layr_node::api::{CheckReport, CheckResult, Health, HealthState, PutRequest, ShardState};
use layr_node::host::{MAX_STREAMS, MAX_STREAMS_PER_PEER};
use layr_node::net::Route;
use layr_node::operation::OperationKind;
use layr_testkit::Lie;
use tokio::time::sleep;

use crate::scene::{MIB, Scene, noise, request};

async fn verify(scene: &Scene, names: &[&str], quick: bool) -> CheckReport {
    let operation = scene.owner.operation(OperationKind::Verify, "test");
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    scene.owner.verify(names, quick, &operation).await.unwrap()
}

fn of(report: &CheckReport, result: CheckResult) -> usize {
    report.shards.iter().filter(|shard| shard.result == result).count()
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_loss_is_told_apart_and_recorded() {
    let mut scene = Scene::new(200, 12).await;
    let path = scene.write("big", &noise(200, 3 * MIB));
    scene.put(&[&path]).await.unwrap();
    let report = verify(&scene, &["big"], false).await;
    assert_eq!((report.passed, report.failed, report.unreachable), (12, 0, 0), "{report:?}");
    assert!(report.bytes_received >= 9 * MIB as u64);

    scene.network.lie(&scene.hosts[0], Lie::WrongBytes);
    scene.network.lie(&scene.hosts[1], Lie::Denies);
    scene.network.lie(&scene.hosts[2], Lie::Truncated);
    scene.kill(3).await;
    let report = verify(&scene, &[], false).await;
    let host = |index: usize| scene.hosts[index].peer().to_string();
    let result = |index: usize| report.shards.iter().find(|shard| shard.host == host(index)).unwrap().result;
    assert_eq!(result(0), CheckResult::Corrupt);
    assert_eq!(result(1), CheckResult::Missing);
    assert_eq!(result(2), CheckResult::Corrupt);
    assert_eq!(result(3), CheckResult::Unreachable);
    assert_eq!((report.passed, report.failed, report.unreachable), (8, 3, 1));
    let info = scene.owner.info("big").await.unwrap();
    assert_eq!(info.file.health.unwrap().alive, 8);
    let bad = info.segments[0].shards.iter().filter(|shard| shard.state != ShardState::Healthy).count();
    assert_eq!(bad, 4);
}

#[tokio::test(start_paused = true)]
async fn a_check_of_many_segments_asks_for_each_shard_once_and_may_tell_the_numbers_only() {
    let scene = Scene::new(206, 4).await;
    // More than one step of the walk; the second file of each pair has the same segment.
    for number in 0..70 {
        let content = noise(300 + number, 1000);
        for name in ["a", "b"] {
            let path = scene.write(&format!("{name}{number}"), &content);
            scene.put_with(PutRequest { redundancy: Some((2, 4)), ..request(&[&path]) }).await.unwrap();
        }
    }
    let report = verify(&scene, &[], false).await;
    let shards: BTreeSet<(&str, u32)> =
        report.shards.iter().map(|shard| (shard.segment.as_str(), shard.index)).collect();
    assert_eq!((shards.len(), report.shards.len(), report.passed), (280, 280, 280));
    let plan = scene.owner.verify_plan(Vec::new()).await.unwrap();
    assert_eq!((plan.quick.shards, plan.thorough.shards), (140, 280));
    let operation = scene.owner.operation(OperationKind::Verify, "test");
    let counts = scene.owner.verify_counts(Vec::new(), false, &operation).await.unwrap();
    assert_eq!((counts.passed, counts.bytes_received), (280, report.bytes_received));
    assert!(counts.shards.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_file_at_risk_is_seen_beside_a_whole_one_that_may_lose_fewer_shards() {
    let mut scene = Scene::new(204, 20).await;
    for (name, seed, redundancy) in [("whole", 204, (1, 3)), ("weak", 205, (5, 20))] {
        let path = scene.write(name, &noise(seed, MIB));
        scene.put_with(PutRequest { redundancy: Some(redundancy), ..request(&[&path]) }).await.unwrap();
    }
    let kept: BTreeSet<usize> = scene.shards("whole").await.into_values().collect();
    let others: Vec<usize> = (0..20).filter(|host| !kept.contains(host)).collect();
    for host in &others[..12] {
        scene.kill(*host).await;
    }
    verify(&scene, &[], false).await;
    let (whole, weak) = (
        Health { alive: 3, needed: 1, total: 3, state: HealthState::Safe },
        Health { alive: 8, needed: 5, total: 20, state: HealthState::AtRisk },
    );
    for (name, health) in [("whole", whole), ("weak", weak)] {
        let info = scene.owner.info(name).await.unwrap();
        assert_eq!((info.file.health, info.segments[0].health), (Some(health), health));
    }
    assert_eq!(scene.owner.status().await.unwrap().health, Some(weak));
}

#[tokio::test(start_paused = true)]
async fn a_quick_check_takes_as_many_as_suffice() {
    let scene = Scene::new(201, 12).await;
    let path = scene.write("big", &noise(201, 3 * MIB));
    scene.put(&[&path]).await.unwrap();
    let report = verify(&scene, &["big"], true).await;
    assert_eq!((report.shards.len(), of(&report, CheckResult::Passed)), (4, 4));
}

#[tokio::test(start_paused = true)]
async fn a_plan_tells_what_a_check_reads_and_asks_nobody() {
    let scene = Scene::new(207, 12).await;
    let path = scene.write("big", &noise(207, 3 * MIB));
    scene.put(&[&path]).await.unwrap();
    let before = scene.network.net().sent_bytes(scene.owner.peer());
    let plan = scene.owner.verify_plan(vec!["big".to_owned()]).await.unwrap();
    assert_eq!(scene.network.net().sent_bytes(scene.owner.peer()), before);
    for (size, quick) in [(plan.quick, true), (plan.thorough, false)] {
        let report = verify(&scene, &["big"], quick).await;
        assert_eq!((size.shards, size.bytes), (report.passed, report.bytes_received), "{quick}");
    }
    assert!(plan.quick.bytes < plan.thorough.bytes);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_is_stopped_marks_what_it_found() {
    let scene = Scene::new(208, 12).await;
    let path = scene.write("big", &noise(208, 3 * MIB));
    scene.put(&[&path]).await.unwrap();
    for index in 0..4 {
        scene.network.lie(&scene.hosts[index], Lie::Denies);
    }
    for index in 4..12 {
        scene.network.net().set_bandwidth(scene.hosts[index].peer(), Some(1_000), None);
    }
    let operation = scene.owner.operation(OperationKind::Verify, "test");
    let (cancel, check) =
        (operation.cancel().clone(), scene.owner.verify(vec!["big".to_owned()], false, &operation));
    let stop = async {
        // Long enough for those who deny, and not for the slow ones.
        sleep(Duration::from_secs(5)).await;
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(check, stop);
    assert_eq!(outcome.unwrap_err().code, layr_node::error::ErrorCode::Interrupted);
    let info = scene.owner.info("big").await.unwrap();
    let missing = info.segments[0].shards.iter().filter(|shard| shard.state == ShardState::Missing).count();
    assert_eq!(missing, 4);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_busy_for_a_moment_is_asked_again_before_it_is_called_unreachable() {
    let mut scene = Scene::new(206, 3).await;
    let path = scene.write("big", &noise(206, MIB));
    scene.put(&[&path]).await.unwrap();
    // Others have all the places of one host, and say nothing.
    let mut held = Vec::new();
    for _ in 0..MAX_STREAMS / MAX_STREAMS_PER_PEER {
        let (_, attached) = scene.network.add_stranger();
        for _ in 0..MAX_STREAMS_PER_PEER {
            let open = attached.net.open(scene.hosts[0].peer(), &[], Route::Any, Duration::from_secs(5));
            held.push(open.await.unwrap());
            tokio::task::yield_now().await;
        }
    }
    let a_moment = async {
        sleep(Duration::from_secs(1)).await;
        drop(held);
    };
    let (report, ()) = tokio::join!(verify(&scene, &["big"], false), a_moment);
    assert_eq!((report.passed, report.unreachable), (3, 0), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_deleted_comes_back_from_the_trash() {
    let scene = Scene::new(202, 3).await;
    scene.write("docs/a", b"precious");
    scene.put(&[&scene.path("docs")]).await.unwrap();
    assert_eq!(scene.owner.rm(vec!["docs".to_owned()]).await.unwrap(), ["/docs"]);
    assert!(scene.owner.ls(None, true, false).await.unwrap().files.is_empty());
    let trash = scene.owner.trash().await.unwrap().files;
    assert_eq!(trash.len(), 1);
    let day = |moment: &Option<String>| moment.as_deref().unwrap()[..10].to_owned();
    assert_eq!(
        (day(&trash[0].deleted), day(&trash[0].expires)),
        ("2026-01-01".to_owned(), "2026-01-31".to_owned())
    );
    assert_eq!(scene.owner.restore("docs", None).await.unwrap(), "/docs");
    assert_eq!(scene.owner.mv("docs/a", "renamed").await.unwrap(), "/renamed");
    scene.get("renamed", &scene.path("back")).await.unwrap();
    assert_eq!(std::fs::read(scene.path("back")).unwrap(), b"precious");
    let error = scene.owner.rm(vec!["renamed".to_owned(), "nothing".to_owned()]).await.unwrap_err();
    assert_eq!(error.code, layr_node::error::ErrorCode::NotFound);
    assert!(scene.owner.info("renamed").await.is_ok(), "all or nothing");
}

#[tokio::test(start_paused = true)]
async fn what_is_named_twice_is_removed_once() {
    let scene = Scene::new(203, 3).await;
    scene.write("docs/sub/a", b"a");
    scene.write("docs more", b"b");
    scene.put(&[&scene.path("docs"), &scene.path("docs more")]).await.unwrap();
    let names = ["docs/sub/a", "docs", "/docs", "docs more", "docs/sub"].map(str::to_owned);
    assert_eq!(scene.owner.rm(names.to_vec()).await.unwrap(), ["/docs", "/docs more"]);
    assert_eq!(scene.owner.trash().await.unwrap().files.len(), 2);
}
