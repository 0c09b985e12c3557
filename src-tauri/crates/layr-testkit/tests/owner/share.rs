//! Manifests that travel.

use layr_node::api::ExportRequest;
use layr_node::error::ErrorCode;
use layr_node::share::ManifestSource;

use crate::scene::{MIB, Scene, noise, tree};

fn export(scene: &Scene, name: &str, output: &str, private: bool) -> ExportRequest {
    ExportRequest { name: name.to_owned(), output: scene.path(output), private }
}

#[tokio::test(start_paused = true)]
async fn somebody_else_reads_exactly_what_was_shared() {
    let mut scene = Scene::new(220, 12).await;
    scene.write("docs/a", &noise(220, 2 * MIB));
    scene.write("docs/b", b"shared too");
    scene.write("secret", b"not shared");
    scene.put(&[&scene.path("docs"), &scene.path("secret")]).await.unwrap();
    scene.owner.export(export(&scene, "docs", "docs.layr", false)).await.unwrap();
    let again = scene.owner.export(export(&scene, "docs", "docs.layr", false)).await.unwrap_err();
    assert_eq!(again.code, ErrorCode::Conflict);

    let other = scene.network.add_owner().await;
    let first = std::mem::replace(&mut scene.owner, other);
    scene.get(scene.path("docs.layr").to_str().unwrap(), &scene.path("direct")).await.unwrap();
    assert_eq!(tree(&scene.path("direct")), tree(&scene.path("docs")));
    let report = scene.owner.import(&ManifestSource::File(scene.path("docs.layr"))).await.unwrap();
    assert_eq!(report.names, ["/docs/a", "/docs/b"]);
    scene.get("docs", &scene.path("imported")).await.unwrap();
    assert_eq!(tree(&scene.path("imported")), tree(&scene.path("docs")));
    assert!(scene.get("secret", &scene.path("no")).await.is_err());
    drop(first);
}

#[tokio::test(start_paused = true)]
async fn a_private_manifest_opens_for_its_owner_only_and_a_damaged_one_for_nobody() {
    let mut scene = Scene::new(221, 3).await;
    let path = scene.write("a", b"mine");
    scene.put(&[&path]).await.unwrap();
    scene.owner.export(export(&scene, "a", "a.layr", true)).await.unwrap();
    let file = scene.path("a.layr");
    let name = file.to_str().unwrap().to_owned();
    scene.get(&name, &scene.path("back")).await.unwrap();
    assert_eq!(std::fs::read(scene.path("back")).unwrap(), b"mine");
    let mut bytes = std::fs::read(&file).unwrap();
    let other = scene.network.add_owner().await;
    let first = std::mem::replace(&mut scene.owner, other);
    assert_eq!(scene.get(&name, &scene.path("theirs")).await.unwrap_err().code, ErrorCode::WrongKey);
    bytes[20] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(scene.get(&name, &scene.path("theirs")).await.unwrap_err().code, ErrorCode::InvalidManifest);
    assert!(!scene.path("theirs").exists());
    drop(first);
}
