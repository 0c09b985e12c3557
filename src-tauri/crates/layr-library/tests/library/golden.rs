//! Files of earlier releases open for ever. `tests/fixtures/library/` has a `.layr` file of each kind and a database of
//! every schema version; they are never made anew.

use std::path::{Path, PathBuf};

use layr_library::{
    ActivityLevel, AgreementData, AgreementRecord, AgreementRole, AgreementState, AuditMark, AuditOutcome,
    EscrowPlace, Failure, HostLook, HostPresence, HostUpdate, LayrKind, Library, ListOptions, Manifest,
    NewActivity, NewContent, NewTransfer, NewVersion, Offer, PartEvent, PlacedFile, ShardMark, ShardState,
    SourceFile, SourceProbe, SourceStamp, TimedPause, TransferCounts, TransferEnd, TransferKind,
    TransferState, VersionNumber, layr_kind, read_layr, write_bearer, write_private,
};

use crate::agreement::{agreement, data};
use crate::kit::{
    Kit, NOW_S, OWNER, PLAIN_BYTES, assert_consistent, chunk, entropy, file, library_key, path, peer, plan,
    root, secrets_of, segment, shard, shards, with_keys,
};
use crate::ledger_journal::{NETWORK, signed};

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap())
        .join("../../../tests/fixtures/library")
        .join(name)
}

const STAMP: SourceStamp = SourceStamp { size_bytes: 4096, mtime_ns: 3, ctime_ns: 4, inode: 5, device: 6 };

/// A library in which every table has rows.
fn varied() -> Kit {
    let kit = Kit::new();
    kit.upload(1, &[10, 11]);
    let source = SourceFile { local_path: b"/home/ann/\xe9.txt".to_vec(), stamp: STAMP };
    let first = NewVersion { source: Some(source), ..file("/docs/line\nbreak.txt", &[10]) };
    kit.library.commit_versions(&[first], NOW_S).unwrap();
    kit.put("/docs/line\nbreak.txt", &[11, 10]);
    let entry = |name, content| NewVersion { content, ..file(name, &[]) };
    let more = [
        entry("/docs/link", NewContent::Symlink { target: "../elsewhere".to_owned() }),
        entry("/empty dir", NewContent::Directory),
        file("/empty", &[]),
        file("/old/gone", &[11]),
    ];
    kit.library.commit_versions(&more, NOW_S + 1).unwrap();
    kit.library.remove(&path("/old"), NOW_S + 2).unwrap();
    let addresses = vec!["/ip4/10.0.0.1/tcp/4001".to_owned(), "/ip6/::1/udp/4001/quic-v1".to_owned()];
    let offer = Some(Offer { record: vec![0xde, 0xad], sequence: 3 });
    kit.library.upsert_hosts(&[HostUpdate { peer: peer(0), addresses, offer, seen_unix_s: NOW_S }]).unwrap();
    let mark =
        ShardMark { segment: segment(1), index: 2, host: peer(2), shard: None, state: ShardState::Corrupt };
    kit.library.mark_shards(&[mark], NOW_S + 3).unwrap();
    kit.library.plan_segment(&plan(2, &[20])).unwrap();
    kit.library.shards_stored(&segment(2), &[shard(2, 1, 1)]).unwrap();
    let audits = [(1, 2, AuditOutcome::Failed(Failure::Corrupt)), (2, 1, AuditOutcome::Open { leaf: 3 })]
        .map(|(number, index, outcome)| {
            let (segment, host) = (segment(number), peer(u64::from(index)));
            AuditMark { segment, index, host, shard: None, outcome }
        });
    kit.library.note_audit(&audits, NOW_S + 3).unwrap();
    let look = HostLook { is_sample: true, presence: HostPresence::There, proven_leaves: 20 };
    kit.library.note_host_look(&peer(4), &look).unwrap();
    kit.library.plan_segment(&plan(3, &[30])).unwrap();
    kit.library.shards_stored(&segment(3), &[shard(3, 0, 0)]).unwrap();
    kit.library.abandon_segment(&segment(3)).unwrap();
    with_keys(|keys| kit.library.import(&foreign(), &path("/inbox"), keys, NOW_S)).unwrap();
    let addresses = ["/ip4/10.0.0.9/tcp/4001".to_owned()];
    kit.library.add_delegate(&peer(9), "server", &addresses, NOW_S).unwrap();
    kit.library.delegation_given(&peer(9), 2, NOW_S + 86_400).unwrap();
    queue(&kit.library);
    kit.library.pause_transfers_for(PAUSE_S, NOW_S).unwrap();
    kit.library.write_ledger_transaction(&signed("send:golden", 7)).unwrap();
    kit.library.write_agreements(&agreed()).unwrap();
    for news in news() {
        kit.library.note_activity(&news, NOW_S + 4).unwrap();
    }
    kit
}

/// An agreement of each role.
fn agreed() -> [(AgreementRecord, Option<AgreementData>); 2] {
    [AgreementRole::Owner, AgreementRole::Host].map(|role| {
        let place = EscrowPlace { escrow: [8; 32], host: 3, path: vec![4, 5], hosts: 6 };
        let record = AgreementRecord {
            place: Some(place),
            state: AgreementState::Open,
            receipt: Some(vec![10]),
            ..agreement(role, [5; 32])
        };
        (record, Some(data(0, 0, &[1, 2])))
    })
}

/// How long everything is paused.
const PAUSE_S: u64 = 600;

fn news() -> [NewActivity; 2] {
    [
        (ActivityLevel::Info, "upload_done", None),
        (ActivityLevel::Action, "vault_away", Some("/hosting".to_owned())),
    ]
    .map(|(level, kind, opens)| NewActivity {
        level,
        kind: kind.to_owned(),
        subject: "7".to_owned(),
        title: "Title".to_owned(),
        text: "Text.".to_owned(),
        opens,
    })
}

const COUNTS: TransferCounts =
    TransferCounts { done_bytes: 3, total_bytes: 4, done_files: 1, total_files: 2 };

/// A transfer in every state.
fn queue(library: &Library) {
    for (number, state) in STATES.iter().enumerate() {
        let kind = if number % 2 == 0 { TransferKind::Upload } else { TransferKind::Download };
        let new = NewTransfer { kind, name: format!("docs {number}"), request: vec![0xbe, 0xef] };
        let id = library.add_transfers(&[new], NOW_S).unwrap()[0];
        let end = |end| library.end_transfer(id, end, Some(COUNTS), Some(&[0xfe]), NOW_S + 1).map(drop);
        match state {
            TransferState::Waiting => library.transfer_placed(id, PlacedFile { device: 1, inode: u64::MAX }),
            TransferState::Paused => library.pause_transfers(Some(id)).map(drop),
            TransferState::Failed => end(TransferEnd::Failed),
            TransferState::Done => end(TransferEnd::Done),
            TransferState::Cancelled => library.cancel_transfers(Some(id)).map(drop),
        }
        .unwrap();
    }
}

const STATES: [TransferState; 5] = [
    TransferState::Waiting,
    TransferState::Paused,
    TransferState::Failed,
    TransferState::Done,
    TransferState::Cancelled,
];

fn foreign() -> Manifest {
    let kit = Kit::new();
    kit.upload(8, &[50, 51]);
    kit.put("/shared/photo.jpg", &[51, 50, 51]);
    let entry = |name, content| NewVersion { content, ..file(name, &[]) };
    let more = [
        entry("/shared/empty", NewContent::File { size_bytes: 0, chunks: Vec::new() }),
        entry("/shared/link", NewContent::Symlink { target: "photo.jpg".to_owned() }),
        entry("/shared/none", NewContent::Directory),
    ];
    kit.library.commit_versions(&more, NOW_S).unwrap();
    let codec = secrets_of(70);
    let keys = layr_library::ManifestKeys { codec: &codec, library_key: &library_key() };
    let mut manifest = kit.library.manifest(&path("/shared"), None, keys, NOW_S).unwrap();
    manifest.hosts[0].addresses = vec!["/ip4/10.0.0.1/tcp/4001".to_owned()];
    manifest.expires_unix_s = Some(NOW_S + 86_400);
    manifest
}

#[test]
fn layr_files_are_written_and_read_byte_for_byte() {
    let bearer = std::fs::read(fixture("bearer.layr")).unwrap();
    assert_eq!(layr_kind(&bearer), Ok(LayrKind::Bearer));
    assert_eq!(read_layr(&bearer, None), Ok(foreign()));
    assert!(*write_bearer(&foreign()).unwrap() == bearer);
    let private = std::fs::read(fixture("private.layr")).unwrap();
    assert_eq!(layr_kind(&private), Ok(LayrKind::Private));
    assert_eq!(read_layr(&private, Some(&library_key())), Ok(foreign()));
    assert!(*write_private(&foreign(), &library_key(), [12; 12]).unwrap() == private);
}

#[test]
fn databases_of_every_version_open_and_everything_is_there() {
    for version in [1, 2, 3, 5, 6, 7, 8, 9, 10, 11] {
        let dir = tempfile::tempdir().unwrap();
        let copy = dir.path().join(Library::FILE_NAME);
        std::fs::copy(fixture(&format!("v{version}.sqlite")), &copy).unwrap();
        let kit = Kit { library: Library::open(&copy, OWNER, entropy(), NOW_S + 9).unwrap(), dir };
        assert_tree(&kit);
        assert_uploads(&kit);
        assert_activity(&kit.library, version >= 5);
        assert_queue(&kit.library, version >= 2);
        assert_audits(&kit.library, version >= 6);
        assert_history(&kit.library, version >= 8);
        assert_delegates(&kit.library, version >= 8);
        let signed = (version >= 10).then(|| signed("send:golden", 7));
        assert_eq!(kit.library.ledger_transaction(&NETWORK, "send:golden").unwrap(), signed);
        assert_agreements(&kit.library, version >= 11);
        let evidence = kit.library.host(&peer(4)).unwrap().unwrap().evidence;
        let has_evidence = version >= 7;
        assert_eq!((evidence.proven_leaves > 0, evidence.proven_for_s > 0), (has_evidence, has_evidence));
        let mut imported = foreign();
        imported.hosts[0].addresses.push("/ip6/::1/udp/4001/quic-v1".to_owned());
        let manifest = with_keys(|keys| kit.library.manifest(&path("/inbox/shared"), None, keys, NOW_S));
        assert_eq!(manifest.unwrap(), imported);
        // And it can be written to.
        kit.put("/new", &[10]);
        queue(&kit.library);
        kit.library.maintain(NOW_S + 10).unwrap();
        assert_consistent(&kit.file());
    }
}

/// What came with version 4, and the pause of version 5.
fn assert_activity(library: &Library, has_activity: bool) {
    let rows = library.activity().unwrap();
    if !has_activity {
        assert!(rows.is_empty());
        return;
    }
    let kept: Vec<_> = rows.iter().rev().map(|row| row.entry.clone()).collect();
    assert_eq!(kept, news());
    assert_eq!((rows[0].times, rows[0].noted_unix_s, rows[0].resolved_unix_s), (1, NOW_S + 4, None));
    assert_eq!(rows[1].resolved_unix_s, Some(NOW_S + 4));
    let left_s = library.pause_left_s(NOW_S + 9).unwrap().unwrap();
    assert!((PAUSE_S - 9..PAUSE_S).contains(&left_s), "{left_s}");
    let TimedPause::Left { until_s, .. } = library.look_at_pause(NOW_S + 9).unwrap() else {
        panic!("it lasts on")
    };
    assert!(library.end_timed_pause(until_s).unwrap());
}

fn assert_agreements(library: &Library, has_agreements: bool) {
    let kept = agreed().map(|(record, data)| (library.open_agreements(record.role).unwrap(), record, data));
    for (kept, record, data) in kept {
        let Some(found) = kept.first() else {
            assert!(!has_agreements);
            continue;
        };
        assert_eq!(*found, AgreementRecord { id: found.id, ..record });
        assert_eq!(library.agreement_data(found.id, 0, 0).unwrap(), data);
    }
}

fn assert_queue(library: &Library, has_queue: bool) {
    let (rows, is_paused) = library.transfers().unwrap();
    assert!(!is_paused);
    if !has_queue {
        assert!(rows.is_empty());
        return;
    }
    assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), STATES);
    assert_eq!((rows[3].counts, rows[3].name.as_str()), (COUNTS, "docs 3"));
    assert_eq!((rows[3].finished_unix_s, rows[3].outcome.as_deref()), (Some(NOW_S + 1), Some(&[0xfe][..])));
    let task = library.transfer_task(rows[0].id).unwrap().unwrap();
    assert_eq!(
        (task.request, task.placed),
        (vec![0xbe, 0xef], Some(PlacedFile { device: 1, inode: u64::MAX }))
    );
}

fn assert_tree(kit: &Kit) {
    let options = ListOptions { is_recursive: true, with_versions: true };
    let rows = kit.library.ls(&path("/"), options, None, 100).unwrap().rows;
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let version = row.version.map_or(0, |number| number.0);
            (
                row.path.as_str(),
                row.kind.as_str(),
                version,
                row.size_bytes / u64::from(PLAIN_BYTES),
                row.is_current,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("/docs", "directory", 0, 0, true),
            ("/docs/line\nbreak.txt", "file", 2, 2, true),
            ("/docs/line\nbreak.txt", "file", 1, 1, false),
            ("/docs/link", "symlink", 1, 0, true),
            ("/empty", "file", 1, 0, true),
            ("/empty dir", "directory", 0, 0, true),
            ("/inbox", "directory", 0, 0, true),
            ("/inbox/shared", "directory", 0, 0, true),
            ("/inbox/shared/empty", "file", 1, 0, true),
            ("/inbox/shared/link", "symlink", 1, 0, true),
            ("/inbox/shared/none", "directory", 0, 0, true),
            ("/inbox/shared/photo.jpg", "file", 1, 3, true),
        ]
    );
    let link = kit.library.resolve("docs/link").unwrap();
    assert_eq!(
        (link.link_target.as_deref(), link.mode, link.mtime_ns),
        (Some("../elsewhere"), Some(0o644), Some(17))
    );
    let trash = kit.library.trash(None, 10).unwrap();
    assert_eq!((trash[0].path.as_str(), trash[0].files, trash[0].trashed_unix_s), ("/old", 1, NOW_S + 2));
    let target = &path("/docs/line\nbreak.txt");
    let probe = SourceProbe { local_path: b"/home/ann/\xe9.txt", stamp: STAMP, target };
    assert!(matches!(
        kit.library.known_sources(&[probe]).unwrap()[0],
        layr_library::KnownSource::Elsewhere { version: VersionNumber(1), .. }
    ));
}

fn assert_uploads(kit: &Kit) {
    assert!(kit.library.known_chunks(&[chunk(11)]).unwrap()[0].unwrap().is_safe);
    assert_eq!(kit.library.unfinished_segments().unwrap(), [segment(2)]);
    let unfinished = kit.library.unfinished_segment(&segment(2)).unwrap().unwrap();
    assert_eq!((unfinished.plan, unfinished.stored), (plan(2, &[20]), vec![shard(2, 1, 1)]));
    let garbage = kit.library.garbage_due(10).unwrap();
    assert_eq!((garbage.len(), garbage[0].root, garbage[0].host), (1, root(3, 0), peer(0)));
    let host = kit.library.host(&peer(0)).unwrap().unwrap();
    assert_eq!(host.addresses, ["/ip4/10.0.0.1/tcp/4001", "/ip6/::1/udp/4001/quic-v1"]);
    assert_eq!(host.offer, Some(Offer { record: vec![0xde, 0xad], sequence: 3 }));
    let file = kit.library.resolve("/docs/line\nbreak.txt").unwrap().file;
    let segments = kit.library.segments(file, None, None, 10).unwrap();
    let places: Vec<_> =
        segments[0].shards.iter().map(|shard| (shard.index, shard.root, shard.host)).collect();
    assert_eq!(
        places,
        shards(1, 6).iter().map(|shard| (shard.index, shard.root, shard.host)).collect::<Vec<_>>()
    );
    assert_eq!(segments[0].shards[2].state, ShardState::Corrupt);
    assert_eq!(segments[0].shards[2].checked_unix_s, Some(NOW_S + 3));
}

/// Of libraries from before audits hosts are asked about everything that was heard.
fn assert_audits(library: &Library, has_audits: bool) {
    let record = |number, index| {
        let segment = library.own_segment(&segment(number)).unwrap().unwrap();
        *segment.shards.iter().find(|shard| shard.index == index).unwrap()
    };
    assert_eq!(record(1, 2).failed, has_audits.then_some(Failure::Corrupt));
    assert_eq!(record(2, 1).open_leaf, has_audits.then_some(3));
    assert_eq!(library.held_by(&peer(2)).unwrap().iter().any(|held| held.is_due), !has_audits);
}

fn assert_delegates(library: &Library, has_delegates: bool) {
    let delegates = library.delegates().unwrap();
    assert_eq!(delegates.len(), usize::from(has_delegates));
    for delegate in delegates {
        assert_eq!((delegate.peer, delegate.name.as_str(), delegate.serial), (peer(9), "server", 2));
        assert_eq!(delegate.addresses, ["/ip4/10.0.0.9/tcp/4001"]);
    }
}

fn assert_history(library: &Library, has_history: bool) {
    let file = library.resolve("/docs/line\nbreak.txt").unwrap().file;
    let happenings = library.part_history(file, None, 9).unwrap().happenings;
    let told: Vec<_> = happenings.iter().map(|it| (it.index, it.event, it.host)).collect();
    let failed = (2, PartEvent::Failed(Failure::Corrupt), peer(2));
    assert_eq!(told, if has_history { vec![failed] } else { Vec::new() });
}

/// Writes the files of a new version; those that exist are left as they are.
#[test]
#[ignore = "writes into the repository"]
fn write_missing_golden_files() {
    let write = |name: &str, bytes: &[u8]| {
        if !fixture(name).exists() {
            std::fs::write(fixture(name), bytes).unwrap();
        }
    };
    std::fs::create_dir_all(fixture("")).unwrap();
    write("bearer.layr", &write_bearer(&foreign()).unwrap());
    write("private.layr", &write_private(&foreign(), &library_key(), [12; 12]).unwrap());
    let kit = varied();
    let copy = kit.dir.path().join("copy.sqlite");
    kit.library.backup(&copy).unwrap();
    write("v12.sqlite", &std::fs::read(copy).unwrap());
}
