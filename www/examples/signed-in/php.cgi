#!@BINDIR@/signed-in /usr/bin/php-cgi -d cgi.force_redirect=0
<?php
// A page for whoever is signed in, in PHP. The option lets php-cgi be started by a first line.
header('Content-Type: text/plain; charset=utf-8');
header('Cache-Control: no-store');
echo 'Hello, ', $_SERVER['LATCHKEY_NAME'] ?? $_SERVER['REMOTE_USER'], ".\n";
