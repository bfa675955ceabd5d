#!/bin/bash
# SPDX-License-Identifier: MIT
# A script that misbehaves, for runner.sh: its argument chooses how.
. "$(dirname "$0")/../lib.sh"

echo "directory $T"
trap 'echo "it cleans up"; finish' EXIT
it "one that passes"
is "one" 1 1
it "one that is skipped"
skip "there is no moon"
if [ "$1" = slow ]; then
    it "one that asks for more time" 30
    sleep 3
    it "and one that does not"
fi
it "one that hangs"
OUT=$(sleep 600 & echo "command $!" >&2; wait)
problem "what comes behind a case that hangs" nothing "this"
