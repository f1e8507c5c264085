/*
 * intervention: the commands that change what somebody can do here. Each is an event of the
 * account.
 */
#ifndef LATCHKEY_OPERATE_INTERVENTION_H
#define LATCHKEY_OPERATE_INTERVENTION_H

#include "operate/operation.h"

/* revoke USER · revoke --session SESSION · revoke --all: ends sessions. */
int intervention_revoke(struct operation *operation) CHECKED;

/* block USER: keeps the account out, and ends its sessions; unblock USER. */
int intervention_block(struct operation *operation) CHECKED;
int intervention_unblock(struct operation *operation) CHECKED;

/* delete USER: what account.cgi/delete does. */
int intervention_delete(struct operation *operation) CHECKED;

/* export USER: what account.cgi/export gives, to the standard output. */
int intervention_export(struct operation *operation) CHECKED;

#endif
