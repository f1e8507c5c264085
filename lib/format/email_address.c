#include "format/email_address.h"

#include "base/text.h"
#include "format/idna.h"
#include "format/utf8.h"

#include <string.h>

/* What people take for an "@", or do not see: the address would not be what it seems. */
static bool is_deceptive(uint32_t c) {
    return c == 0xFF20 || c == 0xFE6B || /* fullwidth and small @ */
           (c >= 0x200B && c <= 0x200D) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF || c == 0xAD;
}

/* Exactly one "@" with something before it, and no byte that would end or quote an address. */
static bool has_form(const char *text) {
    const char *at = text == NULL ? NULL : strchr(text, '@');
    if (at == NULL || at == text || strchr(at + 1, '@') != NULL ||
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
    return idna_to_ascii(arena, email_address_domain(text)) != NULL;
}

const char *email_address_domain(const char *address) {
    return strchr(address, '@') + 1;
}

bool email_address_is_in(struct arena *arena, const char *address, const char *domains) {
    const char *domain = idna_to_ascii(arena, email_address_domain(address));
    size_t length = 0;
    if (domains == NULL)
        return false;
    for (const char *word = text_next_word(&domains, &length); word != NULL;
         word = text_next_word(&domains, &length))
        if (text_equal(domain, idna_to_ascii(arena, arena_copy(arena, word, length))))
            return true;
    return false;
}

bool email_address_equal(struct arena *arena, const char *a, const char *b) {
    const char *domain = email_address_domain(a);
    const char *other = email_address_domain(b);
    size_t local = (size_t)(domain - a);
    return local == (size_t)(other - b) && memcmp(a, b, local) == 0 &&
           text_equal(idna_to_ascii(arena, domain), idna_to_ascii(arena, other));
}

bool email_address_is_among(struct arena *arena, const char *address, const char *addresses) {
    size_t length = 0;
    if (addresses == NULL)
        return false;
    for (const char *word = text_next_word(&addresses, &length); word != NULL;
         word = text_next_word(&addresses, &length))
        if (email_address_equal(arena, address, arena_copy(arena, word, length)))
            return true;
    return false;
}

bool email_address_are_domains(struct arena *arena, const char *words) {
    size_t length = 0;
    for (const char *word = text_next_word(&words, &length); word != NULL;
         word = text_next_word(&words, &length)) {
        const char *domain = idna_to_ascii(arena, arena_copy(arena, word, length));
        if (domain == NULL || strchr(domain, '.') == NULL)
            return false;
    }
    return true;
}

bool email_address_are_valid(struct arena *arena, const char *words) {
    size_t length = 0;
    for (const char *word = text_next_word(&words, &length); word != NULL;
         word = text_next_word(&words, &length))
        if (memchr(word, '*', length) != NULL ||
            !email_address_is_valid(arena, arena_copy(arena, word, length)))
            return false;
    return true;
}
