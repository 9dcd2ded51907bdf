-- Newest requests of members for a new leaf.
CREATE TABLE repairs (
    no           INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (no),
    member       BLOB NOT NULL CHECK (length(member) = 16),
    time         INTEGER NOT NULL,
    request      BLOB NOT NULL,
    package      BLOB NOT NULL,
    UNIQUE (conversation, member)
) STRICT;
