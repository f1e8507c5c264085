#include "login/rule.h"

#include "base/text.h"
#include "format/quantity.h"
#include "login/membership.h"
#include "login/policy.h"
#include "oauth/provider_setting.h"

#include <stddef.h>
#include <string.h>

#define QUOTE '\''

/* ---- names of groups ------------------------------------------------------------------------- */

/* The next of *rest, bare or in quotes, with its length; steps over it. NULL: none is left, or, with
 * *rest not at its end, what is there is none. */
static const char *next_group(const char **rest, size_t *length) {
    const char *text = *rest + strspn(*rest, " ");
    *rest = text;
    if (*text != QUOTE) {
        *length = strcspn(text, " ");
        *rest = text + *length;
        return *length == 0 || memchr(text, QUOTE, *length) != NULL ? NULL : text;
    }
    const char *end = strchr(++text, QUOTE);
    if (end == NULL || end == text || (end[1] != ' ' && end[1] != '\0'))
        return NULL;
    *length = (size_t)(end - text);
    *rest = end + 1;
    return text;
}

static bool are_groups(const char *groups) {
    size_t length = 0;
    const char *rest = groups;
    size_t count = 0;
    const char *before = rest;
    while (next_group(&rest, &length) != NULL) {
        before = rest;
        count++;
    }
    return count > 0 && before[strspn(before, " ")] == '\0';
}

/* True if the person is in one of them. */
static bool is_in_group(struct arena *arena, const char *groups, const struct json *told) {
    size_t length = 0;
    for (const char *group = next_group(&groups, &length); group != NULL;
         group = next_group(&groups, &length))
        if (membership_has(told, arena_copy(arena, group, length)))
            return true;
    return false;
}

/* ---- the section ----------------------------------------------------------------------------- */

/* What a [provider …] section may say of people too is read as there. */
static const char *set_people(struct arena *arena, struct rule *rule,
                              const struct ini_setting *setting) {
    struct provider like = {.policy = rule->people};
    const char *expected =
        provider_setting_apply(arena, provider_setting_find(setting->name), &like, setting->value);
    rule->people = like.policy;
    return expected;
}

static const char *set_words(struct arena *arena, struct rule *rule,
                             const struct ini_setting *setting) {
    (void)arena;
    if (text_equal(setting->name, "allowed_subjects"))
        rule->allowed_subjects = setting->value;
    else if (text_equal(setting->name, "denied_subjects"))
        rule->denied_subjects = setting->value;
    else
        rule->providers = setting->value;
    return NULL;
}

static const char *set_groups(struct arena *arena, struct rule *rule,
                              const struct ini_setting *setting) {
    (void)arena;
    rule->groups = setting->value;
    return are_groups(setting->value)
               ? NULL
               : "names of groups, separated by spaces; in single quotes where one has spaces";
}

static const char *set_recent(struct arena *arena, struct rule *rule,
                              const struct ini_setting *setting) {
    (void)arena;
    return quantity_duration(setting->value, &rule->recent) ? NULL : "a time like 15m";
}

/* Returns what a right value would look like if this one is wrong, else NULL. */
struct rule_setting {
    const char *name;
    const char *(*set)(struct arena *arena, struct rule *rule, const struct ini_setting *setting);
};

static const struct rule_setting settings[] = {
    {"allowed_email_domains", set_people},
    {"allowed_emails", set_people},
    {"allowed_emails_file", set_people},
    {"denied_emails", set_people},
    {"allowed_subjects", set_words},
    {"denied_subjects", set_words},
    {"providers", set_words},
    {"groups", set_groups},
    {"recent", set_recent},
};

#define SETTINGS_COUNT (sizeof(settings) / sizeof(settings[0]))

static int read_setting(struct arena *arena, const struct ini_section *section,
                        const struct ini_setting *setting, struct rule *rule) {
    size_t i = 0;
    while (i < SETTINGS_COUNT && !text_equal(settings[i].name, setting->name))
        i++;
    if (i == SETTINGS_COUNT)
        return fail(arena, ERROR_CONFIG, "%s:%d: [rule] has no setting %s", section->file,
                    setting->line, setting->name);
    /* Empty, it would be no rule, and so let in everybody. */
    const char *expected =
        *setting->value == '\0' ? "a value" : settings[i].set(arena, rule, setting);
    return expected == NULL ? 0
                            : fail(arena, ERROR_CONFIG, "%s:%d: %s needs %s", section->file,
                                   setting->line, setting->name, expected);
}

static int check_providers(struct context *context, const struct ini_section *section,
                           const struct rule *rule) {
    struct arena *arena = context->arena;
    const char *rest = rule->providers;
    size_t length = 0;
    if (rest == NULL)
        return 0;
    for (const char *word = text_next_word(&rest, &length); word != NULL;
         word = text_next_word(&rest, &length)) {
        const char *id = arena_copy(arena, word, length);
        if (config_section(context->config, "provider", id) == NULL)
            return fail(arena, ERROR_CONFIG, "%s:%d: providers: there is no [provider %s]",
                        section->file, ini_setting(section, "providers")->line, id);
    }
    return 0;
}

static size_t count_providers(const struct config *config) {
    size_t count = 0;
    for (const struct ini_section *section = config->sections; section != NULL;
         section = section->next)
        count += text_equal(section->kind, "provider");
    return count;
}

/* At one provider the operator makes the groups, at another anybody does. */
static int check_groups(struct context *context, const struct ini_section *section,
                        const struct rule *rule) {
    if (rule->groups == NULL || rule->providers != NULL || count_providers(context->config) <= 1)
        return 0;
    return fail(context->arena, ERROR_CONFIG,
                "%s:%d: groups needs providers = ...: whose groups are these?", section->file,
                ini_setting(section, "groups")->line);
}

int rule_load(struct context *context, const char *name, struct rule *rule) {
    struct arena *arena = context->arena;
    const struct ini_section *section = config_section(context->config, "rule", name);
    *rule = (struct rule){.name = name};
    if (section == NULL)
        return fail(arena, ERROR_CONFIG, "%s: there is no [rule %s]", context->config->file, name);
    if (section->settings == NULL)
        return fail(arena, ERROR_CONFIG, "%s:%d: [rule %s] sets nothing: everybody would pass",
                    section->file, section->line, name);
    for (const struct ini_setting *setting = section->settings; setting != NULL;
         setting = setting->next)
        if (read_setting(arena, section, setting, rule) != 0)
            return -1;
    return check_providers(context, section, rule) != 0 ? -1 : check_groups(context, section, rule);
}

/* ---- names of rules -------------------------------------------------------------------------- */

/* What is asked for. */
struct demand {
    struct rule rules[RULE_NAMES_LIMIT];
    size_t count;
};

static int load_all(struct context *context, const char *names, struct demand *demand) {
    struct arena *arena = context->arena;
    size_t length = 0;
    demand->count = 0;
    for (const char *name = text_next_word(&names, &length); name != NULL;
         name = text_next_word(&names, &length)) {
        if (demand->count == RULE_NAMES_LIMIT)
            return fail(arena, ERROR_CONFIG, "more than %d rules at once", RULE_NAMES_LIMIT);
        if (rule_load(context, arena_copy(arena, name, length), &demand->rules[demand->count++]) !=
            0)
            return -1;
    }
    return demand->count > 0
               ? 0
               : fail(arena, ERROR_CONFIG, "require names no rule: everybody would pass");
}

int rule_check_names(struct context *context, const char *names) {
    struct demand demand;
    return load_all(context, names, &demand);
}

/* ---- judging --------------------------------------------------------------------------------- */

/* Who is judged by which rule. */
struct visit {
    struct context *context;
    const struct session *session;
    const struct membership *membership;
    const struct rule *rule;
};

static int refuse(const struct visit *visit, const char *setting) {
    return fail(visit->context->arena, ERROR_RULE, "[rule %s] %s", visit->rule->name, setting);
}

static struct policy_section section_of(const struct visit *visit) {
    return (struct policy_section){
        .name = arena_format(visit->context->arena, "[rule %s]", visit->rule->name),
        .refusal = ERROR_RULE,
    };
}

/* What one of his addresses must not be, is not evaded by signing in by another. */
static int check_denied(const struct visit *visit) {
    struct policy_section section = section_of(visit);
    struct identity *identities = NULL;
    if (text_has_word(visit->rule->denied_subjects, visit->session->sub))
        return refuse(visit, "denied_subjects");
    if (visit->rule->people.denied_emails == NULL)
        return 0;
    section.rules.denied_emails = visit->rule->people.denied_emails;
    if (account_identities(visit->context, visit->session->account, &identities) != 0)
        return -1;
    for (const struct identity *identity = identities; identity != NULL;
         identity = identity->next) {
        const struct person person = {.subject = identity->subject, .email = identity->email};
        if (policy_check_section(visit->context, &section, &person) != 0)
            return -1;
    }
    return 0;
}

static bool names_addresses(const struct policy_rules *rules) {
    return rules->allowed_email_domains != NULL || rules->allowed_emails != NULL ||
           rules->allowed_emails_file != NULL;
}

static int check_allowed(const struct visit *visit) {
    const struct rule *rule = visit->rule;
    const struct membership *membership = visit->membership;
    struct policy_section section = section_of(visit);
    const struct person person = {
        .subject = membership->subject,
        .email = membership->email,
        .email_verified = membership->email_verified,
    };
    if (text_has_word(rule->allowed_subjects, visit->session->sub))
        return 0;
    if (rule->allowed_subjects != NULL && !names_addresses(&rule->people))
        return refuse(visit, "allowed_subjects");
    section.rules = rule->people;
    section.rules.denied_emails = NULL;
    return policy_check_section(visit->context, &section, &person);
}

static int check_membership(const struct visit *visit) {
    const struct rule *rule = visit->rule;
    const struct membership *membership = visit->membership;
    if (rule->providers != NULL &&
        (membership->provider == NULL || !text_has_word(rule->providers, membership->provider)))
        return refuse(visit, "providers");
    if (rule->groups != NULL &&
        !is_in_group(visit->context->arena, rule->groups, membership->groups))
        return refuse(visit, "groups");
    return 0;
}

static int check_person(const struct visit *visit) {
    return check_denied(visit) != 0 || check_allowed(visit) != 0 || check_membership(visit) != 0
               ? -1
               : 0;
}

static int check_recent(struct context *context, const struct rule *rule,
                        const struct session *session) {
    if (rule->recent == 0 || context_now(context) - session->created_at <= rule->recent)
        return 0;
    return fail(context->arena, ERROR_UNAUTHENTICATED, "[rule %s] recent", rule->name);
}

/* To sign in anew is asked of those only whom it would help. */
static int check_all(struct context *context, const struct demand *demand,
                     const struct session *session) {
    struct membership membership;
    if (membership_load(context, session, &membership) != 0)
        return -1;
    for (size_t i = 0; i < demand->count; i++) {
        const struct visit visit = {context, session, &membership, &demand->rules[i]};
        if (check_person(&visit) != 0)
            return -1;
    }
    for (size_t i = 0; i < demand->count; i++)
        if (check_recent(context, &demand->rules[i], session) != 0)
            return -1;
    return 0;
}

int rule_check(struct context *context, const char *names, const struct caller *caller) {
    struct demand demand = {.count = 0};
    if (names != NULL && load_all(context, names, &demand) != 0)
        return -1;
    if (caller->session == NULL)
        return fail(context->arena, ERROR_UNAUTHENTICATED, "nobody is signed in");
    return names == NULL ? 0 : check_all(context, &demand, caller->session);
}
