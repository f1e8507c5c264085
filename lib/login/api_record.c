#include "login/api_record.h"

#include "base/buffer.h"
#include "base/text.h"
#include "edge/private_file.h"
#include "format/quantity.h"
#include "format/uri.h"
#include "login/api_url.h"

#include <stddef.h>
#include <string.h>

#define INSTANCE_HOLE "{instance}"

/* What a name is made of; another text might be anything, and is not for the log. */
#define NAME_BYTES "abcdefghijklmnopqrstuvwxyz0123456789_-"

#define DEFAULT_BODY_LIMIT ((size_t)1024 * 1024)
#define DEFAULT_ANSWER_LIMIT ((size_t)10 * 1024 * 1024)
#define DEFAULT_TIMEOUT 30 /* seconds */

/* A setter returns what is wrong with a value ("must …"), or NULL. An empty value never comes. */
struct api_setting {
    const char *name;
    const char *(*set)(struct context *context, struct api_record *record, size_t field,
                       const char *value);
    size_t field; /* offset of a member, for the setters that serve many */
};

/* ---- values ---------------------------------------------------------------------------------- */

static const char **text_field(struct api_record *record, size_t field) {
    return (const char **)(void *)((char *)record + field);
}

static size_t *size_field(struct api_record *record, size_t field) {
    return (size_t *)(void *)((char *)record + field);
}

static const char *set_text(struct context *context, struct api_record *record, size_t field,
                            const char *value) {
    (void)context;
    *text_field(record, field) = value;
    return NULL;
}

static const char *set_provider(struct context *context, struct api_record *record, size_t field,
                                const char *value) {
    (void)field;
    record->provider = value;
    return config_section(context->config, "provider", value) != NULL
               ? NULL
               : "must be the ID of a [provider ID] section";
}

/* RFC 6749 3.3: scope-token. */
static bool is_scope(const char *value) {
    for (; *value != '\0'; value++)
        if (*value < ' ' || *value > '~' || *value == '"' || *value == '\\')
            return false;
    return true;
}

static const char *set_scope(struct context *context, struct api_record *record, size_t field,
                             const char *value) {
    (void)context;
    (void)field;
    record->scope = value;
    return is_scope(value) ? NULL : "must be words as in a provider's scope, separated by spaces";
}

static const char *set_base_url(struct context *context, struct api_record *record, size_t field,
                                const char *value) {
    struct arena *arena = context->arena;
    struct uri uri;
    (void)field;
    record->base_url = value;
    const char *base = api_record_base(arena, record, PROVIDER_NO_INSTANCE);
    const char *fault = api_url_base_fault(arena, base);
    if (fault != NULL || strstr(value, INSTANCE_HOLE) == NULL)
        return fault;
    return uri_parse(arena, base, &uri) == 0 && text_equal(uri.host, PROVIDER_NO_INSTANCE)
               ? NULL
               : "may have " INSTANCE_HOLE " as its host alone";
}

/* METHOD_OTHER: none of ours. */
static enum method method_of(const char *word, size_t length) {
    enum method method = METHOD_GET;
    while (method != METHOD_OTHER && (strlen(method_name(method)) != length ||
                                      memcmp(method_name(method), word, length) != 0))
        method++;
    return method;
}

static const char *set_methods(struct context *context, struct api_record *record, size_t field,
                               const char *value) {
    size_t length = 0;
    (void)context;
    (void)field;
    memset(record->methods, 0, sizeof(record->methods));
    for (const char *word = text_next_word(&value, &length); word != NULL;
         word = text_next_word(&value, &length)) {
        enum method method = method_of(word, length);
        if (method == METHOD_OTHER)
            return "must be some of GET HEAD POST PUT PATCH DELETE, separated by spaces";
        record->methods[method] = true;
    }
    return NULL;
}

static const char *set_access(struct context *context, struct api_record *record, size_t field,
                              const char *value) {
    (void)context;
    (void)field;
    record->access = text_equal(value, "anyone") ? API_ANYONE : API_SIGNED_IN;
    return text_equal(value, "anyone") || text_equal(value, "signed-in")
               ? NULL
               : "must be signed-in or anyone";
}

static const char *set_require(struct context *context, struct api_record *record, size_t field,
                               const char *value) {
    struct arena *arena = context->arena;
    size_t length = 0;
    (void)field;
    record->require = value;
    if (*value == '\0')
        return "needs the name of a rule";
    for (const char *word = text_next_word(&value, &length); word != NULL;
         word = text_next_word(&value, &length))
        if (config_section(context->config, "rule", arena_copy(arena, word, length)) == NULL)
            return arena_format(arena, "names %.*s: there is no [rule %.*s]", (int)length, word,
                                (int)length, word);
    return NULL;
}

static const char *set_key(struct context *context, struct api_record *record, size_t field,
                           const char *value) {
    (void)context;
    (void)field;
    record->key = value;
    return text_has_control(value) ? "must be on one line" : NULL;
}

/* Those that frame a message, that lead it elsewhere, and the visitor's own. */
static bool may_hold_key(const char *name) {
    static const char *const taken[] = {
        "Host",      "Connection", "Content-Length", "Content-Type", "Transfer-Encoding",
        "TE",        "Trailer",    "Upgrade",        "Keep-Alive",   "Accept-Encoding",
        "Expect",    "Accept",     "Range",          "User-Agent",   "Cookie",
        "Forwarded",
    };
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        if (text_equal_nocase(name, taken[i]))
            return false;
    return text_is_token(name) && strncasecmp(name, "Proxy-", strlen("Proxy-")) != 0;
}

static const char *set_key_field(struct context *context, struct api_record *record, size_t field,
                                 const char *value) {
    (void)context;
    (void)field;
    record->key_field = value;
    return may_hold_key(value) ? NULL : "must be the name of a field, such as X-Api-Key";
}

static const char *set_key_parameter(struct context *context, struct api_record *record,
                                     size_t field, const char *value) {
    (void)context;
    (void)field;
    record->key_parameter = value;
    for (; *value != '\0'; value++)
        if (!ascii_is_alnum(*value) && strchr("-._~", *value) == NULL)
            return "must be the name of a parameter, such as appid";
    return NULL;
}

static const char *set_cache(struct context *context, struct api_record *record, size_t field,
                             const char *value) {
    (void)context;
    (void)field;
    return quantity_duration(value, &record->cache) ? NULL : "must be a time like 30s, 10m or 12h";
}

static const char *set_size(struct context *context, struct api_record *record, size_t field,
                            const char *value) {
    (void)context;
    return quantity_size(value, size_field(record, field)) ? NULL : "must be a size like 64k or 10m";
}

static const char *set_body_limit(struct context *context, struct api_record *record, size_t field,
                                  const char *value) {
    const char *fault = set_size(context, record, field, value);
    return fault == NULL && record->body_limit > API_BODY_LIMIT ? "must be at most 8m" : fault;
}

static const char *set_timeout(struct context *context, struct api_record *record, size_t field,
                               const char *value) {
    (void)context;
    (void)field;
    return quantity_duration(value, &record->timeout) && record->timeout <= API_TIMEOUT_LIMIT
               ? NULL
               : "must be a time like 30s, at most 10m";
}

#define FIELD(member) offsetof(struct api_record, member)

static const struct api_setting settings[] = {
    {"provider", set_provider, 0},
    {"scope", set_scope, 0},
    {"base_url", set_base_url, 0},
    {"methods", set_methods, 0},
    {"access", set_access, 0},
    {"require", set_require, 0},
    {"key", set_key, 0},
    {"key_file", set_text, FIELD(key_file)},
    {"key_field", set_key_field, 0},
    {"key_parameter", set_key_parameter, 0},
    {"cache", set_cache, 0},
    {"body_limit", set_body_limit, FIELD(body_limit)},
    {"answer_limit", set_size, FIELD(answer_limit)},
    {"timeout", set_timeout, 0},
};

/* ---- one section ----------------------------------------------------------------------------- */

static const struct api_setting *find_setting(const char *name) {
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        if (text_equal(settings[i].name, name))
            return &settings[i];
    return NULL;
}

static int apply_setting(struct context *context, const struct ini_section *section,
                         const struct ini_setting *written, struct api_record *record) {
    const struct api_setting *setting = find_setting(written->name);
    if (setting == NULL)
        return fail(context->arena, ERROR_CONFIG, "%s:%d: [api NAME] has no setting %s",
                    section->file, written->line, written->name);
    /* An empty value leaves the default; of who may call, it would let everybody. */
    if (*written->value == '\0' && setting->set != set_require)
        return 0;
    const char *fault = setting->set(context, record, setting->field, written->value);
    return fault == NULL ? 0
                         : fail(context->arena, ERROR_CONFIG, "%s:%d: %s %s", section->file,
                                written->line, written->name, fault);
}

/* What settings say together: a fault, and the one to be named for it. */
struct conflict {
    bool is_there;
    const char *setting;
    const char *fault;
};

static int check_together(struct context *context, const struct ini_section *section,
                          const struct api_record *record) {
    const bool as_user = record->provider != NULL;
    const bool has_key = record->key != NULL || record->key_file != NULL;
    const bool has_place = record->key_field != NULL || record->key_parameter != NULL;
    const struct conflict conflicts[] = {
        {record->base_url == NULL, "base_url", "is missing: where the API is"},
        {record->scope != NULL && !as_user, "scope", "is a provider's: there is no provider"},
        {record->access == API_ANYONE && as_user, "access",
         "must be signed-in where there is a provider: it is called as somebody"},
        {record->require != NULL && record->access == API_ANYONE, "require",
         "is of no use where access = anyone"},
        {record->cache > 0 && as_user, "cache",
         "must not be where there is a provider: an answer is one person's"},
        {record->key != NULL && record->key_file != NULL, "key", "must not be beside key_file"},
        {has_key && !has_place, record->key != NULL ? "key" : "key_file",
         "needs key_field or key_parameter: where it stands"},
        {has_place && !has_key, record->key_field != NULL ? "key_field" : "key_parameter",
         "needs key_file or key"},
        {!as_user && record->base_url != NULL && strstr(record->base_url, INSTANCE_HOLE) != NULL,
         "base_url", "has " INSTANCE_HOLE ", which is a provider's: there is no provider"},
        {record->key_field != NULL && record->key_parameter != NULL, "key_parameter",
         "must not be beside key_field"},
        {text_equal_nocase(record->key_field, "Authorization") && as_user, "key_field",
         "must not be Authorization where there is a provider: the access token stands there"},
    };
    for (size_t i = 0; i < sizeof(conflicts) / sizeof(conflicts[0]); i++) {
        if (!conflicts[i].is_there)
            continue;
        const struct ini_setting *written = ini_setting(section, conflicts[i].setting);
        return fail(context->arena, ERROR_CONFIG, "%s:%d: %s %s", section->file,
                    written == NULL ? section->line : written->line, conflicts[i].setting,
                    conflicts[i].fault);
    }
    return 0;
}

static struct api_record defaults(const char *name) {
    return (struct api_record){
        .name = name,
        .methods = {[METHOD_GET] = true, [METHOD_HEAD] = true},
        .body_limit = DEFAULT_BODY_LIMIT,
        .answer_limit = DEFAULT_ANSWER_LIMIT,
        .timeout = DEFAULT_TIMEOUT,
    };
}

int api_record_load(struct context *context, const char *name, struct api_record *record) {
    const struct ini_section *section = config_section(context->config, "api", name);
    if (section == NULL)
        return fail(context->arena, ERROR_API_UNKNOWN, "there is no [api %s]",
                    name[strspn(name, NAME_BYTES)] == '\0' ? name : "…");
    *record = defaults(section->label);
    for (const struct ini_setting *written = section->settings; written != NULL;
         written = written->next)
        if (apply_setting(context, section, written, record) != 0)
            return -1;
    return check_together(context, section, record);
}

/* ---- what it means --------------------------------------------------------------------------- */

const char *api_record_base(struct arena *arena, const struct api_record *record,
                            const char *instance) {
    const char *hole = strstr(record->base_url, INSTANCE_HOLE);
    if (hole == NULL || instance == NULL)
        return record->base_url;
    return arena_format(arena, "%.*s%s%s", (int)(hole - record->base_url), record->base_url,
                        instance, hole + strlen(INSTANCE_HOLE));
}

const char *api_record_provider_fault(const struct api_record *record,
                                      const struct provider *provider) {
    bool has_hole = strstr(record->base_url, INSTANCE_HOLE) != NULL;
    if (has_hole == provider_is_strangers_choice(provider))
        return NULL;
    return has_hole ? "has " INSTANCE_HOLE ", but this provider has one server"
                    : "needs " INSTANCE_HOLE " as its host: this provider has many servers";
}

int api_record_key(struct context *context, const struct api_record *record, const char **key) {
    struct arena *arena = context->arena;
    const char *text = NULL;
    *key = record->key;
    if (record->key_file == NULL)
        return 0;
    if (private_file_read(arena, context->config->file, record->key_file, &text) != 0)
        return -1;
    *key = arena_copy(arena, text, strcspn(text, "\r\n"));
    return **key != '\0' && !text_has_control(*key)
               ? 0
               : fail(arena, ERROR_KEY_FILE, "the first line of %s is no key", record->key_file);
}

char *api_record_methods(struct arena *arena, const struct api_record *record) {
    struct buffer text;
    buffer_open(arena, &text);
    for (enum method method = METHOD_GET; method != METHOD_OTHER; method++)
        if (record->methods[method])
            buffer_add_format(&text, "%s%s", text.length == 0 ? "" : ", ", method_name(method));
    return text.bytes;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool tell(struct context *context, struct config_witness *witness) {
    witness->tell(witness->closure, context->arena->error.detail);
    witness->mistakes++;
    arena_forget_error(context->arena);
    return true;
}

/* A provider's own mistakes are told elsewhere. */
static int check_provider(struct context *context, const struct ini_section *section,
                          const struct api_record *record) {
    struct provider provider;
    if (record->provider == NULL ||
        provider_load(context, record->provider, NULL, &provider) != 0) {
        arena_forget_error(context->arena);
        return 0;
    }
    const char *fault = api_record_provider_fault(record, &provider);
    return fault == NULL ? 0
                         : fail(context->arena, ERROR_CONFIG, "%s:%d: base_url %s", section->file,
                                ini_setting(section, "base_url")->line, fault);
}

/* The settings one by one, so that the mistake of one does not hide another's. What they say
 * together is only of interest when each of them is right. */
static void check_section(struct context *context, const struct ini_section *section,
                          struct config_witness *witness) {
    struct api_record record = defaults(section->label);
    const char *key = NULL;
    bool told = false;
    for (const struct ini_setting *written = section->settings; written != NULL;
         written = written->next)
        if (apply_setting(context, section, written, &record) != 0)
            told = tell(context, witness);
    if (!told && (check_together(context, section, &record) != 0 ||
                  check_provider(context, section, &record) != 0))
        told = tell(context, witness);
    if (!told && api_record_key(context, &record, &key) != 0)
        tell(context, witness);
}

void api_record_check_all(struct context *context, struct config_witness *witness) {
    for (const struct ini_section *section = context->config->sections; section != NULL;
         section = section->next)
        if (text_equal(section->kind, "api"))
            check_section(context, section, witness);
}
