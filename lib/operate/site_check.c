#include "operate/site_check.h"

#include "base/text.h"
#include "edge/file.h"
#include "edge/response.h"
#include "login/access_token.h"
#include "login/api_record.h"
#include "login/folder.h"
#include "login/policy.h"
#include "login/rule.h"
#include "serve/page.h"
#include "serve/templates.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CONFIGURATION "configuration"
#define TEMPLATES "templates"

/* Every page of the programs (tests/house/operator compares). */
static const char *const pages[] = {
    "account.html", "confirm.html", "delete.html",  "error.html",
    "gate.html",    "lead.html",    "sign-in.html", "sign-out.html",
};

/* ---- the configuration ----------------------------------------------------------------------- */

static void tell_mistake(void *closure, const char *mistake) {
    finding_wrong(closure, CONFIGURATION, "%s", mistake);
}

static int count_providers(const struct config *config) {
    int count = 0;
    for (const struct ini_section *section = config->sections; section != NULL;
         section = section->next)
        count += text_equal(section->kind, "provider");
    return count;
}

bool site_check_configuration(struct findings *findings, const char *file, struct config *config) {
    struct config_witness witness = {.tell = tell_mistake, .closure = findings};
    if (config_examine(findings->operation->context->arena, file, config, &witness) != 0)
        return false;
    int providers = count_providers(config);
    if (providers == 0)
        finding_wrong(findings, CONFIGURATION, "%s: no [provider ...] section: nobody can sign in",
                      file);
    else
        finding_ok(findings, CONFIGURATION, "%s, %d provider%s", file, providers,
                   providers == 1 ? "" : "s");
    return true;
}

/* ---- files ----------------------------------------------------------------------------------- */

static void check_readable(struct findings *findings, const char *subject, const char *path) {
    struct stat status;
    int descriptor = file_open(AT_FDCWD, path, 0, &status);
    if (descriptor < 0)
        finding_wrong(findings, subject, "%s cannot be opened by user %u: %s", path, geteuid(),
                      strerror(errno));
    else
        close(descriptor);
}

/* ---- gates ----------------------------------------------------------------------------------- */

static bool check_rule(struct context *context, const char *name) {
    struct rule rule;
    return rule_load(context, name, &rule) == 0 && policy_check_file(context, &rule.people) == 0;
}

static void check_rules(struct findings *findings) {
    struct context *context = findings->operation->context;
    int count = 0;
    int wrong = findings->wrong;
    for (const struct ini_section *section = context->config->sections; section != NULL;
         section = section->next) {
        if (!text_equal(section->kind, "rule"))
            continue;
        count++;
        if (!check_rule(context, section->label))
            finding_failure(findings, arena_format(context->arena, "rule %s", section->label));
    }
    if (count > 0 && findings->wrong == wrong)
        finding_ok(findings, "rules", "%d rule%s", count, count == 1 ? "" : "s");
}

/* ---- private files --------------------------------------------------------------------------- */

static void check_folder(struct findings *findings, const char *name) {
    struct context *context = findings->operation->context;
    struct arena *arena = context->arena;
    const char *subject = *name == '\0' ? "files" : arena_format(arena, "files %s", name);
    struct folder folder;
    if (folder_load(context, name, &folder) != 0 || folder_examine(context, &folder) != 0) {
        finding_failure(findings, subject);
        return;
    }
    const char *root = folder_document_root(arena, &folder);
    if (root != NULL)
        finding_note(findings, subject,
                     "%s: if %s is the web server's, everybody gets these files there; ask for one "
                     "by its own address",
                     folder.path, root);
    else
        finding_ok(findings, subject, "%s", folder.path);
}

static void check_folders(struct findings *findings) {
    for (const struct ini_section *section = findings->operation->context->config->sections;
         section != NULL; section = section->next)
        if (text_equal(section->kind, "files"))
            check_folder(findings, section->label);
}

/* ---- third-party APIs ------------------------------------------------------------------------ */

static void tell_api_mistake(void *closure, const char *mistake) {
    finding_wrong(closure, "apis", "%s", mistake);
}

static void check_apis(struct findings *findings) {
    struct context *context = findings->operation->context;
    struct config_witness witness = {.tell = tell_api_mistake, .closure = findings};
    int count = 0;
    for (const struct ini_section *section = context->config->sections; section != NULL;
         section = section->next)
        count += text_equal(section->kind, "api");
    api_record_check_all(context, &witness);
    if (count > 0 && witness.mistakes == 0)
        finding_ok(findings, "apis", "%d API%s", count, count == 1 ? "" : "s");
}

/* ---- pages ----------------------------------------------------------------------------------- */

static int check_page(struct context *context, const char *template, const char *language) {
    const struct request request = {.accept_language = language};
    struct response response;
    struct page page;
    response_open(context->arena, &response);
    if (page_open(context, &request, template, &page) != 0)
        return -1;
    return page_respond(context, &response, &page);
}

static int check_error_texts(struct context *context, const char *language) {
    const struct request request = {.accept_language = language};
    struct arena *arena = context->arena;
    struct page page;
    if (page_open(context, &request, "error.html", &page) != 0)
        return -1;
    for (enum answer answer = 0; answer < ANSWER_COUNT; answer++) {
        const char *name = arena_format(arena, "error_%s_text", answer_meaning(answer)->code);
        if (json_string(page.texts.words, name) == NULL)
            return fail(arena, ERROR_TEMPLATE, "there is no text %s", name);
    }
    return 0;
}

/* A failure in one language stands for those in the others. */
static void check_in_all(struct findings *findings, const char *template, const char **tags,
                         size_t count) {
    struct context *context = findings->operation->context;
    struct arena *arena = context->arena;
    bool right = true;
    for (size_t i = 0; i < count && right; i++) {
        right = template == NULL ? check_error_texts(context, tags[i]) == 0
                                 : check_page(context, template, tags[i]) == 0;
        if (!right)
            finding_wrong(findings, TEMPLATES, "%s (%s): %s", template == NULL ? "texts" : template,
                          tags[i], arena->error.detail);
    }
    arena_forget_error(arena);
}

static void check_templates(struct findings *findings) {
    struct context *context = findings->operation->context;
    const char **tags = NULL;
    size_t count = 0;
    int wrong = findings->wrong;
    if (templates_languages(context, &tags, &count) != 0) {
        finding_failure(findings, TEMPLATES);
        return;
    }
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        check_in_all(findings, pages[i], tags, count);
    check_in_all(findings, NULL, tags, count);
    if (findings->wrong == wrong)
        finding_ok(findings, TEMPLATES, "%s, %zu language%s", context->config->templates, count,
                   count == 1 ? "" : "s");
}

void site_check_files(struct findings *findings) {
    struct context *context = findings->operation->context;
    const struct config *config = context->config;
    check_readable(findings, CONFIGURATION, config->file);
    if (config->ca_file != NULL)
        check_readable(findings, "ca_file", config->ca_file);
    if (policy_check_file(context, &config->policy) != 0)
        finding_failure(findings, "policy");
    if (access_token_check_secret(context) != 0)
        finding_failure(findings, "token");
    check_rules(findings);
    check_folders(findings);
    check_apis(findings);
    check_templates(findings);
}
