-- Ids are 16 bytes, hashes 32, times milliseconds since 1970 (UTC). Numbers called `no` are this database's own: small
-- keys in place of ids. Tables are without rowid where their rows are small and read in the order of their key.

CREATE TABLE instance_values (
    key   TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Written to see whether writing works again.
CREATE TABLE probe (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    count INTEGER NOT NULL
) STRICT;
INSERT INTO probe VALUES (1, 0);

CREATE TABLE accounts (
    no            INTEGER PRIMARY KEY,
    member        BLOB NOT NULL UNIQUE CHECK (length(member) = 16),
    login_name    TEXT NOT NULL UNIQUE,
    skeleton      TEXT NOT NULL UNIQUE,
    display_name  TEXT NOT NULL,
    role          INTEGER NOT NULL, -- 0 unknown, 1 admin, 2 member, 3 guest
    memory_kib    INTEGER NOT NULL,
    passes        INTEGER NOT NULL,
    lanes         INTEGER NOT NULL,
    generation    INTEGER NOT NULL,
    created       INTEGER NOT NULL,
    opaque_record BLOB NOT NULL,
    certificate   BLOB NOT NULL
) STRICT;

-- Folded names from each of their words on, for finding people.
CREATE TABLE account_endings (
    ending  TEXT NOT NULL,
    account INTEGER NOT NULL REFERENCES accounts (no) ON DELETE CASCADE,
    PRIMARY KEY (ending, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_endings_by_account ON account_endings (account);

-- All certificates that an account ever had, in order.
CREATE TABLE account_certificates (
    no          INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL REFERENCES accounts (no) ON DELETE CASCADE,
    certificate BLOB NOT NULL
) STRICT;
CREATE INDEX account_certificates_by_account ON account_certificates (account);

CREATE TABLE leaf_certificates (
    name        BLOB NOT NULL PRIMARY KEY CHECK (length(name) = 32),
    certificate BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
    no          INTEGER PRIMARY KEY,
    device      BLOB NOT NULL UNIQUE CHECK (length(device) = 16),
    member      BLOB NOT NULL REFERENCES accounts (member),
    name        TEXT NOT NULL,
    created     INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    revoked     INTEGER NOT NULL,
    signing_key BLOB NOT NULL,
    wrap_key    BLOB NOT NULL
) STRICT;
CREATE INDEX devices_by_member ON devices (member);

CREATE TABLE invitations (
    no          INTEGER PRIMARY KEY,
    invitation  BLOB NOT NULL UNIQUE CHECK (length(invitation) = 16),
    secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    inviter     BLOB NOT NULL REFERENCES accounts (member),
    expires     INTEGER NOT NULL,
    uses_left   INTEGER NOT NULL
) STRICT;
CREATE INDEX invitations_by_inviter ON invitations (inviter);

-- A used key package stays, without its bytes, so that its id is never taken again.
CREATE TABLE key_packages (
    no          INTEGER PRIMARY KEY,
    id          BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    member      BLOB NOT NULL REFERENCES accounts (member),
    last_resort INTEGER NOT NULL,
    issued_at   INTEGER NOT NULL,
    package     BLOB
) STRICT;
CREATE INDEX key_packages_on_offer ON key_packages (member, last_resort, no) WHERE package IS NOT NULL;
CREATE INDEX key_packages_by_member ON key_packages (member);

-- All heads: each names the hash of the one before, so that a client can follow the chain from the last it knows.
CREATE TABLE vault_heads (
    member BLOB NOT NULL CHECK (length(member) = 16),
    number INTEGER NOT NULL,
    bytes  BLOB NOT NULL,
    PRIMARY KEY (member, number)
) STRICT, WITHOUT ROWID;

-- The bytes of records stand apart, so that a manifest is read without them.
CREATE TABLE record_bodies (
    no    INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;
CREATE TABLE records (
    member  BLOB NOT NULL CHECK (length(member) = 16),
    kind    INTEGER NOT NULL,
    id      BLOB NOT NULL,
    version INTEGER NOT NULL,
    hash    BLOB NOT NULL,
    body    INTEGER NOT NULL REFERENCES record_bodies (no),
    PRIMARY KEY (member, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX records_by_body ON records (body);

CREATE TABLE conversations (
    no           INTEGER PRIMARY KEY CHECK (no BETWEEN 0 AND 134217727),
    conversation BLOB NOT NULL UNIQUE CHECK (length(conversation) = 16),
    restart      INTEGER NOT NULL,
    epoch        INTEGER NOT NULL,
    head_seq     INTEGER NOT NULL CHECK (head_seq BETWEEN 0 AND 68719476735),
    created      INTEGER NOT NULL,
    direct_low   BLOB,
    direct_high  BLOB,
    transcript   BLOB NOT NULL,
    UNIQUE (direct_low, direct_high)
) STRICT;

CREATE TABLE members (
    conversation INTEGER NOT NULL REFERENCES conversations (no),
    member       BLOB NOT NULL CHECK (length(member) = 16),
    first_seq    INTEGER NOT NULL,
    PRIMARY KEY (conversation, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_member ON members (member, conversation, first_seq);

-- key = conversation's number * 2^36 + seq: a log lies together and in order, without an index beside it.
-- Bodies come last, so that headers are read without them.
CREATE TABLE entries (
    key        INTEGER PRIMARY KEY,
    restart    INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    time       INTEGER NOT NULL,
    expiry     INTEGER NOT NULL,
    quiet      INTEGER NOT NULL,
    sender     BLOB NOT NULL,
    message    BLOB,
    body_hash  BLOB NOT NULL,
    transcript BLOB NOT NULL,
    link       BLOB,
    body       BLOB
) STRICT;

-- Which entry a member made under a message id.
CREATE TABLE messages (
    conversation INTEGER NOT NULL REFERENCES conversations (no),
    sender       BLOB NOT NULL,
    message      BLOB NOT NULL CHECK (length(message) = 16),
    seq          INTEGER NOT NULL,
    PRIMARY KEY (conversation, sender, message)
) STRICT, WITHOUT ROWID;

-- Which entry closes an epoch.
CREATE TABLE commits (
    conversation INTEGER NOT NULL REFERENCES conversations (no),
    restart      INTEGER NOT NULL,
    epoch        INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    PRIMARY KEY (conversation, restart, epoch)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX commits_by_seq ON commits (conversation, seq);

CREATE TABLE checkpoints (
    no           INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (no),
    restart      INTEGER NOT NULL,
    epoch        INTEGER NOT NULL,
    bytes        BLOB NOT NULL,
    UNIQUE (conversation, restart, epoch)
) STRICT;

CREATE TABLE welcomes (
    no           INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (no),
    member       BLOB NOT NULL,
    epoch        INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    key_package  BLOB NOT NULL,
    transcript   BLOB NOT NULL,
    welcome      BLOB NOT NULL,
    UNIQUE (conversation, member)
) STRICT;

CREATE TABLE receipts (
    conversation INTEGER NOT NULL REFERENCES conversations (no),
    member       BLOB NOT NULL,
    epoch        INTEGER NOT NULL,
    body         BLOB NOT NULL,
    PRIMARY KEY (conversation, member)
) STRICT, WITHOUT ROWID;
