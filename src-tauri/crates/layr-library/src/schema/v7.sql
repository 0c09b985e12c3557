-- Version 7: what hosts have shown of themselves, for placement and the durability figure.

CREATE TABLE evidence (
    host            INTEGER PRIMARY KEY REFERENCES host (id) ON DELETE CASCADE,
    -- Leaves proven and copies missing or damaged; daily looks at which it was there or away. They fade with time.
    passed          REAL NOT NULL DEFAULT 0 CHECK (passed >= 0),
    failed          REAL NOT NULL DEFAULT 0 CHECK (failed >= 0),
    up              REAL NOT NULL DEFAULT 0 CHECK (up >= 0),
    down            REAL NOT NULL DEFAULT 0 CHECK (down >= 0),
    -- Daily looks in a row at which it had too much to do.
    busy            INTEGER NOT NULL DEFAULT 0 CHECK (busy >= 0),
    -- The share of its copies that was not counted as lost; it grows back to 1 with time.
    surviving       REAL NOT NULL DEFAULT 1 CHECK (surviving BETWEEN 0 AND 1),
    -- These never fade.
    proven_leaves   INTEGER NOT NULL DEFAULT 0 CHECK (proven_leaves >= 0),
    corrupt_copies  INTEGER NOT NULL DEFAULT 0 CHECK (corrupt_copies >= 0),
    -- On the library's own clock: when a copy was last found missing or damaged, when it first proved something, and when it
    -- was last looked at.
    failed_s        INTEGER,
    first_proven_s  INTEGER,
    looked_s        INTEGER
) STRICT;

-- Over all hosts, those that were forgotten since among them: time under watch, and hosts lost, of each the share of its copies.
ALTER TABLE upkeep ADD COLUMN watched_s INTEGER NOT NULL DEFAULT 0 CHECK (watched_s >= 0);
ALTER TABLE upkeep ADD COLUMN hosts_lost REAL NOT NULL DEFAULT 0 CHECK (hosts_lost >= 0);

-- By root as well: a host's copies are asked about in that order, and a delete looks whether the root is in use there.
DROP INDEX shard_by_host;
CREATE INDEX shard_by_host ON shard (host, root);

-- Whether what the entry tells of has ended. A state that lasts is told once: one entry, also after the person resolved it.
-- What was resolved before this version counts as ended.
ALTER TABLE activity ADD COLUMN is_over INTEGER NOT NULL DEFAULT 0 CHECK (is_over IN (0, 1));
UPDATE activity SET is_over = 1 WHERE resolved_unix_s IS NOT NULL;

-- When a host that leaves will stop, on the person's clock; of one that stays nothing. And when it last said that it leaves, on
-- the library's own clock.
ALTER TABLE host ADD COLUMN leaves_unix_s INTEGER CHECK (leaves_unix_s >= 0);
ALTER TABLE host ADD COLUMN leaving_said_s INTEGER;
