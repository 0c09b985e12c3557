-- Version 1. Times ending in _unix_s are the person's clock, for display; times ending in _s are the library's own
-- observed clock (see clock.rs), which decides ages. 64-bit ids are stored as the signed integer of the same bits.

CREATE TABLE clock (
    only_row    INTEGER PRIMARY KEY CHECK (only_row = 1),
    observed_s  INTEGER NOT NULL CHECK (observed_s >= 0),
    wall_s      INTEGER NOT NULL CHECK (wall_s >= 0),
    debt_s      INTEGER NOT NULL CHECK (debt_s >= 0)
) STRICT;

-- Entries form a tree. The root is row 1. A subtree in the trash hangs from no parent; its top is listed in `trash`.
CREATE TABLE entry (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    file_id       INTEGER NOT NULL UNIQUE,
    parent        INTEGER REFERENCES entry (id),
    name          TEXT    NOT NULL CHECK (length(CAST(name AS BLOB)) <= 255),
    is_directory  INTEGER NOT NULL CHECK (is_directory IN (0, 1)),
    -- Of directories; files and links carry theirs in their versions.
    mtime_ns      INTEGER,
    mode          INTEGER,
    -- Of files: the number that the next version gets.
    next_number   INTEGER NOT NULL DEFAULT 1 CHECK (next_number >= 1)
) STRICT;
CREATE UNIQUE INDEX entry_by_name ON entry (parent, name);

CREATE TABLE trash (
    entry           INTEGER PRIMARY KEY REFERENCES entry (id),
    path            TEXT    NOT NULL,
    trashed_unix_s  INTEGER NOT NULL,
    trashed_s       INTEGER NOT NULL
) STRICT;
CREATE INDEX trash_by_path ON trash (path);
CREATE INDEX trash_by_age ON trash (trashed_s);

-- kind: 0 file, 2 symbolic link. The current version is the one that nothing superseded.
CREATE TABLE version (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    entry             INTEGER NOT NULL REFERENCES entry (id),
    number            INTEGER NOT NULL CHECK (number >= 1),
    kind              INTEGER NOT NULL CHECK (kind IN (0, 2)),
    size_bytes        INTEGER NOT NULL CHECK (size_bytes >= 0),
    mtime_ns          INTEGER NOT NULL,
    mode              INTEGER,
    link_target       TEXT,
    committed_unix_s  INTEGER NOT NULL,
    superseded_s      INTEGER,
    expires_unix_s    INTEGER,
    CHECK ((kind = 2) = (link_target IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX version_by_number ON version (entry, number);
CREATE UNIQUE INDEX version_current ON version (entry) WHERE superseded_s IS NULL;
CREATE INDEX version_superseded ON version (superseded_s) WHERE superseded_s IS NOT NULL;

-- state: 0 planned, 1 safe with shards still to come, 2 finished. alive: shards whose state is 0.
-- origin: 0 ours, 1 from an imported manifest (never used for deduplication, never deleted at hosts).
CREATE TABLE segment (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    segment_id        BLOB    NOT NULL CHECK (length(segment_id) = 16),
    origin            INTEGER NOT NULL CHECK (origin IN (0, 1)),
    k                 INTEGER NOT NULL CHECK (k >= 1),
    n                 INTEGER NOT NULL CHECK (n >= k AND n <= 255),
    len_bytes         INTEGER NOT NULL CHECK (len_bytes >= 1),
    shard_bytes       INTEGER NOT NULL CHECK (shard_bytes >= 1),
    state             INTEGER NOT NULL CHECK (state IN (0, 1, 2)),
    alive             INTEGER NOT NULL DEFAULT 0,
    sealed_blind_key  BLOB,
    touched_s         INTEGER NOT NULL,
    marked_s          INTEGER,
    CHECK ((origin = 1) = (sealed_blind_key IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX segment_own ON segment (segment_id) WHERE origin = 0;
CREATE INDEX segment_unfinished ON segment (id) WHERE state < 2;
CREATE INDEX segment_marked ON segment (marked_s) WHERE marked_s IS NOT NULL;

CREATE TABLE chunk (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    chunk_id      BLOB    NOT NULL CHECK (length(chunk_id) = 32),
    segment       INTEGER NOT NULL REFERENCES segment (id),
    offset_bytes  INTEGER NOT NULL CHECK (offset_bytes >= 0),
    plain_bytes   INTEGER NOT NULL CHECK (plain_bytes >= 1),
    sealed_bytes  INTEGER NOT NULL CHECK (sealed_bytes >= 1),
    -- Only of imported chunks: the key, sealed under the library key.
    sealed_key    BLOB
) STRICT;
CREATE INDEX chunk_own ON chunk (chunk_id) WHERE sealed_key IS NULL;
CREATE UNIQUE INDEX chunk_by_segment ON chunk (segment, offset_bytes);

-- What it takes to seal a chunk to the very same bytes again; kept until the segment is finished.
CREATE TABLE chunk_source (
    chunk         INTEGER PRIMARY KEY REFERENCES chunk (id),
    nonce         BLOB    NOT NULL CHECK (length(nonce) = 12),
    tag           BLOB    NOT NULL CHECK (length(tag) = 16),
    encoding      INTEGER NOT NULL CHECK (encoding BETWEEN 0 AND 255),
    local_path    BLOB    NOT NULL,
    offset_bytes  INTEGER NOT NULL CHECK (offset_bytes >= 0)
) STRICT;

-- Chunks of a version in order: chunk.id as 8 bytes big-endian each, 512 to a block, 4 KiB.
CREATE TABLE version_chunks (
    version  INTEGER NOT NULL REFERENCES version (id),
    block    INTEGER NOT NULL CHECK (block >= 0),
    chunks   BLOB    NOT NULL CHECK (length(chunks) BETWEEN 8 AND 4096 AND length(chunks) % 8 = 0),
    PRIMARY KEY (version, block)
) STRICT, WITHOUT ROWID;

-- The segments that a version needs; a segment without a row here is garbage in the making.
CREATE TABLE version_segment (
    version  INTEGER NOT NULL REFERENCES version (id),
    segment  INTEGER NOT NULL REFERENCES segment (id),
    PRIMARY KEY (version, segment)
) STRICT, WITHOUT ROWID;
CREATE INDEX version_segment_by_segment ON version_segment (segment);

CREATE TABLE host (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    peer            BLOB    NOT NULL UNIQUE CHECK (length(peer) = 32),
    -- Multiaddr texts, a newline between them.
    addresses       TEXT    NOT NULL,
    offer           BLOB,
    offer_sequence  INTEGER NOT NULL DEFAULT 0,
    seen_unix_s     INTEGER NOT NULL,
    seen_s          INTEGER NOT NULL
) STRICT;

-- state: 0 healthy, 1 missing, 2 corrupt, 3 unreachable.
CREATE TABLE shard (
    segment         INTEGER NOT NULL REFERENCES segment (id),
    shard_index     INTEGER NOT NULL CHECK (shard_index BETWEEN 0 AND 254),
    root            BLOB    NOT NULL CHECK (length(root) = 32),
    host            INTEGER NOT NULL REFERENCES host (id),
    state           INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
    checked_unix_s  INTEGER,
    PRIMARY KEY (segment, shard_index)
) STRICT, WITHOUT ROWID;
CREATE INDEX shard_by_host ON shard (host);

-- Shards that hosts may drop, until they have confirmed it.
CREATE TABLE garbage (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    root      BLOB    NOT NULL CHECK (length(root) = 32),
    host      INTEGER NOT NULL REFERENCES host (id),
    attempts  INTEGER NOT NULL DEFAULT 0,
    queued_s  INTEGER NOT NULL,
    next_s    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX garbage_once ON garbage (host, root);
CREATE INDEX garbage_due ON garbage (next_s);

-- Local files whose content is that of a version, so that they need not be read again.
CREATE TABLE source_stamp (
    local_path  BLOB    NOT NULL PRIMARY KEY,
    device      INTEGER NOT NULL,
    inode       INTEGER NOT NULL,
    size_bytes  INTEGER NOT NULL,
    mtime_ns    INTEGER NOT NULL,
    ctime_ns    INTEGER NOT NULL,
    version     INTEGER NOT NULL REFERENCES version (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_stamp_by_version ON source_stamp (version);
