-- Members who have forgotten their passphrase and ask for a new one, one request each; approved = 0: not yet.
CREATE TABLE forgotten (
    member   BLOB NOT NULL PRIMARY KEY REFERENCES accounts (member),
    device   BLOB NOT NULL CHECK (length(device) = 16),
    asked    INTEGER NOT NULL,
    approved INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Statements by which one root identity of a member followed another, in order.
CREATE TABLE successions (
    no        INTEGER PRIMARY KEY,
    member    BLOB NOT NULL REFERENCES accounts (member),
    statement BLOB NOT NULL
) STRICT;
CREATE INDEX successions_by_member ON successions (member, no);
-- Links by which members begin a new identity, one each.
CREATE TABLE reset_links (
    no          INTEGER PRIMARY KEY,
    member      BLOB NOT NULL UNIQUE REFERENCES accounts (member),
    secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    by          BLOB NOT NULL REFERENCES accounts (member),
    expires     INTEGER NOT NULL
) STRICT;
-- The newest reset of each member that was used, and the admin who made it.
CREATE TABLE resets (
    member BLOB NOT NULL PRIMARY KEY REFERENCES accounts (member),
    by     BLOB NOT NULL,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
