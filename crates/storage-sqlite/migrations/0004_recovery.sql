-- Public keys of recovery codes, of the members that have one.
CREATE TABLE recovery_keys (
    member BLOB NOT NULL PRIMARY KEY REFERENCES accounts (member),
    key    BLOB NOT NULL CHECK (length(key) = 32)
) STRICT, WITHOUT ROWID;
