/*
 * schema: the SQL that makes the tables, and that brings those of an earlier version up to date.
 * The texts are schema.sql and migrations/N.sql; database.c runs them.
 *
 * To change the schema: change schema.sql, write migrations/N.sql for what was made before, add it
 * in schema.c, and raise SCHEMA_VERSION to N. A test (test_database.c) holds a file of each earlier
 * version that was migrated against a new one: they must be equal, to the comments.
 */
#ifndef LATCHKEY_EDGE_SCHEMA_H
#define LATCHKEY_EDGE_SCHEMA_H

/* Of the tables that this program works with; the file says its own in PRAGMA user_version. */
#define SCHEMA_VERSION 5

/* Makes all tables of SCHEMA_VERSION in an empty file; never NULL. */
const char *schema_sql(void);

/* Makes version `version` of the one before it: 2 to SCHEMA_VERSION; never NULL. */
const char *schema_migration_sql(int version);

#endif
