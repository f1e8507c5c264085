/*
 * api_cache: answers of APIs that are nobody's in particular ([api NAME] cache), kept in the
 * database for all who ask for the same: the same API, URL, Accept and Accept-Language.
 *
 * Whole answers of status 200 alone, of at most API_HOLD bytes, and at most API_CACHE_LIMIT of them:
 * those that would expire first go first.
 */
#ifndef LATCHKEY_LOGIN_API_CACHE_H
#define LATCHKEY_LOGIN_API_CACHE_H

#include "format/digest.h"
#include "login/api_answer.h"

#define API_CACHE_LIMIT 1000 /* answers */

/* What is asked, as what an answer is kept under. */
struct api_question {
    unsigned char hash[DIGEST_SIZE];
};

/* The URL is the one without the site's key: an answer does not depend on it, and who reads the
 * database finds no trace of it. NULL for a field that is absent. */
void api_question_make(struct arena *arena, const char *api, const char *url,
                       const struct http_request *request, struct api_question *question);

/* *found; if so, the answer is filled in with what is kept: status, fields and body.
 * 0, or -1 with a database error. */
int api_cache_load(struct context *context, const struct api_question *question,
                   struct api_answer *answer, bool *found) CHECKED;

/* Keeps an answer for `seconds`, if it is one to be kept, and clears a few away that are over. Call
 * when it is whole. 0, or -1 with a database error. */
int api_cache_save(struct context *context, const struct api_question *question,
                   const struct api_answer *answer, int64_t seconds) CHECKED;

#endif
