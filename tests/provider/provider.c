/*
 * provider: an OpenID provider for trying out and testing a relying party on one machine.
 *
 *   provider --port 8081 --client ID:SECRET:REDIRECT_URI[,REDIRECT_URI…] --post-logout URI
 *
 *   --port PORT          where to listen, on 127.0.0.1 and [::1] (8081)
 *   --issuer ORIGIN      its name, a loopback origin (http://localhost:PORT)
 *   --client …           a registered client; may be repeated
 *   --post-logout URI    a registered post_logout_redirect_uri, of all clients; may be repeated
 *   --id-token-alg ALG   RS256 or ES256 (RS256)
 *   --api-key KEY        what its API wants to be told before it tells the time (api.c)
 *   --pages FOLDER       where its templates are (tests/provider/pages)
 *   --quiet              no line for each request
 *
 * Prints "ready ISSUER" on stdout once it listens; ends with status 0 on SIGTERM or SIGINT. It asks for no password,
 * and so there is no way to have it listen anywhere but on loopback.
 *
 * It is strict and goes by the book, unless the person at its sign-in page, or a script with the same
 * form (endpoints.h, decide()), asks for one of the misbehaviours of misbehaviour.h. Keys are made at start
 * and forgotten at the end.
 */
#include "endpoints.h"
#include "http_server.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static int complain(const struct arena *arena, int status) {
    fprintf(stderr, "provider: %s\n", arena->error.detail);
    return status;
}

static int serve(const struct op *op) {
    struct http_server server = {.handle = exchange_handle, .subject = op};
    if (http_server_listen(&server, op->port) != 0) {
        fprintf(stderr, "provider: port %d: %s\n", op->port, strerror(errno));
        return EX_UNAVAILABLE;
    }
    printf("ready %s\n", op->issuer);
    fflush(stdout);
    if (http_server_run(&server) == 0)
        return 0;
    fprintf(stderr, "provider: %s\n", strerror(errno));
    return EX_OSERR;
}

int main(int argc, char **argv) {
    struct arena arena;
    struct op op;
    arena_open(&arena, ARENA_LIMIT);
    int status = EX_USAGE;
    if (options_read(&arena, argc, argv, &op) != 0) {
        status = complain(&arena, EX_USAGE);
    } else if (op_open(&arena, &op) != 0) {
        status = complain(&arena, EX_SOFTWARE);
    } else {
        status = serve(&op);
        op_close(&op);
    }
    arena_close(&arena);
    return status;
}
