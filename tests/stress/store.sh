#!/bin/bash
# SPDX-License-Identifier: MIT
# The store under stress: eight processes and kill -9, rows that somebody swapped, disks that are full or read-only.
# Nothing that was acknowledged is lost, and nothing is spent that could not be written down.
. "$(dirname "$0")/lib.sh"

ROUNDS=$(either 20 100)
NAMES="service/a service/b service/c service/d rotating/e rotating/f rotating/g rotating/h"
stress_start
program storm
STORM=$PROGRAM

# storm_round: eight processes at it, each killed at a moment of its own.
storm_round()
{
    local i pids=() at
    for i in 1 2 3 4 5 6 7 8; do
        # shellcheck disable=SC2086
        "$STORM" "$CONFIG" $((RANDOM * 32768 + RANDOM)) "$T/acknowledged" $NAMES 2>>"$T/storm.err" &
        pids+=($!)
    done
    sleep "0.$((100 + RANDOM % 200))"
    for i in "${pids[@]}"; do
        kill -KILL "$i" 2>/dev/null ||
            problem "a process of the storm" "at work until it is killed" "gone: $(tail -n 1 "$T/storm.err")"
        at=$((RANDOM % 4))
        [ "$at" -eq 0 ] || sleep "0.00$at"
    done
    wait "${pids[@]}" 2>/dev/null
}

# The next open, in milliseconds, in OPENED_MS: a new process that looks at every row.
open_again()
{
    local began
    began=$(ms_now)
    jeton list --json
    OPENED_MS=$(($(ms_now) - began))
    status 0
}

# nothing_lost: for each name that has a valid token, that is the last one that was acknowledged or one that was issued
# later.
nothing_lost()
{
    local name stored state
    sim GET '/tokens?provider=oauth2' | jq -c '[.[].token] | to_entries | map({(.value): .key}) | add' >"$T/order"
    for name in $NAMES; do
        [ -n "${STATE[$name]-}" ] || continue
        jeton show "$name" --json
        state=$(jq -r '.[0].state' "$T/out")
        is_not "the state of $name" "$state" unreadable
        [ "$state" = valid ] || continue
        jeton get "$name"
        status 0
        stored=$OUT
        CHECKED=$((CHECKED + 1))
        jq -Rne --arg name "$name" --arg stored "$stored" --slurpfile order "$T/order" '
            [inputs | split(" ") | select(.[0] == $name) | $order[0][.[1]]] | max as $newest |
            $order[0][$stored] >= ($newest // 0)' "$T/acknowledged" >/dev/null ||
            problem "the stored token of $name" "the newest acknowledged or a newer one" "$stored"
    done
}

it "8 processes, gets and puts and invalidates, and kill -9: nothing acknowledged is lost, no row is unreadable" 300
stress_fresh
set_knob '{"provider": "oauth2", "refresh_grace": 3600}'
declare -A STATE
for name in $NAMES; do
    jeton -q acquire "$name"
    status 0
    STATE[$name]=there
done
: >"$T/acknowledged"
: >"$T/storm.err"
CHECKED=0 SLOWEST=0 TOTAL=0 SUM_MS=0
for ((round = 1; round <= ROUNDS; round++)); do
    storm_round 2>/dev/null # where the shell says who was killed
    open_again
    SUM_MS=$((SUM_MS + OPENED_MS))
    [ "$OPENED_MS" -gt "$SLOWEST" ] && SLOWEST=$OPENED_MS
    nothing_lost
    TOTAL=$((TOTAL + $(wc -l <"$T/acknowledged")))
    : >"$T/acknowledged"
    [ "$CASE_PROBLEMS" -gt 10 ] && break
done
said "rounds=$ROUNDS processes=8 acknowledged=$TOTAL compared=$CHECKED"
said "next open: mean_ms=$((SUM_MS / ROUNDS)) worst_ms=$SLOWEST"
at_least "acknowledged tokens" "$TOTAL" $((ROUNDS * 20))
at_least "rows compared" "$CHECKED" "$ROUNDS"
at_most "milliseconds of the mean open after a kill" $((SUM_MS / ROUNDS)) $((100 * SLACK))
at_most "milliseconds of the worst open after a kill" "$SLOWEST" $((1000 * SLACK))
is "what SQLite thinks of the database" "$(sql 'PRAGMA integrity_check')" ok

it "and nobody was told anything but yes while nothing was wrong"
stray=$(grep -v 'another process is working on this token' "$T/storm.err" | head -n 3)
is "errors in the storm" "$stray" ""

it "after the storm every name still works"
for name in $NAMES; do
    jeton refresh "$name"
    status 0
done

# --- rows that somebody changed -----------------------------------------------------------------------------------

blob_of() { sql "SELECT hex(blob) FROM row WHERE name = '$1' AND variant = ''"; }
put_blob() { sql "UPDATE row SET blob = x'$2' WHERE name = '$1' AND variant = ''"; }

it "two rows whose sealed parts were swapped do not open, and the others do"
stress_fresh
for name in rotating/a rotating/b rotating/c; do
    jeton -q acquire "$name"
    status 0
done
A=$(blob_of rotating/a)
B=$(blob_of rotating/b)
put_blob rotating/a "$B"
put_blob rotating/b "$A"
forget_requests
for name in rotating/a rotating/b; do
    jeton show "$name" --json
    json '.[0].state' '"unreadable"'
    jeton get "$name"
    status 77
    err_says "cannot be read"
    is "stdout" "$OUT" ""
done
jeton get rotating/c
status 0
is "requests" "$(token_requests)" 0

it "the sealed part of another account's row does not open where it was put"
stress_fresh
jeton -q acquire rotating/a
jeton -q acquire service/a
put_blob rotating/a "$(blob_of service/a)"
jeton get rotating/a
status 77
err_says "cannot be read"

it "an older sealed part that was put back does not open, in a new process and in one that runs on"
stress_fresh
service_start one
ask one "acquire rotating/a"
FIRST=$TOKEN
OLD=$(blob_of rotating/a)
ask one "refresh rotating/a"
put_blob rotating/a "$OLD"
forget_requests
jeton get rotating/a
status 77
err_says "cannot be read"
out_lacks "$FIRST"
service_stop one
service_start one
ask one "get rotating/a"
matches "the answer" "$CAME" "^no 177 "
is "requests" "$(token_requests)" 0
service_stop one

it "one bit that changed anywhere in a row's sealed part is noticed, and only a new login mends it"
stress_fresh
for part in 0 1 10 30 50 99; do
    jeton -q acquire rotating/a
    status 0
    WHOLE=$(blob_of rotating/a)
    at=$((${#WHOLE} * part / 200 * 2))
    put_blob rotating/a "${WHOLE:0:at}$(printf %02X $((16#${WHOLE:at:2} ^ 1)))${WHOLE:at+2}"
    jeton get rotating/a
    status 77
    err_says "cannot be read"
done
jeton acquire rotating/a
status 0

it "a damaged row of an account that can sign in by itself costs one request and no person"
stress_fresh
jeton -q acquire service/a
put_blob service/a 00
forget_requests
jeton get service/a
status 0
is "what the server thinks of the token" "$(is_active "$OUT")" true
jeton get service/a
status 0
is "the grants" "$(recorded oauth2 '[.[] | .form.grant_type] | map(select(. != null)) | join(" ")')" password

it "a row made to live longer by its columns does not bring its token back"
stress_fresh
set_knob '{"provider": "oauth2", "expires_in": 1}'
jeton -q acquire rotating/a
FIRST=$OUT
sleep 1.3
sql "UPDATE row SET expires_at = expires_at + 86400, due_at = due_at + 86400 WHERE name = 'rotating/a'"
jeton get rotating/a
out_lacks "${FIRST:-nothing}"

# --- a disk that takes nothing more -------------------------------------------------------------------------------

# small_disk: the store's directory becomes a file system of its own, of 2 MiB. 1: that cannot be done here.
small_disk()
{
    rm -rf "${T:?}/var"
    mkdir -p "$T/var"
    mount -t tmpfs -o size=2m,mode=700 tmpfs "$T/var" 2>/dev/null
}

# The token has ended, so that only its refresh token helps; that one is still good at the server, and unspent.
ended()
{
    sim POST /reset >/dev/null
    set_knob '{"provider": "oauth2", "expires_in": 1}'
    jeton -q init
    status 0
    jeton -q acquire rotating/main
    status 0
    sleep 1.3
    set_knob '{"provider": "oauth2", "expires_in": 3600}'
    forget_requests
}

# spared "sentence": the get is refused with it, and nothing went out.
spared()
{
    jeton get rotating/main
    is_not "exit status" "$STATUS" 0
    err_says "$1"
    is "requests" "$(token_requests)" 0
}

works_again()
{
    jeton get rotating/main
    status 0
    is "the grant" "$(recorded oauth2 '.[-1].form.grant_type')" refresh_token
    is "requests" "$(token_requests)" 1
    is "what the server thinks of the token" "$(is_active "$OUT")" true
}

stress_fresh
if [ "$(id -u)" -eq 0 ] && small_disk; then
    trap 'umount "$T/var" 2>/dev/null; finish' EXIT

    it "on a full disk no refresh token is spent: it is still good afterwards"
    ended
    dd if=/dev/zero of="$T/var/filler" bs=4k 2>/dev/null
    spared "full"
    crowd -p 4 -t 4 rotating/main
    is "callers that failed" "$failed" 16
    is "requests" "$(token_requests)" 0
    rm -f "$T/var/filler"
    works_again

    it "on a full disk a token that anybody can have again is not asked for in vain"
    forget_requests
    dd if=/dev/zero of="$T/var/filler" bs=4k 2>/dev/null
    for _ in 1 2 3; do
        jeton get service/b
        status 75
        err_says "full"
    done
    is "requests" "$(token_requests)" 0
    rm -f "$T/var/filler"
    jeton get service/b
    status 0

    it "on a disk with room for a little only, a renewal is whole or was not begun"
    ended
    dd if=/dev/zero of="$T/var/filler" bs=4k 2>/dev/null
    for ((room = 4096; room <= 400000; room += 4096)); do
        truncate -s -4096 "$T/var/filler" 2>/dev/null || break
        jeton refresh rotating/main
        [ "$STATUS" -eq 0 ] && break
        is "requests after a renewal that was not begun" "$(token_requests)" 0
        [ "$CASE_PROBLEMS" -gt 0 ] && break
    done
    said "a renewal needs $room bytes of the disk"
    status 0
    jeton get rotating/main
    status 0
    rm -f "$T/var/filler"
    jeton refresh rotating/main
    status 0

    it "on a file system mounted read-only no refresh token is spent"
    ended
    if mount -o remount,ro "$T/var" 2>/dev/null; then
        spared "read-only"
        mount -o remount,rw "$T/var"
        works_again
    else
        skip "the file system cannot be remounted here"
    fi
    umount "$T/var"
    trap finish EXIT
else
    it "on full and read-only disks no refresh token is spent"
    skip "no small file system can be mounted here"
fi

it "with a store that this user may not write no refresh token is spent"
rm -rf "${T:?}/var"
mkdir -p "$T/var"
ended
if [ "$(id -u)" -eq 0 ]; then
    if command -v chattr >/dev/null && chattr +i "$T/var/tokens.db" "$T/var/tokens.db-wal" 2>/dev/null; then
        spared "tokens.db"
        chattr -i "$T/var/tokens.db" "$T/var/tokens.db-wal"
        works_again
    else
        skip "root may write everything here"
    fi
else
    chmod 400 "$T"/var/tokens.db*
    spared "tokens.db"
    chmod 600 "$T"/var/tokens.db*
    works_again
fi
