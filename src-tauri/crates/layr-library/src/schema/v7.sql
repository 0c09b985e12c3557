-- Version 7: what hosts have shown of themselves, for placement and the durability figure.

CREATE TABLE evidence (
    host            INTEGER PRIMARY KEY REFERENCES host (id) ON DELETE CASCADE,
    -- Leaves proven and copies failed, each leaf fading what was before it.
    passed          REAL NOT NULL DEFAULT 0 CHECK (passed >= 0),
    failed          REAL NOT NULL DEFAULT 0 CHECK (failed >= 0),
    -- Daily looks at which it was there or away, each fading what was before it.
    up              REAL NOT NULL DEFAULT 0 CHECK (up >= 0),
    down            REAL NOT NULL DEFAULT 0 CHECK (down >= 0),
    -- These never fade.
    proven_leaves   INTEGER NOT NULL DEFAULT 0 CHECK (proven_leaves >= 0),
    corrupt_copies  INTEGER NOT NULL DEFAULT 0 CHECK (corrupt_copies >= 0),
    -- On the library's own clock: when a copy was last found damaged, when it first proved something, and when it was last
    -- looked at.
    corrupt_s       INTEGER,
    first_proven_s  INTEGER,
    looked_s        INTEGER
) STRICT;

-- Over all hosts, those that were forgotten since among them: time under watch, and hosts lost, of each the share of its copies.
ALTER TABLE upkeep ADD COLUMN watched_s INTEGER NOT NULL DEFAULT 0 CHECK (watched_s >= 0);
ALTER TABLE upkeep ADD COLUMN hosts_lost REAL NOT NULL DEFAULT 0 CHECK (hosts_lost >= 0);
