#include "serve/fastcgi_record.h"

#include <string.h>

#define VERSION 1

bool fastcgi_header_parse(const unsigned char bytes[FASTCGI_HEADER_SIZE],
                          struct fastcgi_header *header) {
    *header = (struct fastcgi_header){
        .type = bytes[1],
        .request = (uint16_t)(bytes[2] << 8 | bytes[3]),
        .content_length = (size_t)bytes[4] << 8 | bytes[5],
        .padding_length = bytes[6],
    };
    return bytes[0] == VERSION;
}

void fastcgi_header_write(unsigned char bytes[FASTCGI_HEADER_SIZE], enum fastcgi_type type,
                          uint16_t request, size_t content_length) {
    bytes[0] = VERSION;
    bytes[1] = (unsigned char)type;
    bytes[2] = (unsigned char)(request >> 8);
    bytes[3] = (unsigned char)request;
    bytes[4] = (unsigned char)(content_length >> 8);
    bytes[5] = (unsigned char)content_length;
    bytes[6] = 0;
    bytes[7] = 0;
}

void fastcgi_end_write(unsigned char bytes[FASTCGI_END_SIZE], uint16_t request,
                       enum fastcgi_end end) {
    memset(bytes, 0, FASTCGI_END_SIZE);
    fastcgi_header_write(bytes, FASTCGI_END_REQUEST, request,
                         FASTCGI_END_SIZE - FASTCGI_HEADER_SIZE);
    bytes[FASTCGI_HEADER_SIZE + 4] = (unsigned char)end;
}

/* ---- pairs ----------------------------------------------------------------------------------- */

/* A length takes one byte below 128, else four, whose highest bit is set (3.4). */
static bool read_length(const unsigned char **rest, size_t *left, size_t *length) {
    const unsigned char *bytes = *rest;
    size_t size = *left > 0 && bytes[0] >= 0x80 ? 4 : 1;
    if (*left < size)
        return false;
    *length = size == 1 ? bytes[0]
                        : (size_t)(bytes[0] & 0x7F) << 24 | (size_t)bytes[1] << 16 |
                              (size_t)bytes[2] << 8 | bytes[3];
    *rest += size;
    *left -= size;
    return true;
}

int fastcgi_pair_parse(const unsigned char **rest, size_t *length, struct fastcgi_pair *pair) {
    if (*length == 0)
        return 0;
    if (!read_length(rest, length, &pair->name_length) ||
        !read_length(rest, length, &pair->value_length))
        return -1;
    /* Each is below 2^31, but their sum need not fit a size_t of 32 bits. */
    if (pair->name_length > *length || pair->value_length > *length - pair->name_length)
        return -1;
    pair->name = (const char *)*rest;
    pair->value = pair->name + pair->name_length;
    *rest += pair->name_length + pair->value_length;
    *length -= pair->name_length + pair->value_length;
    return 1;
}

/* ---- management ------------------------------------------------------------------------------ */

static size_t put_pair(unsigned char *bytes, const char *name, const char *value) {
    unsigned char *next = bytes + 2;
    for (const char *c = name; *c != '\0'; c++)
        *next++ = (unsigned char)*c;
    bytes[0] = (unsigned char)(next - bytes - 2);
    for (const char *c = value; *c != '\0'; c++)
        *next++ = (unsigned char)*c;
    bytes[1] = (unsigned char)(next - bytes - 2 - bytes[0]);
    return (size_t)(next - bytes);
}

static bool asks_for(const unsigned char *content, size_t length, const char *name) {
    struct fastcgi_pair pair;
    while (fastcgi_pair_parse(&content, &length, &pair) == 1)
        if (pair.name_length == strlen(name) && memcmp(pair.name, name, pair.name_length) == 0)
            return true;
    return false;
}

size_t fastcgi_values_write(unsigned char bytes[FASTCGI_VALUES_SIZE], const unsigned char *content,
                            size_t length) {
    static const struct {
        const char *name;
        const char *value;
    } values[] = {{"FCGI_MAX_CONNS", "1"}, {"FCGI_MAX_REQS", "1"}, {"FCGI_MPXS_CONNS", "0"}};

    size_t end = FASTCGI_HEADER_SIZE;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (asks_for(content, length, values[i].name))
            end += put_pair(bytes + end, values[i].name, values[i].value);
    fastcgi_header_write(bytes, FASTCGI_GET_VALUES_RESULT, 0, end - FASTCGI_HEADER_SIZE);
    return end;
}

void fastcgi_unknown_write(unsigned char bytes[FASTCGI_UNKNOWN_SIZE], int type) {
    memset(bytes, 0, FASTCGI_UNKNOWN_SIZE);
    fastcgi_header_write(bytes, FASTCGI_UNKNOWN_TYPE, 0,
                         FASTCGI_UNKNOWN_SIZE - FASTCGI_HEADER_SIZE);
    bytes[FASTCGI_HEADER_SIZE] = (unsigned char)type;
}
