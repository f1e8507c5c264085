-- Version 3: accounts that belong to the person.

-- What was tried within the last hour may be forgotten; sought by its time, it needs no index.
DROP TABLE instance_attempts;
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
    scope         TEXT,
    expires_at    INTEGER,                     -- of the access token; NULL: the provider did not say
    updated_at    INTEGER NOT NULL
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
