-- Version 2: logins by OAuth 1.0a, and at servers that visitors name.

-- The temporary credentials of OAuth 1.0a logins under way (RFC 5849 2.1): their secrets sign the token request.
CREATE TABLE temporary_credentials (
    id_hash    BLOB    NOT NULL PRIMARY KEY,   -- SHA-256 of the temporary credentials' identifier
    sealed     TEXT    NOT NULL,
    expires_at INTEGER NOT NULL                -- no later than the login itself
) STRICT, WITHOUT ROWID;
CREATE INDEX temporary_credentials_by_expiry ON temporary_credentials (expires_at);

-- Servers that visitors named and that we are no client of yet: asking them is limited.
CREATE TABLE instance_attempts (
    host     TEXT    NOT NULL,
    tried_at INTEGER NOT NULL,
    PRIMARY KEY (host, tried_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX instance_attempts_by_time ON instance_attempts (tried_at);
