//! The chance to lose a file, wherever files are listed.

use std::time::Duration;

use layr_node::api::{HealthState, PageRequest, PageState, PutRequest};
use layr_node::audit::Leaves;
use layr_node::operation::OperationKind;
use layr_testkit::{Failure, Lie};

use crate::scene::{GIB, MIB, Scene, noise, request};

async fn chance(scene: &Scene, name: &str) -> Option<f64> {
    scene.owner.info(name).await.unwrap().file.durability
}

/// 12 hosts, a file of one segment and one of some, each at three of them; an empty one, and a folder.
async fn scene() -> Scene {
    let scene = Scene::new(710, 12).await;
    let paths = [("one", 3 * MIB), ("some", 11 * MIB), ("empty", 0)]
        .map(|(name, bytes)| scene.write(name, &noise(bytes as u64, bytes)));
    let paths: Vec<_> = paths.iter().map(std::path::PathBuf::as_path).collect();
    scene.put_with(PutRequest { redundancy: Some((1, 3)), ..request(&paths) }).await.unwrap();
    scene.write("folder/inner", &noise(5, 1000));
    scene.put(&[&scene.path("folder")]).await.unwrap();
    scene
}

#[tokio::test(start_paused = true)]
async fn the_chance_is_of_all_segments_and_the_same_in_every_listing() {
    let scene = scene().await;
    let (one, some) = (chance(&scene, "one").await.unwrap(), chance(&scene, "some").await.unwrap());
    let segments = i32::try_from(scene.owner.info("some").await.unwrap().segments.len()).unwrap();
    assert!(segments > 2, "{segments}");
    assert!((0.004..0.005).contains(&one), "1 of 3: {one}");
    // Two digits are told of each.
    let of_all = 1.0 - (1.0 - one).powi(segments);
    assert!((some / of_all - 1.0).abs() < 0.05, "{one} {some}");
    assert_eq!(format!("{some:.1e}").parse(), Ok(some));
    for name in ["empty", "folder"] {
        assert_eq!(chance(&scene, name).await, None, "{name}");
    }
    let listed = scene.owner.ls(None, true, false).await.unwrap();
    let model = listed.model.unwrap();
    assert!(model.assumed && (model.host_life_days - 120.0).abs() < 1e-9);
    let page = PageRequest { limit: 500, ..PageRequest::default() };
    let page = scene.owner.ls_page(page).await.unwrap().rows;
    let versions = scene.owner.versions("some").await.unwrap();
    for files in [&listed.files, &page, &versions.files] {
        let found = files.iter().find(|file| file.name == "/some").unwrap();
        assert_eq!(found.durability, Some(some));
    }
    let details = scene.owner.details("some").await.unwrap();
    assert_eq!((details.file.durability, details.model), (Some(some), model));
    assert_eq!(scene.owner.entry("some").await.unwrap().durability, Some(some));
    // 4 of 12.
    let inner = chance(&scene, "folder/inner").await.unwrap();
    assert!(inner > 0.0 && inner < 1e-5, "{inner:e}");
    scene.owner.rm(vec!["/one".to_owned()]).await.unwrap();
    let trash = scene.owner.trash().await.unwrap();
    assert_eq!((trash.files[0].durability, trash.model), (None, None));
}

#[tokio::test(start_paused = true)]
async fn the_chance_follows_what_audits_find() {
    let scene = scene().await;
    let mut before = chance(&scene, "one").await.unwrap();
    let holders: Vec<usize> = scene.shards("one").await.into_values().collect();
    for (lost, host) in holders.into_iter().enumerate() {
        scene.network.lie(&scene.hosts[host], Lie::Denies);
        let operation = scene.owner.operation(OperationKind::Audit, "test");
        scene.owner.audit(vec!["/one".to_owned()], Leaves::Each(1), &operation).await.unwrap();
        let now = chance(&scene, "one").await.unwrap();
        assert!(now > before, "{lost} lost: {before} and then {now}");
        before = now;
    }
    assert!(before >= 1.0, "none is left");
}

#[tokio::test(start_paused = true)]
async fn a_small_code_is_made_whole_at_its_first_loss_and_without_a_host_it_waits() {
    const DAY: Duration = Duration::from_hours(24);
    let mut scene = Scene::new(711, 6).await;
    let content = noise(711, 200_000);
    let path = scene.write("file", &content);
    scene.put_with(PutRequest { redundancy: Some((2, 6)), ..request(&[&path]) }).await.unwrap();
    for body in scene.bodies(0) {
        std::fs::remove_file(body).unwrap();
    }
    let operations = |scene: &Scene| scene.owner.operation(OperationKind::Repair, "test").id();
    let before = operations(&scene);
    tokio::time::sleep(DAY).await;
    assert_eq!(scene.health("file").await.alive, 5, "5 are as many as an upload brings");
    // After 1, 2, 4 and 8 hours of rest.
    let tries = operations(&scene) - before - 1;
    assert!((2..=6).contains(&tries), "{tries} tries in a day");
    scene.comes_back("file", &content).await;
    scene.hosts.push(scene.network.add_host(GIB).await);
    tokio::time::sleep(DAY).await;
    assert_eq!(scene.health("file").await.alive, 6);
    scene.comes_back("file", &content).await;
}

/// A computer that was off for two weeks, and then finds no network.
#[tokio::test(start_paused = true)]
async fn what_nobody_looked_at_for_two_weeks_waits_in_every_listing_until_somebody_does() {
    let mut scene = Scene::new(717, 6).await;
    scene.owner.get_own_clock();
    scene.network.kill(&mut scene.owner).await;
    scene.network.revive(&mut scene.owner).await;
    let path = scene.write("file", &noise(717, MIB));
    scene.put_with(PutRequest { redundancy: Some((2, 6)), ..request(&[&path]) }).await.unwrap();
    assert_eq!(states(&scene).await, [HealthState::Safe; 6]);
    scene.network.net().fail(scene.owner.peer(), Failure::Silent);
    scene.owner.clock().jump(15 * 86_400);
    tokio::time::sleep(Duration::from_hours(2)).await;
    assert_eq!(states(&scene).await, [HealthState::Waiting; 6]);
    scene.network.net().heal(scene.owner.peer());
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(states(&scene).await, [HealthState::Safe; 6]);
}

/// How the only file is, in `info`, `ls`, its line, its details, a page of what is in that state, and the status.
async fn states(scene: &Scene) -> [HealthState; 6] {
    let listed = scene.owner.ls(None, true, false).await.unwrap().files.remove(0);
    let state = listed.health.unwrap().state;
    let is_shown = match state {
        HealthState::Safe => PageState::Safe,
        HealthState::Waiting => PageState::Waiting,
        HealthState::AtRisk | HealthState::Lost => PageState::AtRisk,
    };
    let page = PageRequest { limit: 9, state: Some(is_shown), ..PageRequest::default() };
    let shown = scene.owner.ls_page(page).await.unwrap().rows;
    let file = scene.owner.info("file").await.unwrap().file;
    let entry = scene.owner.entry("file").await.unwrap();
    let details = scene.owner.details("file").await.unwrap().file;
    let status = scene.owner.status().await.unwrap().health;
    [file.health, listed.health, entry.health, details.health, shown[0].health, status]
        .map(|health| health.unwrap().state)
}
