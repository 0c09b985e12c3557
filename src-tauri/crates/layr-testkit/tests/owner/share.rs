//! Manifests that travel.

use std::time::Duration;

use layr_codec::{ChunkId, ChunkKey, Profile, SEALED_OVERHEAD_BYTES, SegmentBlindKey, SegmentId, ShardRoot};
use layr_keys::PeerId;
use layr_library::{
    Manifest, ManifestChunk, ManifestContent, ManifestEntry, ManifestHost, ManifestSegment, ManifestShard,
    RelativePath, write_bearer,
};
use layr_node::api::ExportRequest;
use layr_node::error::ErrorCode;
use layr_node::operation::OperationKind;
use layr_node::share::{MAX_SHARE_S, MIN_SHARE_S, ManifestSource};
use tokio::time::Instant;

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
    assert_eq!(scene.owner.import_preview(&source).await.unwrap().report.names, ["/a"]);
    assert!(scene.get("a", &scene.path("no")).await.is_err(), "a look takes nothing in");
    scene.get(&shared.link, &scene.path("got")).await.unwrap();
    assert_eq!(std::fs::read(scene.path("got")).unwrap(), b"shared");
    let digest = scene.owner.import_preview(&source).await.unwrap().digest;
    let refused = scene.owner.import_previewed(&source, [0; 32]).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Conflict, "{refused}");
    assert!(
        scene.owner.ls(None, true, false).await.unwrap().files.is_empty(),
        "nothing but what was looked at"
    );
    assert_eq!(scene.owner.import_previewed(&source, digest).await.unwrap().names, ["/a"]);
    scene.get("a", &scene.path("back")).await.unwrap();

    let cut = &shared.link[..shared.link.len() - 1];
    let refused = scene.get(cut, &scene.path("cut")).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidManifest);
    assert!(!refused.message.contains("layr://import"), "{refused}");
    drop(first);
}

/// Of this many segments, each at 60 hosts of its own: more hosts than a node remembers.
const SEGMENTS: u32 = 85;
const SHARDS: u8 = 60;

/// A file that lies at thousands of hosts which nobody ever saw; in the order of ids they come before everybody.
fn at_dead_hosts() -> Manifest {
    let id = |kind: u8, number: u32| {
        let mut bytes = [0; 32];
        bytes[1..5].copy_from_slice(&number.to_be_bytes());
        bytes[31] = kind;
        bytes
    };
    let overhead_bytes = u32::try_from(SEALED_OVERHEAD_BYTES).unwrap();
    let mut manifest = Manifest { created_unix_s: 1, ..Manifest::default() };
    for number in 0..SEGMENTS {
        manifest.chunks.push(ManifestChunk {
            id: ChunkId::from_bytes(id(1, number)),
            key: ChunkKey::from_bytes(id(2, number)),
            plain_bytes: 4096,
            sealed_bytes: 4096 + overhead_bytes,
            segment: number,
            offset_bytes: 0,
        });
        let first = u16::try_from(manifest.hosts.len()).unwrap();
        for index in 0..SHARDS {
            let host = number * u32::from(SHARDS) + u32::from(index);
            manifest.hosts.push(ManifestHost {
                peer: PeerId::from_bytes(id(3, host)),
                addresses: vec![format!("/memory/{}", 100_000 + host)],
            });
        }
        let shard = |index: u8| ManifestShard {
            index,
            root: ShardRoot::from_bytes(id(4, u32::from(index))),
            host: first + u16::from(index),
        };
        let mut segment = [0; 16];
        segment.copy_from_slice(&id(5, number)[..16]);
        manifest.segments.push(ManifestSegment {
            id: SegmentId::from_bytes(segment),
            profile: Profile::new(1, SHARDS).unwrap(),
            len_bytes: 4096 + overhead_bytes,
            blind_key: SegmentBlindKey::from_bytes(id(6, number)),
            shards: (0..SHARDS).map(shard).collect(),
        });
    }
    manifest.entries.push(ManifestEntry {
        path: RelativePath::parse("theirs").unwrap(),
        content: ManifestContent::File {
            size_bytes: 4096 * u64::from(SEGMENTS),
            chunks: (0..SEGMENTS).collect(),
        },
        mtime_ns: 0,
        mode: None,
    });
    manifest
}

#[tokio::test(start_paused = true)]
async fn thousands_of_dead_hosts_in_an_import_stop_no_upload_and_are_not_dialled_for_it() {
    let mut scene = Scene::new(223, 3).await;
    scene.put(&[&scene.write("mine", b"mine")]).await.unwrap();
    let file = scene.write("theirs.layr", &write_bearer(&at_dead_hosts()).unwrap());
    scene.owner.import(&ManifestSource::File(file)).await.unwrap();
    let Scene { network, owner, .. } = &mut scene;
    // Nobody is remembered but by the library.
    network.kill(owner).await;
    network.revive(owner).await;
    let path = scene.write("more", &noise(223, 100_000));
    let (before, began) = (scene.network.net().counters(), Instant::now());
    let report = scene.put(&[&path]).await.unwrap();
    assert_eq!(report.files[0].health.alive, 3);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(scene.network.net().counters().failed_opens, before.failed_opens);
}

#[tokio::test(start_paused = true)]
async fn the_hosts_of_an_import_are_found_where_it_says_that_they_are() {
    let mut scene = Scene::new(224, 3).await;
    scene.put(&[&scene.write("a", b"shared")]).await.unwrap();
    scene.owner.export(export(&scene, "a", "a.layr", false)).await.unwrap();
    let other = scene.network.add_owner().await;
    let first = std::mem::replace(&mut scene.owner, other);
    scene.owner.import(&ManifestSource::File(scene.path("a.layr"))).await.unwrap();
    let before = scene.network.net().counters().lookups;
    let operation = scene.owner.operation(OperationKind::Verify, "test");
    let report = scene.owner.verify(Vec::new(), false, &operation).await.unwrap();
    assert_eq!((report.passed, report.failed, report.unreachable), (3, 0, 0));
    scene.get("a", &scene.path("back")).await.unwrap();
    assert_eq!(scene.network.net().counters().lookups, before, "nobody had to be looked for");
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
