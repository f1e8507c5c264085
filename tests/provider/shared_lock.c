#include "shared_lock.h"

#include <errno.h>
#include <sys/mman.h>

static int open_lock(pthread_mutex_t *lock) {
    pthread_mutexattr_t attributes;
    if (pthread_mutexattr_init(&attributes) != 0)
        return -1;
    int result = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0 &&
                         pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0 &&
                         pthread_mutex_init(lock, &attributes) == 0
                     ? 0
                     : -1;
    pthread_mutexattr_destroy(&attributes);
    return result;
}

void *shared_memory_open(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    if (open_lock(memory) == 0)
        return memory;
    munmap(memory, size);
    return NULL;
}

void shared_memory_close(void *memory, size_t size) {
    if (memory != NULL)
        munmap(memory, size);
}

bool shared_lock_take(pthread_mutex_t *lock) {
    int result = pthread_mutex_lock(lock);
    return result == 0 || (result == EOWNERDEAD && pthread_mutex_consistent(lock) == 0);
}

void shared_lock_give(pthread_mutex_t *lock) {
    pthread_mutex_unlock(lock);
}
