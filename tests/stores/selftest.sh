#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whether the suite finds what is wrong: the tests that are about a fault are run on an engine that has it, and must fail.
# On an engine without a fault, which has everything that an engine need not have, all must pass.
set -eu
fixtures=$top_builddir/tests/fixtures/.libs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# The engine, a test that must fail, and words that must be said. An engine may stand here more than once.
faults=(
    'short_table|the library would take the engine|its table has no function open'
    'later_minor|the library would take the engine|it needs a later minor version'
    'high_capability|the library would take the engine|it has a capability that'
    'wrong_name|the library would take the engine|which is not that of its file'
    'missing_claim|the library would take the engine|its table has no function claim'
    'other_row|many rows come in the order of the keys'
    'other_row|every member of a row of every kind is kept'
    'still_version|a version grows by one with every put'
    'skipped_key|many rows come in the order of the keys'
    'skipped_key|a key that is asked for twice comes twice'
    'lease_twice|a lease has one holder among the threads and openings of a process'
    'no_lease|a crowd under one lease is one at a time'
    'no_lease|close gives back every lease of its opening, and no other'
    'kept_lease|close gives back every lease of its opening'
    'silent|writes and leases of a store that is not there fail|it failed without a sentence'
    'half_write|one condition of a hundred that does not hold: nothing was written'
    'half_write|a transaction whose next ends with a status writes nothing'
    'no_fence|a put under a lower fence than the stored one is not made'
    'no_fence|remove and check hold to the fence too'
    'forgetful_due|what is due follows puts, removes and openings'
    'claim_twice|a claim gives what is due, the longest due first, and moves it'
    'claim_twice|of claims by several threads and openings, no row goes to two'
    'inclusive_scan|a scan begins behind the key that it is given'
    'no_empty_blob|a blob has any bytes, and an empty one is not none'
    'still_number|a number is another one after every put and remove'
    'late|waiting for a lease ends at the deadline'
    'telling|a failure names the place and tells nothing of a row|its sentence tells what is in a row'
    'stolen_setting|a put of a new row is made where there is none|a setting that it does not declare: key_file'
)

run_on() {
    local engine=$1 status=0
    shift
    "$top_srcdir/tests/stores/run" --one-process "$@" "$fixtures/jeton_store_$engine.so" 'name=test_{number}' \
        >"$work/$engine" 2>&1 || status=$?
    printf '%s\n' "$status" >"$work/$engine.status"
}

# The tests that are about an engine's fault.
run_on_faulty() {
    local fault=$1 line only=()
    for line in "${faults[@]}"; do
        [ "${line%%|*}" != "$fault" ] || only+=(--only "$(cut -d'|' -f2 <<<"$line")")
    done
    run_on "$fault" "${only[@]}"
}

found() {
    [ "$(cat "$work/$1.status")" -eq 1 ] && grep -qF "FAILED - $2" "$work/$1" && grep -qF -- "$3" "$work/$1"
}

run_on far &
for fault in $(printf '%s\n' "${faults[@]%%|*}" | sort -u); do
    run_on_faulty "$fault"
done
wait

for line in "${faults[@]}"; do
    IFS='|' read -r fault test words <<<"$line"
    if found "$fault" "$test" "${words:-}"; then
        printf 'ok - the engine %s fails: %s\n' "$fault" "$test"
        passed=$((passed + 1))
    else
        printf 'FAILED - the engine %s passes: %s\n' "$fault" "$test"
        grep -v '^ok' "$work/$fault" | tail -n 10
        failed=$((failed + 1))
    fi
done
# An engine without a fault, which has all that the others leave out.
if [ "$(cat "$work/far.status")" -eq 0 ]; then
    printf 'ok - the engine far passes\n'
    passed=$((passed + 1))
else
    printf 'FAILED - the engine far fails\n'
    grep -v '^ok' "$work/far"
    failed=$((failed + 1))
fi
printf 'selftest: %d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
