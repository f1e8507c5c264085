#include "format/email_address.h"

#include "base/text.h"
#include "format/utf8.h"

#include <string.h>

/* What people take for an "@", or do not see: the address would not be what it seems. */
static bool is_deceptive(uint32_t c) {
    return c == 0xFF20 || c == 0xFE6B || /* fullwidth and small @ */
           (c >= 0x200B && c <= 0x200D) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF || c == 0xAD;
}

/* Exactly one "@" with something on both sides, and no byte that would end or quote an address. */
static bool has_form(const char *text) {
    const char *at = text == NULL ? NULL : strchr(text, '@');
    if (at == NULL || at == text || at[1] == '\0' || strchr(at + 1, '@') != NULL ||
        strlen(text) > EMAIL_ADDRESS_LIMIT)
        return false;
    for (const char *c = text; *c != '\0'; c++)
        if (ascii_is_control(*c) || strchr(" \"<>(),;:\\", *c) != NULL)
            return false;
    return true;
}

bool email_address_is_valid(struct arena *arena, const char *text) {
    if (!has_form(text))
        return false;
    /* What cleaning would change is not an address that somebody could have typed. */
    if (!text_equal(text, utf8_clean(arena, text, EMAIL_ADDRESS_LIMIT)))
        return false;
    for (const char *next = text; *next != '\0';)
        if (is_deceptive(utf8_next(&next)))
            return false;
    return true;
}

const char *email_address_domain(const char *address) {
    return strchr(address, '@') + 1;
}

bool email_address_is_in(struct arena *arena, const char *address, const char *domains) {
    const char *domain = email_address_domain(address);
    size_t length = 0;
    if (domains == NULL)
        return false;
    for (const char *word = text_next_word(&domains, &length); word != NULL;
         word = text_next_word(&domains, &length))
        if (text_equal_nocase(domain, arena_copy(arena, word, length)))
            return true;
    return false;
}

bool email_address_equal(const char *a, const char *b) {
    const char *domain = email_address_domain(a);
    size_t local = (size_t)(domain - a);
    return strncmp(a, b, local) == 0 && text_equal_nocase(domain, b + local);
}
