-- Version 9: what a look each minute asks for is found without reading what is not due.

-- When a copy's open question may be put again, on the sure clock; 0 where none is open.
ALTER TABLE shard ADD COLUMN open_due_s INTEGER NOT NULL DEFAULT 0;
UPDATE shard SET open_due_s = open_asked_s
    + CASE open_attempts WHEN 0 THEN 0 WHEN 1 THEN 900 WHEN 2 THEN 3600 WHEN 3 THEN 14400 WHEN 5 THEN 25200 ELSE 43200 END
    WHERE open_asked_s IS NOT NULL;
DROP INDEX shard_in_question;
CREATE INDEX shard_in_question ON shard (open_due_s, host) WHERE failed IS NULL AND state <> 0;
-- Copies that are to be written off, by the conditions that the program asks with.
CREATE INDEX shard_overdue ON shard (open_since_s)
    WHERE failed IS NULL AND state <> 0 AND open_attempts >= 5 AND open_asked_s >= open_since_s + 86400;

-- Hosts that have copies which count: of a host that died all are failed, and stay on record until others take their places.
CREATE INDEX shard_standing ON shard (host) WHERE failed IS NULL;

-- What is due to be dropped, of one second host by host: what went together is asked for together.
DROP INDEX garbage_due;
CREATE INDEX garbage_due ON garbage (next_s, host);
