/*
 * site_check: the configuration, and the files that it names.
 */
#ifndef LATCHKEY_OPERATE_SITE_CHECK_H
#define LATCHKEY_OPERATE_SITE_CHECK_H

#include "edge/config.h"
#include "operate/finding.h"

/* Reads the configuration into *config, all mistakes told. True if the rest can be examined by it.
 */
bool site_check_configuration(struct findings *findings, const char *file, struct config *config);

/* As the user that the programs run as: can he read what they need? The configuration, ca_file, a
 * list of addresses; every page in every language. */
void site_check_files(struct findings *findings);

#endif
