//! Manifests of the library's own files, and what decoding refuses.

use layr_codec::{ChunkId, ChunkKey, Profile, SegmentBlindKey, SegmentId, ShardRoot};
use layr_keys::PeerId;
use layr_library::{
    AuditMark, AuditOutcome, ExportError, Failure, HostUpdate, Manifest, ManifestChunk, ManifestContent,
    ManifestEntry, ManifestError, ManifestHost, ManifestSegment, ManifestShard, NameError, NewContent,
    NewVersion, RelativePath, ShardMark, ShardState, VersionNumber,
};
use proptest::prelude::*;

use crate::kit::{
    Kit, NOW_S, PLAIN_BYTES, SEALED_BYTES, chunk, file, path, peer, root, secrets, segment, with_keys,
};

fn export(kit: &Kit, name: &str) -> Manifest {
    with_keys(|keys| kit.library.manifest(&path(name), None, keys, NOW_S)).unwrap()
}

fn filled() -> Kit {
    let kit = Kit::new();
    kit.upload(1, &[10, 11]);
    kit.upload(2, &[12]);
    kit.put("/docs/a", &[12, 10, 12]);
    kit.put("/docs/empty", &[]);
    let link = NewContent::Symlink { target: "a".to_owned() };
    let link = NewVersion { content: link, mode: Some(0o120_777), ..file("/docs/link", &[]) };
    kit.library.commit_versions(&[link], NOW_S).unwrap();
    let addresses = vec!["/ip4/10.0.0.1/tcp/1".to_owned()];
    let update = HostUpdate { peer: peer(3), addresses, offer: None, seen_unix_s: NOW_S };
    kit.library.upsert_hosts(&[update]).unwrap();
    kit
}

#[test]
fn a_manifest_has_all_it_takes_to_get_a_file_back() {
    let kit = filled();
    let manifest = export(&kit, "/docs/a");
    assert_eq!(manifest.created_unix_s, NOW_S);
    assert_eq!(manifest.size_bytes(), 3 * u64::from(PLAIN_BYTES));
    assert_eq!(manifest.entries.len(), 1);
    let entry = &manifest.entries[0];
    assert_eq!((entry.path.as_str(), entry.mtime_ns, entry.mode), ("a", 17, Some(0o644)));
    let ManifestContent::File { size_bytes, chunks } = &entry.content else { panic!() };
    assert_eq!((*size_bytes, chunks.as_slice()), (3 * u64::from(PLAIN_BYTES), [0, 1, 0].as_slice()));
    // Chunk 11 is in a segment of the file, but not the file's: its key stays here.
    let ids: Vec<_> = manifest.chunks.iter().map(|chunk| chunk.id).collect();
    assert_eq!(ids, [chunk(12), chunk(10)]);
    assert_eq!(manifest.chunks[1].key, secrets().chunk_key(&chunk(10)));
    assert_eq!((manifest.chunks[1].offset_bytes, manifest.chunks[1].sealed_bytes), (0, SEALED_BYTES));
    let place = &manifest.segments[manifest.chunks[1].segment as usize];
    assert_eq!(place.id, segment(1));
    assert_eq!(place.blind_key, secrets().segment_blind_key(&segment(1)));
    assert_eq!(place.len_bytes, 2 * SEALED_BYTES);
    assert_eq!(place.shards[3].root, root(1, 3));
    let host = &manifest.hosts[usize::from(place.shards[3].host)];
    assert_eq!(
        (host.peer, host.addresses.as_slice()),
        (peer(3), ["/ip4/10.0.0.1/tcp/1".to_owned()].as_slice())
    );
    assert_eq!(manifest.check(), Ok(()));
}

#[test]
fn directories_old_versions_and_the_root() {
    let kit = filled();
    let names = |manifest: &Manifest| -> Vec<String> {
        manifest.entries.iter().map(|entry| entry.path.as_str().to_owned()).collect()
    };
    assert_eq!(names(&export(&kit, "/docs")), ["docs", "docs/a", "docs/empty", "docs/link"]);
    assert_eq!(names(&export(&kit, "/")), ["docs", "docs/a", "docs/empty", "docs/link"]);
    kit.library.rename(&path("/docs"), &path("/deep/er")).unwrap();
    let manifest = export(&kit, "/deep/er");
    assert_eq!(names(&manifest), ["er", "er/a", "er/empty", "er/link"]);
    // The bits beyond read, write and execute do not travel.
    assert_eq!(manifest.entries[3].mode, Some(0o777));
    kit.put("/deep/er/a", &[11]);
    let old =
        with_keys(|keys| kit.library.manifest(&path("/deep/er/a"), Some(VersionNumber(1)), keys, NOW_S));
    assert_eq!(old.unwrap().size_bytes(), 3 * u64::from(PLAIN_BYTES));
    let none =
        with_keys(|keys| kit.library.manifest(&path("/deep/er/a"), Some(VersionNumber(7)), keys, NOW_S));
    assert!(matches!(none, Err(ExportError::Name(NameError::NoSuchVersion { .. }))));
    let nothing = with_keys(|keys| kit.library.manifest(&path("/nothing"), None, keys, NOW_S));
    assert!(matches!(nothing, Err(ExportError::Name(NameError::NotFound { .. }))));
}

#[test]
fn lost_shards_are_left_out_unless_they_are_the_last_hope() {
    let kit = filled();
    let mark = |index: u8, state| {
        let mark = ShardMark { segment: segment(1), index, host: peer(u64::from(index)), shard: None, state };
        assert_eq!(kit.library.mark_shards(&[mark], NOW_S).unwrap(), 1);
    };
    let order = || -> Vec<u8> {
        let manifest = export(&kit, "/docs/a");
        let segment = manifest.segments.iter().find(|place| place.id == segment(1)).unwrap();
        segment.shards.iter().map(|shard| shard.index).collect()
    };
    mark(0, ShardState::Unreachable);
    mark(1, ShardState::Missing);
    mark(2, ShardState::Corrupt);
    assert_eq!(order(), [3, 4, 5, 0]);
    for index in [3, 4, 5] {
        mark(index, ShardState::Missing);
    }
    // One unreachable shard is left where two are needed.
    assert_eq!(order()[0], 0);
    assert_eq!(order().len(), 2);
}

/// A copy that failed for good is the very last hope, however it was called before.
#[test]
fn a_copy_that_failed_comes_after_those_of_which_something_bad_was_only_heard() {
    let kit = filled();
    let marks = [(0, AuditOutcome::Failed(Failure::WrittenOff))]
        .into_iter()
        .chain((1..6).map(|index| (index, AuditOutcome::Heard(ShardState::Corrupt))))
        .map(|(index, outcome)| {
            let host = peer(u64::from(index));
            AuditMark { segment: segment(1), index, host, shard: None, outcome }
        });
    kit.library.note_audit(&marks.collect::<Vec<_>>(), NOW_S).unwrap();
    let order = || -> Vec<u8> {
        let manifest = export(&kit, "/docs/a");
        let segment = manifest.segments.iter().find(|place| place.id == segment(1)).unwrap();
        segment.shards.iter().map(|shard| shard.index).collect()
    };
    assert_eq!(order(), [1, 2]);
    let failed = |index: u8| AuditMark {
        segment: segment(1),
        index,
        host: peer(u64::from(index)),
        shard: None,
        outcome: AuditOutcome::Failed(Failure::Corrupt),
    };
    kit.library.note_audit(&(1..5).map(failed).collect::<Vec<_>>(), NOW_S).unwrap();
    assert_eq!(order(), [5, 0], "what may come back before what is known to be bad");
}

fn valid() -> Manifest {
    let relative = |text: &str| RelativePath::parse(text).unwrap();
    let entry =
        |name, content| ManifestEntry { path: relative(name), content, mtime_ns: -1, mode: Some(0o600) };
    let shard = |index, host| ManifestShard { index, root: ShardRoot::from_bytes([index; 32]), host };
    Manifest {
        entries: vec![
            entry("d", ManifestContent::Directory),
            entry("d/f", ManifestContent::File { size_bytes: 25, chunks: vec![0, 1, 0] }),
            entry("d-e", ManifestContent::Symlink { target: "../\u{202e}x".to_owned() }),
        ],
        chunks: vec![
            ManifestChunk {
                id: ChunkId::from_bytes([1; 32]),
                key: ChunkKey::from_bytes([2; 32]),
                plain_bytes: 10,
                sealed_bytes: 40,
                segment: 0,
                offset_bytes: 0,
            },
            ManifestChunk {
                id: ChunkId::from_bytes([3; 32]),
                key: ChunkKey::from_bytes([4; 32]),
                plain_bytes: 5,
                sealed_bytes: 35,
                segment: 0,
                offset_bytes: 40,
            },
        ],
        segments: vec![ManifestSegment {
            id: SegmentId::from_bytes([5; 16]),
            profile: Profile::new(2, 6).unwrap(),
            len_bytes: 75,
            blind_key: SegmentBlindKey::from_bytes([6; 32]),
            shards: vec![shard(5, 1), shard(0, 0)],
        }],
        hosts: vec![
            ManifestHost {
                peer: PeerId::from_bytes([7; 32]),
                addresses: vec!["/ip4/1.2.3.4/tcp/5".to_owned()],
            },
            ManifestHost { peer: PeerId::from_bytes([8; 32]), addresses: Vec::new() },
        ],
        created_unix_s: 1,
        expires_unix_s: Some(2),
    }
}

#[test]
fn what_is_encoded_is_decoded() {
    let manifest = valid();
    let bytes = manifest.encode().unwrap();
    assert_eq!(Manifest::decode(&bytes), Ok(manifest.clone()));
    assert!(manifest.is_expired(2) && !manifest.is_expired(1));
    let kit = filled();
    let own = export(&kit, "/");
    assert_eq!(Manifest::decode(&own.encode().unwrap()), Ok(own));
}

#[test]
fn keys_are_not_shown() {
    let manifest = valid();
    let shown = format!("{:?} {:?}", manifest.chunks[0], manifest.segments[0]);
    assert!(shown.contains("ChunkKey(..)") && shown.contains("SegmentBlindKey(..)"));
}

type Change = (&'static str, fn(&mut Manifest));

#[test]
fn every_rule_is_checked_on_both_ways() {
    let changes: Vec<Change> = vec![
        ("segment position", |m| m.chunks[0].segment = 1),
        ("beyond its segment", |m| m.chunks[1].offset_bytes = 41),
        ("offset overflow", |m| m.chunks[1].offset_bytes = u32::MAX),
        ("overlap", |m| m.chunks[1].offset_bytes = 39),
        ("sealed too short", |m| m.chunks[0].sealed_bytes = 30),
        ("sealed too long", |m| m.chunks[0].sealed_bytes = 41),
        ("empty chunk", |m| m.chunks[0].plain_bytes = 0),
        ("giant chunk", |m| m.chunks[0].plain_bytes = 1 << 23),
        ("segment length", |m| m.segments[0].len_bytes = 0),
        ("segment too long", |m| m.segments[0].len_bytes = 8 * 1024 * 1024 + 1),
        ("shard twice", |m| m.segments[0].shards[1].index = 5),
        ("shard beyond n", |m| m.segments[0].shards[1].index = 6),
        ("host position", |m| m.segments[0].shards[1].host = 2),
        ("host twice", |m| m.hosts[1].peer = m.hosts[0].peer),
        ("too many addresses", |m| m.hosts[1].addresses = vec!["/a".to_owned(); 9]),
        ("address with control", |m| m.hosts[1].addresses = vec!["/a\u{1b}[2J".to_owned()]),
        ("file size", |m| {
            m.entries[1].content = ManifestContent::File { size_bytes: 24, chunks: vec![0, 1, 0] };
        }),
        ("chunk position", |m| {
            m.entries[1].content = ManifestContent::File { size_bytes: 25, chunks: vec![0, 1, 2] };
        }),
        ("setuid", |m| m.entries[1].mode = Some(0o4755)),
        ("empty target", |m| m.entries[2].content = ManifestContent::Symlink { target: String::new() }),
        ("order", |m| m.entries.swap(1, 2)),
        ("path twice", |m| {
            let entry = m.entries[1].clone();
            m.entries.insert(1, entry);
        }),
        ("through a link", |m| m.entries[0].content = ManifestContent::Symlink { target: "/etc".to_owned() }),
        ("through a file", |m| {
            m.entries[0].content = ManifestContent::File { size_bytes: 0, chunks: vec![] }
        }),
    ];
    for (rule, change) in changes {
        let mut manifest = valid();
        change(&mut manifest);
        assert!(
            matches!(manifest.check(), Err(ManifestError::Wrong { .. })),
            "{rule}: {:?}",
            manifest.check()
        );
        assert!(manifest.encode().is_err(), "{rule}");
    }
}

/// What the encoder never writes has to be made by hand.
#[test]
fn paths_that_lead_out_and_odd_encodings_are_refused() {
    let good = valid().encode().unwrap();
    let replace = |from: &[u8], to: &[u8]| -> Vec<u8> {
        let at = good.windows(from.len()).position(|window| window == from).unwrap();
        [&good[..at], to, &good[at + from.len()..]].concat()
    };
    // The file "d/f" becomes something else of three bytes.
    for bad in ["../", "/et", "a/.", "a//", "a\0b", "..."] {
        let bytes = replace(b"\x63d/f", format!("\x63{bad}").as_bytes());
        let decoded = Manifest::decode(&bytes);
        if bad == "..." {
            assert!(matches!(decoded, Err(ManifestError::Wrong { .. })), "out of order, but no traversal");
        } else {
            assert!(matches!(decoded, Err(ManifestError::Malformed { .. })), "{bad:?}");
        }
    }
    // An indefinite length in place of the outer array's.
    let indefinite = [&[0x9f], &good[1..], &[0xff]].concat();
    assert!(matches!(Manifest::decode(&indefinite), Err(ManifestError::Malformed { .. })));
    // The time of making, 1, in two bytes: the same value, but another text for it.
    let longer = [&good[..1], &[0x18, 0x01], &good[2..]].concat();
    assert_eq!(Manifest::decode(&longer), Err(ManifestError::Malformed { offset_bytes: 1 }));
    let trailing = [&good[..], &[0]].concat();
    assert_eq!(Manifest::decode(&trailing), Err(ManifestError::Trailing { len_bytes: 1 }));
    for len in 0..good.len() {
        assert!(Manifest::decode(&good[..len]).is_err());
    }
    // An array that claims 2^32 hosts.
    let claims = [&[0x86, 0x01, 0xf6, 0x9b][..], &(1_u64 << 32).to_be_bytes()].concat();
    assert!(matches!(Manifest::decode(&claims), Err(ManifestError::Malformed { .. })));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = Manifest::decode(&bytes);
    }

    #[test]
    fn mutated_manifests_never_panic_and_what_decodes_is_valid(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = valid().encode().unwrap().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(manifest) = Manifest::decode(&bytes) {
            prop_assert_eq!(manifest.check(), Ok(()));
            let again = manifest.encode().unwrap();
            prop_assert_eq!(again.as_slice(), bytes);
        }
    }

    #[test]
    fn any_names_and_times_come_back(
        names in prop::collection::btree_set("[^/\u{0}]{1,20}", 1..10),
        mtime_ns in any::<i64>(),
        mode in prop::option::of(0..=0o777_u32),
        created_unix_s in any::<u64>(),
        expires_unix_s in any::<Option<u64>>(),
    ) {
        let paths = names.iter().filter_map(|name| RelativePath::parse(name).ok());
        let entries = paths
            .map(|path| ManifestEntry { path, content: ManifestContent::Directory, mtime_ns, mode })
            .collect();
        let manifest = Manifest { entries, created_unix_s, expires_unix_s, ..Manifest::default() };
        prop_assert_eq!(Manifest::decode(&manifest.encode().unwrap()), Ok(manifest));
    }
}
