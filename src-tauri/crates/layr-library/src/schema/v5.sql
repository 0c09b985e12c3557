-- Version 5: a pause of everything that ends by itself.

-- When, on the library's own clock; absent while nothing is paused that way.
ALTER TABLE transfer_switch ADD COLUMN paused_until_s INTEGER;

-- Whether a paused transfer waits for the end of the pause of everything, and not for a word of its own.
ALTER TABLE transfer ADD COLUMN is_paused_with_all INTEGER NOT NULL DEFAULT 0 CHECK (is_paused_with_all IN (0, 1));
UPDATE transfer SET is_paused_with_all = 1 WHERE state = 1 AND (SELECT is_paused FROM transfer_switch) = 1;
