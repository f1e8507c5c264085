/*
 * state_check: the state folder: who it belongs to, the database, the keys. Makes nothing, and does
 * not bring the database up to date.
 */
#ifndef LATCHKEY_OPERATE_STATE_CHECK_H
#define LATCHKEY_OPERATE_STATE_CHECK_H

#include "operate/finding.h"

void state_check_run(struct findings *findings);

#endif
