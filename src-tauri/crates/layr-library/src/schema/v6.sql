-- Version 6: what audits found out about each copy over time.

-- For good: 1 its host said that it is missing, 2 damaged, 3 out of reach for too long. Such a copy is never healthy again.
ALTER TABLE shard ADD COLUMN failed INTEGER CHECK (failed BETWEEN 1 AND 3);
-- When a leaf of it was last proven, or all of it read, on the library's own clock.
ALTER TABLE shard ADD COLUMN proven_s INTEGER;
-- A leaf that was asked for and not answered. Until it is, the copy counts as unreachable, whatever else is proven of it. The
-- times are on the sure clock.
ALTER TABLE shard ADD COLUMN open_leaf INTEGER CHECK (open_leaf >= 0);
ALTER TABLE shard ADD COLUMN open_since_s INTEGER;
ALTER TABLE shard ADD COLUMN open_asked_s INTEGER;
ALTER TABLE shard ADD COLUMN open_attempts INTEGER NOT NULL DEFAULT 0 CHECK (open_attempts >= 0);
-- Findings name segments of ours and imported ones by their id.
CREATE INDEX segment_by_id ON segment (segment_id);
CREATE INDEX shard_failed ON shard (segment) WHERE failed IS NOT NULL;
CREATE INDEX shard_in_question ON shard (host) WHERE failed IS NULL AND state <> 0;

-- When a sample was last drawn over all shards of the host, on the library's own clock.
ALTER TABLE host ADD COLUMN sampled_s INTEGER;

-- The sure clock is the library's own without the time in which our network was in doubt.
CREATE TABLE upkeep (
    only_row    INTEGER PRIMARY KEY CHECK (only_row = 1),
    -- When it was last looked whether that is so.
    looked_s    INTEGER NOT NULL CHECK (looked_s >= 0),
    doubtful_s  INTEGER NOT NULL CHECK (doubtful_s >= 0)
) STRICT;
INSERT INTO upkeep (only_row, looked_s, doubtful_s) VALUES (1, 0, 0);
