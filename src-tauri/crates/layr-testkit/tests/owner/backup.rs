//! A damaged library is replaced with its copy, and what was stored comes back.

use std::path::PathBuf;
use std::time::Duration;

use layr_node::error::ErrorCode;
use tokio::time::sleep;

use crate::scene::{Scene, noise};

/// More than a housekeeper's minute and the rest between two copies.
const COPIED_BY_THEN: Duration = Duration::from_mins(12);

fn library_files(scene: &Scene) -> [PathBuf; 3] {
    ["library.sqlite", "library.sqlite-wal", "library.sqlite-shm"].map(|name| scene.owner.home().join(name))
}

#[tokio::test(start_paused = true)]
async fn what_was_stored_outlives_the_loss_of_the_library() {
    let mut scene = Scene::new(900, 7).await;
    let (early, late) = (noise(900, 100_000), noise(901, 100_000));
    scene.put(&[&scene.write("early", &early)]).await.unwrap();
    sleep(COPIED_BY_THEN).await;
    let copy = scene.owner.home().join("library.backup.sqlite");
    let copied = std::fs::read(&copy).unwrap();
    // Nothing is copied while nothing has changed.
    let copied_at = || std::fs::metadata(&copy).unwrap().modified().unwrap();
    let before = copied_at();
    sleep(10 * COPIED_BY_THEN).await;
    assert_eq!(copied_at(), before);
    scene.put(&[&scene.write("late", &late)]).await.unwrap();
    sleep(COPIED_BY_THEN).await;
    assert_ne!(std::fs::read(&copy).unwrap(), copied);

    let Scene { network, owner, .. } = &mut scene;
    network.kill(owner).await;
    let [database, journal, shared] = library_files(&scene);
    // As the error of a damaged database says.
    let aside = scene.path("aside");
    std::fs::rename(&database, aside).unwrap();
    for file in [journal, shared] {
        let _ = std::fs::remove_file(file);
    }
    // A start between the two steps must not copy an empty library over the copy.
    let copied = std::fs::read(&copy).unwrap();
    let Scene { network, owner, .. } = &mut scene;
    let refused = network.try_revive(owner).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::DatabaseUnusable);
    assert!(refused.message.contains("library.backup.sqlite"), "{refused}");
    assert!(!database.exists() && std::fs::read(&copy).unwrap() == copied);
    std::fs::copy(copy, database).unwrap();
    let Scene { network, owner, .. } = &mut scene;
    network.revive(owner).await;
    for (name, content) in [("early", early), ("late", late)] {
        let back = scene.path(&format!("{name} again"));
        scene.get(name, &back).await.unwrap();
        assert_eq!(std::fs::read(back).unwrap(), content, "{name}");
    }
}
