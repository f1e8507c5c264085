#include "format/idna.h"

#include "base/buffer.h"
#include "base/text.h"
#include "format/utf8.h"

#include <string.h>

#define LABEL_LIMIT 63 /* bytes (RFC 1035 2.3.4) */
#define PREFIX "xn--"

/* RFC 3492 5 */
#define BASE 36
#define T_MIN 1
#define T_MAX 26
#define SKEW 38
#define DAMP 700
#define INITIAL_BIAS 72
#define INITIAL_N 0x80U

/* ---- letters --------------------------------------------------------------------------------- */

/* Capitals whose small letters stand `distance` further; `step` 2 where both take turns. */
static const struct capitals {
    uint32_t first;
    uint32_t last;
    uint32_t distance;
    uint32_t step;
} capitals[] = {
    {'A', 'Z', 32, 1},     {0xC0, 0xD6, 32, 1},   {0xD8, 0xDE, 32, 1},   {0x100, 0x12E, 1, 2},
    {0x132, 0x136, 1, 2},  {0x139, 0x147, 1, 2},  {0x14A, 0x176, 1, 2},  {0x179, 0x17D, 1, 2},
    {0x386, 0x386, 38, 1}, {0x388, 0x38A, 37, 1}, {0x38C, 0x38C, 64, 1}, {0x38E, 0x38F, 63, 1},
    {0x391, 0x3A1, 32, 1}, {0x3A3, 0x3AB, 32, 1}, {0x400, 0x40F, 80, 1}, {0x410, 0x42F, 32, 1},
    {0x460, 0x480, 1, 2},  {0x48A, 0x4BE, 1, 2},  {0x4D0, 0x52E, 1, 2},  {0x531, 0x556, 48, 1},
};

static uint32_t fold(uint32_t c) {
    for (size_t i = 0; i < sizeof(capitals) / sizeof(capitals[0]); i++)
        if (c >= capitals[i].first && c <= capitals[i].last &&
            (c - capitals[i].first) % capitals[i].step == 0)
            return c + capitals[i].distance;
    return c;
}

/* RFC 5890 2.3.1; beyond ASCII, what is no letter or mark is not told apart here: nobody could
 * register it, so that it is equal to nothing. But what looks like a dot or a slash is refused. */
static bool is_allowed(uint32_t c) {
    if (c < 0x80)
        return ascii_is_alnum((char)c) || c == '-';
    bool is_space_or_punctuation = (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x3004);
    bool is_wide_form = c >= 0xFF00 && c <= 0xFFEF;
    return c > 0xBF && !is_space_or_punctuation && !is_wide_form;
}

/* ---- Punycode (RFC 3492) --------------------------------------------------------------------- */

/* 6.1 */
static uint32_t adapt(uint32_t delta, uint32_t points, bool first) {
    uint32_t k = 0;
    delta = first ? delta / DAMP : delta / 2;
    for (delta += delta / points; delta > ((BASE - T_MIN) * T_MAX) / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static char digit(uint32_t value) {
    return (char)(value < 26 ? 'a' + value : '0' + value - 26);
}

/* 6.3: a number of as many digits as it needs. */
static void put_number(struct buffer *out, uint32_t number, uint32_t bias) {
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
        if (number < t)
            break;
        buffer_add_byte(out, digit(t + (number - t) % (BASE - t)));
        number = (number - t) / (BASE - t);
    }
    buffer_add_byte(out, digit(number));
}

/* The code points that stand as they are. */
static uint32_t put_basic(struct buffer *out, const uint32_t *points, size_t count) {
    uint32_t basic = 0;
    for (size_t i = 0; i < count; i++)
        if (points[i] < INITIAL_N) {
            buffer_add_byte(out, (char)points[i]);
            basic++;
        }
    if (basic > 0)
        buffer_add_byte(out, '-');
    return basic;
}

static uint32_t next_point(const uint32_t *points, size_t count, uint32_t at_least) {
    uint32_t next = UINT32_MAX;
    for (size_t i = 0; i < count; i++)
        if (points[i] >= at_least && points[i] < next)
            next = points[i];
    return next;
}

/* 6.3. A label has at most LABEL_LIMIT code points, so that no number can overflow. */
static void put_punycode(struct buffer *out, const uint32_t *points, size_t count) {
    uint32_t bias = INITIAL_BIAS;
    uint32_t delta = 0;
    uint32_t basic = put_basic(out, points, count);
    uint32_t handled = basic;
    for (uint32_t n = INITIAL_N; handled < count; n++, delta++) {
        uint32_t next = next_point(points, count, n);
        delta += (next - n) * (handled + 1);
        n = next;
        for (size_t i = 0; i < count; i++) {
            delta += points[i] < n;
            if (points[i] != n)
                continue;
            put_number(out, delta, bias);
            bias = adapt(delta, handled + 1, handled == basic);
            delta = 0;
            handled++;
        }
    }
}

/* ---- names ----------------------------------------------------------------------------------- */

/* The label at *name, which is stepped over, up to a dot or the end. False if it is none. */
static bool put_label(struct buffer *out, const char **name) {
    uint32_t points[LABEL_LIMIT];
    size_t count = 0;
    bool is_ascii = true;
    size_t begin = out->length;
    while (**name != '\0' && **name != '.') {
        uint32_t c = fold(utf8_next(name));
        if (count == LABEL_LIMIT || !is_allowed(c))
            return false;
        is_ascii = is_ascii && c < INITIAL_N;
        points[count++] = c;
    }
    if (count == 0 || points[0] == '-' || points[count - 1] == '-')
        return false;
    if (!is_ascii)
        buffer_add_text(out, PREFIX);
    if (is_ascii)
        for (size_t i = 0; i < count; i++)
            buffer_add_byte(out, (char)points[i]);
    else
        put_punycode(out, points, count);
    return out->length - begin <= LABEL_LIMIT;
}

char *idna_to_ascii(struct arena *arena, const char *name) {
    struct buffer out;
    buffer_open(arena, &out);
    if (!utf8_is_valid(name, strlen(name)))
        return NULL;
    while (put_label(&out, &name)) {
        if (out.length > IDNA_NAME_LIMIT)
            return NULL;
        if (*name == '\0')
            return out.bytes;
        name++;
        buffer_add_byte(&out, '.');
    }
    return NULL;
}
