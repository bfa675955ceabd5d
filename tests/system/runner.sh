#!/bin/bash
# SPDX-License-Identifier: MIT
# What runs the tests: a test that hangs or dies is ended, named, and fails; one that was left out says so.
. "$(dirname "$0")/lib.sh"

WATCHED=$TOP/tests/lib/watched
HANGING=$TOP/tests/system/runner/hanging
SCRIPT=$SRC/tests/system/runner/hanging.sh

# watched SECONDS PROGRAM [ARGUMENT…]: with a case's time; STATUS and OUT hold what came, SECONDS_TAKEN how long it took.
watched()
{
    local began=$SECONDS seconds=$1
    shift
    COMMAND="watched $*"
    env -u CHECK_PROGRESS CHECK_SECONDS="$seconds" "$WATCHED" "$@" >"$T/out" 2>&1 </dev/null
    STATUS=$?
    OUT=$(cat "$T/out")
    ERR=
    SECONDS_TAKEN=$((SECONDS - began))
}

# pid_of WORD: of the process that called itself so.
pid_of() { sed -n "s/^$1 //p" "$T/out"; }

is_gone()
{
    matches "the process id of the $1" "$(pid_of "$1")" '^[0-9]+$'
    kill -0 "$(pid_of "$1")" 2>/dev/null && problem "the $1" "ended" "it is still there"
}

it "a case that hangs is ended and named, with all the processes that it started"
watched 1 "$HANGING"
status 1
out_says "FAILED (hung for "
out_says "): $HANGING: one that hangs"
is "the last line" "${OUT##*$'\n'}" "1 passed, 2 failed, 1 skipped"
for process in test child daemon; do
    is_gone "$process"
done
at_most "seconds" "$SECONDS_TAKEN" 30

it "a case of a script that hangs is ended and named, and the script cleans up behind itself"
watched 1 bash "$SCRIPT" hangs
status 1
out_says "FAILED (hung for "
out_says "): $SCRIPT: one that hangs"
is "the last line" "${OUT##*$'\n'}" "1 passed, 1 failed, 1 skipped"
out_says "it cleans up"
out_lacks "comes behind"
is_gone command
[ ! -e "$(pid_of directory)" ] || problem "the script's directory" "removed" "$(pid_of directory) is there"
at_most "seconds" "$SECONDS_TAKEN" 30

it "a case of a script may ask for more time"
watched 1 bash "$SCRIPT" slow
status 1
out_says "ok      one that asks for more time"
is "the last line" "${OUT##*$'\n'}" "3 passed, 1 failed, 1 skipped"

it "a program that hangs before its first case is ended as well"
COMMAND="watched sleep 600"
OUT=$(env CHECK_PROGRAM_SECONDS=1 "$WATCHED" sleep 600)
is "the exit status" $? 1
contains "the output" "$OUT" "sleep: before its first case"
contains "the output" "$OUT" "0 passed, 1 failed"

it "a program that dies is named with the case that it was at"
watched 10 "$HANGING" passes dies
status 1
out_says "FAILED (ended by signal 6, Aborted): $HANGING: one that dies"
is "the last line" "${OUT##*$'\n'}" "1 passed, 1 failed"

it "a skipped case is counted with its reason, and nothing but skipped cases is no success"
watched 10 "$HANGING" passes skipped
status 0
out_says "skipped - one that is skipped: there is no moon"
is "the last line" "${OUT##*$'\n'}" "hanging: 1 passed, 0 failed, 1 skipped (there is no moon)"
watched 10 "$HANGING" skipped
status 77

it "a case that checks nothing fails"
watched 10 "$HANGING" nothing
status 1
out_says "FAILED - one that checks nothing"
