#!/bin/bash
# SPDX-License-Identifier: MIT
# rekey: the store under a new key while programs use it, and what is left when it is killed. Killed at any moment, the store
# opens with the former key or the new one, by itself.
. "$(dirname "$0")/../stress/lib.sh"

ROWS=$(either 200 5000)
ROUNDS=$(either 20 100)
stress_start

key()       { cat "$T/var/store.key"; }
key_check() { sql "SELECT CAST(blob AS TEXT) FROM row WHERE kind = 6 AND name = 'key_check'"; }

# rows_that_open: how many of the store's tokens this machine can read.
rows_that_open()
{
    jeton list --json
    status 0
    OPENED=$(printf '%s' "$OUT" | jq '[.[] | select(.state != "unreadable" and (.name | startswith("voucherify/main/user")))] | length')
}

it "a rekey replaces the key, and every token stays without a request"
fresh
jeton get voucherify/main
TOKEN=$OUT
jeton get voucherify/main --scope vouchers
KEY=$(key)
CHECK=$(key_check)
jeton rekey
status 0
err_is ""
out_says "sealed 2 rows of the store $T/var/tokens.db with a new key"
out_says "$T/var/store.key"
out_lacks "$KEY"
out_lacks "$(key)"
is_not "the key" "$(key)" "$KEY"
is_not "the key check" "$(key_check)" "$CHECK"
is "mode and owner of the key" "$(stat -c '%a %u' "$T/var/store.key")" "600 $(id -u)"
is "files beside the key" "$(ls "$T/var" | grep -c '^store.key')" 1
jeton get voucherify/main
out_is "$TOKEN"
is "token requests" "$(requests voucherify)" 2

it "with --json it prints its steps"
jeton rekey --json
status 0
json '.steps | length' 2
json '.steps[0] | startswith("sealed 2 rows")' true

it "the former key opens nothing any more, and the error says which key is missing"
mv "$T/var/store.key" "$T/new.key"
printf '%s\n' "$KEY" >"$T/var/store.key"
jeton get voucherify/main
status 78
err_says "does not fit this store"
err_says "$(key_check)"
jeton rekey
status 78
err_says "does not fit this store"
mv "$T/new.key" "$T/var/store.key"
jeton get voucherify/main
out_is "$TOKEN"

it "a rekey that was killed between its commit and the new key's taking its place is finished by the next get"
KEY=$(key)
jeton rekey
mv "$T/var/store.key" "$T/var/store.key.new"
printf '%s\n' "$KEY" >"$T/var/store.key"
jeton get voucherify/main
status 0
out_is "$TOKEN"
err_is ""
is "the new key waiting" "$(ls "$T/var" | grep -c 'store.key.new')" 0
is_not "the key" "$(key)" "$KEY"

it "what a rekey left that was killed before its commit is not used, and goes with the next one"
head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n' >"$T/var/store.key.new"
jeton get voucherify/main
out_is "$TOKEN"
jeton rekey
status 0
is "the new key waiting" "$(ls "$T/var" | grep -c 'store.key.new')" 0
jeton get voucherify/main
out_is "$TOKEN"

it "where the key is not in a file, rekey says what to do and changes nothing"
export STORE_KEY
STORE_KEY=$(key)
sed -i 's/key_file = .*;  *}/key_env = "STORE_KEY"; }/; s/key_file = "[^"]*"/key_env = "STORE_KEY"/' "$CONFIG/jeton.conf"
jeton get voucherify/main
out_is "$TOKEN"
jeton rekey
status 78
err_says "environment variable STORE_KEY"
err_says "--new-key-file"
jeton get voucherify/main
out_is "$TOKEN"

it "with --new-key-file it seals the store, and says that the configuration must follow"
head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n' >"$T/secrets/new.key"
jeton rekey --new-key-file "$T/secrets/new.key"
status 0
out_says "sealed 2 rows"
out_says "now give the new key ($T/secrets/new.key) in the environment variable STORE_KEY"
jeton get voucherify/main
status 78
err_says "does not fit this store"
jeton rekey --new-key-file "$T/secrets/new.key"
status 0
out_says "already"
out_says "now give the new key"
STORE_KEY=$(cat "$T/secrets/new.key")
jeton get voucherify/main
out_is "$TOKEN"
unset STORE_KEY

it "a new key that is none, or that others can read, is refused"
fresh
jeton get voucherify/main
KEY=$(key)
echo "not a key" >"$T/secrets/new.key"
jeton rekey --new-key-file "$T/secrets/new.key"
status 78
err_says "64 hexadecimal digits"
err_lacks "not a key"
chmod 644 "$T/secrets/new.key"
jeton rekey --new-key-file "$T/secrets/new.key"
status 77
err_says "chmod 600"
jeton rekey --new-key-file "$T/nowhere"
status 78
is "the key" "$(key)" "$KEY"

it "without a store there is nothing to rekey"
fresh
rm -f "$T"/var/tokens.db*
jeton rekey
status 78
err_says "jeton init"

# Long-running services and single gets, while the store gets one key after the other.
it "services and new processes read and renew all through ten rekeys"
stress_fresh
service_start one
service_start two
jeton get service/main
(
    while [ ! -e "$T/stop" ]; do
        for name in service/a service/b service/c; do
            "$JETON" --config "$CONFIG" get "$name" >/dev/null 2>>"$T/traffic.err" || echo "get $name: $?" >>"$T/traffic"
            "$JETON" --config "$CONFIG" acquire "$name" >/dev/null 2>>"$T/traffic.err" || echo "acquire $name: $?" >>"$T/traffic"
        done
        echo round >>"$T/rounds"
    done
) &
TRAFFIC=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
    jeton rekey
    status 0
    out_lacks damaged
    tell one "acquire service/d"
    hear one
    matches "what service one heard" "$CAME" "^ok "
    ONE=$TOKEN
    tell two "get service/d"
    hear two
    is "the token that service two gets" "$TOKEN" "$ONE"
    tell two "invalidate service/main"
    hear two
    matches "what service two heard" "$CAME" "^ok"
    tell one "get service/main"
    hear one
    matches "what service one heard" "$CAME" "^ok "
done
touch "$T/stop"
wait "$TRAFFIC"
is "calls that failed" "$(cat "$T/traffic" 2>/dev/null)" ""
is "what they said" "$(cat "$T/traffic.err" 2>/dev/null)" ""
at_least "rounds of gets and acquires" "$(wc -l <"$T/rounds")" 1
jeton list --json
json '[.[] | select(.state == "unreadable")] | length' 0

it "four processes at a time fill the store with $ROWS tokens"
fresh
for ((i = 0; i < ROWS; i += 200)); do
    sim POST /reset >/dev/null # which issues a thousand tokens at most
    seq -f 'voucherify/main/user%.0f' $((i + 1)) $((i + 200)) |
        xargs -P 4 -n 1 "$JETON" --config "$CONFIG" get >>"$T/tokens" 2>>"$T/err"
done
is "tokens to begin with" "$(sort -u "$T/tokens" | wc -l)" "$ROWS"

it "killed at any moment, a rekey of $ROWS rows leaves a store that opens whole, $ROUNDS times"
WHOLE_MS=
for i in 1 2 3; do # the fastest: most of the kills shall come before the end
    BEGAN=$(ms_now)
    "$JETON" --config "$CONFIG" rekey >/dev/null
    is "exit status" $? 0
    TOOK_MS=$(($(ms_now) - BEGAN))
    [ -n "$WHOLE_MS" ] && [ "$WHOLE_MS" -le "$TOOK_MS" ] || WHOLE_MS=$TOOK_MS
done
KILLED=0
CHANGED=0
LEFT=0
for ((i = 0; i < ROUNDS; i++)); do
    CHECK=$(key_check)
    "$JETON" --config "$CONFIG" rekey >/dev/null 2>>"$T/rekey.err" &
    VICTIM=$!
    sleep "$(awk -v ms="$WHOLE_MS" -v dice=$RANDOM 'BEGIN { print dice / 32768 * ms * 1.05 / 1000 }')"
    kill -KILL "$VICTIM" 2>/dev/null && KILLED=$((KILLED + 1))
    wait "$VICTIM" 2>/dev/null
    [ -e "$T/var/store.key.new" ] && LEFT=$((LEFT + 1))
    rows_that_open
    is "rows that open after round $i" "$OPENED" "$ROWS"
    [ "$(key_check)" = "$CHECK" ] || CHANGED=$((CHANGED + 1))
done
# A leak check that is killed in the middle says so; it is not the command that speaks.
is "what the rekeys said" "$(grep -v '^==[0-9]*==Unable to get registers' "$T/rekey.err")" ""
said "killed $KILLED of $ROUNDS; the key had changed in $CHANGED, a next key was left in $LEFT; a whole one takes $WHOLE_MS ms"
at_least "rounds in which it was killed" "$KILLED" 1
jeton get voucherify/main/user7
contains "the token of one of them" "$(cat "$T/tokens")" "$OUT"
