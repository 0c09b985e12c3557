//! What is stored already is not sent again.

use layr_node::api::PutRequest;

use crate::scene::{MIB, Scene, noise, request};

#[tokio::test(start_paused = true)]
async fn the_same_content_elsewhere_costs_nothing() {
    let scene = Scene::new(120, 12).await;
    let content = noise(120, 6 * MIB);
    let first = scene.write("first", &content);
    scene.put(&[&first]).await.unwrap();
    let before = scene.stored_bytes().await;
    let second = scene.write("second", &content);
    let report = scene.put(&[&second]).await.unwrap();
    assert_eq!((report.files[0].uploaded_bytes, report.files[0].deduplicated_bytes), (0, 6 * MIB as u64));
    assert_eq!(scene.stored_bytes().await, before);
    scene.get("second", &scene.path("back")).await.unwrap();
    assert!(std::fs::read(scene.path("back")).unwrap() == content);
}

#[tokio::test(start_paused = true)]
async fn one_byte_inserted_sends_little() {
    let scene = Scene::new(121, 12).await;
    let mut content = noise(121, 48 * MIB);
    let path = scene.write("big", &content);
    scene.put(&[&path]).await.unwrap();
    let before = scene.stored_bytes().await;
    content.insert(24 * MIB, 0x55);
    scene.write("big", &content);
    let report = scene.put(&[&path]).await.unwrap();
    assert!(report.files[0].uploaded_bytes <= 8 * MIB as u64, "{report:?}");
    assert!(scene.stored_bytes().await - before <= 3 * 9 * MIB as u64);
    scene.get("big", &scene.path("back")).await.unwrap();
    assert!(std::fs::read(scene.path("back")).unwrap() == content);
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_tree_is_not_even_read() {
    let scene = Scene::new(122, 12).await;
    for index in 0..300 {
        scene.write(&format!("tree/{index}"), &noise(index, 4096));
    }
    // Stamps count once the files are older than the file system's tick.
    scene.network.clock().jump(400 * 24 * 3600);
    scene.put(&[&scene.path("tree")]).await.unwrap();
    let streams = scene.network.net().counters().opens;
    // Whoever reads these again finds other bytes.
    let look = |path: &std::path::Path| std::fs::metadata(path).unwrap().modified().unwrap();
    let before = look(&scene.path("tree/7"));
    let report = scene.put(&[&scene.path("tree")]).await.unwrap();
    assert_eq!(report.files.len(), 300);
    assert!(report.files.iter().all(|file| file.uploaded_bytes == 0 && file.deduplicated_bytes == 4096));
    assert!(report.files.iter().all(|file| file.health.alive == 12 && file.id.len() == 16));
    assert_eq!(scene.network.net().counters().opens, streams, "an unchanged tree needs no host");
    assert_eq!(look(&scene.path("tree/7")), before);
}

#[tokio::test(start_paused = true)]
async fn small_files_are_packed() {
    let scene = Scene::new(123, 12).await;
    let (count, size) = (2000_u64, 4096_usize);
    for index in 0..count {
        scene.write(&format!("tree/{index}"), &noise(index, size));
    }
    let report = scene.put(&[&scene.path("tree")]).await.unwrap();
    assert_eq!(report.files.len(), 2000);
    let stored = scene.stored_bytes().await;
    let least = count * size as u64 * 3;
    assert!(stored * 100 <= least * 105, "{stored} bytes stored for {least}");
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_weighs_and_sends_nothing() {
    let scene = Scene::new(124, 12).await;
    let content = noise(124, 5 * MIB);
    scene.write("tree/a", &content);
    scene.write("tree/b", &content);
    scene.write("tree/c", &vec![b'x'; 2 * MIB]);
    let wanted = PutRequest { dry_run: true, ..request(&[&scene.path("tree")]) };
    let report = scene.put_with(wanted).await.unwrap();
    assert!(report.dry_run);
    assert_eq!(report.cost_xlm_per_month.as_deref(), Some("0"));
    assert_eq!(scene.stored_bytes().await, 0);
    assert!(scene.owner.ls(None, true, false).await.unwrap().files.is_empty());
    let weighed = report.stored_bytes;
    assert!((15 * MIB as u64..16 * MIB as u64).contains(&weighed), "{weighed}");
    let report = scene.put(&[&scene.path("tree")]).await.unwrap();
    assert_eq!(report.stored_bytes, weighed, "a dry run says what a real one does");
    assert_eq!(scene.stored_bytes().await, weighed);
}
