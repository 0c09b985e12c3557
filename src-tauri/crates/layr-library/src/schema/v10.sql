-- Version 10: transactions on a ledger, signed and not yet decided, and what became of the others.

CREATE TABLE ledger_journal (
    -- The number orders entries as they were first written.
    id              INTEGER PRIMARY KEY,
    -- The network it is signed for: SHA-256 of its passphrase.
    network_id      BLOB NOT NULL CHECK (length(network_id) = 32),
    -- What its caller calls it: on one network the same key never pays twice. What stands before the first colon is its family.
    key             TEXT NOT NULL CHECK (length(key) > 0),
    -- SHA-256 of what it is for.
    intent          BLOB NOT NULL CHECK (length(intent) = 32),
    account         BLOB NOT NULL CHECK (length(account) = 32),
    sequence        INTEGER NOT NULL,
    -- The signed envelope that was sent last, and the hashes of all that were, 32 bytes each, the first one first.
    envelope        BLOB NOT NULL,
    hashes          BLOB NOT NULL CHECK (length(hashes) > 0 AND length(hashes) % 32 = 0),
    -- Hashes of what was signed under this key before and never comes, the oldest first.
    earlier_hashes  BLOB NOT NULL CHECK (length(earlier_hashes) % 32 = 0),
    -- The ledger that was the latest when it was signed, and the last second of the ledger's own clock at which it can be taken in.
    from_ledger     INTEGER NOT NULL CHECK (from_ledger >= 0),
    valid_until_s   INTEGER NOT NULL CHECK (valid_until_s >= 0),
    fee_cap         INTEGER NOT NULL CHECK (fee_cap >= 0),
    -- 0 signed, 1 refused by a server, 2 in the ledger, 3 failed in the ledger, 4 never to be in the ledger,
    -- 5 in the ledger or not: nobody tells any more.
    state           INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
    -- Of what is in the ledger: which one, and the fee that was taken; of what was refused or failed its result.
    ledger          INTEGER,
    fee             INTEGER,
    code            TEXT,
    -- What a contract returned.
    returned        BLOB,
    -- Counts the decisions of a family: the oldest are let go first. Of what may still turn out to be paid (0, 1, 5) there is none.
    decided         INTEGER CHECK ((decided IS NULL) = (state NOT IN (2, 3, 4))),
    UNIQUE (network_id, key)
) STRICT;
CREATE INDEX ledger_journal_open ON ledger_journal (network_id, account, sequence) WHERE state < 2;
CREATE INDEX ledger_journal_settled ON ledger_journal (network_id, account, sequence) WHERE state = 2;
CREATE INDEX ledger_journal_decided ON ledger_journal (substr(key, 1, instr(key, ':')), decided) WHERE state IN (2, 3, 4);
