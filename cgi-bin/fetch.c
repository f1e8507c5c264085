/*
 * fetch.cgi: makes one HTTP request for another program of ours; nothing for anyone else.
 *
 * login.cgi and logout.cgi have to ask a provider only now and then (for its discovery document),
 * and do without libcurl, which takes longer to load than all they do. They start this program,
 * which lies beside them, through lib/edge/http_helper.c: descriptors 0 and 1 are a socket to
 * them, over which one framed request comes in and one framed answer goes out
 * (lib/edge/http_frame.h), LATCHKEY_FETCH is in the environment, and nothing else is.
 *
 * It lies in the web server's folder of programs, so a browser can name it. Then it must not do
 * anything: it is no way to make this machine call another. A web server sets meta-variables (RFC
 * 3875 4.1), or, for FastCGI, hands over a listening socket; a client can only ever set variables
 * that begin with HTTP_. So it works only in an environment that holds LATCHKEY_FETCH and none of
 * the web server's variables, and answers 404 in any other. What it is asked for obeys the same
 * rules as any request of ours (http_request_check).
 *
 * Ends with 0 if it answered, with 1 otherwise.
 */
#include "edge/file.h"
#include "edge/http_client.h"
#include "edge/http_frame.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A form is the largest part of a request; the bodies that we post are far below this. */
#define REQUEST_FRAME_LIMIT (256U * 1024)

static bool started_by_web_server(void) {
    static const char *const variables[] = {
        "GATEWAY_INTERFACE", "REQUEST_METHOD", "SERVER_PROTOCOL", "SERVER_SOFTWARE",
        "SERVER_NAME",       "SCRIPT_NAME",    "QUERY_STRING",    "REMOTE_ADDR",
    };
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        if (getenv(variables[i]) != NULL)
            return true;
    return getenv("LATCHKEY_FETCH") == NULL;
}

/* The socket of http_helper: a connected one. FastCGI's is listening, CGI has pipes or files. */
static bool is_helper_socket(int descriptor) {
    int listening = 0;
    int domain = 0;
    socklen_t size = sizeof(listening);
    if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening)
        return false;
    size = sizeof(domain);
    return getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

static int answer_not_found(void) {
    int written = fputs("Status: 404 Not Found\r\nContent-Type: text/plain\r\n"
                        "Cache-Control: no-store\r\n\r\nThere is nothing at this address.\n",
                        stdout);
    return written >= 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int fetch(struct arena *arena, struct http_response *response) {
    struct buffer frame;
    struct http_request request;
    buffer_open(arena, &frame);
    if (file_read(STDIN_FILENO, REQUEST_FRAME_LIMIT, &frame) != 0)
        return fail(arena, ERROR_INTERNAL, "the request cannot be read: %s", strerror(errno));
    if (http_frame_parse_request(arena, frame.bytes, frame.length, &request) != 0)
        return -1;
    if (http_request_check(arena, &request) != 0)
        return -1;
    return http_curl.perform(arena, &request, response);
}

int main(int argc, char **argv) {
    (void)argv;
    if (started_by_web_server() || argc != 1)
        return answer_not_found();
    if (!is_helper_socket(STDIN_FILENO))
        return EXIT_FAILURE;

    struct arena arena;
    struct buffer frame;
    struct http_response response = {.content_type = "", .body = ""};
    arena_open(&arena, ARENA_LIMIT);
    buffer_open(&arena, &frame);
    if (fetch(&arena, &response) != 0 && arena.error.rule == ERROR_NONE)
        fail(&arena, ERROR_INTERNAL, "no answer");
    http_frame_write_response(&response, &arena.error, &frame);
    int sent = http_frame_send(STDOUT_FILENO, &frame);
    arena_close(&arena);
    return sent == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
