/*
 * logins: people who sign in, one after the other, as their browsers do it: counts whole logins.
 *
 *   logins --port PORT --path PATH [--connections 8] [--seconds 1] [--contains TEXT]
 *
 * A login begins at PATH of http://localhost:PORT as somebody new, without cookies and over new connections,
 * follows every redirect (the provider's included, who asks nobody anything), keeps cookies, and ends with a page
 * of status 200 that has TEXT in it. Whatever else comes is a failed login. After --seconds none begins; those under
 * way are waited for.
 *
 * Prints one line of JSON: logins that ended within the time, a second; the time of one in microseconds (p50,
 * p99); requests that the browser made a login; failed, and how the first one did.
 */
#include "crowd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define COOKIES_LIMIT 8
#define COOKIE_SIZE 4096
#define REQUEST_SIZE 32768
#define STEPS_LIMIT 12 /* redirects of one login */
#define PATIENCE 30    /* seconds */
#define LOGINS_LIMIT 1000000

/* Without text/html, mod_auth_openidc sends nobody to sign in; with it first, me.cgi shows a page. */
#define ACCEPT "application/json, text/html;q=0.5"

struct browser {
    char request[REQUEST_SIZE]; /* what it asks, or will ask next; empty: a new login */
    size_t request_length;
    const char *host;
    int port;
    char cookies[COOKIES_LIMIT][COOKIE_SIZE]; /* "name=value"; empty: none */
    int steps;
    int64_t began_at;
};

struct logins {
    int port;
    const char *path;
    const char *contains;
    double seconds;
    int64_t ends_at;
    struct browser *browsers;
    int64_t in_time;
    int64_t requests;
    int64_t failed;
    char first_failure[256];
    uint32_t *times;
    size_t times_count;
};

/* ---- a browser ------------------------------------------------------------------------------- */

/* RFC 6265 5.3, as far as it goes here: a cookie replaces the one of its name, and an empty one is
 * none. Ports make no difference to cookies. */
static void keep_cookie(struct browser *browser, const char *field, size_t length) {
    size_t pair = 0;
    while (pair < length && field[pair] != ';')
        pair++;
    const char *equals = memchr(field, '=', pair);
    if (equals == NULL || pair >= COOKIE_SIZE)
        return;
    size_t name = (size_t)(equals - field) + 1; /* with the "=" */
    char *place = NULL;
    for (size_t i = 0; i < COOKIES_LIMIT; i++) {
        char *cookie = browser->cookies[i];
        if (strncmp(cookie, field, name) == 0) {
            place = cookie;
            break;
        }
        if (*cookie == '\0' && place == NULL)
            place = cookie;
    }
    if (place == NULL)
        return;
    memcpy(place, field, pair);
    place[name == pair ? 0 : pair] = '\0';
}

static void keep_cookies(struct browser *browser, const char *head) {
    size_t length = 0;
    for (const char *value = crowd_field(head, "Set-Cookie: ", &length); value != NULL;
         value = crowd_field(value, "Set-Cookie: ", &length))
        keep_cookie(browser, value, length);
}

static void write_request(struct browser *browser, const char *path, size_t length) {
    char cookies[COOKIES_LIMIT * COOKIE_SIZE] = "";
    size_t end = 0;
    for (size_t i = 0; i < COOKIES_LIMIT; i++)
        if (*browser->cookies[i] != '\0')
            end += (size_t)snprintf(cookies + end, sizeof(cookies) - end, "%s%s",
                                    end == 0 ? "Cookie: " : "; ", browser->cookies[i]);
    int written =
        snprintf(browser->request, REQUEST_SIZE,
                 "GET %.*s HTTP/1.1\r\nHost: %s:%d\r\nAccept: %s\r\n%s%s\r\n", (int)length, path,
                 browser->host, browser->port, ACCEPT, cookies, end == 0 ? "" : "\r\n");
    browser->request_length = written < REQUEST_SIZE ? (size_t)written : 0;
}

/* Reads "http://localhost:8080" of a URL; the path behind it, or NULL. */
static const char *read_origin(struct browser *browser, const char *url) {
    static const char *const hosts[] = {"localhost", "127.0.0.1"};
    static const char scheme[] = "http://";
    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0)
        return NULL;
    url += sizeof(scheme) - 1;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        size_t length = strlen(hosts[i]);
        char *path = NULL;
        if (strncmp(url, hosts[i], length) != 0 || url[length] != ':')
            continue;
        browser->host = hosts[i];
        browser->port = (int)strtol(url + length + 1, &path, 10);
        return *path == '/' ? path : NULL;
    }
    return NULL;
}

/* Where the answer sends the browser: somewhere on this machine, or on the same server. */
static bool follow(struct browser *browser, const char *head) {
    size_t length = 0;
    const char *location = crowd_field(head, "Location: ", &length);
    if (location == NULL)
        return false;
    const char *path = *location == '/' ? location : read_origin(browser, location);
    if (path == NULL)
        return false;
    write_request(browser, path, length - (size_t)(path - location));
    return browser->request_length > 0;
}

/* ---- logins ---------------------------------------------------------------------------------- */

static bool next(struct crowd *crowd, size_t visitor, struct ask *ask) {
    struct logins *logins = crowd->closure;
    struct browser *browser = &logins->browsers[visitor];
    bool begins = browser->request_length == 0;
    if (begins && (crowd_now() >= logins->ends_at || logins->times_count == LOGINS_LIMIT))
        return false;
    if (begins) {
        memset(browser->cookies, 0, sizeof(browser->cookies));
        browser->host = "localhost";
        browser->port = logins->port;
        write_request(browser, logins->path, strlen(logins->path));
        browser->steps = 0;
        browser->began_at = crowd_now();
    }
    *ask = (struct ask){.port = browser->port,
                        .text = browser->request,
                        .length = browser->request_length,
                        .fresh = begins};
    return true;
}

static void fail_login(struct logins *logins, struct browser *browser, const struct reply *answer) {
    if (logins->failed++ == 0)
        snprintf(logins->first_failure, sizeof(logins->first_failure), "%s %d at step %d: %.*s",
                 answer->failure != NULL ? answer->failure : "status", answer->status,
                 browser->steps, (int)strcspn(browser->request, "?\r"), browser->request);
    browser->request_length = 0;
}

static bool is_page_wanted(const struct logins *logins, const struct reply *answer) {
    return answer->status == 200 &&
           (logins->contains == NULL || memmem(answer->body, answer->body_length, logins->contains,
                                               strlen(logins->contains)) != NULL);
}

static void came(struct crowd *crowd, size_t visitor, const struct reply *answer) {
    struct logins *logins = crowd->closure;
    struct browser *browser = &logins->browsers[visitor];
    logins->requests++;
    browser->steps++;
    if (answer->failure == NULL)
        keep_cookies(browser, answer->head);
    if (answer->failure == NULL && is_page_wanted(logins, answer)) {
        int64_t now = crowd_now();
        logins->times[logins->times_count++] = (uint32_t)(now - browser->began_at);
        logins->in_time += now <= logins->ends_at ? 1 : 0;
        browser->request_length = 0;
    } else if (answer->failure != NULL || browser->steps == STEPS_LIMIT ||
               answer->status / 100 != 3 || !follow(browser, answer->head)) {
        fail_login(logins, browser, answer);
    }
}

/* ---- telling --------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static uint32_t quantile(const struct logins *logins, unsigned percent) {
    size_t count = logins->times_count;
    return count == 0 ? 0 : logins->times[(count * percent + 99) / 100 - 1];
}

static void tell(const struct logins *logins) {
    size_t count = logins->times_count + (size_t)logins->failed;
    qsort(logins->times, logins->times_count, sizeof(*logins->times), by_size);
    printf("{\"logins\":%zu,\"per_second\":%.1f,\"p50\":%u,\"p99\":%u,\"requests\":%.2f,"
           "\"failed\":%lld,\"first_failure\":\"%s\"}\n",
           logins->times_count, (double)logins->in_time / logins->seconds, quantile(logins, 50),
           quantile(logins, 99), count == 0 ? 0 : (double)logins->requests / (double)count,
           (long long)logins->failed, logins->first_failure);
}

static bool read_options(int count, char **arguments, struct logins *logins, struct crowd *crowd) {
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},        {"path", required_argument, NULL, 'u'},
        {"connections", required_argument, NULL, 'c'}, {"seconds", required_argument, NULL, 's'},
        {"contains", required_argument, NULL, 'b'},    {.name = NULL}};
    for (int option = 0; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
        switch (option) {
        case 'p':
            logins->port = (int)strtol(optarg, NULL, 10);
            break;
        case 'u':
            logins->path = optarg;
            break;
        case 'c':
            crowd->count = strtoul(optarg, NULL, 10);
            break;
        case 's':
            logins->seconds = strtod(optarg, NULL);
            break;
        case 'b':
            logins->contains = optarg;
            break;
        default:
            return false;
        }
    }
    return logins->port > 0 && logins->path != NULL && logins->seconds > 0 && crowd->count > 0 &&
           crowd->count <= CROWD_LIMIT && optind == count;
}

int main(int count, char **arguments) {
    struct logins logins = {.seconds = 1};
    struct crowd crowd = {.count = 8,
                          .next = next,
                          .came = came,
                          .closure = &logins,
                          .patience = (int64_t)PATIENCE * 1000000};
    if (!read_options(count, arguments, &logins, &crowd)) {
        fputs("usage: logins --port PORT --path PATH [--connections N] [--seconds S]"
              " [--contains TEXT]\n",
              stderr);
        return EX_USAGE;
    }
    int status = EXIT_FAILURE;
    logins.browsers = calloc(crowd.count, sizeof(*logins.browsers));
    logins.times = calloc(LOGINS_LIMIT + CROWD_LIMIT, sizeof(*logins.times));
    logins.ends_at = crowd_now() + (int64_t)(logins.seconds * 1e6);
    if (logins.browsers != NULL && logins.times != NULL && crowd_run(&crowd)) {
        tell(&logins);
        status = EXIT_SUCCESS;
    }
    free(logins.browsers);
    free(logins.times);
    return status;
}
