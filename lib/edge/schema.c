#include "edge/schema.h"

static const char schema[] =
#include "schema.inc"
    ;

static const char to_version_2[] =
#include "migration-2.inc"
    ;

static const char to_version_3[] =
#include "migration-3.inc"
    ;

static const char to_version_4[] =
#include "migration-4.inc"
    ;

static const char to_version_5[] =
#include "migration-5.inc"
    ;

static const char *const migrations[SCHEMA_VERSION + 1] = {
    [2] = to_version_2,
    [3] = to_version_3,
    [4] = to_version_4,
    [5] = to_version_5,
};

const char *schema_sql(void) {
    return schema;
}

const char *schema_migration_sql(int version) {
    return migrations[version];
}
