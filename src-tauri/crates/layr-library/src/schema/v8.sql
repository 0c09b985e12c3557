-- Version 8: what became of parts.

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
