/*
 * who: the user that the operator means.
 *
 * Named by `sub`, by an e-mail address (of the account or of one of its identities, verified or
 * not), or as PROVIDER:SUBJECT.
 */
#ifndef LATCHKEY_OPERATE_WHO_H
#define LATCHKEY_OPERATE_WHO_H

#include "operate/operation.h"

struct who {
    int64_t account;
    const char *sub;
    const char *display; /* "SUB (Ada, ada@example.org)": for questions and reports */
};

/* OPERATION_DONE; OPERATION_WRONG, told already, if that is nobody or more than one; or -1 with a
 * database error. */
int who_find(const struct operation *operation, const char *named, struct who *who) CHECKED;

#endif
