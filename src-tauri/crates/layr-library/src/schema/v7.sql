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

-- Since when it has too few healthy shards to be safe, on the sure clock; none while it is safe.
ALTER TABLE segment ADD COLUMN endangered_s INTEGER;
UPDATE segment SET endangered_s = (SELECT max(looked_s - doubtful_s, 0) FROM upkeep) WHERE 3 * (alive - k) < n - k;
CREATE INDEX segment_endangered ON segment (endangered_s) WHERE endangered_s IS NOT NULL;

-- When all of it was last read and hashed, or sent and acknowledged, on the library's own clock; 0 where that is not known, none
-- for shards that others stored.
ALTER TABLE shard ADD COLUMN whole_s INTEGER CHECK (whole_s >= 0);
UPDATE shard SET whole_s = 0 WHERE segment IN (SELECT id FROM segment WHERE origin = 0);
CREATE INDEX shard_by_reading ON shard (whole_s) WHERE whole_s IS NOT NULL AND failed IS NULL AND state = 0;
-- Up to when on the sure clock as much was read whole as the pace asks for; none before the first look.
ALTER TABLE upkeep ADD COLUMN read_until_s INTEGER;

-- On the wall clock: when the copy was last shown to be there, by its host's acknowledgement, a leaf or all of it.
ALTER TABLE shard ADD COLUMN shown_unix_s INTEGER;
UPDATE shard SET shown_unix_s = coalesce(checked_unix_s, (SELECT wall_s FROM clock)) WHERE state = 0;
-- Of so many healthy shards as make the segment safe, those shown last, when the first of these was shown: the segment is
-- known to be safe for 14 days from then.
ALTER TABLE segment ADD COLUMN shown_unix_s INTEGER;
UPDATE segment SET shown_unix_s = (SELECT shown_unix_s FROM
    (SELECT shown_unix_s, row_number() OVER (ORDER BY shown_unix_s DESC) AS place FROM shard
     WHERE shard.segment = segment.id AND state = 0) WHERE place = k + (n - k + 2) / 3);

-- When a host that leaves will stop, on the person's clock; of one that stays nothing. And when it last said that it leaves, on
-- the library's own clock.
ALTER TABLE host ADD COLUMN leaves_unix_s INTEGER CHECK (leaves_unix_s >= 0);
ALTER TABLE host ADD COLUMN leaving_said_s INTEGER;
