/*
 * http_frame: a request and its answer as bytes between http_helper and fetch.cgi.
 *
 * A frame is a length and that many bytes of content; the content is a row of texts and numbers,
 * each text a length and its bytes. Lengths and numbers are 32 bits, the highest byte first; an
 * absent text (NULL) has the length 0xFFFFFFFF. Texts hold no NUL, the answer's body excepted.
 * A request's yes and no are the bits of one number; one that is not known is malformed: it may be
 * a rule that must not be left out.
 */
#ifndef LATCHKEY_EDGE_HTTP_FRAME_H
#define LATCHKEY_EDGE_HTTP_FRAME_H

#include "base/buffer.h"
#include "edge/http_client.h"

/* No frame is larger: an answer's body and what else belongs to it. */
#define HTTP_FRAME_LIMIT (HTTP_ANSWER_LIMIT + 64U * 1024)

void http_frame_write_request(const struct http_request *request, struct buffer *frame);

/* Reads a whole frame. 0, or -1 with ERROR_INTERNAL. The caller still owes http_request_check(). */
int http_frame_parse_request(struct arena *arena, const char *bytes, size_t length,
                             struct http_request *request) CHECKED;

/* The answer; or, if `error` has a rule, the failure in its place. */
void http_frame_write_response(const struct http_response *response, const struct error *error,
                               struct buffer *frame);

/* Reads a whole frame.
 * 0; or -1 with the failure that it tells of, or with ERROR_INTERNAL if it is malformed. */
int http_frame_parse_response(struct arena *arena, const char *bytes, size_t length,
                              struct http_response *response) CHECKED;

/* Sends all of a frame. 0, or -1 with errno. */
int http_frame_send(int socket, const struct buffer *frame) CHECKED;

#endif
