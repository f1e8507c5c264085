/*
 * user_agent: what people call the browser and the system that a User-Agent field (RFC 9110 10.1.5)
 * stands for: enough to recognise one's own devices in a list.
 */
#ifndef LATCHKEY_FORMAT_USER_AGENT_H
#define LATCHKEY_FORMAT_USER_AGENT_H

#include "base/arena.h"

/* "Firefox, Windows"; one of them if only that is recognised; NULL if nothing is. */
const char *user_agent_describe(struct arena *arena, const char *user_agent);

#endif
