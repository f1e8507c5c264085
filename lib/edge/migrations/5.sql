-- Version 5: sessions is an ordinary table. Its rows are long: without a rowid, the tree held whole ones on the way down, and of
-- a million sessions each was eight pages deep.

ALTER TABLE sessions RENAME TO sessions_of_4;
CREATE TABLE sessions (
    id_hash     BLOB    NOT NULL PRIMARY KEY,  -- SHA-256 of the id in the cookie
    account     INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    identity    INTEGER NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,              -- absolute timeout
    last_seen   INTEGER NOT NULL,              -- written sparingly; the idle timeout counts from it
    issuer      TEXT    NOT NULL,              -- with subject and sid: who may end it from afar
    sid         TEXT,                          -- the provider's session (OpenID Connect Logout)
    id_token    TEXT,                          -- sealed; for id_token_hint at sign-out
    id_token_alg TEXT,                         -- what signs the provider's other tokens, too
    user_agent  TEXT,
    address     TEXT
) STRICT;
INSERT INTO sessions (id_hash, account, identity, created_at, expires_at, last_seen,
        issuer, sid, id_token, id_token_alg, user_agent, address)
    SELECT id_hash, account, identity, created_at, expires_at, last_seen,
        issuer, sid, id_token, id_token_alg, user_agent, address FROM sessions_of_4;
DROP TABLE sessions_of_4;
CREATE INDEX sessions_by_account  ON sessions (account);
CREATE INDEX sessions_by_identity ON sessions (identity);
CREATE INDEX sessions_by_sid      ON sessions (issuer, sid) WHERE sid IS NOT NULL;
CREATE INDEX sessions_by_expiry   ON sessions (expires_at);
