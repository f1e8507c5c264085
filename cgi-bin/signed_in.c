/*
 * signed-in: closes a CGI script, in any language, by its first line.
 *
 *   #!/usr/local/bin/signed-in [--require=RULE,…] [--any-origin] [--conf=FILE] /usr/bin/perl [OPTION …]
 *
 * Not a program of the web server's: the kernel starts it as the script's interpreter, with all that
 * stands behind it on that line as one argument, then the script's path, then what the web server gave
 * the script. It looks who asks, answers strangers itself (303 to sign in, 401, 403), and becomes the
 * real interpreter for everybody else: standard input is untouched, the environment says who it is
 * (serve/handover.h), and nothing of ours is left open.
 *
 * Nothing that comes from outside is an option: the first line is read again, and must say just what
 * the kernel handed over (serve/first_line.h); and the web server must have been asked for this very
 * script.
 *
 * Not started by a web server: 2, with a word on what it is for. Else 0, also where it answers itself.
 */
#include "base/text.h"
#include "edge/cookie.h"
#include "edge/database.h"
#include "login/membership.h"
#include "serve/cgi.h"
#include "serve/first_line.h"
#include "serve/gate.h"
#include "serve/handover.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_USAGE 2

/* Where the kernel's arguments stand. */
enum { ARGUMENT = 1, SCRIPT, WORDS };

/* What is changed of the process for as long as it is ours. */
struct habits {
    struct sigaction sigpipe;
    struct rlimit core;
};

static bool started_by_web_server(void) {
    return getenv("GATEWAY_INTERFACE") != NULL && getenv("REQUEST_METHOD") != NULL;
}

static int explain(void) {
    fputs(
        "signed-in is no command, but the interpreter on the first line of a CGI script, which a\n"
        "web server starts:\n\n"
        "  #!/usr/local/bin/signed-in [--require=RULE,...] [--any-origin] [--conf=FILE] "
        "/usr/bin/perl\n\n"
        "See signed-in(1).\n",
        stderr);
    return EXIT_USAGE;
}

/* ---- the process ----------------------------------------------------------------------------- */

/* A client that goes away is no reason to die half-way; a core file would hold keys. */
static void take_habits(struct habits *habits) {
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigemptyset(&ignored.sa_mask);
    sigaction(SIGPIPE, &ignored, &habits->sigpipe);
    getrlimit(RLIMIT_CORE, &habits->core);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, habits->core.rlim_max});
}

static void restore_habits(const struct habits *habits) {
    sigaction(SIGPIPE, &habits->sigpipe, NULL);
    setrlimit(RLIMIT_CORE, &habits->core);
}

/* ---- is it the script that was asked for? ---------------------------------------------------- */

static const char *last_segment(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool is_same_file(const char *a, const char *b) {
    struct stat status_a;
    struct stat status_b;
    return stat(a, &status_a) == 0 && stat(b, &status_b) == 0 &&
           status_a.st_ino == status_b.st_ino && status_a.st_dev == status_b.st_dev;
}

/* Most web servers say which file they start; all, by which path of theirs it was asked for (RFC 3875
 * 4.1.13). */
static bool was_asked_for(const char *script) {
    const char *file = getenv("SCRIPT_FILENAME");
    const char *name = getenv("SCRIPT_NAME");
    if (file != NULL && *file != '\0')
        return is_same_file(file, script);
    return name != NULL && text_equal(last_segment(name), last_segment(script));
}

static int read_line(struct arena *arena, char **arguments, int count, struct first_line *line) {
    if (count <= SCRIPT)
        return fail(
            arena, ERROR_CONFIG,
            "the first line names no interpreter behind signed-in, as #!…/signed-in /bin/sh");
    if (first_line_check(arena, arguments[SCRIPT], arguments[ARGUMENT]) != 0)
        return -1;
    /* With this program itself in its folder, a web server would start it for any path of a query. */
    if (!was_asked_for(arguments[SCRIPT]))
        return fail(arena, ERROR_CONFIG, "%s: the web server was asked for something else",
                    arguments[SCRIPT]);
    return first_line_parse(arena, arguments[ARGUMENT], line);
}

/* ---- becoming the interpreter ---------------------------------------------------------------- */

/* Its path, its own options, the script, and what the script was given: behind it, where no interpreter
 * takes it for its own. */
static char **interpreter_arguments(struct arena *arena, const struct first_line *line,
                                    char **arguments, int count) {
    char **all = arena_array(arena, line->word_count + (size_t)count, sizeof(*all));
    char *script = arguments[SCRIPT];
    size_t next = line->word_count;
    memcpy(all, line->interpreter, line->word_count * sizeof(*all));
    all[next++] = *script == '-' ? arena_format(arena, "./%s", script) : script;
    for (int i = WORDS; i < count; i++)
        all[next++] = arguments[i];
    return all;
}

static int make_environment(struct gate *gate, const struct first_line *line, char ***environment) {
    struct membership membership;
    if (membership_load(&gate->context, gate->caller.session, &membership) != 0)
        return -1;
    const struct handover handover = {
        .caller = &gate->caller,
        .provider = membership.provider,
        .groups = membership.groups,
        .cookies = cookie_field_of_others(&gate->arena, &gate->request),
        .conf = line->conf,
    };
    *environment = handover_environment(&gate->arena, environ, &handover);
    return 0;
}

/* Returns only if it cannot, and the failure is recorded. All memory of ours goes with the call; keys
 * were wiped when used. */
static void become(struct gate *gate, const struct first_line *line, char **arguments,
                   const struct habits *habits) {
    char **environment = NULL;
    if (make_environment(gate, line, &environment) != 0)
        return;
    gate_release(gate);
    restore_habits(habits);
    execve(arguments[0], arguments, environment);
    int code = errno;
    signal(SIGPIPE, SIG_IGN);
    fail(&gate->arena, ERROR_CONFIG, "%s cannot be started: %s", arguments[0], strerror(code));
}

int main(int argc, char **argv) {
    struct gate gate;
    struct habits habits;
    struct first_line line = {.require = NULL};
    if (!started_by_web_server())
        return explain();

    take_habits(&habits);
    gate_open(&gate, &gateway_cgi, "signed-in");
    database_read_first(gate.context.database);
    int result = read_line(&gate.arena, argv, argc, &line);
    gate_read(&gate, line.conf != NULL ? line.conf : config_path());
    const struct gate_terms terms = {.require = line.require, .any_origin = line.any_origin};
    if (result == 0 && gate_check(&gate, &terms) == 0)
        become(&gate, &line, interpreter_arguments(&gate.arena, &line, argv, argc), &habits);
    gate_refuse(&gate);
    gate_close(&gate);
    return EXIT_SUCCESS;
}
