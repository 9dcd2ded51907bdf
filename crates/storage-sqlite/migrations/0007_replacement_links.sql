-- Replacement links (kind 7) are read together with the commits.
CREATE INDEX replacement_links ON entries (key) WHERE kind = 7;
