/*
 * shared_lock: a lock in memory that all processes share.
 *
 * A process may be ended by its time limit with the lock in its hand; the next one gets it all the
 * same. So what the lock guards must be whole at any moment: a slot counts from its last store on.
 */
#ifndef LATCHKEY_PROVIDER_SHARED_LOCK_H
#define LATCHKEY_PROVIDER_SHARED_LOCK_H

#include "base/error.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* `size` zeroed bytes for all processes that are started from now on; the lock is their first member.
 * NULL if there is no memory. */
void *shared_memory_open(size_t size);
void shared_memory_close(void *memory, size_t size);

/* False if it cannot be had. */
bool shared_lock_take(pthread_mutex_t *lock) CHECKED;
void shared_lock_give(pthread_mutex_t *lock);

#endif
