/*
 * load: asks a web server on this machine again and again, and counts.
 *
 *   load --port PORT [--connections 8] [--seconds 1 | --requests N] [--status 200] [--contains TEXT] FILE...
 *
 * Each FILE is a whole HTTP request as it goes over the wire; they are asked in turn. An answer with another
 * status, or without TEXT in its body, is a failure, like none at all. After --seconds nothing more is asked;
 * what is under way is waited for, and counts among the latencies and failures, not in the throughput.
 *
 * Prints one line of JSON: answers within the time, seconds, answers a second; latencies in microseconds (p50,
 * p99, max); failed, and how; reconnects (see crowd.h).
 */
#include "crowd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define REQUESTS_LIMIT 4096 /* files */
#define REQUEST_SIZE 16384
#define FAILURES_LIMIT 16 /* kinds */
#define PATIENCE 30       /* seconds */

struct failures {
    char what[32];
    int64_t count;
};

struct load {
    int port;
    int status;
    const char *contains;
    double seconds;
    int64_t limit; /* requests; 0: by time */
    struct ask *asks;
    size_t asks_count;
    int64_t asked;
    int64_t started_at;
    int64_t ends_at;
    int64_t in_time;
    uint32_t *latencies;
    size_t latencies_count;
    size_t latencies_capacity;
    struct failures failures[FAILURES_LIMIT];
};

/* ---- asking and counting --------------------------------------------------------------------- */

static bool next(struct crowd *crowd, size_t visitor, struct ask *ask) {
    struct load *load = crowd->closure;
    (void)visitor;
    if (load->limit > 0 ? load->asked >= load->limit : crowd_now() >= load->ends_at)
        return false;
    *ask = load->asks[(size_t)load->asked++ % load->asks_count];
    return true;
}

static void count_failure(struct load *load, const char *what) {
    for (size_t i = 0; i < FAILURES_LIMIT; i++) {
        struct failures *failures = &load->failures[i];
        if (failures->count == 0)
            snprintf(failures->what, sizeof(failures->what), "%s", what);
        if (strcmp(failures->what, what) == 0 || i == FAILURES_LIMIT - 1) {
            failures->count++;
            return;
        }
    }
}

static void count_latency(struct load *load, int64_t microseconds) {
    if (load->latencies_count == load->latencies_capacity) {
        size_t capacity = load->latencies_capacity == 0 ? 65536 : load->latencies_capacity * 2;
        uint32_t *latencies = realloc(load->latencies, capacity * sizeof(*latencies));
        if (latencies == NULL)
            abort();
        load->latencies = latencies;
        load->latencies_capacity = capacity;
    }
    load->latencies[load->latencies_count++] = (uint32_t)microseconds;
}

static void came(struct crowd *crowd, size_t visitor, const struct reply *answer) {
    struct load *load = crowd->closure;
    char what[32];
    (void)visitor;
    if (answer->failure != NULL) {
        count_failure(load, answer->failure);
        return;
    }
    if (answer->status != load->status) {
        snprintf(what, sizeof(what), "status %d", answer->status);
        count_failure(load, what);
        return;
    }
    if (load->contains != NULL &&
        memmem(answer->body, answer->body_length, load->contains, strlen(load->contains)) == NULL) {
        count_failure(load, "another answer");
        return;
    }
    count_latency(load, answer->microseconds);
    if (load->limit > 0 || crowd_now() <= load->ends_at)
        load->in_time++;
}

/* ---- telling --------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* The nearest rank. */
static uint32_t quantile(const struct load *load, unsigned percent) {
    size_t count = load->latencies_count;
    return count == 0 ? 0 : load->latencies[(count * percent + 99) / 100 - 1];
}

static void tell(const struct load *load, const struct crowd *crowd) {
    double seconds =
        load->limit > 0 ? (double)(crowd_now() - load->started_at) / 1e6 : load->seconds;
    int64_t failed = 0;
    if (load->latencies_count > 0)
        qsort(load->latencies, load->latencies_count, sizeof(*load->latencies), by_size);
    printf(
        "{\"answers\":%lld,\"seconds\":%.3f,\"per_second\":%.1f,\"p50\":%u,\"p99\":%u,\"max\":%u,"
        "\"reconnects\":%lld,\"failures\":{",
        (long long)load->in_time, seconds, (double)load->in_time / seconds, quantile(load, 50),
        quantile(load, 99), quantile(load, 100), (long long)crowd->reconnects);
    for (size_t i = 0; i < FAILURES_LIMIT && load->failures[i].count > 0; i++) {
        printf("%s\"%s\":%lld", i == 0 ? "" : ",", load->failures[i].what,
               (long long)load->failures[i].count);
        failed += load->failures[i].count;
    }
    printf("},\"failed\":%lld}\n", (long long)failed);
}

/* ---- beginning ------------------------------------------------------------------------------- */

static bool read_request(const char *path, struct ask *ask) {
    FILE *file = fopen(path, "re");
    char *text = malloc(REQUEST_SIZE);
    if (file == NULL || text == NULL) {
        perror(path);
        if (file != NULL)
            fclose(file);
        free(text);
        return false;
    }
    *ask = (struct ask){.text = text, .length = fread(text, 1, REQUEST_SIZE, file)};
    fclose(file);
    return ask->length > 0 && ask->length < REQUEST_SIZE;
}

static bool read_requests(struct load *load, char **paths, size_t count) {
    load->asks = calloc(count, sizeof(*load->asks));
    for (; load->asks != NULL && load->asks_count < count; load->asks_count++) {
        struct ask *ask = &load->asks[load->asks_count];
        if (!read_request(paths[load->asks_count], ask))
            return false;
        ask->port = load->port;
    }
    return load->asks != NULL;
}

static void let_go(struct load *load) {
    for (size_t i = 0; i < load->asks_count; i++)
        free((char *)load->asks[i].text);
    free(load->asks);
    free(load->latencies);
}

static bool read_options(int count, char **arguments, struct load *load, struct crowd *crowd) {
    static const struct option options[] = {{"port", required_argument, NULL, 'p'},
                                            {"connections", required_argument, NULL, 'c'},
                                            {"seconds", required_argument, NULL, 's'},
                                            {"requests", required_argument, NULL, 'n'},
                                            {"status", required_argument, NULL, 'e'},
                                            {"contains", required_argument, NULL, 'b'},
                                            {.name = NULL}};
    for (int option = 0; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
        switch (option) {
        case 'p':
            load->port = (int)strtol(optarg, NULL, 10);
            break;
        case 'c':
            crowd->count = strtoul(optarg, NULL, 10);
            break;
        case 's':
            load->seconds = strtod(optarg, NULL);
            break;
        case 'n':
            load->limit = strtoll(optarg, NULL, 10);
            break;
        case 'e':
            load->status = (int)strtol(optarg, NULL, 10);
            break;
        case 'b':
            load->contains = optarg;
            break;
        default:
            return false;
        }
    }
    return load->port > 0 && crowd->count > 0 && crowd->count <= CROWD_LIMIT && optind < count &&
           count - optind <= REQUESTS_LIMIT && load->seconds > 0;
}

int main(int count, char **arguments) {
    struct load load = {.status = 200, .seconds = 1};
    struct crowd crowd = {.count = 8,
                          .next = next,
                          .came = came,
                          .closure = &load,
                          .patience = (int64_t)PATIENCE * 1000000};
    if (!read_options(count, arguments, &load, &crowd)) {
        fputs(
            "usage: load --port PORT [--connections N] [--seconds S | --requests N] [--status 200]"
            " [--contains TEXT] FILE...\n",
            stderr);
        return EX_USAGE;
    }
    int status = EXIT_FAILURE;
    if (read_requests(&load, arguments + optind, (size_t)(count - optind))) {
        load.started_at = crowd_now();
        load.ends_at = load.started_at + (int64_t)(load.seconds * 1e6);
        if (crowd_run(&crowd)) {
            tell(&load, &crowd);
            status = EXIT_SUCCESS;
        }
    }
    let_go(&load);
    return status;
}
