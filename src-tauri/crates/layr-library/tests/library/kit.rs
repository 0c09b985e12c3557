//! A library with a deterministic source of ids, and short ways to fill it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use layr_codec::{ChunkId, CodecSecrets, Encoding, Profile, SegmentId, ShardRoot};
use layr_keys::{OwnerId, PeerId};
use layr_library::{
    Committed, Entropy, Library, LibraryKey, LibraryPath, ListOptions, ListRow, ManifestKeys, NewContent,
    NewVersion, PlannedChunk, SegmentPlan, SourceRef, StoredShard,
};
use rusqlite::Connection;
use tempfile::TempDir;

pub(crate) const NOW_S: u64 = 1_800_000_000;
pub(crate) const OWNER: OwnerId = OwnerId::from_bytes([0x0a; 32]);
pub(crate) const DAY_S: u64 = 86_400;
pub(crate) const PLAIN_BYTES: u32 = 4096;
pub(crate) const SEALED_BYTES: u32 = 4096 + 30;

pub(crate) struct Kit {
    pub(crate) dir: TempDir,
    pub(crate) library: Library,
}

impl Kit {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let library = Library::create(&dir.path().join(Library::FILE_NAME), OWNER, entropy(), NOW_S).unwrap();
        Self { dir, library }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.dir.path().join(Library::FILE_NAME)
    }

    /// Lets time pass as it does for a machine that runs: a look at the clock every hour.
    pub(crate) fn pass_days(&self, from_s: u64, days: u64) -> u64 {
        let end = from_s + days * DAY_S;
        for now in (from_s..=end).step_by(3600) {
            self.library.tick(now).unwrap();
        }
        end
    }

    /// Uploads a safe and finished segment of these chunks.
    pub(crate) fn upload(&self, segment: u64, chunks: &[u64]) {
        let plan = plan(segment, chunks);
        self.library.plan_segment(&plan).unwrap();
        self.library.shards_stored(&plan.id, &shards(segment, plan.profile.n())).unwrap();
        self.library.segment_safe(&plan.id).unwrap();
    }

    /// Commits a file of these chunks.
    pub(crate) fn put(&self, path: &str, chunks: &[u64]) -> Committed {
        self.library.commit_versions(&[file(path, chunks)], NOW_S).unwrap()[0]
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.rows("/").into_iter().map(|row| row.path.as_str().to_owned()).collect()
    }

    pub(crate) fn rows(&self, dir: &str) -> Vec<ListRow> {
        let options = ListOptions { is_recursive: true, with_versions: false };
        self.library.ls(&path(dir), options, None, 10_000).unwrap().rows
    }
}

/// Bytes that differ at every call and are the same in every run.
pub(crate) fn entropy() -> Entropy {
    let counter = AtomicU64::new(1);
    Entropy::from_fn(move |out| {
        let mut value = counter.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in out {
            *byte = value.to_be_bytes()[0];
            value = value.rotate_left(8).wrapping_add(0x1234_5678_9abc_def1);
        }
        Ok(())
    })
}

pub(crate) fn path(text: &str) -> LibraryPath {
    text.parse().unwrap()
}

pub(crate) fn spread<const LEN: usize>(kind: u8, number: u64) -> [u8; LEN] {
    let mut bytes = [kind; LEN];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes
}

pub(crate) fn chunk(number: u64) -> ChunkId {
    ChunkId::from_bytes(spread(1, number))
}

pub(crate) fn segment(number: u64) -> SegmentId {
    SegmentId::from_bytes(spread(2, number))
}

pub(crate) fn root(segment: u64, index: u8) -> ShardRoot {
    ShardRoot::from_bytes(spread(3, segment * 256 + u64::from(index)))
}

pub(crate) fn peer(number: u64) -> PeerId {
    PeerId::from_bytes(spread(4, number))
}

pub(crate) fn profile() -> Profile {
    Profile::new(2, 6).unwrap()
}

pub(crate) fn plan(number: u64, chunks: &[u64]) -> SegmentPlan {
    let chunks: Vec<_> = chunks
        .iter()
        .zip(0_u32..)
        .map(|(&chunk_number, position)| PlannedChunk {
            chunk_id: chunk(chunk_number),
            plain_bytes: PLAIN_BYTES,
            sealed_bytes: SEALED_BYTES,
            offset_bytes: position * SEALED_BYTES,
            nonce: spread(5, chunk_number),
            tag: spread(6, chunk_number),
            encoding: Encoding::Zstd,
            source: SourceRef { local_path: b"/home/ann/\xff.bin".to_vec(), offset_bytes: chunk_number * 7 },
        })
        .collect();
    let len_bytes = u32::try_from(chunks.len()).unwrap() * SEALED_BYTES;
    SegmentPlan { id: segment(number), profile: profile(), len_bytes, chunks }
}

pub(crate) fn shards(segment: u64, count: u8) -> Vec<StoredShard> {
    (0..count).map(|index| shard(segment, index, u64::from(index))).collect()
}

pub(crate) fn shard(segment: u64, index: u8, host: u64) -> StoredShard {
    StoredShard { index, root: root(segment, index), host: peer(host) }
}

pub(crate) fn file(name: &str, chunks: &[u64]) -> NewVersion {
    let size_bytes = chunks.len() as u64 * u64::from(PLAIN_BYTES);
    let chunks = chunks.iter().map(|number| chunk(*number)).collect();
    NewVersion {
        path: path(name),
        content: NewContent::File { size_bytes, chunks },
        mtime_ns: 17,
        mode: Some(0o644),
        source: None,
    }
}

pub(crate) fn secrets() -> CodecSecrets {
    secrets_of(7)
}

pub(crate) fn secrets_of(owner: u8) -> CodecSecrets {
    CodecSecrets {
        chunk_id_key: [owner; 32],
        chunk_key_secret: [owner.wrapping_add(1); 32],
        blind_secret: [owner.wrapping_add(2); 32],
        chunker_seed: u64::from(owner),
    }
}

pub(crate) fn library_key() -> LibraryKey {
    LibraryKey::from_bytes([9; 32])
}

pub(crate) fn with_keys<T>(work: impl FnOnce(ManifestKeys<'_>) -> T) -> T {
    work(ManifestKeys { codec: &secrets(), library_key: &library_key() })
}

/// Copies the database as it is on disk this instant, as after a kill.
pub(crate) fn copy_of(file: &Path, to: &Path) -> PathBuf {
    let copy = to.join(Library::FILE_NAME);
    std::fs::copy(file, &copy).unwrap();
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(beside(&copy, end));
    }
    if beside(file, "-wal").exists() {
        std::fs::copy(beside(file, "-wal"), beside(&copy, "-wal")).unwrap();
    }
    copy
}

pub(crate) fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Everything in the database as text.
pub(crate) fn dump(file: &Path) -> String {
    let connection = Connection::open(file).unwrap();
    let mut out = String::new();
    let mut tables =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for table in tables {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let row: Vec<_> = (0..columns).map(|column| row.get_ref(column).unwrap()).collect();
            writeln!(out, "{table} {row:?}").unwrap();
        }
    }
    out
}

/// A look every quarter of an hour, as of a computer that is awake: so long a time counts in full.
pub(crate) fn stay_awake(library: &Library, from_s: u64, until_s: u64) {
    for now_s in (from_s..until_s).step_by(900).chain([until_s]) {
        library.note_look(now_s, false).unwrap();
    }
}

/// Rules that hold in every state of the database.
pub(crate) fn assert_consistent(file: &Path) {
    let connection = Connection::open(file).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    for (rule, violations) in [
        ("foreign keys", "SELECT count(*) FROM pragma_foreign_key_check"),
        (
            "a file has exactly one current version",
            "SELECT count(*) FROM entry WHERE is_directory = 0
                AND (SELECT count(*) FROM version WHERE entry = entry.id AND superseded_s IS NULL) <> 1",
        ),
        ("directories have none", "SELECT count(*) FROM version JOIN entry e ON e.id = entry WHERE e.is_directory"),
        (
            "only the root and what is in the trash hangs from nothing",
            "SELECT count(*) FROM entry WHERE (parent IS NULL) <> (id = 1 OR id IN (SELECT entry FROM trash))",
        ),
        (
            "files hold nothing",
            "SELECT count(*) FROM entry e JOIN entry parent ON parent.id = e.parent WHERE NOT parent.is_directory",
        ),
        (
            "versions need safe segments only",
            "SELECT count(*) FROM version_segment vs JOIN segment s ON s.id = vs.segment WHERE s.state = 0",
        ),
        (
            "healthy shards are counted",
            "SELECT count(*) FROM segment s
                WHERE alive <> (SELECT count(*) FROM shard WHERE segment = s.id AND state = 0)",
        ),
        (
            "what is in danger of ours is known to be",
            "SELECT count(*) FROM segment WHERE origin = 0 AND state > 0
                AND (3 * (alive - k) < n - k) <> (endangered_s IS NOT NULL)",
        ),
        (
            "an open question knows when it may be put again",
            "SELECT count(*) FROM shard WHERE open_due_s <> CASE open_attempts WHEN 0 THEN 0 WHEN 1 THEN open_asked_s + 900
                WHEN 2 THEN open_asked_s + 3600 WHEN 3 THEN open_asked_s + 14400 WHEN 5 THEN open_asked_s + 25200
                ELSE open_asked_s + 43200 END",
        ),
        (
            "sources are kept exactly while a segment is unfinished",
            "SELECT count(*) FROM chunk c JOIN segment s ON s.id = c.segment LEFT JOIN chunk_source o ON o.chunk = c.id
                WHERE (s.state < 2) <> (o.chunk IS NOT NULL)",
        ),
        (
            "what is wanted is not garbage",
            "SELECT count(*) FROM garbage g JOIN shard s ON s.root = g.root AND s.host = g.host",
        ),
    ] {
        let count: i64 = connection.query_row(violations, [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0, "{rule}");
    }
    assert_chunk_lists(&connection);
}

/// Chunk lists lead to chunks that exist, of the right length in sum, in exactly the segments listed.
fn assert_chunk_lists(connection: &Connection) {
    let mut versions = connection.prepare("SELECT id, size_bytes FROM version").unwrap();
    let versions: Vec<(i64, i64)> =
        versions.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    for (version, size_bytes) in versions {
        let mut blocks = connection
            .prepare_cached("SELECT chunks FROM version_chunks WHERE version = ?1 ORDER BY block")
            .unwrap();
        let blocks: Vec<Vec<u8>> =
            blocks.query_map([version], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let mut segments = BTreeSet::new();
        let mut sum_bytes = 0;
        for row in blocks.concat().chunks(8) {
            let row = i64::from_be_bytes(row.try_into().unwrap());
            let (segment, plain_bytes): (i64, i64) = connection
                .prepare_cached("SELECT segment, plain_bytes FROM chunk WHERE id = ?1")
                .unwrap()
                .query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))
                .unwrap();
            segments.insert(segment);
            sum_bytes += plain_bytes;
        }
        assert_eq!(sum_bytes, size_bytes);
        let mut listed =
            connection.prepare_cached("SELECT segment FROM version_segment WHERE version = ?1").unwrap();
        let listed: BTreeSet<i64> =
            listed.query_map([version], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(segments, listed);
    }
}
