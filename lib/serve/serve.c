#include "serve/serve.h"

#include "edge/config.h"
#include "edge/database.h"
#include "edge/file.h"
#include "edge/http_client.h"
#include "edge/state_dir.h"
#include "format/public_keys.h"
#include "serve/cgi.h"
#include "serve/executable.h"
#include "serve/fastcgi.h"
#include "serve/page.h"
#include "serve/workers.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>

#define FREE_MEMORY (512 * 1024) /* bytes that a FastCGI process may have at hand */

/* What lives longer than a request. */
struct process {
    const struct program *program;
    bool is_cgi;
    struct arena config_arena;
    struct config config;
    bool configured;
    struct stat config_status; /* of the file that was read */
    struct database *database;
    struct http_connections *connections;
    struct arena request_arena;
    struct key_rings *key_rings; /* under FastCGI; so below */
    struct public_keys *public_keys;
    struct executable executable;
};

/* ---- one request ----------------------------------------------------------------------------- */

static bool is_quiet(enum error_rule rule) {
    return rule == ERROR_UNAUTHENTICATED; /* that nobody is signed in is an answer, not an event */
}

static void log_failure(struct context *context) {
    if (context->arena->error.rule == ERROR_NONE)
        fail(context->arena, ERROR_INTERNAL, "a failure without a reason");
    if (!is_quiet(context->arena->error.rule))
        log_error(context->arena, &context->log, &context->arena->error, NULL);
}

/* What is out cannot be taken back; but what is not whole must not look so. A failure without an
 * error is that of the client, who is gone. */
static void end_stream(struct context *context, const struct gateway *gateway, int result) {
    if (result == 0)
        return;
    if (context->arena->error.rule != ERROR_NONE)
        log_failure(context);
    else
        context_log(context, "client_gone", NULL);
    if (gateway->break_off != NULL)
        gateway->break_off(gateway);
}

/* A failure replaces whatever was gathered by its own answer. */
static void answer_failure(const struct program *program, struct context *context,
                           const struct request *request, struct response *response) {
    log_failure(context);
    enum error_rule rule = context->arena->error.rule;
    response_reset(response);
    page_respond_error(context, request, response);
    if (rule == ERROR_REQUEST_METHOD)
        response_field(response, "Allow", context->allow != NULL ? context->allow : program->allow);
}

static bool is_allowed(const struct program *program, enum method method) {
    if (program->any_method)
        return true;
    return method != METHOD_OTHER && strstr(program->allow, method_name(method)) != NULL;
}

/* Reads the request, and judges what every program judges alike. A method that the program does not
 * know says more about a request than what is wrong with its body. */
static int receive(const struct program *program, struct context *context,
                   const struct gateway *gateway, struct request *request) {
    struct arena *arena = context->arena;
    int result = request_read(arena, gateway, program->body, request);
    if (!is_allowed(program, request->method) && arena->error.rule != ERROR_REQUEST_MALFORMED) {
        arena_forget_error(arena);
        if (program->body == REQUEST_RAW)
            request_body_discard(arena, request);
        return fail(arena, ERROR_REQUEST_METHOD, "only %s", program->allow);
    }
    if (result == 0 && !program->has_paths && *request->path_info != '\0')
        return fail(arena, ERROR_REQUEST_PATH, "nothing is below this program");
    return result;
}

void serve_request(const struct program *program, struct context *context,
                   const struct gateway *gateway) {
    struct arena *arena = context->arena;
    struct request request;
    struct response response;
    response_open(arena, &response);
    response.gateway = gateway;
    context->short_pages = program->short_pages;

    /* What went wrong before (the configuration) is told, in the form that the request asks for. */
    struct error earlier = arena->error;
    arena_forget_error(arena);
    int result = receive(program, context, gateway, &request);
    if (earlier.rule != ERROR_NONE) {
        arena->error = earlier;
        result = -1;
    }

    response.head_only = request.method == METHOD_HEAD;
    if (result == 0)
        result = program->handle(context, &request, &response);
    if (response.started) {
        end_stream(context, gateway, result);
        return;
    }
    if (result != 0)
        answer_failure(program, context, &request, &response);
    database_rest(context);
    if (response_send(&response, gateway) != 0)
        context_log(context, "client_gone", NULL);
}

/* Closed as yet; one request alone may read it as it lies. */
static void renew_database(struct process *process) {
    database_free(process->database);
    process->database = database_new();
    if (!process->is_cgi)
        database_stay(process->database);
    else if (process->program->mostly_reads)
        database_read_first(process->database);
}

/* Reads the configuration if there is none, or another file than the one read. */
static void configure(struct process *process) {
    struct stat status = {.st_size = 0};
    const char *path = config_path();
    bool exists = stat(path, &status) == 0;
    if (process->configured && exists && file_is_same(&status, &process->config_status))
        return;

    arena_reset(&process->config_arena);
    process->configured = config_load(&process->config_arena, path, &process->config) == 0;
    process->config_status = status;
    /* The database belongs to the state folder, which may now be another. */
    renew_database(process);
}

static void serve_one(struct process *process, const struct gateway *gateway) {
    configure(process);
    struct context context = {
        .arena = &process->request_arena,
        .config = process->configured ? &process->config : NULL,
        .database = process->database,
        .transport = process->program->transport,
        .connections = process->connections,
        .key_rings = process->key_rings,
        .public_keys = process->public_keys,
        .clock = &clock_system,
    };
    context_make_request_id(context.request_id);
    context.log = (struct log){
        .write = log_write_stderr,
        .clock = &clock_system,
        .program = process->program->name,
        .request_id = context.request_id,
    };
    if (!process->configured)
        context.arena->error = process->config_arena.error;
    serve_request(process->program, &context, gateway);
    arena_reset(context.arena);
}

/* ---- many requests --------------------------------------------------------------------------- */

static void serve_next(void *closure, const struct gateway *gateway) {
    serve_one(closure, gateway);
}

/* After an update, the new executable takes over at the same socket; while it cannot be started yet,
 * the old one goes on. */
static void follow_update(void *closure) {
    const struct process *process = closure;
    if (executable_is_replaced(&process->executable))
        executable_restart(&process->executable);
}

/* What SQLite gives back after a request, it takes again at the next: the C library need not go to the
 * system with it each time. Below these limits memory is bounded as before. */
static void keep_memory(void) {
#ifdef M_TRIM_THRESHOLD
    mallopt(M_TRIM_THRESHOLD, FREE_MEMORY);
    mallopt(M_TOP_PAD, FREE_MEMORY / 2);
#endif
}

static int serve_fastcgi(void *closure) {
    struct process *process = closure;
    const struct fastcgi_loop loop = {
        .serve = serve_next, .between = follow_update, .closure = process};
    keep_memory();
    executable_open(&process->executable);
    process->key_rings = key_rings_new();
    process->public_keys = public_keys_new();
    int status = fastcgi_serve(&loop) == 0 ? EXIT_SUCCESS : EX_OSERR;
    key_rings_free(process->key_rings);
    public_keys_free(process->public_keys);
    process->key_rings = NULL;
    process->public_keys = NULL;
    return status;
}

/* One request, and the process ends: what the system takes back by itself is left to it. */
static int serve_cgi(struct process *process) {
    serve_one(process, &gateway_cgi);
    database_leave(process->database);
    process->database = NULL;
    return EXIT_SUCCESS;
}

int serve(const struct program *program) {
    struct process process = {.program = program, .is_cgi = !fastcgi_is_listening()};
    arena_open(&process.config_arena, ARENA_LIMIT);
    arena_open(&process.request_arena, ARENA_LIMIT);
    signal(SIGPIPE, SIG_IGN); /* a client that goes away is no reason to die half-way */
    /* Who started us may ignore it, but http_helper waits for its child. */
    signal(SIGCHLD, SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* a core file would hold keys and tokens */

    if (program->transport != NULL && program->transport->open != NULL)
        process.connections = program->transport->open();

    int status = EXIT_SUCCESS;
    if (process.is_cgi)
        status = serve_cgi(&process);
    else if (workers_wanted() > 1)
        status = workers_run(workers_wanted(), serve_fastcgi, &process);
    else
        status = serve_fastcgi(&process);

    if (program->transport != NULL && program->transport->close != NULL)
        program->transport->close(process.connections);
    database_free(process.database);
    arena_close(&process.request_arena);
    arena_close(&process.config_arena);
    return status;
}
