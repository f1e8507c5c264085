/*
 * latchkey: the operator's command. It lies in the system's folder of commands, not among the
 * programs of the web server, and refuses to be one. `latchkey --help`, latchkey.1.
 *
 * It works as the user whom the state folder belongs to (operate/owner.h): called by root, it
 * becomes that user.
 *
 * Exits with 0 if all went well; with 1 if something is wrong, was not found or was refused; with 2
 * if it was not called rightly.
 */
#include "base/text.h"
#include "base/version.h"
#include "edge/config.h"
#include "edge/database.h"
#include "edge/http_client.h"
#include "operate/check.h"
#include "operate/console.h"
#include "operate/intervention.h"
#include "operate/key_rotation.h"
#include "operate/listing.h"
#include "operate/owner.h"
#include "operate/vacuum.h"

#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* ---- what there is --------------------------------------------------------------------------- */

static const struct command {
    const char *name;
    const char *synopsis;
    const char *summary;
    const char *text;
    const char *options; /* besides those that all have */
    int arguments_min;
    int arguments_max;
    bool looks_only; /* at files as they are; it needs no configuration that can be used */
    int (*run)(struct operation *operation);
} commands[] = {
    {"check", "[--offline]", "examine everything: say what is wrong and what to do",
     "Examines the configuration, files and their modes, the database, the keys and each\n"
     "provider, and prints a line for each: ok, note, or wrong with what to do. Changes nothing.\n"
     "Exits with 1 if anything is wrong.\n",
     "offline", 0, 0, true, check_run},
    {"users", "[SEARCH]", "list users",
     "Lists users: all, or those whose name or e-mail address holds SEARCH (letters A to Z in\n"
     "either case), or that are called so (see USER).\n",
     "", 0, 1, false, listing_users},
    {"sessions", "[USER]", "list who is signed in",
     "Lists live sessions: all, or those of one user. SESSION is what revoke --session takes;\n"
     "nobody can sign in with it.\n",
     "", 0, 1, false, listing_sessions},
    {"events", "[USER] [--since WHEN] [--event NAME]", "list what happened",
     "Lists events, the oldest first: all, or those of one user.\n", "since event", 0, 1, false,
     listing_events},
    {"revoke", "USER | --session SESSION | --all", "end sessions",
     "Signs a user out everywhere, or ends one session, or all sessions of all users.\n",
     "session all yes", 0, 1, false, intervention_revoke},
    {"block", "USER", "keep a user out",
     "Ends the sessions of a user, who cannot sign in until he is unblocked.\n", "", 1, 1, false,
     intervention_block},
    {"unblock", "USER", "let a user in again", "Lets a blocked user sign in again.\n", "", 1, 1,
     false, intervention_unblock},
    {"delete", "USER", "delete a user",
     "Removes a user with all that is stored of him: tokens are given back to the providers,\n"
     "sessions end; events stay, without the user. Asks before.\n",
     "yes", 1, 1, false, intervention_delete},
    {"export", "USER", "all that is stored of a user, as JSON",
     "Writes all that is stored of a user, as one JSON document.\n", "", 1, 1, false,
     intervention_export},
    {"rotate-keys", "[--drop-old] [session] [transaction] [token] [jwt]", "make new keys",
     "Makes a new key for the rings named, or for all. Nobody is signed out: older keys stay as\n"
     "long as something needs them.\n",
     "drop-old yes", 0, 4, false, key_rotation_run},
    {"vacuum", "", "clear away what is over",
     "Deletes what has expired, and keys that nothing needs any more; then writes the database\n"
     "file anew, which needs as much free disk space as it has.\n",
     "", 0, 0, false, vacuum_run},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static const struct {
    struct option option;
    const char *value;
    const char *text;
} options[] = {
    {{"offline", no_argument, NULL, 'o'}, "", "ask no provider"},
    {{"since", required_argument, NULL, 'S'},
     " WHEN",
     "not before: 7d (ago), 2026-11-20, 2026-11-20T08:15:30Z"},
    {{"event", required_argument, NULL, 'e'}, " NAME", "only these events, such as signed_in"},
    {{"session", required_argument, NULL, 's'}, " SESSION", "this session"},
    {{"all", no_argument, NULL, 'a'}, "", "the sessions of all users"},
    {{"drop-old", no_argument, NULL, 'd'},
     "",
     "the older keys go at once: for a key that somebody may have seen"},
    {{"yes", no_argument, NULL, 'y'}, "", "ask nothing"},
    {{"config", required_argument, NULL, 'c'},
     " FILE",
     "the configuration, in place of LATCHKEY_CONF"},
    {{"json", no_argument, NULL, 'j'}, "", "results as JSON, an object a line"},
    {{"quiet", no_argument, NULL, 'q'}, "", "no headings and no messages but failures"},
    {{"help", no_argument, NULL, 'h'}, "", "this help"},
    {{"version", no_argument, NULL, 'V'}, "", "the version"},
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))
#define COMMON_OPTIONS "config json quiet help version"

/* ---- help ------------------------------------------------------------------------------------ */

static void print_options(const char *names) {
    fputs("\nOptions:\n", stdout);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const char *name = options[i].option.name;
        int letter = options[i].option.val;
        if (!text_has_word(names, name) && !text_has_word(COMMON_OPTIONS, name))
            continue;
        char shown[64];
        snprintf(shown, sizeof(shown), "--%s%s", name, options[i].value);
        if (strchr("cqyhV", letter) != NULL)
            printf("  -%c, %-18s %s\n", letter, shown, options[i].text);
        else
            printf("      %-18s %s\n", shown, options[i].text);
    }
}

static int print_command_help(const struct command *command) {
    printf("Usage: latchkey %s [OPTION]... %s\n\n%s", command->name, command->synopsis,
           command->text);
    if (strstr(command->synopsis, "USER") != NULL)
        fputs("USER is the sub, an e-mail address, or PROVIDER:SUBJECT.\n", stdout);
    print_options(command->options);
    return OPERATION_DONE;
}

static int print_help(void) {
    fputs("Usage: latchkey COMMAND [OPTION]... [ARGUMENT]...\n"
          "What the operator of a site with Latchkey does.\n\nCommands:\n",
          stdout);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-12s %s\n", commands[i].name, commands[i].summary);
    print_options("");
    fputs("\nExit status: 0 all went well, 1 something is wrong or was refused, 2 wrong usage.\n"
          "latchkey COMMAND --help tells more of each; so does latchkey(1).\n",
          stdout);
    return OPERATION_DONE;
}

/* ---- the command line ------------------------------------------------------------------------ */

struct call {
    const struct command *command;
    const char *config_file; /* NULL: as the programs find it */
    bool help;
    bool version;
    unsigned given; /* options[i]: the bit 1 << i */
    struct operation operation;
};

static int usage(const char *start, const char *middle, const char *end) {
    fprintf(stderr, "latchkey: %s%s%s (see latchkey --help)\n", start, middle, end);
    return OPERATION_USAGE;
}

static void take_option(struct call *call, int letter, const char *value) {
    struct operation *operation = &call->operation;
    switch (letter) {
    case 'a':
        operation->all = true;
        break;
    case 'c':
        call->config_file = value;
        break;
    case 'd':
        operation->drop_old = true;
        break;
    case 'e':
        operation->event = value;
        break;
    case 'h':
        call->help = true;
        break;
    case 'j':
        operation->json = true;
        break;
    case 'o':
        operation->offline = true;
        break;
    case 'q':
        operation->quiet = true;
        break;
    case 's':
        operation->session = value;
        break;
    case 'S':
        operation->since = value;
        break;
    case 'V':
        call->version = true;
        break;
    default:
        operation->yes = true;
    }
}

static void note_given(struct call *call, int letter) {
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].option.val == letter)
            call->given |= 1U << i;
}

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (text_equal(commands[i].name, name))
            return &commands[i];
    return NULL;
}

static bool takes_option(const struct command *command, const char *name) {
    return text_has_word(COMMON_OPTIONS, name) || text_has_word(command->options, name);
}

static int check_call(const struct call *call) {
    const struct command *command = call->command;
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if ((call->given & 1U << i) != 0 && !takes_option(command, options[i].option.name))
            return usage(command->name, " has no option --", options[i].option.name);
    if (call->operation.count < command->arguments_min)
        return usage(command->name, " wants a USER", "");
    if (call->operation.count > command->arguments_max)
        return usage(command->name, ": too many arguments", "");
    return OPERATION_DONE;
}

/* OPERATION_DONE, or OPERATION_USAGE, told already. */
static int read_call(int argc, char **argv, struct call *call) {
    struct option longs[OPTION_COUNT + 1] = {{.name = NULL}};
    for (size_t i = 0; i < OPTION_COUNT; i++)
        longs[i] = options[i].option;
    for (int letter = getopt_long(argc, argv, "c:qyhV", longs, NULL); letter != -1;
         letter = getopt_long(argc, argv, "c:qyhV", longs, NULL)) {
        if (letter == '?')
            return OPERATION_USAGE; /* told already */
        take_option(call, letter, optarg);
        note_given(call, letter);
    }
    if (optind == argc)
        return call->help || call->version ? OPERATION_DONE : usage("a command is missing", "", "");
    call->command = find_command(argv[optind]);
    if (call->command == NULL)
        return usage("there is no command ", argv[optind], "");
    call->operation.arguments = (const char *const *)argv + optind + 1;
    call->operation.count = argc - optind - 1;
    return call->help ? OPERATION_DONE : check_call(call);
}

/* ---- the work -------------------------------------------------------------------------------- */

/* What failed on the way, without stopping the command, is for the operator; what went well is not.
 */
static void log_failures(const struct log *log, const char *line, size_t length) {
    if (strstr(line, " event=failed ") != NULL)
        log_write_stderr(log, line, length);
}

/* The commands need what the programs have made; they make nothing themselves. */
static int check_database(struct context *context) {
    int version = 0;
    if (database_version(context, &version) != 0)
        return -1;
    return version < 0 ? fail(context->arena, ERROR_DATABASE,
                              "there is no database in %s yet: it is made at the first login",
                              context->config->state_dir)
                       : 0;
}

static int run(const struct call *call, struct context *context, struct config *config) {
    struct operation operation = call->operation;
    operation.context = context;
    operation.config_file = call->config_file != NULL ? call->config_file : config_path();
    if (call->command->looks_only)
        return call->command->run(&operation);
    if (config_load(context->arena, operation.config_file, config) != 0)
        return -1;
    context->config = config;
    if (owner_become(context) != 0 || check_database(context) != 0)
        return -1;
    return call->command->run(&operation);
}

static int finish(struct context *context, int result) {
    if (result < 0)
        console_complain(context->arena, context->arena->error.rule == ERROR_NONE
                                             ? "failed without a reason"
                                             : context->arena->error.detail);
    errno = 0;
    bool written = fflush(stdout) == 0 && ferror(stdout) == 0;
    if (!written && errno != EPIPE)
        console_complain(context->arena, "the output cannot be written");
    return result < 0 || !written ? OPERATION_WRONG : result;
}

static int run_call(const struct call *call) {
    struct arena arena;
    struct config config;
    arena_open(&arena, ARENA_LIMIT);
    struct context context = {
        .arena = &arena,
        .database = database_new(),
        .transport = &http_curl,
        .clock = &clock_system,
        .log = {.write = log_failures, .clock = &clock_system, .program = "latchkey"},
    };
    context_make_request_id(context.request_id);
    context.log.request_id = context.request_id;
    int status = finish(&context, run(call, &context, &config));
    database_free(context.database);
    arena_close(&arena);
    return status;
}

int main(int argc, char **argv) {
    struct call call = {.command = NULL};
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN); /* a provider that hangs up, a reader that has seen enough */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* a core file would hold keys and tokens */
    if (getenv("GATEWAY_INTERFACE") != NULL) {
        fputs("latchkey: this is no program for a web server\n", stderr);
        return OPERATION_WRONG;
    }
    int status = read_call(argc, argv, &call);
    if (status != OPERATION_DONE)
        return status;
    if (call.version) {
        puts("latchkey " LATCHKEY_VERSION);
        return OPERATION_DONE;
    }
    if (call.help)
        return call.command == NULL ? print_help() : print_command_help(call.command);
    return run_call(&call);
}
