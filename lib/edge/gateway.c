#include "edge/gateway.h"

#include <errno.h>
#include <unistd.h>

#define PIECE_SIZE (32 * 1024)

int gateway_copy_file(const struct gateway *gateway, int descriptor, off_t offset, off_t length) {
    char piece[PIECE_SIZE];
    while (length > 0) {
        size_t size = length < PIECE_SIZE ? (size_t)length : PIECE_SIZE;
        ssize_t got = pread(descriptor, piece, size, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || gateway->write(gateway, piece, (size_t)got) != 0)
            return -1;
        offset += got;
        length -= got;
    }
    return 0;
}
