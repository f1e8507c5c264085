/*
 * api_record: a third-party API that pages of this site may call through api.cgi: [api NAME].
 *
 * One with a `provider` is called as the person who is signed in, with the access token that this
 * provider gave; one without is the same for everybody. README.md lists the settings (a test
 * compares with the table here).
 */
#ifndef LATCHKEY_LOGIN_API_RECORD_H
#define LATCHKEY_LOGIN_API_RECORD_H

#include "edge/config.h"
#include "edge/context.h"
#include "edge/request.h"
#include "oauth/provider.h"

#include <stdbool.h>
#include <stdint.h>

/* The most that the limits of a record may be. */
#define API_BODY_LIMIT ((size_t)8 * 1024 * 1024)
#define API_TIMEOUT_LIMIT 600 /* seconds */

enum api_access {
    API_SIGNED_IN,
    API_ANYONE,
};

/* What is not set is NULL, unless a default is named in the README. */
struct api_record {
    const char *name;
    const char *provider;       /* NULL: it is called as nobody in particular */
    const char *scope;          /* that the access token needs; separated by spaces */
    const char *base_url;       /* see api_record_base() */
    bool methods[METHOD_OTHER]; /* that may be used, by enum method */
    enum api_access access;
    const char *require; /* names of rules (login/rule.h), separated by spaces */
    /* The site's own key: at most one of the first two, and one of the last two with it. */
    const char *key;
    const char *key_file;
    const char *key_field;     /* the field of HTTP that it stands in, alone */
    const char *key_parameter; /* the parameter of the query */
    int64_t cache;             /* seconds; 0: answers are not kept */
    size_t body_limit;         /* bytes of a request's body */
    size_t answer_limit;       /* bytes of an answer, decompressed */
    int64_t timeout;           /* seconds that the API has for all of its answer */
};

/* The record of that name.
 * 0, or -1 with ERROR_API_UNKNOWN, or ERROR_CONFIG with file and line of the mistake. */
int api_record_load(struct context *context, const char *name, struct api_record *record) CHECKED;

/* *key = the site's own key, out of its file if it has one; NULL if there is none.
 * 0, or -1 with ERROR_KEY_FILE. */
int api_record_key(struct context *context, const struct api_record *record,
                   const char **key) CHECKED;

/* Where the API is: base_url, with the instance (the server that serves the person) in place of
 * "{instance}", which may stand there as the host; NULL where there is none. */
const char *api_record_base(struct arena *arena, const struct api_record *record,
                            const char *instance);

/* What is wrong with base_url for this provider ("needs …"); NULL if nothing: one that has many
 * servers has many APIs, and the token of one server must not reach another. */
const char *api_record_provider_fault(const struct api_record *record,
                                      const struct provider *provider);

/* "GET, HEAD": for the field Allow. */
char *api_record_methods(struct arena *arena, const struct api_record *record);

/* Tells the witness of every mistake in every [api NAME], also of key files that cannot be read. */
void api_record_check_all(struct context *context, struct config_witness *witness);

#endif
