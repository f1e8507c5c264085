/*
 * version: which Latchkey this is.
 */
#ifndef LATCHKEY_BASE_VERSION_H
#define LATCHKEY_BASE_VERSION_H

#define LATCHKEY_VERSION "0.1"

#endif
