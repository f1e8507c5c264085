#include "format/precondition.h"

#include "base/text.h"
#include "format/http_date.h"

#include <stddef.h>
#include <string.h>

/* ---- entity tags ----------------------------------------------------------------------------- */

struct entity_tag {
    bool weak;
    const char *opaque; /* with its quotes; not terminated */
    size_t length;
};

/* RFC 9110 8.8.3: etagc = %x21 / %x23-7E / obs-text. A backslash is one of them, and no escape. */
static bool is_etag_char(char c) {
    unsigned char byte = (unsigned char)c;
    return byte == 0x21 || (byte >= 0x23 && byte != 0x7F);
}

/* Reads a tag, [ "W/" ] DQUOTE *etagc DQUOTE, and steps over it. False if it is none. */
static bool read_tag(const char **text, struct entity_tag *tag) {
    const char *c = *text;
    tag->weak = text_starts_with(c, "W/");
    if (tag->weak)
        c += 2;
    tag->opaque = c;
    if (*c++ != '"')
        return false;
    while (is_etag_char(*c))
        c++;
    if (*c++ != '"')
        return false;
    tag->length = (size_t)(c - tag->opaque);
    *text = c;
    return true;
}

static bool is_tag(const struct entity_tag *tag, const char *etag) {
    return etag != NULL && strlen(etag) == tag->length &&
           memcmp(etag, tag->opaque, tag->length) == 0;
}

/* 8.8.3.2: the strong comparison wants two strong tags; the weak one only the same text. Ours is
 * strong. */
static bool is_listed(const char *field, const char *etag, bool weakly) {
    struct entity_tag tag;
    if (text_equal(field, "*"))
        return true;
    for (const char *rest = field; *rest != '\0';) {
        if (*rest == ',' || ascii_is_blank(*rest)) { /* 5.6.1.2: elements may be empty */
            rest++;
            continue;
        }
        if (!read_tag(&rest, &tag))
            return false;
        if (is_tag(&tag, etag) && (weakly || !tag.weak))
            return true;
        rest += strspn(rest, " \t");
        if (*rest != ',' && *rest != '\0')
            return false;
    }
    return false;
}

/* ---- dates ----------------------------------------------------------------------------------- */

/* True if the file has a time, and the field is one, which *when then is. */
static bool are_comparable(const char *field, const struct validators *validators, int64_t now,
                           int64_t *when) {
    return validators->has_time && http_date_parse(field, now, when);
}

/* 13.1.3 */
static bool is_not_modified_since(const char *field, const struct validators *validators,
                                  int64_t now) {
    int64_t when = 0;
    return are_comparable(field, validators, now, &when) && validators->last_modified <= when;
}

/* 13.1.4 */
static bool is_modified_since(const char *field, const struct validators *validators, int64_t now) {
    int64_t when = 0;
    return are_comparable(field, validators, now, &when) && validators->last_modified > when;
}

/* ---- the whole ------------------------------------------------------------------------------- */

enum precondition precondition_judge(const struct conditions *conditions,
                                     const struct validators *validators, int64_t now) {
    /* 13.2.2, steps 1 and 2 */
    bool fails = conditions->if_match != NULL
                     ? !is_listed(conditions->if_match, validators->etag, false)
                     : is_modified_since(conditions->if_unmodified_since, validators, now);
    if (fails)
        return PRECONDITION_FAILED;
    /* steps 3 and 4: a date is not looked at beside a tag */
    bool known = conditions->if_none_match != NULL
                     ? is_listed(conditions->if_none_match, validators->etag, true)
                     : is_not_modified_since(conditions->if_modified_since, validators, now);
    return known ? PRECONDITION_NOT_MODIFIED : PRECONDITION_HOLDS;
}

bool precondition_range_counts(const struct conditions *conditions,
                               const struct validators *validators, int64_t now) {
    struct entity_tag tag;
    const char *field = conditions->if_range;
    int64_t when = 0;
    if (field == NULL)
        return true;
    const char *rest = field;
    if (read_tag(&rest, &tag))
        return *rest == '\0' && !tag.weak && is_tag(&tag, validators->etag);
    /* 13.1.5: exactly that time, not one after it */
    return are_comparable(field, validators, now, &when) && validators->last_modified == when;
}
