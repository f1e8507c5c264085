/*
 * gate: the entrance to a program of somebody else's: who asks, whether he may pass, and if not, what
 * he is told. For signed-in and the C library; the programs behind it answer for themselves.
 *
 *     struct gate gate;
 *     gate_open(&gate, &gateway_cgi, "signed-in");
 *     gate_read(&gate, config_path());
 *     if (gate_check(&gate, &terms) != 0)
 *         gate_refuse(&gate);
 *     gate_close(&gate);
 *
 * One request a gate. Whoever passes leaves the request's body untouched: it is the program's.
 */
#ifndef LATCHKEY_SERVE_GATE_H
#define LATCHKEY_SERVE_GATE_H

#include "edge/config.h"
#include "edge/context.h"
#include "login/caller.h"

struct gate_terms {
    const char *require; /* names of rules, separated by spaces; NULL: being signed in suffices */
    bool any_origin;     /* also what another site made a browser send */
};

struct gate {
    struct arena arena; /* its error: why nobody passes */
    struct config config;
    struct context context;
    struct request request;
    struct caller caller; /* nobody, also where something failed */
    const struct gateway *gateway;
};

/* Nothing is read yet. `program` is for log lines; it and the gateway must live as long as the gate.
 * Always to be followed by gate_close(). */
void gate_open(struct gate *gate, const struct gateway *gateway, const char *program);

/* Reads the configuration and the request, and finds out who asks. If that fails, or something has
 * failed before, nobody will pass: the arena's error tells why (config_load()'s, request_read()'s,
 * caller_load()'s). */
void gate_read(struct gate *gate, const char *config_file);

/* Whether this request may pass: every method alike, but for one: what is not safe by definition
 * (RFC 9110 9.2.1: GET, HEAD, OPTIONS) must come from a page of this site, or with a token.
 * 0, or -1 with rule_check()'s errors, ERROR_REQUEST_ORIGIN, or what failed before. */
int gate_check(struct gate *gate, const struct gate_terms *terms) CHECKED;

/* "/cgi-bin/login.cgi?return_to=…": where to sign in, and then come back to the local path
 * `return_to`; NULL: to here. With prompt=login for who is signed in, but was refused for a rule's
 * `recent`. */
const char *gate_login_url(struct gate *gate, const char *return_to);

/* Answers and logs the failure recorded: 303 to the sign-in page for a browser that can come back by
 * the same request, else an error as page or JSON. */
void gate_refuse(struct gate *gate);

/* Closes the database. What was learnt is still there, but only gate_refuse() and gate_close() may
 * follow. */
void gate_release(struct gate *gate);

/* The same, and wipes what was learnt. */
void gate_close(struct gate *gate);

#endif
