-- Latchkey's database: one SQLite file in the state folder, made from this text at first use.
--
-- Times are whole seconds since 1970-01-01T00:00:00Z. Ids that a browser holds are never stored, only
-- their SHA-256: whoever reads the database cannot become anyone.
-- The version of the schema is PRAGMA user_version; lib/edge/schema.c sets it. A file of an earlier version is brought up
-- to date when it is opened: lib/edge/schema.h.

-- A user of this site. `sub` is what other programs know him by: random, stable, never reused.
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

-- Who somebody is at a provider: (issuer, subject), as OpenID Connect Core 2 says; never an address.
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
CREATE INDEX identities_by_account ON identities (account);

-- A browser that is signed in. Deleting the row signs it out. (Not WITHOUT ROWID: its rows are long, and the tree would hold
-- whole ones on the way down, five to a page.)
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
CREATE INDEX sessions_by_account  ON sessions (account);
CREATE INDEX sessions_by_identity ON sessions (identity);
CREATE INDEX sessions_by_sid      ON sessions (issuer, sid) WHERE sid IS NOT NULL;
CREATE INDEX sessions_by_expiry   ON sessions (expires_at);

-- One-time things that have been used: logins (so that a callback works once), logout tokens' jti.
CREATE TABLE used (
    id_hash    BLOB    NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL                -- afterwards it would be refused for its age anyway
) STRICT, WITHOUT ROWID;
CREATE INDEX used_by_expiry ON used (expires_at);

-- Documents of providers: discovery, JWK Sets.
CREATE TABLE documents (
    url          TEXT    NOT NULL PRIMARY KEY,
    body         TEXT    NOT NULL,
    fetched_at   INTEGER NOT NULL,
    refetched_at INTEGER NOT NULL DEFAULT 0    -- last forced by an unknown key
) STRICT, WITHOUT ROWID;

-- Clients that we registered ourselves (OpenID Connect Dynamic Client Registration, RFC 7591).
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
    PRIMARY KEY (tried_at, host)
) STRICT, WITHOUT ROWID;

-- Which of its identities an account shows the name (and picture) and the e-mail address of; where nothing is said, its first.
-- No foreign keys, whose indexes each request would read: account_unlink() clears what it takes out.
CREATE TABLE shown (
    account        INTEGER NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    name_identity  INTEGER,
    email_identity INTEGER
) STRICT;

-- For the operator's `link_verified_email`: who has this verified address?
CREATE INDEX identities_by_email ON identities (email COLLATE NOCASE) WHERE email_verified = 1;

-- Accounts that the operator keeps out.
CREATE TABLE blocks (
    account    INTEGER NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    blocked_at INTEGER NOT NULL
) STRICT;

-- Tokens for a provider's APIs: sealed, for as long as the identity is linked.
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

-- What happened: the person's own trail, and the operator's. An account that is deleted leaves its events without itself.
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
CREATE INDEX events_by_account ON events (account, id);
CREATE INDEX events_by_time    ON events (at);

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
