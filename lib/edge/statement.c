#include "edge/statement.h"

static const char *const texts[STATEMENT_COUNT] = {
    [STATEMENT_SESSION_INSERT] =
        "INSERT INTO sessions (id_hash, account, identity, created_at, expires_at, last_seen,"
        " issuer, sid, id_token, id_token_alg, user_agent, address)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    /* One query answers "who is this?": the hot path of me.cgi. */
    [STATEMENT_SESSION_LOAD] =
        "SELECT s.account, s.created_at, s.expires_at, s.last_seen, s.issuer, s.sid, s.id_token,"
        " i.provider, a.sub, a.name, a.email, a.email_verified, a.picture, a.locale"
        " FROM sessions s JOIN accounts a ON a.id = s.account"
        " JOIN identities i ON i.id = s.identity WHERE s.id_hash = ?",
    [STATEMENT_SESSION_IDENTITY] =
        "SELECT count(*) FROM sessions s JOIN identities i"
        " ON i.account = s.account AND i.id < s.identity WHERE s.id_hash = ?",
    [STATEMENT_SESSION_SEEN] = "UPDATE sessions SET last_seen = ? WHERE id_hash = ?",
    [STATEMENT_SESSION_DELETE] = "DELETE FROM sessions WHERE id_hash = ?",
    [STATEMENT_SESSION_DELETE_BY_SID] = "DELETE FROM sessions WHERE issuer = ? AND sid = ?",
    [STATEMENT_SESSION_DELETE_BY_SUBJECT_WITHOUT_SID] =
        "DELETE FROM sessions WHERE sid IS NULL AND identity ="
        " (SELECT id FROM identities WHERE issuer = ? AND subject = ?)",
    [STATEMENT_SESSION_DELETE_BY_SUBJECT] =
        "DELETE FROM sessions WHERE identity ="
        " (SELECT id FROM identities WHERE issuer = ? AND subject = ?)",
    /* By sid if there is one, else by subject. */
    [STATEMENT_SESSION_OTHER_ALG] =
        "SELECT 1 FROM sessions s JOIN identities i ON i.id = s.identity"
        " WHERE s.issuer = ?1 AND (s.sid = ?2 OR (?2 IS NULL AND i.subject = ?3))"
        " AND s.id_token_alg <> ?4 LIMIT 1",
    /* In small portions, so that nobody waits for a clean-up. */
    [STATEMENT_SESSION_DELETE_EXPIRED] =
        "DELETE FROM sessions WHERE id_hash IN"
        " (SELECT id_hash FROM sessions WHERE expires_at <= ? LIMIT 20)",

    [STATEMENT_ACCOUNT_INSERT] =
        "INSERT INTO accounts (sub, name, email, email_verified, picture, locale, created_at,"
        " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    /* A name that is told only once, at the first login, stays. */
    [STATEMENT_ACCOUNT_UPDATE] = "UPDATE accounts SET name = coalesce(?, name), email = ?, "
                                 "email_verified = ?, picture = ?, locale = ?,"
                                 " updated_at = ? WHERE id = ?",
    [STATEMENT_IDENTITY_INSERT] =
        "INSERT INTO identities (account, issuer, subject, provider, name, email, email_verified,"
        " picture, created_at, last_login_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    [STATEMENT_IDENTITY_UPDATE] = "UPDATE identities SET provider = ?, name = coalesce(?, name), "
                                  "email = ?, email_verified = ?, picture = ?,"
                                  " last_login_at = ? WHERE id = ?",
    [STATEMENT_IDENTITY_FIND] =
        "SELECT id, account FROM identities WHERE issuer = ? AND subject = ?",
    [STATEMENT_IDENTITY_LIST] =
        "SELECT provider, subject, email FROM identities WHERE account = ? ORDER BY id",

    [STATEMENT_USED_INSERT] = "INSERT OR IGNORE INTO used (id_hash, expires_at) VALUES (?, ?)",
    [STATEMENT_USED_DELETE_EXPIRED] = "DELETE FROM used WHERE id_hash IN"
                                      " (SELECT id_hash FROM used WHERE expires_at <= ? LIMIT 20)",

    [STATEMENT_DOCUMENT_LOAD] =
        "SELECT body, fetched_at, refetched_at FROM documents WHERE url = ?",
    [STATEMENT_DOCUMENT_SAVE] =
        "INSERT INTO documents (url, body, fetched_at) VALUES (?, ?, ?)"
        " ON CONFLICT (url) DO UPDATE SET body = excluded.body, fetched_at = excluded.fetched_at",
    [STATEMENT_DOCUMENT_REFETCHED] = "UPDATE documents SET refetched_at = ? WHERE url = ?",
    [STATEMENT_DOCUMENT_DELETE] = "DELETE FROM documents WHERE url = ?",
    [STATEMENT_DOCUMENT_DELETE_SURPLUS] =
        "DELETE FROM documents WHERE url IN"
        " (SELECT url FROM documents ORDER BY fetched_at DESC LIMIT -1 OFFSET ?)",

    /* Of two that register at once, the first is kept. */
    [STATEMENT_REGISTRATION_INSERT] =
        "INSERT OR IGNORE INTO registrations (issuer, redirect_uri, client_id, client_secret,"
        " token_endpoint_auth_method, expires_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [STATEMENT_REGISTRATION_LOAD] =
        "SELECT client_id, client_secret, token_endpoint_auth_method FROM registrations"
        " WHERE issuer = ? AND redirect_uri = ? AND expires_at > ?",
    [STATEMENT_REGISTRATION_DELETE] =
        "DELETE FROM registrations WHERE issuer = ?1 AND redirect_uri = ?2"
        " AND (?3 IS NULL OR client_id = ?3)",

    /* Within the last seconds before now; one in the future (a clock was set back) does not count. */
    [STATEMENT_INSTANCE_ATTEMPT_INSERT] =
        "INSERT OR IGNORE INTO instance_attempts (host, tried_at) VALUES (?, ?)",
    [STATEMENT_INSTANCE_ATTEMPT_COUNT] =
        "SELECT count(*), count(*) FILTER (WHERE host = ?3 AND tried_at > ?1 - ?4)"
        " FROM instance_attempts WHERE tried_at > ?1 - ?2 AND tried_at <= ?1",
    [STATEMENT_INSTANCE_ATTEMPT_DELETE_OLD] =
        "DELETE FROM instance_attempts WHERE (host, tried_at) IN"
        " (SELECT host, tried_at FROM instance_attempts WHERE tried_at <= ? LIMIT 20)",

    /* A provider that issues a token again means the newer credentials. */
    [STATEMENT_TEMPORARY_CREDENTIAL_SAVE] =
        "INSERT INTO temporary_credentials (id_hash, sealed, expires_at) VALUES (?, ?, ?)"
        " ON CONFLICT (id_hash) DO UPDATE SET sealed = excluded.sealed,"
        " expires_at = excluded.expires_at",
    [STATEMENT_TEMPORARY_CREDENTIAL_TAKE] =
        "DELETE FROM temporary_credentials WHERE id_hash = ? RETURNING sealed, expires_at",
    [STATEMENT_TEMPORARY_CREDENTIAL_DELETE_EXPIRED] =
        "DELETE FROM temporary_credentials WHERE id_hash IN"
        " (SELECT id_hash FROM temporary_credentials WHERE expires_at <= ? LIMIT 20)",
};

const char *statement_sql(enum statement statement) {
    return texts[statement];
}
