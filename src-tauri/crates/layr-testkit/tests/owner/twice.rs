//! The same thing at the same time.

use crate::scene::{MIB, Scene, noise};

#[tokio::test(start_paused = true)]
async fn two_puts_of_one_tree_store_it_once() {
    let scene = Scene::new(140, 12).await;
    for index in 0..40 {
        scene.write(&format!("tree/{index}"), &noise(index, 400_000));
    }
    scene.write("tree/big", &noise(999, 20 * MIB));
    let tree = scene.path("tree");
    let paths: [&std::path::Path; 1] = [&tree];
    let (one, other) = tokio::join!(scene.put(&paths), scene.put(&paths));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!((one.files.len(), other.files.len()), (41, 41), "{one:?} {other:?}");
    assert!(one.skipped.is_empty() && other.skipped.is_empty());
    let content = 20 * MIB as u64 + 40 * 400_000;
    let stored = scene.stored_bytes().await;
    assert!(stored < 3 * content * 105 / 100, "{stored} bytes for {content}");
    scene.get("tree", &scene.path("back")).await.unwrap();
    assert_eq!(crate::scene::tree(&scene.path("back")), crate::scene::tree(&scene.path("tree")));
}
