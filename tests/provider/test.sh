#!/bin/sh
# Tests the demo provider from outside, as a relying party and a browser meet it. TAP on stdout.
cd "$(dirname "$0")/../.." || exit 1
status=0
for file in tests/provider/*.test.mjs; do
    node --test-reporter=tap "$file" || status=1
done
exit $status
