#include "edge/statement.h"

#include <string.h>

static const char *const texts[STATEMENT_COUNT] = {
    [STATEMENT_SESSION_INSERT] =
        "INSERT INTO sessions (id_hash, account, identity, created_at, expires_at, last_seen,"
        " issuer, sid, id_token, id_token_alg, user_agent, address)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    /* One query answers "who is this?": the hot path of me.cgi. */
    [STATEMENT_SESSION_LOAD] =
        "SELECT s.account, s.identity, s.created_at, s.expires_at, s.last_seen, s.issuer, s.sid, "
        "s.id_token,"
        " i.provider, a.sub, a.name, a.email, a.email_verified, a.picture, a.locale"
        " FROM sessions s JOIN accounts a ON a.id = s.account"
        " JOIN identities i ON i.id = s.identity WHERE s.id_hash = ?",
    [STATEMENT_SESSION_SEEN] = "UPDATE sessions SET last_seen = ? WHERE id_hash = ?",
    [STATEMENT_SESSION_DELETE] = "DELETE FROM sessions WHERE id_hash = ?",
    [STATEMENT_SESSION_DELETE_BY_SID] =
        "DELETE FROM sessions WHERE issuer = ? AND sid = ? RETURNING account",
    [STATEMENT_SESSION_DELETE_BY_SUBJECT_WITHOUT_SID] =
        "DELETE FROM sessions WHERE sid IS NULL AND identity ="
        " (SELECT id FROM identities WHERE issuer = ? AND subject = ?) RETURNING account",
    [STATEMENT_SESSION_DELETE_BY_SUBJECT] =
        "DELETE FROM sessions WHERE identity ="
        " (SELECT id FROM identities WHERE issuer = ? AND subject = ?) RETURNING account",
    /* By sid if there is one, else by subject. */
    [STATEMENT_SESSION_OTHER_ALG] =
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM sessions"
        "  WHERE issuer = ?1 AND sid = ?2 AND id_token_alg <> ?4)"
        " OR (?2 IS NULL AND EXISTS (SELECT 1 FROM identities i"
        "  JOIN sessions s ON s.identity = i.id"
        "  WHERE i.issuer = ?1 AND i.subject = ?3 AND s.id_token_alg <> ?4))",
    /* In small portions, so that nobody waits for a clean-up. */
    [STATEMENT_SESSION_DELETE_EXPIRED] =
        "DELETE FROM sessions WHERE rowid IN"
        " (SELECT rowid FROM sessions WHERE expires_at <= ? LIMIT 20)",

    [STATEMENT_SESSION_LIST] =
        "SELECT s.id_hash, s.created_at, s.last_seen, s.expires_at, i.provider, s.user_agent,"
        " s.address FROM sessions s JOIN identities i ON i.id = s.identity"
        " WHERE s.account = ?1 AND s.expires_at > ?2 AND s.last_seen > ?3"
        " ORDER BY s.last_seen DESC LIMIT ?4",
    [STATEMENT_SESSION_DELETE_OF_ACCOUNT] =
        "DELETE FROM sessions WHERE id_hash = ? AND account = ?",
    [STATEMENT_SESSION_DELETE_OTHERS] = "DELETE FROM sessions WHERE account = ? AND id_hash <> ?",
    [STATEMENT_SESSION_DELETE_ALL] = "DELETE FROM sessions WHERE account = ?",
    /* The same session under a new id. What is sealed for the old one cannot be opened any more. */
    [STATEMENT_SESSION_REPLACE] =
        "UPDATE sessions SET id_hash = ?, id_token = ?, last_seen = ? WHERE id_hash = ?",
    [STATEMENT_SESSION_RENEW] =
        "UPDATE sessions SET id_hash = ?, identity = ?, created_at = ?, last_seen = ?, issuer = ?,"
        " sid = ?, id_token = ?, id_token_alg = ? WHERE id_hash = ?",
    /* A session begun through an identity that is unlinked goes on as one of another. */
    [STATEMENT_SESSION_LEAVE_IDENTITY] =
        "UPDATE sessions SET identity = ?1, issuer = (SELECT issuer FROM identities WHERE id = ?1),"
        " sid = NULL, id_token = NULL, id_token_alg = NULL WHERE id_hash = ?2 AND identity = ?3",

    [STATEMENT_ACCOUNT_INSERT] =
        "INSERT INTO accounts (sub, name, email, email_verified, picture, locale, created_at,"
        " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    [STATEMENT_ACCOUNT_LOCALE] =
        "UPDATE accounts SET locale = ?1 WHERE id = ?2 AND locale IS NOT ?1",
    /* What an account shows is what its chosen identities say; without a choice, the first. */
    [STATEMENT_ACCOUNT_REFRESH] =
        "UPDATE accounts SET (name, picture) = (SELECT name, picture FROM identities WHERE id ="
        "   coalesce((SELECT name_identity FROM shown WHERE account = ?1),"
        "            (SELECT min(id) FROM identities WHERE account = ?1))),"
        " (email, email_verified) = (SELECT email, email_verified FROM identities WHERE id ="
        "   coalesce((SELECT email_identity FROM shown WHERE account = ?1),"
        "            (SELECT min(id) FROM identities WHERE account = ?1))),"
        " updated_at = ?2 WHERE id = ?1",
    [STATEMENT_ACCOUNT_LOAD] = "SELECT sub, name, email, email_verified, picture, locale,"
                               " created_at, updated_at FROM accounts WHERE id = ?",
    [STATEMENT_ACCOUNT_DELETE] = "DELETE FROM accounts WHERE id = ?",
    [STATEMENT_IDENTITY_INSERT] =
        "INSERT INTO identities (account, issuer, subject, provider, name, email, email_verified,"
        " picture, created_at, last_login_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    /* A name that is told only once, at the first login, stays. */
    [STATEMENT_IDENTITY_UPDATE] =
        "UPDATE identities SET provider = ?, name = coalesce(?, name), email = ?,"
        " email_verified = ?, picture = ?, last_login_at = ? WHERE id = ?",
    [STATEMENT_IDENTITY_SEEN] = "UPDATE identities SET last_login_at = ? WHERE id = ?",
    /* Whose it is; whether provider and address, about which rules ask, are these; whether the
     * rest would stay as it is by STATEMENT_IDENTITY_UPDATE. */
    [STATEMENT_IDENTITY_FIND] =
        "SELECT id, account, provider IS ?3 AND email IS ?4 AND email_verified IS ?5,"
        " name IS coalesce(?6, name) AND picture IS ?7"
        " FROM identities WHERE issuer = ?1 AND subject = ?2",
    [STATEMENT_IDENTITY_FIND_BY_EMAIL] =
        "SELECT account, email FROM identities WHERE email = ? COLLATE NOCASE"
        " AND email_verified = 1",
    [STATEMENT_IDENTITY_LIST] =
        "SELECT id, provider, issuer, subject, name, email, email_verified, picture, created_at,"
        " last_login_at, groups FROM identities LEFT JOIN identity_groups ON identity = id"
        " WHERE account = ? ORDER BY id",
    /* Of these, what me.cgi tells: each column more is paid for at each request. */
    [STATEMENT_IDENTITY_TOLD] =
        "SELECT provider, subject, email FROM identities WHERE account = ? ORDER BY id",
    [STATEMENT_IDENTITY_DELETE] = "DELETE FROM identities WHERE id = ? AND account = ?",
    [STATEMENT_SHOWN_SAVE] =
        "INSERT INTO shown (account, name_identity, email_identity) VALUES (?, ?, ?)"
        " ON CONFLICT (account) DO UPDATE SET name_identity = excluded.name_identity,"
        " email_identity = excluded.email_identity",
    [STATEMENT_SHOWN_LOAD] = "SELECT name_identity, email_identity FROM shown WHERE account = ?",
    [STATEMENT_SHOWN_CLEAR] = "UPDATE shown SET name_identity = nullif(name_identity, ?2),"
                              " email_identity = nullif(email_identity, ?2) WHERE account = ?1",
    [STATEMENT_BLOCK_INSERT] = "INSERT OR IGNORE INTO blocks (account, blocked_at) VALUES (?, ?)",
    [STATEMENT_BLOCK_DELETE] = "DELETE FROM blocks WHERE account = ?",
    [STATEMENT_BLOCK_FIND] = "SELECT blocked_at FROM blocks WHERE account = ?",
    /* Of an identity by which somebody signed in at that time, or since. */
    [STATEMENT_MEMBERSHIP_LOAD] =
        "SELECT i.provider, i.subject, i.email, i.email_verified, g.groups FROM identities i"
        " LEFT JOIN identity_groups g ON g.identity = i.id"
        " WHERE i.id = ? AND i.last_login_at >= ?",
    [STATEMENT_MEMBERSHIP_SAVE] = "INSERT INTO identity_groups (identity, groups) VALUES (?, ?)"
                                  " ON CONFLICT (identity) DO UPDATE SET groups = excluded.groups"
                                  " WHERE groups IS NOT excluded.groups",
    [STATEMENT_MEMBERSHIP_DELETE] = "DELETE FROM identity_groups WHERE identity = ?",

    /* A client's refresh token that came once stays, with what belongs to it; it is of no use to
     * another client. */
    [STATEMENT_TOKENS_SAVE] =
        "INSERT INTO tokens (identity, provider, access_token, refresh_token, token_secret,"
        " refresh_parameters, scope, asked_scope, expires_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (identity) DO UPDATE SET"
        " provider = excluded.provider, access_token = excluded.access_token,"
        " refresh_token = coalesce(excluded.refresh_token,"
        "  CASE WHEN provider = excluded.provider THEN refresh_token END),"
        " refresh_parameters = CASE WHEN excluded.refresh_token IS NULL"
        "  AND provider = excluded.provider THEN refresh_parameters"
        "  ELSE excluded.refresh_parameters END,"
        " token_secret = excluded.token_secret, scope = excluded.scope,"
        " asked_scope = excluded.asked_scope, expires_at = excluded.expires_at,"
        " updated_at = excluded.updated_at, failed_at = NULL",
    /* Of one identity of the account, or (0) of all. */
    [STATEMENT_TOKENS_LOAD] =
        "SELECT t.identity, i.issuer, i.subject, t.provider, t.access_token, t.refresh_token,"
        " t.token_secret, t.refresh_parameters, t.scope, t.asked_scope, t.expires_at, t.updated_at,"
        " t.failed_at FROM tokens t JOIN identities i ON i.id = t.identity"
        " WHERE i.account = ?1 AND ?2 IN (0, i.id) ORDER BY t.identity",
    /* The same columns, whosesoever the identity is. */
    [STATEMENT_TOKENS_OF_IDENTITY] =
        "SELECT t.identity, i.issuer, i.subject, t.provider, t.access_token, t.refresh_token,"
        " t.token_secret, t.refresh_parameters, t.scope, t.asked_scope, t.expires_at, t.updated_at,"
        " t.failed_at FROM tokens t JOIN identities i ON i.id = t.identity WHERE i.id = ?",
    [STATEMENT_TOKENS_BEGIN_REFRESH] =
        "UPDATE tokens SET refreshes = refreshes + 1, failed_at = NULL WHERE identity = ?",
    [STATEMENT_TOKENS_REFRESH_FAILED] = "UPDATE tokens SET failed_at = ? WHERE identity = ?",
    [STATEMENT_TOKENS_REFRESHED] =
        "UPDATE tokens SET access_token = ?, refresh_token = ?, scope = ?, expires_at = ?,"
        " updated_at = ?, failed_at = NULL WHERE identity = ?",
    [STATEMENT_TOKENS_ROTATED] =
        "UPDATE tokens SET refresh_token = ?, failed_at = NULL WHERE identity = ?",
    [STATEMENT_TOKENS_DELETE] = "DELETE FROM tokens WHERE identity = ?",
    /* A portion of those that another key than this one has sealed. */
    [STATEMENT_TOKENS_TO_SEAL] =
        "SELECT t.identity, i.issuer, i.subject, t.access_token, t.refresh_token, t.token_secret,"
        " t.refresh_parameters FROM tokens t JOIN identities i ON i.id = t.identity"
        " WHERE t.identity > ?2 AND EXISTS (SELECT 1 FROM"
        "  (SELECT t.access_token AS sealed UNION ALL SELECT t.refresh_token"
        "   UNION ALL SELECT t.token_secret UNION ALL SELECT t.refresh_parameters)"
        "  WHERE substr(sealed, 1, length(?1) + 1) <> ?1 || '.') ORDER BY t.identity LIMIT ?3",
    [STATEMENT_TOKENS_SEALED] = "UPDATE tokens SET access_token = ?, refresh_token = ?,"
                                " token_secret = ?, refresh_parameters = ? WHERE identity = ?",

    [STATEMENT_EXPORT_SESSIONS] =
        "SELECT s.identity, i.provider, s.issuer, s.sid, s.created_at, s.last_seen, s.expires_at,"
        " s.user_agent, s.address, s.id_token IS NOT NULL, s.id_token_alg FROM sessions s"
        " JOIN identities i ON i.id = s.identity WHERE s.account = ?"
        " ORDER BY s.last_seen DESC LIMIT ?",
    [STATEMENT_EXPORT_TOKENS] =
        "SELECT t.identity, t.provider, t.scope, t.asked_scope, t.expires_at, t.updated_at,"
        " t.refresh_token IS NOT NULL, t.refreshes, t.failed_at FROM tokens t JOIN identities i ON i.id = t.identity"
        " WHERE i.account = ? ORDER BY t.updated_at DESC LIMIT ?",

    [STATEMENT_EVENT_INSERT] =
        "INSERT INTO events (at, account, event, provider, detail, request, address, user_agent)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [STATEMENT_EVENT_LIST] =
        "SELECT at, event, provider, detail, request, address, user_agent FROM events"
        " WHERE account = ? ORDER BY id DESC LIMIT ?",
    /* Of an account that is about to be deleted: what happened stays, who it was goes. */
    [STATEMENT_EVENT_ANONYMISE] =
        "UPDATE events SET address = NULL, user_agent = NULL, account = NULL WHERE account = ?",
    [STATEMENT_EVENT_DELETE_OLD] = "DELETE FROM events WHERE id IN"
                                   " (SELECT id FROM events WHERE at <= ? ORDER BY at LIMIT 20)",

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
    [STATEMENT_API_ANSWER_LOAD] =
        "SELECT head, body FROM api_answers WHERE id_hash = ? AND expires_at > ?",
    [STATEMENT_API_ANSWER_SAVE] =
        "INSERT INTO api_answers (id_hash, head, body, expires_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id_hash) DO UPDATE SET head = excluded.head, body = excluded.body,"
        " expires_at = excluded.expires_at",
    [STATEMENT_API_ANSWER_DELETE_EXPIRED] =
        "DELETE FROM api_answers WHERE id_hash IN"
        " (SELECT id_hash FROM api_answers WHERE expires_at <= ? LIMIT 20)",
    [STATEMENT_API_ANSWER_DELETE_SURPLUS] =
        "DELETE FROM api_answers WHERE id_hash IN (SELECT id_hash FROM api_answers"
        " ORDER BY expires_at LIMIT max(0, (SELECT count(*) FROM api_answers) - ?))",

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

    /* By sub, address, or provider and subject. More than one is for the operator to tell apart. */
    [STATEMENT_OPERATOR_FIND_USER] =
        "SELECT id, sub, name, email FROM accounts a WHERE sub = ?1 OR email = ?1 COLLATE NOCASE"
        " OR EXISTS (SELECT 1 FROM identities i WHERE i.account = a.id AND"
        "            (i.email = ?1 COLLATE NOCASE OR (i.provider = ?2 AND i.subject = ?3)))"
        " ORDER BY id LIMIT 10",
    /* NULL finds all. */
    [STATEMENT_OPERATOR_USERS] =
        "SELECT sub, name, email, email_verified,"
        " (SELECT group_concat(provider, ' ') FROM (SELECT provider FROM identities"
        "   WHERE account = a.id ORDER BY id)),"
        " (SELECT count(*) FROM sessions WHERE account = a.id AND expires_at > ?1 AND last_seen > "
        "?2),"
        " created_at, (SELECT max(last_login_at) FROM identities WHERE account = a.id),"
        " EXISTS (SELECT 1 FROM blocks WHERE account = a.id) FROM accounts a"
        " WHERE ?3 IS NULL OR sub = ?3 OR instr(lower(name), lower(?3)) > 0"
        " OR instr(lower(email), lower(?3)) > 0 OR EXISTS (SELECT 1 FROM identities"
        "   WHERE account = a.id AND (subject = ?3 OR provider || ':' || subject = ?3"
        "   OR instr(lower(name), lower(?3)) > 0 OR instr(lower(email), lower(?3)) > 0))"
        " ORDER BY id",
    [STATEMENT_OPERATOR_SESSIONS] =
        "SELECT s.id_hash, a.sub, a.name, i.provider, s.created_at, s.last_seen, s.expires_at,"
        " s.address, s.user_agent FROM sessions s JOIN accounts a ON a.id = s.account"
        " JOIN identities i ON i.id = s.identity WHERE s.expires_at > ?1 AND s.last_seen > ?2"
        " AND (?3 IS NULL OR s.account = ?3) ORDER BY s.last_seen DESC",
    [STATEMENT_OPERATOR_EVENTS] =
        "SELECT e.at, e.event, a.sub, e.provider, e.detail, e.request, e.address, e.user_agent"
        " FROM events e LEFT JOIN accounts a ON a.id = e.account WHERE e.at >= ?1"
        " AND (?2 IS NULL OR e.account = ?2) AND (?3 IS NULL OR e.event = ?3) ORDER BY e.id",
    [STATEMENT_OPERATOR_SESSION_ACCOUNT] = "SELECT account FROM sessions WHERE id_hash = ?",
    /* Each person finds it in the own trail. */
    [STATEMENT_OPERATOR_END_ALL_EVENTS] =
        "INSERT INTO events (at, account, event, detail, request)"
        " SELECT ?1, account, ?2, CAST(count(*) AS TEXT), ?3 FROM sessions GROUP BY account",
    [STATEMENT_OPERATOR_END_ALL] = "DELETE FROM sessions",
    [STATEMENT_OPERATOR_OLDEST_SESSION] =
        "SELECT coalesce(min(created_at), ?1) FROM sessions WHERE expires_at > ?1",
    /* The ids of the keys that something is sealed with: see format/vault.h. */
    [STATEMENT_OPERATOR_SEALING_KEYS] =
        "SELECT DISTINCT substr(sealed, 1, instr(sealed, '.') - 1) FROM"
        " (SELECT id_token AS sealed FROM sessions WHERE expires_at > ?1"
        "  UNION ALL SELECT client_secret FROM registrations"
        "  UNION ALL SELECT sealed FROM temporary_credentials WHERE expires_at > ?1"
        "  UNION ALL SELECT access_token FROM tokens UNION ALL SELECT refresh_token FROM tokens"
        "  UNION ALL SELECT token_secret FROM tokens"
        "  UNION ALL SELECT refresh_parameters FROM tokens)"
        " WHERE sealed IS NOT NULL",
    /* A portion of those that another key than this one has sealed. */
    [STATEMENT_OPERATOR_REGISTRATIONS_TO_SEAL] =
        "SELECT issuer, redirect_uri, client_secret FROM registrations"
        " WHERE client_secret IS NOT NULL AND substr(client_secret, 1, length(?1) + 1) <> ?1 || '.'"
        " AND (issuer, redirect_uri) > (?2, ?3) ORDER BY issuer, redirect_uri LIMIT ?4",
    [STATEMENT_OPERATOR_REGISTRATION_SEALED] =
        "UPDATE registrations SET client_secret = ?1 WHERE issuer = ?2 AND redirect_uri = ?3",
    /* What is over, in portions: (time, how many). */
    [STATEMENT_OPERATOR_CLEAR_SESSIONS] =
        "DELETE FROM sessions WHERE rowid IN (SELECT rowid FROM sessions"
        " WHERE expires_at <= ?1 OR last_seen <= ?3 LIMIT ?2)",
    [STATEMENT_OPERATOR_CLEAR_USED] = "DELETE FROM used WHERE id_hash IN"
                                      " (SELECT id_hash FROM used WHERE expires_at <= ? LIMIT ?)",
    [STATEMENT_OPERATOR_CLEAR_EVENTS] =
        "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at <= ? LIMIT ?)",
    [STATEMENT_OPERATOR_CLEAR_TEMPORARY_CREDENTIALS] =
        "DELETE FROM temporary_credentials WHERE id_hash IN"
        " (SELECT id_hash FROM temporary_credentials WHERE expires_at <= ? LIMIT ?)",
    [STATEMENT_OPERATOR_CLEAR_INSTANCE_ATTEMPTS] =
        "DELETE FROM instance_attempts WHERE (host, tried_at) IN"
        " (SELECT host, tried_at FROM instance_attempts WHERE tried_at <= ? LIMIT ?)",
    [STATEMENT_OPERATOR_CLEAR_REGISTRATIONS] =
        "DELETE FROM registrations WHERE (issuer, redirect_uri) IN"
        " (SELECT issuer, redirect_uri FROM registrations WHERE expires_at <= ? LIMIT ?)",
    [STATEMENT_OPERATOR_CLEAR_API_ANSWERS] =
        "DELETE FROM api_answers WHERE id_hash IN"
        " (SELECT id_hash FROM api_answers WHERE expires_at <= ? LIMIT ?)",
    [STATEMENT_OPERATOR_PAGES] = "SELECT page_count * page_size FROM pragma_page_count(),"
                                 " pragma_page_size()",
    [STATEMENT_OPERATOR_CHECKPOINT] = "PRAGMA wal_checkpoint(TRUNCATE)",
    [STATEMENT_OPERATOR_VACUUM] = "VACUUM",
    [STATEMENT_OPERATOR_INTEGRITY] = "PRAGMA integrity_check(10)",
    [STATEMENT_OPERATOR_FOREIGN_KEYS] = "SELECT \"table\", rowid, parent"
                                        " FROM pragma_foreign_key_check() LIMIT 10",
};

const char *statement_sql(enum statement statement) {
    return texts[statement];
}

bool statement_writes(enum statement statement) {
    return strncmp(texts[statement], "SELECT ", sizeof("SELECT ") - 1) != 0;
}
