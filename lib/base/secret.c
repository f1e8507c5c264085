#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

bool secret_equal(const void *a, const void *b, size_t length) {
    const volatile unsigned char *left = a;
    const volatile unsigned char *right = b;
    unsigned char difference = 0;
    for (size_t i = 0; i < length; i++)
        difference |= left[i] ^ right[i];
    return difference == 0;
}

bool secret_text_equal(const char *a, const char *b) {
    if (a == NULL || b == NULL)
        return false;
    size_t length = strlen(a);
    return length == strlen(b) && secret_equal(a, b, length);
}

void secret_wipe(void *bytes, size_t length) {
    if (length > 0)
        explicit_bzero(bytes, length);
}

void secret_random(void *bytes, size_t length) {
    unsigned char *next = bytes;
    while (length > 0) {
        ssize_t got = getrandom(next, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) /* without randomness no id is secret */
            error_give_up("secret: the kernel gives no random bytes");
        next += got;
        length -= (size_t)got;
    }
}
