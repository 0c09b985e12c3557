-- Version 8: what became of parts; and delegates, who audit and repair while the owner's devices sleep.

-- For a person to read: what happened to copies, never what they passed. The oldest rows go beyond a number that the program
-- knows. A host may be forgotten while its rows stay, so that they have its peer id.
CREATE TABLE history (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    segment      INTEGER NOT NULL REFERENCES segment (id) ON DELETE CASCADE,
    shard_index  INTEGER NOT NULL CHECK (shard_index BETWEEN 0 AND 254),
    -- 1 its host said that it is missing, 2 damaged, 3 out of reach for too long, 4 a new copy took the place of one that failed or
    -- was away, 5 moved off a host that leaves.
    kind         INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),
    -- Who holds the copy, or lost it; and who held the one that gave way.
    peer         BLOB    NOT NULL CHECK (length(peer) = 32),
    from_peer    BLOB    CHECK (length(from_peer) = 32),
    noted_unix_s INTEGER NOT NULL,
    CHECK ((kind >= 4) = (from_peer IS NOT NULL))
) STRICT;
CREATE INDEX history_of_segment ON history (segment);

-- In the owner's library: those who may.
CREATE TABLE delegate (
    peer            BLOB    NOT NULL PRIMARY KEY CHECK (length(peer) = 32),
    name            TEXT    NOT NULL CHECK (length(name) <= 64),
    -- Multiaddr texts, a newline between them; none where the network is asked.
    addresses       TEXT    NOT NULL,
    added_unix_s    INTEGER NOT NULL,
    -- The delegation given last: its number and its end.
    serial          INTEGER NOT NULL DEFAULT 0 CHECK (serial >= 0),
    expires_unix_s  INTEGER,
    -- Where its log stands, as far as it was taken.
    log_number      INTEGER NOT NULL DEFAULT 0 CHECK (log_number >= 0),
    log_digest      BLOB    NOT NULL DEFAULT (zeroblob(32)) CHECK (length(log_digest) = 32),
    heard_unix_s    INTEGER,
    -- New copies of its making that were taken over, and claims that proved false.
    placed          INTEGER NOT NULL DEFAULT 0 CHECK (placed >= 0),
    refuted         INTEGER NOT NULL DEFAULT 0 CHECK (refuted >= 0)
) STRICT;

-- What delegates said of hosts that were not there to say themselves.
CREATE TABLE put_off (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    peer       BLOB    NOT NULL REFERENCES delegate (peer) ON DELETE CASCADE,
    news       BLOB    NOT NULL CHECK (length(news) <= 3072),
    -- Where the host can be reached; multiaddr texts, a newline between them.
    addresses  TEXT    NOT NULL,
    since_s    INTEGER NOT NULL
) STRICT;
CREATE INDEX put_off_of ON put_off (peer);

-- In a delegate's library of one owner, which has no files but one that stands for the list: what the owner gave it.
CREATE TABLE watch (
    only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
    delegation    BLOB    CHECK (length(delegation) <= 256),
    -- Number of the list given last, and of the one that is coming in.
    list          INTEGER NOT NULL DEFAULT 0 CHECK (list >= 0),
    heard_unix_s  INTEGER,
    -- What the owner has taken of the log.
    log_number    INTEGER NOT NULL DEFAULT 0 CHECK (log_number >= 0),
    log_digest    BLOB    NOT NULL DEFAULT (zeroblob(32)) CHECK (length(log_digest) = 32)
) STRICT;

CREATE TABLE watched (
    segment           INTEGER PRIMARY KEY REFERENCES segment (id) ON DELETE CASCADE,
    sealed_blind_key  BLOB    NOT NULL,
    list              INTEGER NOT NULL
) STRICT;
CREATE INDEX watched_by_list ON watched (list);

-- What became of its copies, for the owner to hear. kind: 1 missing, 2 damaged, 3 out of reach for too long, 4 placed
-- anew, 5 stored and not needed, of which segment_id and shard_index say nothing.
CREATE TABLE watch_log (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),
    segment_id   BLOB    NOT NULL CHECK (length(segment_id) = 16),
    shard_index  INTEGER NOT NULL CHECK (shard_index BETWEEN 0 AND 254),
    root         BLOB    NOT NULL CHECK (length(root) = 32),
    peer         BLOB    NOT NULL CHECK (length(peer) = 32),
    at_unix_s    INTEGER NOT NULL
) STRICT;
