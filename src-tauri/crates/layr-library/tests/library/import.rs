//! Manifests of others in the library.

use layr_library::{
    AuditMark, AuditOutcome, CommitError, EntryKind, ExportError, Failure, HostEvidence, HostLosses,
    ImportError, LibraryKey, Manifest, ManifestContent, ManifestKeys, NewContent, NewVersion, VersionNumber,
};

use crate::kit::{
    DAY_S, Kit, NOW_S, PLAIN_BYTES, assert_consistent, chunk, file, library_key, path, secrets, secrets_of,
    with_keys,
};

/// A manifest of somebody else: two files, a link and an empty directory in `/theirs`.
fn foreign() -> Manifest {
    let kit = Kit::new();
    kit.upload(8, &[50, 51]);
    kit.put("/theirs/a", &[50]);
    kit.put("/theirs/b", &[51, 50]);
    let entry = |name, content| NewVersion { content, ..file(name, &[]) };
    let more = [
        entry("/theirs/empty", NewContent::Directory),
        entry("/theirs/link", NewContent::Symlink { target: "a".to_owned() }),
    ];
    kit.library.commit_versions(&more, NOW_S).unwrap();
    let (codec, library_key) = (secrets_of(70), LibraryKey::from_bytes([71; 32]));
    let keys = ManifestKeys { codec: &codec, library_key: &library_key };
    kit.library.manifest(&path("/theirs"), None, keys, NOW_S).unwrap()
}

fn import(kit: &Kit, manifest: &Manifest, to: &str) -> Result<Vec<layr_library::Imported>, ImportError> {
    with_keys(|keys| kit.library.import(manifest, &path(to), keys, NOW_S))
}

#[test]
fn an_import_lists_and_exports_like_any_file() {
    let kit = Kit::new();
    let manifest = foreign();
    let imported = import(&kit, &manifest, "/inbox").unwrap();
    let kinds: Vec<_> = imported.iter().map(|entry| (entry.path.as_str(), entry.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("/inbox/theirs", EntryKind::Directory),
            ("/inbox/theirs/a", EntryKind::File),
            ("/inbox/theirs/b", EntryKind::File),
            ("/inbox/theirs/empty", EntryKind::Directory),
            ("/inbox/theirs/link", EntryKind::Symlink)
        ]
    );
    let row = kit.library.resolve("inbox/theirs/b").unwrap();
    assert_eq!((row.size_bytes, row.health.unwrap().alive), (2 * u64::from(PLAIN_BYTES), 6));
    assert!(row.segments.iter().all(|group| !group.is_ours), "theirs to repair");
    assert!(kit.library.info(&path("/inbox/theirs/b"), None).unwrap().is_imported);
    let again = with_keys(|keys| kit.library.manifest(&path("/inbox/theirs"), None, keys, NOW_S)).unwrap();
    assert_eq!(again, manifest);
    assert_consistent(&kit.file());
}

#[test]
fn keys_of_others_lie_sealed_in_the_database() {
    let kit = Kit::new();
    let manifest = foreign();
    import(&kit, &manifest, "/").unwrap();
    kit.library.backup(&kit.dir.path().join("copy.sqlite")).unwrap();
    let bytes = std::fs::read(kit.dir.path().join("copy.sqlite")).unwrap();
    let find = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
    assert!(find(manifest.chunks[0].id.as_bytes()));
    assert!(!find(manifest.chunks[0].key.as_bytes()));
    assert!(!find(manifest.segments[0].blind_key.as_bytes()));
    let (codec, other) = (secrets(), LibraryKey::from_bytes([0; 32]));
    let keys = ManifestKeys { codec: &codec, library_key: &other };
    let refused = kit.library.manifest(&path("/theirs"), None, keys, NOW_S);
    assert!(matches!(refused, Err(ExportError::WrongKey)));
}

/// Who lets go of a file and then opens their own copy of its manifest needs the shards again.
#[test]
fn what_an_import_needs_is_not_deleted_at_hosts() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/mine", &[10]);
    let manifest = with_keys(|keys| kit.library.manifest(&path("/mine"), None, keys, NOW_S)).unwrap();
    kit.library.remove(&path("/mine"), NOW_S).unwrap();
    for day in 1..=60 {
        kit.library.maintain(NOW_S + day * DAY_S).unwrap();
    }
    let item = kit.library.garbage_due(1).unwrap().remove(0);
    assert!(!kit.library.garbage_still(&item.host, &[item.id]).unwrap().is_empty());
    import(&kit, &manifest, "/").unwrap();
    assert!(kit.library.garbage_still(&item.host, &[item.id]).unwrap().is_empty());
}

#[test]
fn imported_chunks_are_never_relied_on_for_uploads_nor_deleted_at_hosts() {
    let kit = Kit::new();
    import(&kit, &foreign(), "/").unwrap();
    assert_eq!(kit.library.known_chunks(&[chunk(50)]).unwrap(), [None]);
    let refused = kit.library.commit_versions(&[file("/mine", &[50])], NOW_S);
    assert!(matches!(refused, Err(CommitError::ChunkNotSafe { .. })));
    kit.library.remove(&path("/theirs"), NOW_S).unwrap();
    for day in 1..=60 {
        kit.library.maintain(NOW_S + day * DAY_S).unwrap();
    }
    assert_eq!(kit.library.garbage_count().unwrap(), 0);
    assert_eq!(kit.library.summary().unwrap(), layr_library::Summary::default());
    assert_consistent(&kit.file());
}

#[test]
fn what_a_stranger_says_to_lie_at_a_host_is_no_evidence_against_it() {
    let kit = Kit::new();
    import(&kit, &foreign(), "/inbox").unwrap();
    let (segment, host) = (crate::kit::segment(8), crate::kit::shard(8, 0, 0).host);
    let outcome = AuditOutcome::Failed(Failure::Missing);
    let mark = AuditMark { segment, index: 0, host, shard: None, outcome };
    assert_eq!(kit.library.note_audit(&[mark], NOW_S).unwrap().failed.len(), 1);
    assert_eq!(kit.library.host(&host).unwrap().unwrap().evidence, HostEvidence::default());
    assert_eq!(kit.library.host_losses().unwrap(), HostLosses::default());
}

#[test]
fn a_lying_manifest_cannot_move_our_own_chunks() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/mine", &[10]);
    let honest = with_keys(|keys| kit.library.manifest(&path("/mine"), None, keys, NOW_S)).unwrap();
    // Our own chunk with its true key, said to lie at hosts that never had it.
    let mut lie = honest.clone();
    lie.segments[0].id = crate::kit::segment(666);
    lie.hosts.iter_mut().zip(600..).for_each(|(host, number)| host.peer = crate::kit::peer(number));
    import(&kit, &lie, "/inbox").unwrap();
    let back = with_keys(|keys| kit.library.manifest(&path("/inbox/mine"), None, keys, NOW_S)).unwrap();
    assert_eq!(back.segments, honest.segments);
    assert_eq!(back.hosts, honest.hosts);
    // The same chunk id under another key is another chunk.
    let mut stranger = honest.clone();
    stranger.chunks[0].key = layr_codec::ChunkKey::from_bytes([1; 32]);
    import(&kit, &stranger, "/stranger").unwrap();
    let back = with_keys(|keys| kit.library.manifest(&path("/stranger/mine"), None, keys, NOW_S)).unwrap();
    assert_eq!(back.chunks, stranger.chunks);
    let own = with_keys(|keys| kit.library.manifest(&path("/mine"), None, keys, NOW_S)).unwrap();
    assert_eq!(own, honest);
    // The original may go: what was imported of it keeps its segment.
    kit.library.remove(&path("/mine"), NOW_S).unwrap();
    for day in 1..=60 {
        kit.library.maintain(NOW_S + day * DAY_S).unwrap();
    }
    assert_eq!(kit.library.resolve("/inbox/mine").unwrap().health.unwrap().alive, 6);
    assert_consistent(&kit.file());
}

#[test]
fn what_a_stranger_says_of_a_known_host_is_ignored() {
    let kit = Kit::new();
    let address = |text: &str| vec![text.to_owned()];
    let known = layr_library::HostUpdate {
        peer: crate::kit::peer(1),
        addresses: address("/ip4/1.1.1.1/tcp/1"),
        offer: None,
        seen_unix_s: NOW_S,
    };
    kit.library.upsert_hosts(&[known]).unwrap();
    let mut manifest = foreign();
    manifest.hosts.iter_mut().for_each(|host| host.addresses = address("/ip4/6.6.6.6/tcp/6"));
    import(&kit, &manifest, "/").unwrap();
    let addresses = |number| kit.library.host(&crate::kit::peer(number)).unwrap().unwrap().addresses;
    assert_eq!(addresses(1), ["/ip4/1.1.1.1/tcp/1"]);
    assert_eq!(addresses(2), ["/ip4/6.6.6.6/tcp/6"]);
}

#[test]
fn an_import_over_a_directory_or_below_a_file_is_refused() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/theirs/a/below", &[10]);
    let names = kit.names();
    assert!(matches!(
        import(&kit, &foreign(), "/"),
        Err(ImportError::Commit(CommitError::PathConflict { is_directory: true, .. }))
    ));
    kit.put("/file", &[10]);
    assert!(matches!(import(&kit, &foreign(), "/file"), Err(ImportError::Name(_))));
    assert_eq!(kit.names().len(), names.len() + 1);
    assert_consistent(&kit.file());
}

/// What is in the way of an import that was refused.
fn in_the_way(refused: Result<Vec<layr_library::Imported>, ImportError>) -> String {
    match refused {
        Err(ImportError::InTheWay { path }) => path.as_str().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_import_supersedes_nothing_of_the_persons_own() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    let own_link = NewVersion {
        content: NewContent::Symlink { target: "elsewhere".to_owned() },
        ..file("/theirs/link", &[])
    };
    let own = [file("/theirs/b", &[10]), file("/theirs/a", &[]), own_link];
    for own in own {
        let path = own.path.clone();
        kit.library.commit_versions(&[own], NOW_S).unwrap();
        let names = kit.names();
        assert_eq!(in_the_way(import(&kit, &foreign(), "/")), path.as_str());
        assert_eq!(kit.names(), names, "all or nothing");
        let info = kit.library.info(&path, None).unwrap();
        assert_eq!((info.versions, info.row.version), (1, Some(VersionNumber(1))));
        kit.library.remove(&path, NOW_S).unwrap();
    }
    import(&kit, &foreign(), "/").unwrap();
    assert_consistent(&kit.file());
}

#[test]
fn what_comes_back_to_its_owner_stays_the_owners() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/mine/a", &[10]);
    kit.put("/mine/empty", &[]);
    let mut shared = with_keys(|keys| kit.library.manifest(&path("/mine"), None, keys, NOW_S)).unwrap();
    shared.expires_unix_s = Some(NOW_S + 1);
    for entry in &mut shared.entries {
        entry.mtime_ns += 1;
    }
    let imported = import(&kit, &shared, "/").unwrap();
    assert_eq!(imported[1].version, Some(VersionNumber(1)));
    for name in ["/mine/a", "/mine/empty"] {
        let info = kit.library.info(&path(name), None).unwrap();
        assert_eq!((info.versions, info.row.expires_unix_s), (1, None), "{name} ends with no share of it");
    }
    assert_consistent(&kit.file());
}

#[test]
fn only_whose_files_they_are_replaces_imported_ones() {
    let kit = Kit::new();
    let first = foreign();
    import(&kit, &first, "/").unwrap();
    import(&kit, &first, "/").unwrap();
    // Newer: what was in b is in a now, and b is another one.
    let mut newer = first.clone();
    let content = |name: &str| newer.entries.iter().position(|entry| entry.path.as_str() == name).unwrap();
    let (a, b) = (content("theirs/a"), content("theirs/b"));
    newer.entries[a].content = first.entries[b].content.clone();
    newer.entries[b].content = first.entries[a].content.clone();
    import(&kit, &newer, "/").unwrap();
    let size = |name: &str| kit.library.resolve(name).unwrap().size_bytes;
    assert_eq!((size("/theirs/a"), size("/theirs/b")), (2 * u64::from(PLAIN_BYTES), u64::from(PLAIN_BYTES)));
    // A stranger's files of the same names, also under a chunk id that is known but with a key of their own.
    let mut stranger = foreign();
    for (chunk, number) in stranger.chunks.iter_mut().zip(0_u8..) {
        chunk.key = layr_codec::ChunkKey::from_bytes([number; 32]);
    }
    assert_eq!(in_the_way(import(&kit, &stranger, "/")), "/theirs/a");
    for (chunk, number) in stranger.chunks.iter_mut().zip(900..) {
        chunk.id = crate::kit::chunk(number);
    }
    assert_eq!(in_the_way(import(&kit, &stranger, "/")), "/theirs/a");
    assert_eq!((size("/theirs/a"), size("/theirs/b")), (2 * u64::from(PLAIN_BYTES), u64::from(PLAIN_BYTES)));
    assert_consistent(&kit.file());
}

#[test]
fn a_share_that_ended_is_refused_and_one_that_will_end_says_so() {
    let kit = Kit::new();
    let mut manifest = foreign();
    manifest.expires_unix_s = Some(NOW_S);
    assert!(matches!(import(&kit, &manifest, "/"), Err(ImportError::Expired { .. })));
    manifest.expires_unix_s = Some(NOW_S + 1);
    import(&kit, &manifest, "/").unwrap();
    assert_eq!(kit.library.resolve("/theirs/a").unwrap().expires_unix_s, Some(NOW_S + 1));
    let again = with_keys(|keys| kit.library.manifest(&path("/theirs"), None, keys, NOW_S)).unwrap();
    assert_eq!(again.expires_unix_s, Some(NOW_S + 1));
}

#[test]
fn a_manifest_that_breaks_a_rule_is_refused_even_if_it_was_never_bytes() {
    let kit = Kit::new();
    let mut manifest = foreign();
    manifest.entries[1].content = ManifestContent::File { size_bytes: 1, chunks: vec![99] };
    assert!(matches!(import(&kit, &manifest, "/"), Err(ImportError::Manifest(_))));
    let deep = format!("/{}", "n/".repeat(1023));
    assert!(matches!(import(&kit, &foreign(), &deep), Err(ImportError::Path(_))));
    assert_eq!(kit.names(), [""; 0]);
    let _ = library_key();
}
