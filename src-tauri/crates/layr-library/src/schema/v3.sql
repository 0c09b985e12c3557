-- Version 3: whose library this is, so that no other owner's keys are used on it. No row: nobody's yet, from an earlier
-- version; the first owner who opens it is recorded.
CREATE TABLE owner (
    only_row  INTEGER PRIMARY KEY CHECK (only_row = 1),
    owner     BLOB    NOT NULL CHECK (length(owner) = 32)
) STRICT;
