/*
 * options: the command line.
 */
#ifndef LATCHKEY_PROVIDER_OPTIONS_H
#define LATCHKEY_PROVIDER_OPTIONS_H

#include "op.h"

/* Reads the settings of *op from the command line; provider.c tells them all. 0, or -1 with ERROR_CONFIG. */
int options_read(struct arena *arena, int count, char **arguments, struct op *op) CHECKED;

#endif
