#!@BINDIR@/signed-in /bin/sh
# Closes a compiled program, which must lie where the web server does not find it: by a name of its own it would be open.
exec ../closed/program "$@"
