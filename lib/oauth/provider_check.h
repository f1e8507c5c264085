/*
 * provider_check: does what is known of a provider suffice, and go together?
 */
#ifndef LATCHKEY_OAUTH_PROVIDER_CHECK_H
#define LATCHKEY_OAUTH_PROVIDER_CHECK_H

#include "format/ini.h"
#include "oauth/provider.h"

/* 0, or -1 with ERROR_CONFIG if its record says that it cannot be used yet, with the reason. */
int provider_check_supported(struct arena *arena, const struct ini_section *section,
                             const struct provider *provider) CHECKED;

/* Judges a provider that was read from this section. 0, or -1 with ERROR_CONFIG, telling what the
 * section needs. */
int provider_check(struct arena *arena, const struct ini_section *section,
                   const struct provider *provider) CHECKED;

#endif
