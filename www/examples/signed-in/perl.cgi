#!@BINDIR@/signed-in /usr/bin/perl -T
# A page for whoever is signed in, in Perl.
use strict;
use warnings;
print "Content-Type: text/plain; charset=utf-8\nCache-Control: no-store\n\n";
print 'Hello, ', $ENV{LATCHKEY_NAME} // $ENV{REMOTE_USER}, ".\n";
