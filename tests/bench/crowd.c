#include "crowd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LINES 2       /* connections that a visitor keeps: the site's, and the provider's */
#define EVENTS 128    /* taken from the kernel at once */
#define CLOCK_TICK 50 /* milliseconds: how often somebody looks whose patience is over */
#define FIRST_SIZE 16384

struct line {
    int descriptor; /* -1: closed */
    int port;
    bool used; /* an answer came over it already */
};

struct visitor {
    struct line lines[LINES];
    struct line *at; /* where he asked, while he waits for the answer; else NULL */
    struct ask ask;
    int64_t asked_at;
    size_t sent;
    char *bytes; /* what came */
    size_t length;
    size_t capacity;
};

/* What a crowd needs while it runs. */
struct running {
    struct crowd *crowd;
    int epoll;
    struct visitor *visitors;
    size_t busy;
    size_t idle[CROWD_LIMIT]; /* who is to be asked what he wants next */
    size_t idle_count;
};

int64_t crowd_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

const char *crowd_field(const char *from, const char *name, size_t *length) {
    size_t name_length = strlen(name);
    for (const char *line = strstr(from, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, name_length) != 0)
            continue;
        const char *value = line + 2 + name_length;
        *length = strcspn(value, "\r\n");
        return value;
    }
    return NULL;
}

/* ---- what came ------------------------------------------------------------------------------- */

/* Whether the body of chunks is there to its end (RFC 9112 7.1). */
static bool chunks_end(const char *body, size_t length) {
    const char *end = body + length;
    for (const char *chunk = body;;) {
        char *behind = NULL;
        unsigned long size = strtoul(chunk, &behind, 16);
        const char *line_end = strstr(behind, "\r\n");
        if (line_end == NULL || size > CROWD_ANSWER_LIMIT)
            return false;
        if ((size_t)(end - line_end) < size + 4)
            return false;
        if (size == 0)
            return true;
        chunk = line_end + 2 + size + 2;
    }
}

/* Whether the body is there to its end; `closed`: nothing more will come. */
static bool body_ends(const struct reply *answer, bool closed) {
    size_t length = 0;
    const char *value = NULL;
    if (answer->status == 204 || answer->status == 304)
        return true;
    value = crowd_field(answer->head, "Content-Length: ", &length);
    if (value != NULL)
        return answer->body_length >= strtoul(value, NULL, 10);
    value = crowd_field(answer->head, "Transfer-Encoding: ", &length);
    return value != NULL ? chunks_end(answer->body, answer->body_length) : closed;
}

/* Takes apart what came so far: true if it is a whole answer. */
static bool read_answer(struct visitor *visitor, bool closed, struct reply *answer) {
    char *head_end = memmem(visitor->bytes, visitor->length, "\r\n\r\n", 4);
    if (head_end == NULL || strncmp(visitor->bytes, "HTTP/1.", 7) != 0)
        return false;
    head_end[2] = '\0';
    answer->head = visitor->bytes;
    answer->body = head_end + 4;
    answer->body_length = visitor->length - (size_t)(answer->body - visitor->bytes);
    answer->status = (int)strtol(visitor->bytes + strlen("HTTP/1.1 "), NULL, 10);
    if (body_ends(answer, closed))
        return true;
    head_end[2] = '\r';
    return false;
}

static bool is_last_on_line(const struct reply *answer) {
    size_t length = 0;
    if (strncmp(answer->head, "HTTP/1.0", 8) == 0)
        return true;
    const char *value = crowd_field(answer->head, "Connection: ", &length);
    return value != NULL && length == strlen("close") && strncasecmp(value, "close", length) == 0;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* Reset, not closed: thousands of connections a second would otherwise leave a port each in
 * TIME_WAIT. All that was asked for has come by then. */
static void line_close(struct line *line) {
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (line->descriptor < 0)
        return;
    setsockopt(line->descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(line->descriptor);
    *line = (struct line){.descriptor = -1};
}

static uint64_t line_number(const struct running *running, const struct visitor *visitor,
                            const struct line *line) {
    return (uint64_t)(visitor - running->visitors) * LINES + (uint64_t)(line - visitor->lines);
}

static bool line_open(const struct running *running, const struct visitor *visitor,
                      struct line *line, int port) {
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET,
                                .data.u64 = line_number(running, visitor, line)};
    int yes = 1;
    line->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    line->port = port;
    line->used = false;
    if (line->descriptor < 0)
        return false;
    setsockopt(line->descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    if ((connect(line->descriptor, (const struct sockaddr *)&address, sizeof(address)) == 0 ||
         errno == EINPROGRESS) &&
        epoll_ctl(running->epoll, EPOLL_CTL_ADD, line->descriptor, &event) == 0)
        return true;
    line_close(line);
    return false;
}

/* Whether the server hung up while nobody asked; of that, no event is told any more. */
static bool line_is_over(const struct line *line) {
    char byte = 0;
    ssize_t got = recv(line->descriptor, &byte, 1, MSG_PEEK);
    return got == 0 || (got < 0 && errno != EAGAIN);
}

/* The line to that port; else one that is closed; else the first, which is closed for it. */
static struct line *line_for(struct visitor *visitor, int port) {
    struct line *closed = NULL;
    for (size_t i = 0; i < LINES; i++) {
        if (visitor->lines[i].descriptor >= 0 && visitor->lines[i].port == port)
            return &visitor->lines[i];
        if (visitor->lines[i].descriptor < 0)
            closed = &visitor->lines[i];
    }
    if (closed != NULL)
        return closed;
    line_close(&visitor->lines[0]);
    return &visitor->lines[0];
}

static void finish(struct running *running, struct visitor *visitor, struct reply *answer) {
    struct line *line = visitor->at;
    answer->microseconds = crowd_now() - visitor->asked_at;
    visitor->at = NULL;
    running->busy--;
    line->used = true;
    if (answer->failure != NULL || is_last_on_line(answer))
        line_close(line);
    size_t number = (size_t)(visitor - running->visitors);
    running->crowd->came(running->crowd, number, answer);
    running->idle[running->idle_count++] = number;
}

static void fail_visitor(struct running *running, struct visitor *visitor, const char *failure) {
    struct reply answer = {.failure = failure, .head = "", .body = ""};
    finish(running, visitor, &answer);
}

static void say(struct visitor *visitor) {
    while (visitor->sent < visitor->ask.length) {
        ssize_t sent = send(visitor->at->descriptor, visitor->ask.text + visitor->sent,
                            visitor->ask.length - visitor->sent, MSG_NOSIGNAL);
        if (sent < 0)
            return; /* not yet; or never, which reading will tell */
        visitor->sent += (size_t)sent;
    }
}

/* Opens the line if it is closed, and begins to say what is to be asked. */
static void ask_over(struct running *running, struct visitor *visitor, struct line *line) {
    visitor->at = line;
    visitor->sent = 0;
    visitor->length = 0;
    if (line->descriptor < 0 && !line_open(running, visitor, line, visitor->ask.port))
        fail_visitor(running, visitor, "no connection");
    else
        say(visitor);
}

static void ask_next(struct running *running, size_t number) {
    struct visitor *visitor = &running->visitors[number];
    visitor->ask = (struct ask){.port = 0};
    if (!running->crowd->next(running->crowd, number, &visitor->ask))
        return;
    for (size_t i = 0; visitor->ask.fresh && i < LINES; i++)
        line_close(&visitor->lines[i]);
    running->busy++;
    visitor->asked_at = crowd_now();
    struct line *line = line_for(visitor, visitor->ask.port);
    if (line->descriptor >= 0 && line_is_over(line)) {
        running->crowd->reconnects++;
        line_close(line);
    }
    ask_over(running, visitor, line);
}

/* Not within finish(): who is refused at once, again and again, would pile up calls. */
static void serve_idle(struct running *running) {
    while (running->idle_count > 0)
        ask_next(running, running->idle[--running->idle_count]);
}

/* ---- listening ------------------------------------------------------------------------------- */

static bool make_room(struct visitor *visitor) {
    if (visitor->length + 1 < visitor->capacity)
        return true;
    size_t capacity = visitor->capacity == 0 ? FIRST_SIZE : visitor->capacity * 2;
    char *bytes = capacity > CROWD_ANSWER_LIMIT ? NULL : realloc(visitor->bytes, capacity);
    if (bytes == NULL)
        return false;
    visitor->bytes = bytes;
    visitor->capacity = capacity;
    return true;
}

/* The connection is over. */
static void hear_end(struct running *running, struct visitor *visitor, int error) {
    struct reply answer = {.head = "", .body = ""};
    struct line *line = visitor->at;
    if (error == 0 && visitor->length > 0 && read_answer(visitor, true, &answer)) {
        line_close(line);
        finish(running, visitor, &answer);
    } else if (visitor->length == 0 && line->used) {
        running->crowd->reconnects++;
        line_close(line);
        ask_over(running, visitor, line);
    } else {
        fail_visitor(running, visitor, visitor->length == 0 ? "no answer" : "cut off");
    }
}

static void hear(struct running *running, struct visitor *visitor) {
    struct reply answer = {.head = "", .body = ""};
    for (;;) {
        if (!make_room(visitor)) {
            fail_visitor(running, visitor, "too long");
            return;
        }
        ssize_t got = recv(visitor->at->descriptor, visitor->bytes + visitor->length,
                           visitor->capacity - visitor->length - 1, 0);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            hear_end(running, visitor, got < 0 ? errno : 0);
            return;
        }
        visitor->length += (size_t)got;
        visitor->bytes[visitor->length] = '\0';
        if (read_answer(visitor, false, &answer)) {
            finish(running, visitor, &answer);
            return;
        }
    }
}

static void take_event(struct running *running, const struct epoll_event *event) {
    struct visitor *visitor = &running->visitors[event->data.u64 / LINES];
    const struct line *line = &visitor->lines[event->data.u64 % LINES];
    if (visitor->at != line)
        return; /* a line at rest: what became of it shows when it is used */
    if ((event->events & EPOLLERR) == 0)
        say(visitor); /* would take away the error, which hear() tells */
    if ((event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        hear(running, visitor);
}

static void give_up_waiting(struct running *running) {
    int64_t asked_before = crowd_now() - running->crowd->patience;
    for (size_t i = 0; i < running->crowd->count; i++)
        if (running->visitors[i].at != NULL && running->visitors[i].asked_at < asked_before)
            fail_visitor(running, &running->visitors[i], "timeout");
}

static void run(struct running *running) {
    struct epoll_event events[EVENTS];
    int64_t looked_at = crowd_now();
    for (size_t i = running->crowd->count; i > 0; i--)
        running->idle[running->idle_count++] = i - 1;
    for (serve_idle(running); running->busy > 0; serve_idle(running)) {
        int count = epoll_wait(running->epoll, events, EVENTS, CLOCK_TICK);
        for (int i = 0; i < count; i++)
            take_event(running, &events[i]);
        if (crowd_now() - looked_at < (int64_t)CLOCK_TICK * 1000)
            continue;
        give_up_waiting(running);
        looked_at = crowd_now();
    }
}

static void close_all(struct running *running) {
    for (size_t i = 0; i < running->crowd->count; i++) {
        for (size_t line = 0; line < LINES; line++)
            line_close(&running->visitors[i].lines[line]);
        free(running->visitors[i].bytes);
    }
    free(running->visitors);
    close(running->epoll);
}

bool crowd_run(struct crowd *crowd) {
    struct running running = {.crowd = crowd, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    running.visitors = calloc(crowd->count, sizeof(*running.visitors));
    if (running.epoll < 0 || running.visitors == NULL) {
        free(running.visitors);
        return false;
    }
    for (size_t i = 0; i < crowd->count; i++)
        for (size_t line = 0; line < LINES; line++)
            running.visitors[i].lines[line].descriptor = -1;
    run(&running);
    close_all(&running);
    return true;
}
