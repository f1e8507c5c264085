/*
 * workers: several processes that do the same work side by side, and one that looks after them.
 *
 * For who is started once for many requests, by systemd say: mod_fcgid, lighttpd and spawn-fcgi start
 * as many processes as they want themselves.
 */
#ifndef LATCHKEY_SERVE_WORKERS_H
#define LATCHKEY_SERVE_WORKERS_H

#define WORKERS_LIMIT 256

/* How many the environment asks for: LATCHKEY_PROCESSES, 1 to WORKERS_LIMIT; 1 if it does not, or
 * says something else. */
int workers_wanted(void);

/* Starts so many processes that work(), and starts another one for each that ends by itself (after a
 * pause, if it did so at once). SIGTERM and SIGUSR1 are passed on, and waited for; so is the end of
 * this process, however it comes, by SIGTERM. A worker is started with LATCHKEY_PROCESSES unset.
 * The exit status for main(): in a worker what work() returned, in the other 0. */
int workers_run(int count, int (*work)(void *closure), void *closure);

#endif
