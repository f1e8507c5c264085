#include "operate/check.h"

#include "base/text.h"
#include "edge/config.h"
#include "operate/owner.h"
#include "operate/provider_probe.h"
#include "operate/site_check.h"
#include "operate/state_check.h"

#include <string.h>

#define WIDTH_MIN 16

/* What fails on the way stands in a finding. */
static void log_nothing(const struct log *log, const char *line, size_t length) {
    (void)log;
    (void)line;
    (void)length;
}

static bool is_provider(const struct ini_section *section) {
    return text_equal(section->kind, "provider");
}

/* Of the longest subject. */
static int width_of(const struct config *config) {
    size_t width = WIDTH_MIN;
    for (const struct ini_section *section = config->sections; section != NULL;
         section = section->next) {
        size_t length = strlen("provider ") + strlen(section->label);
        if (is_provider(section) && length > width)
            width = length;
    }
    return (int)width;
}

static void probe_providers(struct findings *findings, const struct config *config, bool ask) {
    int64_t count = 0;
    int64_t done = 0;
    for (const struct ini_section *section = config->sections; section != NULL;
         section = section->next)
        count += is_provider(section);
    progress_open(&findings->progress, findings->operation, count);
    for (const struct ini_section *section = config->sections; section != NULL;
         section = section->next) {
        if (!is_provider(section))
            continue;
        progress_show(&findings->progress, done++, section->label);
        provider_probe_run(findings, section->label, ask);
    }
    progress_hide(&findings->progress);
}

/* Mistakes in the configuration are told together, also those of the providers' records; the rest
 * would be examined by a half of it. */
static void examine(struct findings *findings, struct config *config) {
    const struct operation *operation = findings->operation;
    struct context *context = operation->context;
    bool readable = site_check_configuration(findings, operation->config_file, config);
    findings->width = width_of(config);
    context->config = config;
    if (!readable) {
        probe_providers(findings, config, false);
        return;
    }
    if (owner_become(context) != 0) {
        finding_failure(findings, "state_dir");
        return;
    }
    site_check_files(findings);
    state_check_run(findings);
    probe_providers(findings, config, !operation->offline);
}

int check_run(struct operation *operation) {
    struct findings findings = {.operation = operation, .width = WIDTH_MIN};
    struct config config;
    operation->context->log.write = log_nothing;
    progress_open(&findings.progress, operation, 1);
    examine(&findings, &config);
    progress_hide(&findings.progress);
    operation->context->config = NULL;
    if (findings.wrong > 0 && !operation->quiet)
        return operation_refuse(operation, "%d thing%s wrong", findings.wrong,
                                findings.wrong == 1 ? " is" : "s are");
    return findings.wrong > 0 ? OPERATION_WRONG : OPERATION_DONE;
}
