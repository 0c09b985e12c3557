-- Version 4: what happened that a person should know, until it is resolved.

-- level: 0 information, 1 warning, 2 the person is needed. While a problem is open, one row stands for it: it has one kind
-- and subject, and counts how often it was met.
CREATE TABLE activity (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    level            INTEGER NOT NULL CHECK (level BETWEEN 0 AND 2),
    kind             TEXT    NOT NULL,
    subject          TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    text             TEXT    NOT NULL,
    opens            TEXT,
    times            INTEGER NOT NULL DEFAULT 1,
    noted_unix_s     INTEGER NOT NULL,
    resolved_unix_s  INTEGER
) STRICT;
CREATE UNIQUE INDEX activity_open ON activity (kind, subject) WHERE resolved_unix_s IS NULL;
