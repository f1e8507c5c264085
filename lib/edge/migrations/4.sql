-- Version 4: gates, and calls to third-party APIs.

-- What a provider says of the groups that an identity is in, as told at its last login: a JSON array of strings.
CREATE TABLE identity_groups (
    identity INTEGER NOT NULL PRIMARY KEY REFERENCES identities (id) ON DELETE CASCADE,
    groups   TEXT    NOT NULL
) STRICT;

-- Answers of third-party APIs that are nobody's in particular: [api NAME] cache.
CREATE TABLE api_answers (
    id_hash    BLOB    NOT NULL PRIMARY KEY,   -- SHA-256 of what was asked
    head       TEXT    NOT NULL,               -- JSON: the fields that are passed on
    body       BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX api_answers_by_expiry ON api_answers (expires_at);
