/*
 * fastcgi_record: the bytes of FastCGI 1.0: records (3.3), name-value pairs (3.4), management
 * records (4), the bodies of what begins and ends a request (5).
 */
#ifndef LATCHKEY_SERVE_FASTCGI_RECORD_H
#define LATCHKEY_SERVE_FASTCGI_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FASTCGI_HEADER_SIZE 8
#define FASTCGI_CONTENT_MAX 65535 /* of one record */
#define FASTCGI_END_SIZE (FASTCGI_HEADER_SIZE + 8)

enum fastcgi_type {
    FASTCGI_BEGIN_REQUEST = 1,
    FASTCGI_ABORT_REQUEST = 2,
    FASTCGI_END_REQUEST = 3,
    FASTCGI_PARAMS = 4,
    FASTCGI_STDIN = 5,
    FASTCGI_STDOUT = 6,
    FASTCGI_GET_VALUES = 9,
    FASTCGI_GET_VALUES_RESULT = 10,
    FASTCGI_UNKNOWN_TYPE = 11,
};

/* What an end-request record says (5.5). */
enum fastcgi_end {
    FASTCGI_REQUEST_COMPLETE = 0,
    FASTCGI_CANNOT_MULTIPLEX = 1, /* one request at a time on a connection */
    FASTCGI_UNKNOWN_ROLE = 3,
};

struct fastcgi_header {
    int type;         /* an enum fastcgi_type, or what we do not know */
    uint16_t request; /* 0: a management record */
    size_t content_length;
    size_t padding_length;
};

/* False if it is not of version 1: then nothing that follows can be understood. */
bool fastcgi_header_parse(const unsigned char bytes[FASTCGI_HEADER_SIZE],
                          struct fastcgi_header *header);

/* `content_length` is at most FASTCGI_CONTENT_MAX; without padding. */
void fastcgi_header_write(unsigned char bytes[FASTCGI_HEADER_SIZE], enum fastcgi_type type,
                          uint16_t request, size_t content_length);

/* A whole record: the end of a request, with application status 0. */
void fastcgi_end_write(unsigned char bytes[FASTCGI_END_SIZE], uint16_t request,
                       enum fastcgi_end end);

/* A name and its value, not terminated, in the bytes they were read from. */
struct fastcgi_pair {
    const char *name;
    size_t name_length;
    const char *value;
    size_t value_length;
};

/* Reads the next pair of *rest, of which *length bytes are left, and steps over it. 1, 0 at the
 * end; -1 if it promises more than is there. */
int fastcgi_pair_parse(const unsigned char **rest, size_t *length, struct fastcgi_pair *pair);

/* The record that answers a query for our limits (4.1): which of the names asked for we know, of
 * the pairs in `content`. Returns its length, at most FASTCGI_VALUES_SIZE. */
#define FASTCGI_VALUES_SIZE 128
size_t fastcgi_values_write(unsigned char bytes[FASTCGI_VALUES_SIZE], const unsigned char *content,
                            size_t length);

/* The record that answers a management record of another type (4.2). */
#define FASTCGI_UNKNOWN_SIZE (FASTCGI_HEADER_SIZE + 8)
void fastcgi_unknown_write(unsigned char bytes[FASTCGI_UNKNOWN_SIZE], int type);

#endif
