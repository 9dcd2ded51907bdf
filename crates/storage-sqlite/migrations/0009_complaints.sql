-- Complaints (kind 6) of an epoch are looked for when a conversation is founded anew.
CREATE INDEX complaints ON entries (key) WHERE kind = 6;
