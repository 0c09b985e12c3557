//! The chance to lose a file, wherever files are listed.

use layr_node::api::{PageRequest, PutRequest};
use layr_node::audit::Leaves;
use layr_node::operation::OperationKind;
use layr_testkit::Lie;

use crate::scene::{MIB, Scene, noise, request};

async fn chance(scene: &Scene, name: &str) -> Option<f64> {
    scene.owner.info(name).await.unwrap().file.durability
}

/// 12 hosts, a file of one segment and one of three, each at three of them; an empty one, and a folder.
async fn scene() -> Scene {
    let scene = Scene::new(710, 12).await;
    let paths = [("one", 3 * MIB), ("three", 11 * MIB), ("empty", 0)]
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
    let (one, three) = (chance(&scene, "one").await.unwrap(), chance(&scene, "three").await.unwrap());
    assert_eq!(scene.owner.info("three").await.unwrap().segments.len(), 3);
    assert!((0.004..0.005).contains(&one), "1 of 3: {one}");
    assert!((three - (1.0 - (1.0 - one).powi(3))).abs() < 1e-12, "{one} {three}");
    for name in ["empty", "folder"] {
        assert_eq!(chance(&scene, name).await, None, "{name}");
    }
    let listed = scene.owner.ls(None, true, false).await.unwrap();
    let model = listed.model.unwrap();
    assert!(model.assumed && (model.host_life_days - 120.0).abs() < 1e-9);
    let page = PageRequest { limit: 500, ..PageRequest::default() };
    let page = scene.owner.ls_page(page).await.unwrap().rows;
    let versions = scene.owner.versions("three").await.unwrap();
    for files in [&listed.files, &page, &versions.files] {
        let found = files.iter().find(|file| file.name == "/three").unwrap();
        assert_eq!(found.durability, Some(three));
    }
    let details = scene.owner.details("three").await.unwrap();
    assert_eq!((details.file.durability, details.model), (Some(three), model));
    assert_eq!(scene.owner.entry("three").await.unwrap().durability, Some(three));
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
