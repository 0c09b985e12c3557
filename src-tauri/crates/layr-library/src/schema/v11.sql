-- Version 11: storage agreements, as the one who pays and as the one who is paid.

CREATE TABLE agreement (
    id              INTEGER PRIMARY KEY,
    -- 0 this library's owner pays for space at a host, 1 an owner pays for space here.
    role            INTEGER NOT NULL CHECK (role IN (0, 1)),
    -- The ledger's network and the contract on it.
    network_id      BLOB NOT NULL CHECK (length(network_id) = 32),
    contract        BLOB NOT NULL CHECK (length(contract) = 32),
    -- The host's device where we pay, the owner where we are paid.
    other           BLOB NOT NULL CHECK (length(other) = 32),
    -- What was agreed on, as it goes over the wire: of the whole escrow, and of this host.
    terms           BLOB NOT NULL,
    seat            BLOB NOT NULL,
    -- What the host signed to join, and the last ledger in which that holds.
    consent         BLOB NOT NULL,
    consent_until   INTEGER NOT NULL CHECK (consent_until >= 0),
    -- The escrow, the host's number in it, its path there and the number of its hosts; none before all of them are known.
    escrow          BLOB CHECK (escrow IS NULL OR length(escrow) = 32),
    host            INTEGER CHECK ((host IS NULL) = (escrow IS NULL)),
    path            BLOB CHECK ((path IS NULL) = (escrow IS NULL)),
    hosts           INTEGER CHECK ((hosts IS NULL) = (escrow IS NULL)),
    -- 0 the host consented, 1 the escrow is on the ledger, 2 settled, 3 came to nothing.
    state           INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
    -- Whether the other side knows of the escrow.
    is_told         INTEGER NOT NULL CHECK (is_told IN (0, 1)),
    -- Windows decided, a bit for each that was proven, stroops earned, the revision that holds.
    decided         INTEGER NOT NULL CHECK (decided >= 0),
    proven          INTEGER NOT NULL CHECK (proven >= 0),
    earned          INTEGER NOT NULL CHECK (earned >= 0),
    revision        INTEGER NOT NULL CHECK (revision >= 0),
    -- The owner's signed word on them; none before the first.
    receipt         BLOB,
    -- What both signed for the end of it; none before.
    closing         BLOB,
    -- The term, in seconds of the ledger's clock.
    begin_s         INTEGER NOT NULL CHECK (begin_s >= 0),
    end_s           INTEGER NOT NULL CHECK (end_s >= begin_s),
    UNIQUE (role, escrow, host)
) STRICT;
CREATE INDEX agreement_open ON agreement (role, id) WHERE state < 2;

-- What an agreement is about, from a revision on.
CREATE TABLE agreement_data (
    agreement       INTEGER NOT NULL REFERENCES agreement (id) ON DELETE CASCADE,
    -- 0 is what the terms say.
    revision        INTEGER NOT NULL CHECK (revision >= 0),
    -- The first window that asks for it.
    first_window    INTEGER NOT NULL CHECK (first_window >= 0),
    data_root       BLOB NOT NULL CHECK (length(data_root) = 32),
    leaves          INTEGER NOT NULL CHECK (leaves >= 0),
    -- Roots and leaves of its shards, 36 bytes each, by root.
    shards          BLOB NOT NULL CHECK (length(shards) % 36 = 0),
    -- Both sides' signatures; empty for revision 0.
    signatures      BLOB NOT NULL,
    PRIMARY KEY (agreement, revision)
) STRICT, WITHOUT ROWID;

-- Shards that their owners had deleted here while an agreement is about them: they go when none is any more.
CREATE TABLE let_go (
    owner           BLOB NOT NULL CHECK (length(owner) = 32),
    root            BLOB NOT NULL CHECK (length(root) = 32),
    PRIMARY KEY (owner, root)
) STRICT, WITHOUT ROWID;
-- Whether a shard is still here is asked by its root.
CREATE INDEX let_go_root ON let_go (root);
