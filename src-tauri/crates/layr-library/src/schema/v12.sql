-- Version 12: which windows the one who pays could not ask about while they ran.

-- A bit for each window about which the host was asked in time, or that it answered wrongly.
ALTER TABLE agreement ADD COLUMN asked INTEGER NOT NULL DEFAULT 0 CHECK (asked >= 0);
-- What was decided until now was decided as if it had been asked.
UPDATE agreement SET asked = (1 << decided) - 1 WHERE role = 0 AND decided <= 32;
