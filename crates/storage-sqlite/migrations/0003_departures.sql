-- Members who left, or whose account was closed, until the next commit takes them out of the tree.
CREATE TABLE departures (
    conversation INTEGER NOT NULL REFERENCES conversations (no),
    member       BLOB NOT NULL CHECK (length(member) = 16),
    PRIMARY KEY (conversation, member)
) STRICT, WITHOUT ROWID;
