#include "base/log.h"

#include "base/buffer.h"

#include <stdbool.h>
#include <unistd.h>

/* A line longer than this is cut: Linux writes up to PIPE_BUF bytes to a pipe in one piece. */
#define LINE_LIMIT 2000

void log_write_stderr(const struct log *log, const char *line, size_t length) {
    (void)log;
    /* Nobody is left to be told if the log itself cannot be written. */
    ssize_t written = write(STDERR_FILENO, line, length);
    (void)written;
}

static bool is_plain(const char *value) {
    if (*value == '\0')
        return false;
    for (; *value != '\0'; value++)
        if (*value <= ' ' || *value >= 0x7F || *value == '"' || *value == '\\' || *value == '=')
            return false;
    return true;
}

static void add_value(struct buffer *line, const char *value) {
    if (is_plain(value)) {
        buffer_add_text(line, value);
        return;
    }
    buffer_add_byte(line, '"');
    for (; *value != '\0'; value++) {
        unsigned char byte = (unsigned char)*value;
        if (byte == '"' || byte == '\\')
            buffer_add_format(line, "\\%c", byte);
        else if (byte < 0x20 || byte >= 0x7F)
            buffer_add_format(line, "\\x%02X", byte);
        else
            buffer_add_byte(line, (char)byte);
    }
    buffer_add_byte(line, '"');
}

static void add_field(struct buffer *line, const char *name, const char *value) {
    if (value == NULL)
        return;
    buffer_add_format(line, " %s=", name);
    add_value(line, value);
}

static void add_fields(struct buffer *line, const struct log_field *fields) {
    for (; fields != NULL && fields->name != NULL; fields++)
        add_field(line, fields->name, fields->value);
}

static void open_line(struct arena *arena, const struct log *log, const char *event,
                      struct buffer *line) {
    buffer_open(arena, line);
    buffer_add_text(line, "latchkey");
    add_field(line, "time", clock_format(arena, log->clock->now(log->clock)));
    add_field(line, "request", log->request_id);
    add_field(line, "program", log->program);
    add_field(line, "event", event);
}

static void send_line(const struct log *log, struct buffer *line) {
    if (line->length > LINE_LIMIT)
        line->length = LINE_LIMIT;
    buffer_add_byte(line, '\n');
    log->write(log, line->bytes, line->length);
}

void log_event(struct arena *arena, const struct log *log, const char *event,
               const struct log_field *fields) {
    struct buffer line;
    open_line(arena, log, event, &line);
    add_fields(&line, fields);
    send_line(log, &line);
}

void log_error(struct arena *arena, const struct log *log, const struct error *error,
               const struct log_field *fields) {
    const struct error_meaning *meaning = error_meaning(error->rule);
    struct buffer line;
    open_line(arena, log, "failed", &line);
    add_field(&line, "rule", meaning->name);
    add_fields(&line, fields);
    add_field(&line, "detail", error->detail);
    if (*meaning->paragraph != '\0')
        add_field(&line, "see", meaning->paragraph);
    add_field(&line, "at",
              error->file == NULL ? NULL : arena_format(arena, "%s:%d", error->file, error->line));
    send_line(log, &line);
}
