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

-- Tokens that are refreshed.
ALTER TABLE tokens RENAME TO tokens_of_3;
CREATE TABLE tokens (
    identity      INTEGER NOT NULL PRIMARY KEY REFERENCES identities (id) ON DELETE CASCADE,
    provider      TEXT    NOT NULL,            -- whose client they were given to: ID, or ID/INSTANCE
    access_token  TEXT    NOT NULL,            -- sealed
    refresh_token TEXT,                        -- sealed
    token_secret  TEXT,                        -- sealed; of OAuth 1.0 alone: it signs, beside the access token
    scope         TEXT,                        -- granted, words between spaces
    asked_scope   TEXT,                        -- asked for at that login: some say what they granted in other words
    expires_at    INTEGER,                     -- of the access token; NULL: the provider did not say
    updated_at    INTEGER NOT NULL,
    refresh_parameters TEXT,                   -- sealed; what a refresh sends besides the refresh token
    refreshes     INTEGER NOT NULL DEFAULT 0,  -- begun; counting each first shows that its answer can be kept
    failed_at     INTEGER                      -- when the last one came to nothing; NULL: it did not
) STRICT;
INSERT INTO tokens (identity, provider, access_token, refresh_token, scope, expires_at, updated_at)
    SELECT identity, provider, access_token, refresh_token, scope, expires_at, updated_at FROM tokens_of_3;
DROP TABLE tokens_of_3;
