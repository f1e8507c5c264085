/* email_address: what is accepted has one "@" and a host name behind it, in whatever script, and is
 * equal to itself and to what it is in the DNS. */
#include "fuzz.h"

#include "base/text.h"
#include "format/email_address.h"
#include "format/idna.h"

#include <string.h>

static void check_name(struct arena *arena, const char *name) {
    const char *ascii = idna_to_ascii(arena, name);
    if (ascii == NULL)
        return;
    must_hold(strlen(ascii) <= IDNA_NAME_LIMIT, "it has its length");
    must_hold(strspn(ascii, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(ascii),
              "it is a name of the DNS");
    must_hold(text_equal(idna_to_ascii(arena, ascii), ascii), "which stays as it is");
    must_hold(strstr(ascii, "..") == NULL && *ascii != '.', "no label is empty");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    const char *text = arena_copy(&arena, data, size);
    check_name(&arena, text);
    if (email_address_is_valid(&arena, text)) {
        const char *domain = email_address_domain(text);
        const char *ascii = idna_to_ascii(&arena, domain);
        must_hold(strchr(text, '@') == strrchr(text, '@'), "there is one @");
        must_hold(strchr(text, ' ') == NULL, "it is one word");
        must_hold(ascii != NULL, "its domain is a name");
        must_hold(email_address_equal(&arena, text, text), "it is equal to itself");
        must_hold(email_address_is_in(&arena, text, domain), "it is in its domain");
        must_hold(email_address_is_in(&arena, text, ascii), "also as the DNS has it");
        must_hold(email_address_is_among(&arena, text, text), "it is among itself");
        must_hold(!email_address_is_in(&arena, text, arena_format(&arena, "x%s", ascii)),
                  "in no other");
    }
    must_hold(arena.error.rule == ERROR_NONE, "nothing of it is a failure");
    arena_close(&arena);
    return 0;
}
