/*
 * statement: every SQL statement of the library, by name. The texts are in statement.c, in this
 * order. Values are only ever bound. (To let another engine stand behind: these, schema.sql and
 * database.c.)
 */
#ifndef LATCHKEY_EDGE_STATEMENT_H
#define LATCHKEY_EDGE_STATEMENT_H

enum statement {
    /* sessions */
    STATEMENT_SESSION_INSERT,
    STATEMENT_SESSION_LOAD,
    STATEMENT_SESSION_SEEN,
    STATEMENT_SESSION_DELETE,
    STATEMENT_SESSION_DELETE_BY_SID,
    STATEMENT_SESSION_DELETE_BY_SUBJECT,
    STATEMENT_SESSION_DELETE_BY_SUBJECT_WITHOUT_SID,
    STATEMENT_SESSION_OTHER_ALG,
    STATEMENT_SESSION_DELETE_EXPIRED,
    /* accounts and identities */
    STATEMENT_ACCOUNT_INSERT,
    STATEMENT_ACCOUNT_UPDATE,
    STATEMENT_IDENTITY_INSERT,
    STATEMENT_IDENTITY_UPDATE,
    STATEMENT_IDENTITY_FIND,
    STATEMENT_IDENTITY_LIST,
    /* one-time things */
    STATEMENT_USED_INSERT,
    STATEMENT_USED_DELETE_EXPIRED,
    /* documents */
    STATEMENT_DOCUMENT_LOAD,
    STATEMENT_DOCUMENT_SAVE,
    STATEMENT_DOCUMENT_REFETCHED,
    STATEMENT_DOCUMENT_DELETE,
    STATEMENT_DOCUMENT_DELETE_SURPLUS,
    /* dynamic client registrations */
    STATEMENT_REGISTRATION_INSERT,
    STATEMENT_REGISTRATION_LOAD,
    STATEMENT_REGISTRATION_DELETE,
    STATEMENT_COUNT
};

/* The SQL text; never NULL. */
const char *statement_sql(enum statement statement);

#endif
