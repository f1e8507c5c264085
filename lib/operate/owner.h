/*
 * owner: the user whom the state folder belongs to: the one that runs the programs.
 *
 * The administrator who calls the command would leave files that the programs cannot open, and find
 * everything readable that they cannot read. So he becomes that user first.
 */
#ifndef LATCHKEY_OPERATE_OWNER_H
#define LATCHKEY_OPERATE_OWNER_H

#include "edge/context.h"

/* If we are root: becomes the owner of the state folder; where that is root, too, of the database
 * or of the keys in it. For good; if all is root's, nothing changes. 0, or -1 with ERROR_STATE_DIR:
 * there is no state folder, or the system does not let us. */
int owner_become(struct context *context) CHECKED;

#endif
