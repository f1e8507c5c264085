/*
 * check: is everything as it should be? One line each: what is, or what to do.
 */
#ifndef LATCHKEY_OPERATE_CHECK_H
#define LATCHKEY_OPERATE_CHECK_H

#include "operate/operation.h"

/* check [--offline]: the configuration, files and their modes, the database, the keys, each
 * provider (asked, unless --offline). Changes nothing. context->config need not be there: the file
 * is read from `config_file`. OPERATION_WRONG if anything is wrong. */
int check_run(struct operation *operation) CHECKED;

#endif
