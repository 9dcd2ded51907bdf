-- Bytes of all records of a member.
CREATE TABLE vault_sizes (
    member BLOB NOT NULL PRIMARY KEY CHECK (length(member) = 16),
    bytes  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO vault_sizes
    SELECT member, sum(length(bytes)) FROM records JOIN record_bodies ON no = body GROUP BY member;

-- Whether a member was added by a key package. Those used before this was noted may be used once more.
ALTER TABLE key_packages ADD COLUMN spent INTEGER NOT NULL DEFAULT 0;
