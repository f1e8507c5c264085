/*
 * listing: the commands that show what the database knows: users, sessions, events.
 */
#ifndef LATCHKEY_OPERATE_LISTING_H
#define LATCHKEY_OPERATE_LISTING_H

#include "operate/operation.h"

/* users [SEARCH]: all, or those whose name or address holds it, or that it names. */
int listing_users(struct operation *operation) CHECKED;

/* sessions [USER]: the live ones, the one used last first. */
int listing_sessions(struct operation *operation) CHECKED;

/* events [USER] [--since WHEN] [--event NAME]: the oldest first. WHEN is a time that has passed
 * (7d), a day (2026-11-20) or a time (2026-11-20T08:15:30Z). */
int listing_events(struct operation *operation) CHECKED;

#endif
