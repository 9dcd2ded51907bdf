-- Whether new sign-ins need the approval of a device that is signed in already.
ALTER TABLE accounts ADD COLUMN approval_required INTEGER NOT NULL DEFAULT 0;
-- Devices that wait for it, and for a while what was handed over to those that were let in. Times of 0: not yet.
CREATE TABLE waiting_devices (
    no          INTEGER PRIMARY KEY,
    device      BLOB NOT NULL UNIQUE CHECK (length(device) = 16),
    member      BLOB NOT NULL REFERENCES accounts (member),
    name        TEXT NOT NULL,
    signing_key BLOB NOT NULL,
    wrap_key    BLOB NOT NULL,
    created     INTEGER NOT NULL,
    asked       INTEGER NOT NULL,
    commitment  BLOB CHECK (commitment IS NULL OR length(commitment) = 32),
    claimed_by  BLOB CHECK (claimed_by IS NULL OR length(claimed_by) = 16),
    claim_nonce BLOB CHECK (claim_nonce IS NULL OR length(claim_nonce) = 32),
    claimed     INTEGER NOT NULL,
    revealed    BLOB CHECK (revealed IS NULL OR length(revealed) = 32),
    granted     INTEGER NOT NULL,
    sealed      BLOB
) STRICT;
CREATE INDEX waiting_devices_by_member ON waiting_devices (member, no);
