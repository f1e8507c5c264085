#!@BINDIR@/signed-in /bin/sh
# A page for whoever is signed in, in sh.
printf 'Content-Type: text/plain; charset=utf-8\nCache-Control: no-store\n\n'
printf 'Hello, %s.\n' "${LATCHKEY_NAME:-$REMOTE_USER}"
