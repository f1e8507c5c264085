#!@BINDIR@/signed-in /usr/bin/python3
# A page for whoever is signed in, in Python.
import os, sys

sys.stdout.reconfigure(encoding='utf-8')
print('Content-Type: text/plain; charset=utf-8\nCache-Control: no-store\n')
print(f"Hello, {os.environ.get('LATCHKEY_NAME') or os.environ['REMOTE_USER']}.")
