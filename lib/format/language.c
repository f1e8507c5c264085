#include "format/language.h"

#include "base/text.h"
#include "format/field.h"

#include <string.h>

#define SUBTAG_LIMIT 8 /* bytes: RFC 4647 2.1 */

struct range {
    struct part text; /* "ko-KR", "*" */
    int weight;
};

/* Those of one field, the most wanted first. */
struct ranges {
    struct range list[LANGUAGE_RANGES_LIMIT];
    size_t count;
};

/* language-range of RFC 4647 2.1 without "*": 1*8ALPHA *("-" 1*8alphanum). */
static bool is_tag(struct part text) {
    size_t subtag = 0; /* bytes of the one being read */
    bool first = true;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.text[i];
        if (c == '-' && subtag > 0) {
            first = false;
            subtag = 0;
        } else if (++subtag > SUBTAG_LIMIT || !(first ? ascii_is_alpha(c) : ascii_is_alnum(c))) {
            return false;
        }
    }
    return subtag > 0 && text.length <= LANGUAGE_TAG_LIMIT;
}

bool language_is_tag(const char *text) {
    return is_tag(field_whole(text));
}

/* Behind all that weigh as much: among equals the order of the field decides. */
static void insert(struct ranges *ranges, struct range range) {
    size_t i = ranges->count++;
    for (; i > 0 && ranges->list[i - 1].weight < range.weight; i--)
        ranges->list[i] = ranges->list[i - 1];
    ranges->list[i] = range;
}

static void read_ranges(const char *field, struct ranges *ranges) {
    struct part rest = field_whole(field);
    struct part element;
    while (ranges->count < LANGUAGE_RANGES_LIMIT && field_next(&rest, ',', &element)) {
        struct range range;
        if (!field_next(&element, ';', &range.text))
            continue;
        range.weight = field_weight(element);
        if (range.weight >= 0 && (is_tag(range.text) || field_part_is(range.text, "*", 1)))
            insert(ranges, range);
    }
}

/* The range is the tag, or a beginning of it that ends with a subtag (RFC 4647 3.3.1). */
static bool covers(struct part range, const char *tag) {
    size_t length = strlen(tag);
    if (range.length > length)
        return false;
    return field_part_is(range, tag, range.length) &&
           (tag[range.length] == '\0' || tag[range.length] == '-');
}

/* q=0 refuses what it covers, but for what was asked for more closely: "en;q=0, en-GB". */
static bool is_refused(const struct ranges *ranges, const char *tag, size_t asked) {
    for (size_t i = 0; i < ranges->count; i++) {
        const struct range *range = &ranges->list[i];
        if (range->weight == 0 && range->text.length >= asked && covers(range->text, tag))
            return true;
    }
    return false;
}

struct choice {
    const struct ranges *ranges;
    const char *const *tags;
    size_t count;
};

/* The first tag that the range covers, or, `whole`, that it is. */
static const char *find(const struct choice *choice, struct part range, bool whole) {
    for (size_t i = 0; i < choice->count; i++) {
        const char *tag = choice->tags[i];
        if (covers(range, tag) && (!whole || range.length == strlen(tag)) &&
            !is_refused(choice->ranges, tag, range.length))
            return tag;
    }
    return NULL;
}

static const char *find_any(const struct choice *choice) {
    for (size_t i = 0; i < choice->count; i++)
        if (!is_refused(choice->ranges, choice->tags[i], 0))
            return choice->tags[i];
    return NULL;
}

/* RFC 4647 3.4: the range, then ever less of it. */
static const char *look_up(const struct choice *choice, struct part range) {
    struct part less = range;
    while (less.length > 0) {
        const char *found = find(choice, less, true);
        if (found != NULL)
            return found;
        do
            less.length--;
        while (less.length > 0 && less.text[less.length] != '-');
    }
    return find(choice, range, false);
}

const char *language_choose(const char *field, const char *const *tags, size_t count) {
    struct ranges ranges = {.count = 0};
    const struct choice choice = {.ranges = &ranges, .tags = tags, .count = count};
    read_ranges(field, &ranges);
    for (size_t i = 0; i < ranges.count && ranges.list[i].weight > 0; i++) {
        struct part range = ranges.list[i].text;
        const char *found =
            field_part_is(range, "*", 1) ? find_any(&choice) : look_up(&choice, range);
        if (found != NULL)
            return found;
    }
    return tags[0];
}
