/*
 * api_answer: what of an API's answer goes through to the browser, and how.
 *
 * The status, unless nobody could make sense of it: 2xx; 304 if the request had a condition; 4xx
 * (but 401 and 407, which are about us) and 5xx. No redirect is followed or passed on.
 *
 * The fields of an allow-list. None that sets a cookie, opens the answer to other sites, changes how
 * the browser treats our site (policies, workers, other places), or tells the web server what to do
 * (Status, X-Accel-Redirect). Ours come beside them: the answer can run no script on our site,
 * whatever it is; a type that a browser runs or styles pages with becomes text/plain; and nobody
 * stores it.
 *
 * The body, whole or not at all: it is taken in to its end first, what is longer than API_HOLD into
 * a file without a name (edge/spool.h), so that an API that breaks off is a 502. To send it as it
 * comes would leave it to its length to tell that it broke off; but there are web servers that do not
 * pass that on (Apache since 2.4.59), and end a broken answer of a CGI program as if it were whole.
 * Only what is made to be read bit by bit goes out as it comes (text/event-stream and the like).
 */
#ifndef LATCHKEY_LOGIN_API_ANSWER_H
#define LATCHKEY_LOGIN_API_ANSWER_H

#include "edge/http_client.h"
#include "edge/response.h"
#include "edge/spool.h"
#include "login/api_record.h"

#define API_HOLD (64U * 1024) /* bytes */

enum api_way {
    API_HELD,
    API_SPOOLED,
    API_LIVE,
};

struct api_answer {
    struct context *context;
    struct response *response;
    const char *host;    /* the API's, for the log */
    bool is_conditional; /* the request was: 304 is an answer */
    bool as_user;        /* it had an access token */

    bool is_refused; /* 401, to an access token: nothing was passed on */
    int status;
    struct http_field *fields; /* those that go through */
    struct buffer body;        /* as long as it is held */

    /* of api_answer.c alone: */
    enum api_way way;
    int64_t length; /* that it says; -1: it does not */
    struct spool spool;
};

/* True if a status goes through. */
bool api_answer_passes(int status, bool is_conditional);

/* *passed = the fields that go through, those that are lists as one.
 * 0, or -1 with ERROR_API_FAILED: one is there twice that can be but one. */
int api_answer_fields(struct arena *arena, const struct http_field *fields,
                      struct http_field **passed) CHECKED;

/* Makes it ready to take an answer in; the members above the empty line are the caller's. */
void api_answer_open(struct api_answer *answer);

/* For http_request_stream(). It ends without an error where the API refuses the access token, and
 * where the browser is gone. Else with ERROR_API_STATUS, ERROR_API_FAILED or ERROR_STATE_DIR. */
struct http_sink api_answer_sink(struct api_answer *answer);

/* All of it has come: sends what has not been sent yet. 0, or -1 if the browser is gone. */
int api_answer_end(struct api_answer *answer) CHECKED;

/* Sends one that was kept (api_cache.h): its status, fields and body. */
void api_answer_respond(const struct api_answer *answer);

/* Gives back what it holds; harmless at any time after api_answer_open(). */
void api_answer_close(struct api_answer *answer);

#endif
