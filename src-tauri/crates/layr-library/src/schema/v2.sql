-- Version 2: the transfers that a person asked for in a window, so that a restart or a crash loses none of them.

-- kind: 0 upload, 1 download. state: 0 waiting or running, 1 paused, 2 failed, 3 done, 4 cancelled. A cancelled one whose
-- finished_unix_s is missing has left things behind that are still to be cleared away.
CREATE TABLE transfer (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    kind             INTEGER NOT NULL CHECK (kind IN (0, 1)),
    state            INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
    name             TEXT    NOT NULL,
    request          BLOB    NOT NULL,
    outcome          BLOB,
    done_bytes       INTEGER NOT NULL DEFAULT 0,
    total_bytes      INTEGER NOT NULL DEFAULT 0,
    done_files       INTEGER NOT NULL DEFAULT 0,
    total_files      INTEGER NOT NULL DEFAULT 0,
    -- Of a download that is about to get its final name: what will be found under it. Signed integers of the same bits.
    placed_device    INTEGER,
    placed_inode     INTEGER,
    added_unix_s     INTEGER NOT NULL,
    finished_unix_s  INTEGER,
    CHECK ((placed_device IS NULL) = (placed_inode IS NULL))
) STRICT;
CREATE INDEX transfer_by_state ON transfer (state, kind, id);

-- Whether the person paused everything: what is asked for later waits as well.
CREATE TABLE transfer_switch (
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    is_paused  INTEGER NOT NULL CHECK (is_paused IN (0, 1))
) STRICT;
INSERT INTO transfer_switch (only_row, is_paused) VALUES (1, 0);
