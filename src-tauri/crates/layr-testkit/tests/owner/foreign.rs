//! What comes from others, and what it may not touch here.

use layr_library::{read_link, write_link};
use layr_node::error::{ErrorCode, NodeError};
use layr_node::operation::OperationKind;
use layr_node::share::ManifestSource;

use crate::queue::{get, slow_scene};
use crate::scene::{MIB, Scene, noise, tree};

const HOUR_S: u64 = 3600;

/// Links of somebody to a file, to a directory and to both together, in the hands of another owner.
async fn shared(mut scene: Scene) -> (Scene, [String; 3]) {
    scene.write("theirs/.bashrc", b"theirs");
    scene.write("theirs/docs/a", &noise(230, 3 * MIB));
    scene.put(&[&scene.path("theirs/.bashrc"), &scene.path("theirs/docs")]).await.unwrap();
    let mut links = Vec::new();
    for name in [".bashrc", "docs", "/"] {
        links.push(scene.owner.share(name, None).await.unwrap().link);
    }
    scene.owner = scene.network.add_owner().await;
    (scene, links.try_into().unwrap())
}

fn in_the_way(error: &NodeError, name: &str) {
    assert_eq!(error.code, ErrorCode::Conflict, "{error}");
    assert!(error.message.contains(name) && error.message.contains("Nothing was replaced"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_link_takes_no_name_that_something_has() {
    let (scene, [file, directory, both]) = shared(Scene::new(230, 3).await).await;
    scene.write("home/.bashrc", b"mine");
    scene.write("home/docs/mine", b"mine too");
    let (home, before) = (scene.path("home"), tree(&scene.path("home")));
    in_the_way(&scene.get(&file, &home).await.unwrap_err(), "home/.bashrc");
    in_the_way(&scene.get(&directory, &home).await.unwrap_err(), "home/docs");
    in_the_way(&scene.get(&both, &home).await.unwrap_err(), "home/.bashrc");
    assert_eq!(tree(&home), before);
    std::fs::remove_file(home.join(".bashrc")).unwrap();
    in_the_way(&scene.get(&both, &home).await.unwrap_err(), "home/docs");
    assert!(!home.join(".bashrc").exists() && !home.join("docs/a").exists());
    assert!(scene.temporaries().is_empty());

    // Beside what is there, and in the place of what the person named.
    std::fs::rename(home.join("docs"), home.join("my docs")).unwrap();
    scene.get(&both, &home).await.unwrap();
    assert_eq!(tree(&home.join("docs")), tree(&scene.path("theirs/docs")));
    assert_eq!(std::fs::read(home.join("my docs/mine")).unwrap(), b"mine too");
    scene.write("home/.bashrc", b"mine");
    scene.get(&file, &home.join(".bashrc")).await.unwrap();
    assert_eq!(std::fs::read(home.join(".bashrc")).unwrap(), b"theirs");
}

#[tokio::test(start_paused = true)]
async fn nor_one_that_something_gets_while_it_runs() {
    let (scene, [_, directory, both]) = shared(slow_scene(231).await).await;
    for (link, output) in [(directory, "one"), (both, "two")] {
        scene.write(&format!("{output}/other"), b"");
        let operation = scene.owner.operation(OperationKind::Get, "test");
        let mut progress = operation.progress();
        let meanwhile = async {
            progress.wait_for(|progress| progress.done_bytes > 6).await.unwrap();
            scene.write(&format!("{output}/docs/a"), b"came meanwhile");
        };
        let download = scene.owner.get(get(&link, &scene.path(output)), &operation);
        let (outcome, ()) = tokio::join!(download, meanwhile);
        in_the_way(&outcome.unwrap_err(), "docs");
        assert_eq!(std::fs::read(scene.path(output).join("docs/a")).unwrap(), b"came meanwhile");
        assert!(!scene.path(output).join(".bashrc").exists());
        assert!(scene.temporaries().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn nor_one_in_a_directory_that_comes_to_be_there_while_it_runs() {
    let (scene, [_, directory, _]) = shared(slow_scene(234).await).await;
    let operation = scene.owner.operation(OperationKind::Get, "test");
    let mut progress = operation.progress();
    let meanwhile = async {
        progress.wait_for(|progress| progress.done_bytes > 6).await.unwrap();
        scene.write("new/a", b"came meanwhile");
    };
    let download = scene.owner.get(get(&directory, &scene.path("new")), &operation);
    let (outcome, ()) = tokio::join!(download, meanwhile);
    in_the_way(&outcome.unwrap_err(), "new");
    assert_eq!(std::fs::read(scene.path("new/a")).unwrap(), b"came meanwhile");
}

#[tokio::test(start_paused = true)]
async fn an_import_takes_the_place_of_nothing_that_the_person_stored() {
    let (scene, [_, _, both]) = shared(Scene::new(232, 3).await).await;
    scene.write("mine/docs/a", b"mine");
    scene.put(&[&scene.path("mine/docs")]).await.unwrap();
    let source = ManifestSource::Link(both.into());
    let refused = scene.owner.import(&source).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Conflict, "{refused}");
    assert!(
        refused.message.contains("/docs/a") && refused.message.contains("othing was imported"),
        "{refused}"
    );
    assert_eq!(scene.owner.info("/docs/a").await.unwrap().file.version, 1);
    assert_eq!(scene.read("/docs/a", None).await.unwrap(), b"mine");
    assert!(scene.owner.info("/.bashrc").await.is_err(), "all or nothing");
    scene.owner.mv("/docs", "/my docs").await.unwrap();
    for _ in 0..2 {
        scene.owner.import(&source).await.unwrap();
    }
    assert_eq!(scene.read("/docs/a", None).await.unwrap(), noise(230, 3 * MIB));
}

#[tokio::test(start_paused = true)]
async fn a_share_that_ended_is_refused_in_the_library_too() {
    let (scene, [_, directory, _]) = shared(Scene::new(233, 3).await).await;
    scene.put(&[&scene.write("mine", b"mine")]).await.unwrap();
    let mut manifest = read_link(&directory).unwrap();
    manifest.expires_unix_s = Some(manifest.created_unix_s + HOUR_S);
    let link = write_link(&manifest).unwrap().to_string();
    scene.owner.import(&ManifestSource::Link(link.into())).await.unwrap();
    scene.get("docs", &scene.path("before")).await.unwrap();
    scene.network.clock().jump(HOUR_S.cast_signed());
    for name in ["/docs/a", "/docs", "/"] {
        let refused = scene.get(name, &scene.path("after")).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidManifest, "{name}: {refused}");
        assert!(refused.message.contains("/docs/a"), "{name}: {refused}");
    }
    assert_eq!(scene.read("/docs/a", None).await.unwrap_err().code, ErrorCode::InvalidManifest);
    assert_eq!(scene.owner.share("/docs", None).await.err().unwrap().code, ErrorCode::InvalidManifest);
    assert!(!scene.path("after").exists());
    // What is the person's own does not end with it.
    scene.get("/mine", &scene.path("after")).await.unwrap();
    scene.owner.rm(vec!["/docs".to_owned()]).await.unwrap();
    scene.get("/", &scene.path("all")).await.unwrap();
}
