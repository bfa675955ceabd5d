#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2154
# Clocks that are wrong, set, or stood still while the machine slept: no token is handed out past its real end, which
# the server is asked about, and nobody renews again and again.
. "$(dirname "$0")/lib.sh"

HOUR=3600
stress_start
SHIM=$T/clockshim.so
# shellcheck disable=SC2086
${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O1 -shared -fPIC -fvisibility=hidden -o "$SHIM" "$STRESS_DIR/clockshim.c" -ldl \
    2>"$T/cc.err" || problem "building clockshim.c" success "$(cat "$T/cc.err")"

# number_64 N: as eight bytes, the lowest first.
number_64()
{
    local i text=
    for i in 0 8 16 24 32 40 48 56; do
        text+=$(printf '\\x%02x' $((($1 >> i) & 255)))
    done
    # shellcheck disable=SC2059
    printf "$text"
}

# clock_is WALL SLEPT [FILE]: by so many seconds the wall clock is off, and so long the machine slept. Programs that
# run see it at once.
clock_is()
{
    { number_64 "$1"; number_64 "$2"; } | dd of="${3:-$T/clock}" conv=notrunc status=none
}

SHIMMED=(LD_PRELOAD="$SHIM" JETON_CLOCK_FILE="$T/clock"
    ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0")

# jeton_at WALL ARGUMENTS: the command, under a wall clock that is off.
jeton_at()
{
    local wall=$1
    shift
    COMMAND="jeton $* (the clock is off by $wall s)"
    clock_is "$wall" 0 "$T/clock.command"
    env LD_PRELOAD="$SHIM" JETON_CLOCK_FILE="$T/clock.command" "${SHIMMED[2]}" \
        "$JETON" --config "$CONFIG" "$@" >"$T/out" 2>"$T/err" </dev/null
    STATUS=$?
    OUT=$(cat "$T/out")
    ERR=$(cat "$T/err")
}

# begin LIFETIME [KNOBS]: a fresh store, tokens that live so long, right clocks, a service that runs on.
begin()
{
    stress_fresh
    set_knob "{\"provider\": \"oauth2\", \"expires_in\": $1${2:+, $2}}"
    clock_is 0 0
    service_start one "${SHIMMED[@]}"
}

# good "when": the service's next token is one that the server still takes.
good()
{
    ask one "get service/main"
    matches "the answer $1" "$CAME" "^ok "
    [ -z "$TOKEN" ] || is "what the server thinks of the token $1" "$(is_active "$TOKEN")" true
}

# calm "when" GETS APART_MS MOST: so many gets bring tokens and at most so many requests.
calm()
{
    forget_requests
    ask one "many service/main $2 $3"
    said "$1: $CAME requests=$(token_requests)"
    is "gets that failed $1" "$failed" 0
    at_most "requests $1" "$(token_requests)" "$4"
}

it "the shim moves the clocks of a program that runs"
begin 1800
ask one "get service/main"
right=${CAME% *}
right=${right##* }
clock_is $HOUR 0
ask one "refresh service/main"
moved=${CAME% *}
moved=${moved##* }
at_least "seconds between the ends of the two tokens" $((moved - right)) $((HOUR - 5))
service_stop one

it "the wall clock jumps an hour forward and back: tokens stay good, at most one renewal each time"
begin 1800
good "before"
clock_is $HOUR 0
calm "an hour ahead" 110 50 1 # long enough for the process to look at the store again
good "an hour ahead"
clock_is 0 0
calm "right again" 20 10 1
good "right again"
clock_is -$HOUR 0
calm "an hour behind" 110 50 1
good "an hour behind"
clock_is 0 0
calm "right once more" 20 10 1
good "right once more"
service_stop one

it "a token that was got under a clock an hour ahead ends when it really ends"
begin 5
clock_is $HOUR 0
good "under the wrong clock"
clock_is 0 0
sleep 5.5
good "past its end"
service_stop one

it "a token that was got before the clock was set back ends when it really ends"
begin 5
good "under the right clock"
clock_is -$HOUR 0
sleep 5.5
good "past its end"
service_stop one

it "so it does in a process that starts after the clock was set back"
begin 3
jeton_at $HOUR get service/main
status 0
is "what the server thinks of the token" "$(is_active "$OUT")" true
jeton_at 0 get service/a
status 0
sleep 3.5
jeton_at 0 get service/main
status 0
is "what the server thinks of the token that was got an hour ahead" "$(is_active "$OUT")" true
jeton_at -$HOUR get service/a
status 0
is "what the server thinks of the token that an hour behind looks young" "$(is_active "$OUT")" true
service_stop one

it "processes with the right clock find their peace after one that was an hour ahead"
begin 1800
jeton_at $HOUR acquire service/main
status 0
calm "after the token from the future" 50 10 1
good "after the token from the future"
jeton_at -$HOUR acquire service/main
status 0
calm "after the token from the past" 50 10 1
good "after the token from the past"
service_stop one

it "a failure that was noted before the clock was set back does not stand for an hour"
begin 1800
fault '{"provider": "oauth2", "kind": "status", "status": 503}'
ask one "get service/main"
matches "the answer" "$CAME" "^no 75 "
clock_is -$HOUR 0
sleep 3
good "when the server is back"
clock_is 0 0
service_stop one

it "a machine that slept for an hour wakes up to a good token, for one request"
begin 1800
good "before"
sim POST /time "{\"offset\": $HOUR}" >/dev/null
clock_is 0 $HOUR
calm "after an hour's sleep" 100 10 1
is "requests" "$(token_requests)" 1
good "after an hour's sleep"
service_stop one

it "one that slept for a minute goes on with the token that it has"
begin 1800
good "before"
sim POST /time '{"offset": 60}' >/dev/null
clock_is 0 60
calm "after a minute's sleep" 100 10 0
good "after a minute's sleep"
service_stop one

it "a server whose clock is off an hour does not matter where it says how long a token lives"
for offset in $HOUR -$HOUR; do
    begin 3
    sim POST /time "{\"offset\": $offset}" >/dev/null
    good "from a server $offset s off"
    calm "from a server $offset s off" 20 10 1
    sleep 3.5
    good "from a server $offset s off, past the first one's end"
    service_stop one
done

it "where it says when a token ends, one that is ahead does not make it live longer"
for offset in $HOUR 60; do
    begin 3 '"expires_in_form": "absolute"'
    sim POST /time "{\"offset\": $offset}" >/dev/null
    good "at first, from a server $offset s ahead"
    sleep 3.5
    good "past its end, from a server $offset s ahead"
    service_stop one
done

it "and one that is an hour behind causes an error that speaks of clocks, or good tokens, but no storm"
begin 1800 '"expires_in_form": "absolute"'
sim POST /time "{\"offset\": -$HOUR}" >/dev/null
forget_requests
ask one "many service/main 200 10"
said "$CAME requests=$(token_requests)"
[ "$failed" -eq 0 ] || contains "what the callers are told" "$CAME" "clock"
at_most "requests" "$(token_requests)" 3
service_stop one
