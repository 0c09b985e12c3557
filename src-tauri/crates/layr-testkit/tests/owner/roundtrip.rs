//! What goes in comes out.

use std::os::unix::fs::{PermissionsExt, symlink};

use layr_node::operation::OperationKind;

use crate::scene::{MIB, Scene, noise, request, tree};

#[tokio::test(start_paused = true)]
async fn an_upload_tells_how_many_of_its_shards_have_arrived() {
    let scene = Scene::new(9, 3).await;
    let path = scene.write("file", &noise(9, 2 * MIB));
    let operation = scene.owner.operation(OperationKind::Put, "test");
    scene.owner.put(request(&[&path]), &operation).await.unwrap();
    let told = || {
        let progress = operation.progress().borrow().clone();
        (progress.done_shards, progress.total_shards)
    };
    assert_eq!(told(), (3, 3));
    scene.owner.put(request(&[&path]), &operation).await.unwrap();
    assert_eq!(told(), (3, 3), "what is there already is not sent");
}

#[tokio::test(start_paused = true)]
async fn a_tree_comes_back_bit_for_bit() {
    let scene = Scene::new(1, 12).await;
    scene.write("docs/a.txt", b"hello");
    scene.write("docs/empty", b"");
    scene.write("docs/sub/big.bin", &noise(1, 20 * MIB));
    scene.write("docs/sub/new\nline", &noise(2, 70_000));
    scene.write("docs/zeros", &vec![0; 9 * MIB]);
    std::fs::create_dir_all(scene.path("docs/void/inner")).unwrap();
    symlink("../a.txt", scene.path("docs/sub/link")).unwrap();
    std::fs::set_permissions(scene.path("docs/a.txt"), std::fs::Permissions::from_mode(0o4751)).unwrap();

    let report = scene.put(&[&scene.path("docs")]).await.unwrap();
    assert_eq!(report.files.len(), 5, "{report:?}");
    assert!(report.skipped.is_empty(), "{report:?}");
    for file in report.files.iter().filter(|file| file.size > 0) {
        assert_eq!((file.health.alive, file.health.needed, file.health.total), (12, 4, 12), "{file:?}");
    }

    let got = scene.get("docs", &scene.path("back")).await.unwrap();
    assert_eq!(got.files.len(), 5);
    assert_eq!(tree(&scene.path("back")), tree(&scene.path("docs")));
    let mode = std::fs::metadata(scene.path("back/a.txt")).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode, 0o751, "permissions come back, set-user-id does not");
    let times = |name: &str| std::fs::metadata(scene.path(name)).unwrap().modified().unwrap();
    assert_eq!(times("back/a.txt"), times("docs/a.txt"));
    assert!(scene.temporaries().is_empty());
}
