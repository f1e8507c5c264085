/*
 * provider_setting: the settings of a [provider …] section, one by one: what a value may look like,
 * and where it goes in struct provider.
 */
#ifndef LATCHKEY_OAUTH_PROVIDER_SETTING_H
#define LATCHKEY_OAUTH_PROVIDER_SETTING_H

#include "oauth/provider.h"

struct provider_setting;

/* The setting of that name, or NULL if there is none. */
const struct provider_setting *provider_setting_find(const char *name);

/* The i-th setting, or NULL behind the last. */
const struct provider_setting *provider_setting_at(size_t i);
const char *provider_setting_name(const struct provider_setting *setting);

/* Takes the value over. NULL, or what a right value would look like if this one is wrong. */
const char *provider_setting_apply(struct arena *arena, const struct provider_setting *setting,
                                   struct provider *provider, const char *value);

/* True if quotes mean something in its values: in expressions, and JSON. */
bool provider_setting_takes_quotes(const struct provider_setting *setting);

/* If the setting is a template: where its text is in struct provider; else NULL. */
const char **provider_setting_template(const struct provider_setting *setting,
                                       struct provider *provider);

/* If the setting is an expression: its text in struct provider, which may be NULL; else NULL. */
const char *provider_setting_expression(const struct provider_setting *setting,
                                        struct provider *provider);

/* Judges a template whose variables are filled in. NULL, or what a right one would look like. */
const char *provider_setting_check_template(struct arena *arena,
                                            const struct provider_setting *setting,
                                            const char *text);

#endif
