#include "base/heap.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

void heap_prepare(void) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    void *first = malloc(1);
    uintptr_t start = ((uintptr_t)first + page - 1) / page * page;
    uintptr_t end =
        (uintptr_t)sbrk(0) / page * page; /* elsewhere than `first`, if that is no heap */
    if (first != NULL && start < end && end - start <= (uintptr_t)1024 * 1024)
        madvise((void *)start, end - start, MADV_POPULATE_WRITE);
    free(first);
}
