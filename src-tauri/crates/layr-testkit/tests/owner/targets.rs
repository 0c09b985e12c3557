//! Where downloads go, and what they never touch.

use std::os::unix::fs::symlink;

use layr_node::error::ErrorCode;

use crate::scene::{MIB, Scene, noise, tree};

async fn stored() -> Scene {
    let scene = Scene::new(160, 12).await;
    scene.write("docs/a", b"new a");
    scene.write("docs/sub/b", &noise(160, 2 * MIB));
    scene.put(&[&scene.path("docs")]).await.unwrap();
    scene
}

#[tokio::test(start_paused = true)]
async fn an_existing_directory_receives_and_keeps_what_it_has() {
    let scene = stored().await;
    scene.write("out/docs/a", b"old a");
    scene.write("out/docs/mine", b"kept");
    scene.get("docs", &scene.path("out")).await.unwrap();
    let mut expected = tree(&scene.path("docs"));
    expected.insert("mine".to_owned(), tree(&scene.path("out/docs"))["mine"].clone());
    assert_eq!(tree(&scene.path("out/docs")), expected);
    assert_eq!(std::fs::read(scene.path("out/docs/mine")).unwrap(), b"kept");
}

#[tokio::test(start_paused = true)]
async fn something_in_the_way_is_a_conflict_and_nothing_is_replaced() {
    let scene = stored().await;
    scene.write("out/docs/a/inner", b"a directory where a file should go");
    scene.write("out/docs/sub/b", b"old b");
    let error = scene.get("docs", &scene.path("out")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Conflict, "{error}");
    assert_eq!(std::fs::read(scene.path("out/docs/sub/b")).unwrap(), b"old b");
    assert!(scene.temporaries().is_empty());
    let error = scene.get("docs/a", &scene.path("nowhere/a")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound, "{error}");
    assert!(!scene.path("nowhere").exists());
}

#[tokio::test(start_paused = true)]
async fn a_pipe_or_a_device_is_never_replaced() {
    use std::os::unix::fs::FileTypeExt as _;
    let scene = stored().await;
    std::fs::create_dir_all(scene.path("out/docs")).unwrap();
    let out = scene.path("out");
    for name in ["pipe", "out/docs/a"] {
        let path = scene.path(name);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let (wanted, output) = if name == "pipe" { ("docs/a", &path) } else { ("docs", &out) };
        let error = scene.get(wanted, output).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Conflict, "{error}");
        assert!(path.symlink_metadata().unwrap().file_type().is_fifo(), "{name}");
    }
    assert!(scene.temporaries().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_link_in_the_target_leads_nowhere() {
    let scene = stored().await;
    scene.write("outside/b", b"untouched");
    std::fs::create_dir_all(scene.path("out/docs")).unwrap();
    symlink(scene.path("outside"), scene.path("out/docs/sub")).unwrap();
    let error = scene.get("docs", &scene.path("out")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Conflict, "{error}");
    assert_eq!(std::fs::read(scene.path("outside/b")).unwrap(), b"untouched");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_download_leaves_nothing() {
    let scene = stored().await;
    let operation = scene.owner.operation(layr_node::operation::OperationKind::Get, "test");
    operation.cancel().cancel();
    let request = layr_node::api::GetRequest {
        name: "docs".to_owned(),
        output: scene.path("back"),
        range: None,
        version: None,
    };
    let error = scene.owner.get(request, &operation).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Interrupted);
    assert!(!scene.path("back").exists());
    assert!(scene.temporaries().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_whole_library_and_old_versions_come_back() {
    let scene = stored().await;
    scene.write("docs/a", b"newest a");
    scene.put(&[&scene.path("docs")]).await.unwrap();
    scene.get("/", &scene.path("all")).await.unwrap();
    assert_eq!(tree(&scene.path("all/docs")), tree(&scene.path("docs")));
    let request = layr_node::api::GetRequest {
        name: "docs/a".to_owned(),
        output: scene.path("old"),
        range: None,
        version: Some(1),
    };
    scene.get_with(request).await.unwrap();
    assert_eq!(std::fs::read(scene.path("old")).unwrap(), b"new a");
    let versions = scene.owner.versions("docs/a").await.unwrap().files;
    assert_eq!(versions.iter().map(|file| (file.version, file.size)).collect::<Vec<_>>(), [(2, 8), (1, 5)]);
    assert_eq!(scene.owner.versions("docs").await.unwrap_err().code, ErrorCode::InvalidRequest);
    let missing = scene.get("docs/none", &scene.path("none")).await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_a_link_to_a_file_stays_one() {
    let scene = stored().await;
    scene.write("real/file", b"old");
    symlink("real/file", scene.path("link")).unwrap();
    symlink("real/nothing", scene.path("dangling")).unwrap();
    symlink("looped", scene.path("looped")).unwrap();
    scene.get("docs/a", &scene.path("link")).await.unwrap();
    assert_eq!(std::fs::read(scene.path("real/file")).unwrap(), b"new a");
    assert_eq!(scene.path("link").read_link().unwrap().to_str(), Some("real/file"));
    for name in ["dangling", "looped"] {
        let error = scene.get("docs/a", &scene.path(name)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Conflict, "{error}");
        assert!(error.message.contains(name), "{error}");
        assert!(scene.path(name).is_symlink());
    }
    // A name within a tree is no target of its own: what is there is replaced and not followed.
    std::fs::create_dir_all(scene.path("out/docs")).unwrap();
    symlink(scene.path("real/file"), scene.path("out/docs/a")).unwrap();
    scene.write("real/file", b"kept");
    scene.get("docs", &scene.path("out")).await.unwrap();
    assert_eq!(std::fs::read(scene.path("real/file")).unwrap(), b"kept");
    assert!(!scene.path("out/docs/a").is_symlink());
    assert_eq!(std::fs::read(scene.path("out/docs/a")).unwrap(), b"new a");
    assert!(scene.temporaries().is_empty());
}
