#include "login/policy.h"

#include "base/text.h"
#include "edge/config.h"
#include "edge/file.h"
#include "edge/private_file.h"
#include "format/email_address.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Who asks to come in, and by whose rules. */
struct entry {
    struct context *context;
    const struct person *person;
    const struct mapping_sources *answers;
    const struct policy_rules *rules;
    const char *section; /* "[policy]" */
    enum error_rule refusal;
    const char *email; /* NULL: none, or none that is an address */
};

static int refuse(const struct entry *entry, const char *rule) {
    return fail(entry->context->arena, entry->refusal, "%s %s", entry->section, rule);
}

/* ---- addresses ------------------------------------------------------------------------------- */

static char *lower(struct arena *arena, const char *text) {
    char *copy = arena_text(arena, text);
    for (char *c = copy; *c != '\0'; c++)
        *c = ascii_lower(*c);
    return copy;
}

/* RFC 5321 2.4: the part before the "@" is the host's business, and it is discouraged to make a
 * difference of its case. No host is known that does, and who writes a list writes "ada@". */
static bool is_among(struct arena *arena, const char *email, const char *list) {
    return list != NULL && email_address_is_among(arena, lower(arena, email), lower(arena, list));
}

/* ---- the file of addresses ------------------------------------------------------------------- */

/* Whoever may change it decides who comes in. */
static int read_open_file(struct arena *arena, int file, const char *path,
                          const struct stat *status, struct buffer *content) {
    if ((status->st_mode & S_IWOTH) != 0)
        return fail(arena, ERROR_CONFIG, "%s can be changed by anyone: chmod o-w %s", path, path);
    if (file_read(file, POLICY_FILE_LIMIT, content) != 0)
        return errno == EFBIG
                   ? fail(arena, ERROR_CONFIG, "%s is longer than %u bytes", path,
                          POLICY_FILE_LIMIT)
                   : fail(arena, ERROR_CONFIG, "%s cannot be read: %s", path, strerror(errno));
    if (strlen(content->bytes) != content->length)
        return fail(arena, ERROR_CONFIG, "%s is not a text file", path);
    return 0;
}

static int read_file(struct arena *arena, const char *path, struct buffer *content) {
    struct stat status;
    buffer_open(arena, content);
    int file = file_open(AT_FDCWD, path, 0, &status);
    if (file < 0)
        return fail(arena, ERROR_CONFIG, "%s cannot be opened: %s", path, strerror(errno));
    int result = read_open_file(arena, file, path, &status, content);
    close(file);
    return result;
}

/* What stands on a line, without the white space around it. */
static const char *trim(char *line) {
    while (ascii_is_blank(*line))
        line++;
    size_t length = strlen(line);
    while (length > 0 && (ascii_is_blank(line[length - 1]) || line[length - 1] == '\r'))
        length--;
    line[length] = '\0';
    return line;
}

static bool is_comment(const char *line) {
    return *line == '\0' || *line == '#' || *line == ';';
}

/* *found = the address (NULL: none in particular) is one of the file. It is judged whole, so that a
 * mistake is not found by those alone whose line comes later. */
static int search_file(struct context *context, const char *written, const char *email,
                       bool *found) {
    struct arena *arena = context->arena;
    const char *path = private_file_path(arena, context->config->file, written);
    struct buffer content;
    *found = false;
    if (read_file(arena, path, &content) != 0)
        return -1;
    char *rest = content.bytes;
    for (int number = 1; rest != NULL; number++) {
        char *next = strchr(rest, '\n');
        if (next != NULL)
            *next++ = '\0';
        const char *line = trim(rest);
        rest = next;
        if (is_comment(line))
            continue;
        if (!email_address_is_valid(arena, line) || !email_address_are_valid(arena, line))
            return fail(arena, ERROR_CONFIG, "%s:%d: not an e-mail address", path, number);
        if (email != NULL && is_among(arena, email, line))
            *found = true;
    }
    return 0;
}

int policy_check_file(struct context *context, const struct policy_rules *rules) {
    bool found = false;
    return rules->allowed_emails_file == NULL
               ? 0
               : search_file(context, rules->allowed_emails_file, NULL, &found);
}

/* ---- the rules ------------------------------------------------------------------------------- */

static int check_denied(const struct entry *entry) {
    const struct policy_rules *rules = entry->rules;
    if (text_has_word(rules->denied_subjects, entry->person->subject))
        return refuse(entry, "denied_subjects");
    if (entry->email != NULL && is_among(entry->context->arena, entry->email, rules->denied_emails))
        return refuse(entry, "denied_emails");
    return 0;
}

/* The setting to name of those that list addresses; NULL if there is none. */
static const char *list_of(const struct policy_rules *rules) {
    return rules->allowed_email_domains != NULL ? "allowed_email_domains"
           : rules->allowed_emails != NULL      ? "allowed_emails"
           : rules->allowed_emails_file != NULL ? "allowed_emails_file"
                                                : NULL;
}

/* An address that nobody has verified is anybody's. */
static int check_address(const struct entry *entry) {
    struct arena *arena = entry->context->arena;
    const struct policy_rules *rules = entry->rules;
    const char *list = list_of(rules);
    bool found = false;
    if (list == NULL)
        return 0;
    if (entry->email == NULL)
        return refuse(entry, arena_format(arena, "%s: there is no address", list));
    if (!entry->person->email_verified)
        return refuse(entry, arena_format(arena, "%s: the address is not verified", list));
    if (email_address_is_in(arena, entry->email, rules->allowed_email_domains) ||
        is_among(arena, entry->email, rules->allowed_emails))
        return 0;
    if (rules->allowed_emails_file != NULL &&
        search_file(entry->context, rules->allowed_emails_file, entry->email, &found) != 0)
        return -1;
    return found ? 0 : refuse(entry, list);
}

static int check_requirement(const struct entry *entry) {
    const char *require = entry->rules->require;
    return require == NULL || mapping_is_met(entry->context->arena, require, entry->answers)
               ? 0
               : refuse(entry, "require");
}

static int check_section(struct entry *entry, const struct policy_section *section) {
    if (email_address_is_valid(entry->context->arena, entry->person->email))
        entry->email = entry->person->email;
    entry->rules = &section->rules;
    entry->section = section->name;
    entry->refusal = section->refusal;
    return check_denied(entry) != 0 || check_address(entry) != 0 || check_requirement(entry) != 0
               ? -1
               : 0;
}

int policy_check(struct context *context, const struct provider *provider,
                 const struct person *person, const struct mapping_sources *answers) {
    struct arena *arena = context->arena;
    struct entry entry = {.context = context, .person = person, .answers = answers};
    const struct policy_section site = {"[policy]", context->config->policy, ERROR_POLICY};
    const struct policy_section own = {arena_format(arena, "[provider %s]", provider->id),
                                       provider->policy, ERROR_POLICY};
    return check_section(&entry, &site) != 0 ? -1 : check_section(&entry, &own);
}

int policy_check_section(struct context *context, const struct policy_section *section,
                         const struct person *person) {
    static const struct mapping_sources nothing = {.plain = MAPPING_DEFAULT};
    struct entry entry = {.context = context, .person = person, .answers = &nothing};
    return check_section(&entry, section);
}
