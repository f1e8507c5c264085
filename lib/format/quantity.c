#include "format/quantity.h"

#include "base/text.h"

#define DAY ((int64_t)24 * 3600)
#define DURATION_LIMIT (3650 * DAY)
#define SIZE_LIMIT ((size_t)1024 * 1024 * 1024)

bool quantity_duration(const char *text, int64_t *seconds) {
    static const struct {
        char name;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY}};

    int64_t number = 0;
    const char *digits = text;
    for (; text != NULL && ascii_is_digit(*text) && number <= DURATION_LIMIT; text++)
        number = number * 10 + (*text - '0');
    if (text == NULL || text == digits || *text == '\0' || text[1] != '\0')
        return false;

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (units[i].name != *text)
            continue;
        if (number == 0 || number > DURATION_LIMIT / units[i].seconds)
            return false;
        *seconds = number * units[i].seconds;
        return true;
    }
    return false;
}

bool quantity_size(const char *text, size_t *bytes) {
    size_t number = 0;
    const char *digits = text;
    for (; text != NULL && ascii_is_digit(*text) && number <= SIZE_LIMIT; text++)
        number = number * 10 + (size_t)(*text - '0');
    if (text == NULL || text == digits || number == 0 || (*text != '\0' && text[1] != '\0'))
        return false;
    if (*text != '\0' && *text != 'k' && *text != 'm')
        return false;
    size_t unit = *text == 'm' ? (size_t)1024 * 1024 : *text == 'k' ? 1024 : 1;
    if (number > SIZE_LIMIT / unit)
        return false;
    *bytes = number * unit;
    return true;
}
