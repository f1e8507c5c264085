-- A database of schema version 4, as sqlite3's .dump tells it: what test_database.c brings up to date.
PRAGMA journal_mode = WAL;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE accounts (
    id             INTEGER PRIMARY KEY,
    sub            TEXT    NOT NULL UNIQUE,
    name           TEXT,                       -- as last told by a provider
    email          TEXT,                       -- shown, never a key: see identities
    email_verified INTEGER NOT NULL DEFAULT 0,
    picture        TEXT,                       -- https URL
    locale         TEXT,                       -- BCP 47
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL
) STRICT;
INSERT INTO accounts VALUES(1,'pM2aaaaaaaaaaaaaaaaaaa','Ada Lovelace','ada@example.org',1,'https://op.example/ada.png','en',1790000000,1790000100);
INSERT INTO accounts VALUES(2,'k3bbbbbbbbbbbbbbbbbbbb','이몽룡',NULL,0,NULL,NULL,1790000200,1790000200);
CREATE TABLE blocks (
    account    INTEGER NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    blocked_at INTEGER NOT NULL
) STRICT;
INSERT INTO blocks VALUES(2,1790000300);
CREATE TABLE documents (
    url          TEXT    NOT NULL PRIMARY KEY,
    body         TEXT    NOT NULL,
    fetched_at   INTEGER NOT NULL,
    refetched_at INTEGER NOT NULL DEFAULT 0    -- last forced by an unknown key
) STRICT, WITHOUT ROWID;
INSERT INTO documents VALUES('https://op.example/.well-known/openid-configuration','{"issuer":"https://op.example"}',1790000000,0);
CREATE TABLE events (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    account    INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
    event      TEXT    NOT NULL,               -- see lib/login/event.h
    provider   TEXT,
    detail     TEXT,                           -- a rule, a count: never a name, an address, a token
    request    TEXT,                           -- leads to the line of the log
    address    TEXT,
    user_agent TEXT
) STRICT;
INSERT INTO events VALUES(1,1790000100,1,'signed_in','op',NULL,'request1','192.0.2.1','Unit/1.0');
CREATE TABLE identities (
    id             INTEGER PRIMARY KEY,
    account        INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    issuer         TEXT    NOT NULL,
    subject        TEXT    NOT NULL,
    provider       TEXT    NOT NULL,           -- the section of the configuration it came through
    name           TEXT,
    email          TEXT,
    email_verified INTEGER NOT NULL DEFAULT 0,
    picture        TEXT,
    created_at     INTEGER NOT NULL,
    last_login_at  INTEGER NOT NULL,
    UNIQUE (issuer, subject)
) STRICT;
INSERT INTO identities VALUES(1,1,'https://op.example','1183','op','Ada Lovelace','ada@example.org',1,NULL,1790000000,1790000100);
INSERT INTO identities VALUES(2,2,'https://op.example','1184','op','이몽룡',NULL,0,NULL,1790000200,1790000200);
CREATE TABLE instance_attempts (
    host     TEXT    NOT NULL,
    tried_at INTEGER NOT NULL,
    PRIMARY KEY (tried_at, host)
) STRICT, WITHOUT ROWID;
INSERT INTO instance_attempts VALUES('social.example',1790000000);
CREATE TABLE registrations (
    issuer                     TEXT    NOT NULL,
    redirect_uri               TEXT    NOT NULL,
    client_id                  TEXT    NOT NULL,
    client_secret              TEXT,             -- sealed; absent for a client without one
    token_endpoint_auth_method TEXT    NOT NULL,
    expires_at                 INTEGER NOT NULL, -- of the secret; far in the future for "never"
    created_at                 INTEGER NOT NULL,
    PRIMARY KEY (issuer, redirect_uri)
) STRICT, WITHOUT ROWID;
INSERT INTO registrations VALUES('https://op.example','https://www.example.org/cgi-bin/callback.cgi/op','client-1','sealed','client_secret_basic',253402300799,1790000000);
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
) STRICT, WITHOUT ROWID;
INSERT INTO sessions VALUES(X'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',1,1,1790000100,1890000000,1790000100,'https://op.example','sid-1','sealed','ES256','Unit/1.0','192.0.2.1');
CREATE TABLE shown (
    account        INTEGER NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    name_identity  INTEGER,
    email_identity INTEGER
) STRICT;
INSERT INTO shown VALUES(1,1,1);
CREATE TABLE temporary_credentials (
    id_hash    BLOB    NOT NULL PRIMARY KEY,   -- SHA-256 of the temporary credentials' identifier
    sealed     TEXT    NOT NULL,
    expires_at INTEGER NOT NULL                -- no later than the login itself
) STRICT, WITHOUT ROWID;
INSERT INTO temporary_credentials VALUES(X'aa0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f','sealed',1890000000);
CREATE TABLE used (
    id_hash    BLOB    NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL                -- afterwards it would be refused for its age anyway
) STRICT, WITHOUT ROWID;
INSERT INTO used VALUES(X'ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',1890000000);
CREATE TABLE identity_groups (
    identity INTEGER NOT NULL PRIMARY KEY REFERENCES identities (id) ON DELETE CASCADE,
    groups   TEXT    NOT NULL
) STRICT;
INSERT INTO identity_groups VALUES(1,'["staff","admins"]');
CREATE TABLE api_answers (
    id_hash    BLOB    NOT NULL PRIMARY KEY,   -- SHA-256 of what was asked
    head       TEXT    NOT NULL,               -- JSON: the fields that are passed on
    body       BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO api_answers VALUES(X'ab0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f','{"Content-Type":"application/json"}',X'7b2261223a317d',1890000000);
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
INSERT INTO tokens VALUES(1,'op','sealed','sealed','sealed','openid email','openid',1790003700,1790000100,'sealed',3,1790004000);
CREATE INDEX identities_by_account ON identities (account);
CREATE INDEX sessions_by_account  ON sessions (account);
CREATE INDEX sessions_by_identity ON sessions (identity);
CREATE INDEX sessions_by_sid      ON sessions (issuer, sid) WHERE sid IS NOT NULL;
CREATE INDEX sessions_by_expiry   ON sessions (expires_at);
CREATE INDEX used_by_expiry ON used (expires_at);
CREATE INDEX temporary_credentials_by_expiry ON temporary_credentials (expires_at);
CREATE INDEX identities_by_email ON identities (email COLLATE NOCASE) WHERE email_verified = 1;
CREATE INDEX events_by_account ON events (account, id);
CREATE INDEX events_by_time    ON events (at);
CREATE INDEX api_answers_by_expiry ON api_answers (expires_at);
COMMIT;
PRAGMA user_version = 4;
