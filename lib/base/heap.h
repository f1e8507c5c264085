/*
 * heap: the memory of a process that answers one request and ends.
 */
#ifndef LATCHKEY_BASE_HEAP_H
#define LATCHKEY_BASE_HEAP_H

/* Has the system fill in, at once, the pages that malloc() has reserved with its first piece: met one
 * by one, each is a page fault. More than that would cost more than it saves. Where the system cannot
 * do it, nothing changes. */
void heap_prepare(void);

#endif
