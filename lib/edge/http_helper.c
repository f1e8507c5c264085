#include "base/clock.h"
#include "edge/http_client.h"
#include "edge/http_frame.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What fetch.cgi gets beyond the request's own time, before it is killed. */
#define GRACE 2000 /* milliseconds */

/* fetch.cgi at work. */
struct helper {
    struct arena *arena;
    const char *path;
    pid_t process;
    int socket;
    int64_t deadline; /* milliseconds of the monotonic clock */
};

/* fetch.cgi lies beside the program that runs. NULL if that cannot be found out. */
static char *helper_path(struct arena *arena) {
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self));
    if (length <= 0 || length == (ssize_t)sizeof(self))
        return NULL;
    const char *slash = memrchr(self, '/', (size_t)length);
    if (slash == NULL)
        return NULL;
    return arena_format(arena, "%.*s/fetch.cgi", (int)(slash - self), self);
}

/* serve/fastcgi.h blocks some while a request is at work: what is started must end when it is told
 * to. */
static void unblock_signals(posix_spawnattr_t *attributes) {
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK);
}

/* Its descriptors 0 and 1 are the socket, 2 is our log; nothing else is passed on: not the body of
 * our own request, not a FastCGI connection, not the environment with the browser's fields. */
static int spawn(const char *path, int socket, pid_t *process) {
    char *arguments[] = {(char[]){"fetch.cgi"}, NULL};
    char *environment[] = {(char[]){"LATCHKEY_FETCH=1"}, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0)
        return code;
    posix_spawnattr_init(&attributes);
    unblock_signals(&attributes);
    code = posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    if (code == 0)
        code = posix_spawn(process, path, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static int start(struct helper *helper) {
    int sockets[2];
    helper->path = helper_path(helper->arena);
    if (helper->path == NULL)
        return fail(helper->arena, ERROR_INTERNAL, "/proc/self/exe cannot be read: %s",
                    strerror(errno));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
        return fail(helper->arena, ERROR_INTERNAL, "socketpair: %s", strerror(errno));

    int code = spawn(helper->path, sockets[1], &helper->process);
    close(sockets[1]);
    if (code != 0) {
        close(sockets[0]);
        return fail(helper->arena, ERROR_INTERNAL, "%s cannot be started: %s", helper->path,
                    strerror(code));
    }
    helper->socket = sockets[0];
    return 0;
}

/* The end of what it sends, however it comes. Its status says nothing more: a web server may
 * have told the kernel not to keep it. */
static void stop(const struct helper *helper) {
    close(helper->socket);
    kill(helper->process, SIGKILL);
    while (waitpid(helper->process, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* 1 if there is something to read (or an end), 0 if time is up, -1 on failure. */
static int wait_readable(const struct helper *helper) {
    struct pollfd descriptor = {.fd = helper->socket, .events = POLLIN};
    for (;;) {
        int64_t left = helper->deadline - clock_monotonic();
        if (left <= 0)
            return 0;
        int ready = poll(&descriptor, 1, (int)left);
        if (ready >= 0 || errno != EINTR)
            return ready;
    }
}

/* Reads until it closes its end: fetch.cgi ends after one frame. */
static int read_frame(const struct helper *helper, struct buffer *frame) {
    char piece[16384];
    while (frame->length <= HTTP_FRAME_LIMIT) {
        int ready = wait_readable(helper);
        if (ready == 0)
            return fail(helper->arena, ERROR_HTTP_TIMEOUT, "%s takes too long", helper->path);
        ssize_t got = ready < 0 ? -1 : read(helper->socket, piece, sizeof(piece));
        if (got < 0 && errno == EINTR)
            continue;
        /* A process that dies with our bytes unread resets the connection: that is an end, too. */
        if (got < 0 && errno != ECONNRESET)
            return fail(helper->arena, ERROR_HTTP_FAILED, "%s: %s", helper->path, strerror(errno));
        if (got <= 0)
            return 0;
        buffer_add(frame, piece, (size_t)got);
    }
    return fail(helper->arena, ERROR_HTTP_TOO_LARGE, "%s sends too much", helper->path);
}

static int converse(const struct helper *helper, const struct http_request *request,
                    struct http_response *response) {
    struct buffer frame;
    buffer_open(helper->arena, &frame);
    http_frame_write_request(request, &frame);
    if (http_frame_send(helper->socket, &frame) != 0 && errno != EPIPE)
        return fail(helper->arena, ERROR_HTTP_FAILED, "%s: %s", helper->path, strerror(errno));
    shutdown(helper->socket, SHUT_WR);

    buffer_open(helper->arena, &frame);
    if (read_frame(helper, &frame) != 0)
        return -1;
    if (frame.length == 0)
        return fail(helper->arena, ERROR_HTTP_FAILED, "%s died without an answer", helper->path);
    return http_frame_parse_response(helper->arena, frame.bytes, frame.length, response);
}

static int perform(struct arena *arena, const struct http_request *request,
                   struct http_response *response) {
    struct helper helper = {
        .arena = arena,
        .deadline = clock_monotonic() + http_request_timeout(request) + GRACE,
    };
    if (start(&helper) != 0)
        return -1;
    int result = converse(&helper, request, response);
    stop(&helper);
    return result;
}

const struct http_transport http_helper = {.perform = perform};
