//! Manifests that travel.

use layr_node::api::ExportRequest;
use layr_node::error::ErrorCode;
use layr_node::operation::OperationKind;
use layr_node::share::{MAX_SHARE_S, MIN_SHARE_S, ManifestSource};

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

#[tokio::test(start_paused = true)]
async fn a_link_is_as_good_as_the_file_and_its_keys_are_in_no_list() {
    let mut scene = Scene::new(222, 3).await;
    let path = scene.write("a", b"shared");
    scene.put(&[&path]).await.unwrap();
    let shared = scene.owner.share("a", None).await.unwrap();
    assert_eq!((shared.names.as_slice(), shared.size), (["a".to_owned()].as_slice(), 6));
    let listed = scene.owner.operation(OperationKind::Get, &shared.link);
    assert_eq!(scene.owner.status().await.unwrap().transfers[0].name, "a layr:// link");
    drop(listed);

    let other = scene.network.add_owner().await;
    let first = std::mem::replace(&mut scene.owner, other);
    let source = ManifestSource::Link(shared.link.clone().into());
    assert!(!format!("{source:?}").contains("layr://"));
    assert_eq!(scene.owner.import_preview(&source).await.unwrap().names, ["/a"]);
    assert!(scene.get("a", &scene.path("no")).await.is_err(), "a look takes nothing in");
    scene.get(&shared.link, &scene.path("got")).await.unwrap();
    assert_eq!(std::fs::read(scene.path("got")).unwrap(), b"shared");
    assert_eq!(scene.owner.import(&source).await.unwrap().names, ["/a"]);
    scene.get("a", &scene.path("back")).await.unwrap();

    let cut = &shared.link[..shared.link.len() - 1];
    let refused = scene.get(cut, &scene.path("cut")).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidManifest);
    assert!(!refused.message.contains("layr://import"), "{refused}");
    drop(first);
}

#[tokio::test(start_paused = true)]
async fn a_share_ends_when_its_maker_says() {
    let mut scene = Scene::new(223, 3).await;
    scene.put(&[&scene.write("a", b"for a week")]).await.unwrap();
    let lasting = scene.owner.share("a", None).await.unwrap();
    assert_eq!(lasting.expires, None);
    let (week_s, hour_s) = (7 * 86_400, 3600);
    let shared = scene.owner.share("a", Some(week_s)).await.unwrap();
    assert_eq!(shared.expires.as_deref(), Some("2026-01-08T00:00:00Z"));
    for wrong in [0, MIN_SHARE_S - 1, MAX_SHARE_S + 1, u64::MAX] {
        let refused = scene.owner.share("a", Some(wrong)).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{wrong}");
    }
    let own = scene.network.add_owner().await;
    let first = std::mem::replace(&mut scene.owner, own);
    let source = ManifestSource::Link(shared.link.clone().into());
    scene.owner.import(&source).await.unwrap();
    // Handed on, it ends no later.
    let on = scene.owner.share("a", Some(week_s + hour_s)).await.unwrap();
    assert_eq!(on.expires, shared.expires);
    let sooner = scene.owner.share("a", Some(hour_s)).await.unwrap();
    assert_eq!(sooner.expires.as_deref(), Some("2026-01-01T01:00:00Z"));

    scene.network.clock().jump(week_s.cast_signed() - 1);
    scene.get(&shared.link, &scene.path("in time")).await.unwrap();
    scene.network.clock().jump(1);
    for name in [shared.link.as_str(), "a"] {
        let refused = scene.get(name, &scene.path("late")).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidManifest, "{refused}");
    }
    assert_eq!(scene.owner.import(&source).await.unwrap_err().code, ErrorCode::InvalidManifest);
    scene.get(&lasting.link, &scene.path("lasting")).await.unwrap();
    drop(first);
}
