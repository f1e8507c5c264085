/*
 * finding: what the check found, a line each: "ok", "note" (worth knowing, or not checked) or
 * "wrong", the subject, and what is or what to do. As JSON, an object with "status", "subject" and
 * "text". With --quiet, only what is wrong.
 */
#ifndef LATCHKEY_OPERATE_FINDING_H
#define LATCHKEY_OPERATE_FINDING_H

#include "operate/operation.h"
#include "operate/progress.h"

struct findings {
    const struct operation *operation;
    struct progress progress;
    int width; /* of the subjects' column */
    int wrong; /* how many */
};

void finding_ok(struct findings *findings, const char *subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void finding_note(struct findings *findings, const char *subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void finding_wrong(struct findings *findings, const char *subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Wrong: what the context's arena has as its error, which is forgotten. */
void finding_failure(struct findings *findings, const char *subject);

#endif
