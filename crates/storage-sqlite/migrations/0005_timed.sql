-- Messages that disappear: the server is told which, and finds those whose time is over without looking at the others.
ALTER TABLE entries ADD COLUMN timed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX entries_expiring ON entries (expiry) WHERE expiry > 0 AND body IS NOT NULL;
