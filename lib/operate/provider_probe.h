/*
 * provider_probe: is a provider as its record says, and does it know us?
 *
 * What it is asked changes nothing there: its documents; a login without anybody (prompt=none),
 * which leads straight back to us if it knows the client and the redirect URI; and tokens for a
 * code that it never issued, which it refuses, but in one way for a client that it knows and in
 * another for one that it does not. Where that cannot tell, the finding says "not checked".
 */
#ifndef LATCHKEY_OPERATE_PROVIDER_PROBE_H
#define LATCHKEY_OPERATE_PROVIDER_PROBE_H

#include "operate/finding.h"

/* The provider of that id: its record, its secrets and keys; then, if it is to be asked, itself. */
void provider_probe_run(struct findings *findings, const char *id, bool ask);

#endif
