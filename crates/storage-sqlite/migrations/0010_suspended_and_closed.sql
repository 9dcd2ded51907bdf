-- Members whom an admin has suspended.
CREATE TABLE suspensions (
    member BLOB NOT NULL PRIMARY KEY REFERENCES accounts (member)
) STRICT, WITHOUT ROWID;
-- Of a closed account the row stays, with nothing personal in it, so that its ids are never taken again.
ALTER TABLE accounts ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX closed_accounts ON accounts (member) WHERE closed > 0;
