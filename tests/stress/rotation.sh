#!/bin/bash
# SPDX-License-Identifier: MIT
# Rotation under kill -9: a chain of refresh tokens is lost only where the server forgives nothing and its answer never
# reached the store, and then it is said once and asked once.
. "$(dirname "$0")/lib.sh"

ROUNDS=$(either 25 250) # with a grace period, and as many without
LOST_SENTENCE="the answer to a renewal was lost"
stress_start
program renewer
RENEWER=$PROGRAM
program killer
KILLER=$PROGRAM

# begin_chain NAME GRACE: signs in anew at a server that knows nothing of what was before.
begin_chain()
{
    sim POST /reset >/dev/null
    set_knob "{\"provider\": \"oauth2\", \"refresh_grace\": $2}"
    jeton -q acquire "$1"
    status 0
}

# kill_once NAME: a process renews in a loop and is killed somewhere in it. Half of the kills meet answers that take a
# while, so that more of them strike between the server and the store.
kill_once()
{
    if [ $((RANDOM % 2)) -eq 0 ]; then
        slow $((1 + RANDOM % 8)) -1
    fi
    "$KILLER" $((RANDOM * 32768 + RANDOM)) 0 20000 "$RENEWER" "$CONFIG" "$1" >"$T/printed" 2>"$T/renewer.err" ||
        problem "the renewer was killed at work" "a killed process" "$(cat "$T/renewer.err")"
    no_faults
    RENEWALS=$((RENEWALS + $(wc -l <"$T/printed")))
}

# What was printed before the kill is the stored token or an older one: nothing that was handed out may be newer.
nothing_printed_is_newer()
{
    local last
    last=$(tail -n 1 "$T/printed")
    [ "$last" = "$1" ] && return
    sim GET '/tokens?provider=oauth2' |
        jq -e --arg printed "$last" --arg stored "$1" \
            '[.[].token] | index($printed) <= index($stored)' >/dev/null ||
        problem "the stored token after the kill" "$last or a newer one" "$1"
}

# lost_and_said REQUESTS NAME: the error names the loss, the requests stay bounded however often anybody asks.
lost_and_said()
{
    local before=$1 name=$2
    status 77
    err_says "$LOST_SENTENCE"
    err_says "login"
    jeton invalidate "$name"
    for _ in 1 2 3 4 5; do
        jeton get "$name"
        status 77
        err_says "$LOST_SENTENCE"
    done
    at_most "requests after the kill" $(($(token_requests) - before)) 1
}

# rounds NAME GRACE: counts RENEWALS, LOST_ANSWERS, LOST_CHAINS.
rounds()
{
    local name=$1 grace=$2 stored issued requests_before
    RENEWALS=0 LOST_ANSWERS=0 LOST_CHAINS=0
    stress_fresh
    begin_chain "$name" "$grace"
    for ((round = 1; round <= ROUNDS; round++)); do
        [ $((round % 25)) -eq 0 ] && begin_chain "$name" "$grace"
        kill_once "$name"
        issued=$(newest_issued)
        requests_before=$(token_requests)
        jeton get "$name"
        status 0
        stored=$OUT
        is "requests of a get that only looks" "$(token_requests)" "$requests_before"
        nothing_printed_is_newer "$stored"
        jeton refresh "$name"
        if [ "$stored" != "$issued" ]; then
            LOST_ANSWERS=$((LOST_ANSWERS + 1))
        fi
        if [ "$stored" != "$issued" ] && [ "$grace" -eq 0 ]; then
            LOST_CHAINS=$((LOST_CHAINS + 1))
            lost_and_said "$requests_before" "$name"
            begin_chain "$name" "$grace"
        else
            status 0
            [ "$stored" = "$issued" ] || out_is "$issued"
            is "requests of the refresh after the kill" $(($(token_requests) - requests_before)) 1
        fi
        [ "$CASE_PROBLEMS" -gt 20 ] && break
    done
    said "rounds=$ROUNDS grace=$grace renewals=$RENEWALS lost_answers=$LOST_ANSWERS lost_chains=$LOST_CHAINS"
    at_least "renewals that were printed" "$RENEWALS" "$ROUNDS"
    at_least "kills that struck between the server's answer and the commit" "$LOST_ANSWERS" 1
}

it "with a grace period no chain is lost, wherever the process is killed" 300
rounds rotating/main 3600
is "lost chains" "$LOST_CHAINS" 0

it "without one only those are lost whose answer never reached the store, and each says so" 300
rounds rotating/main 0
is "lost chains" "$LOST_CHAINS" "$LOST_ANSWERS"

# lost_on_its_way NAME: a refresh that the server has processed, and whose process is killed before the answer comes.
lost_on_its_way()
{
    slow 20000
    "$JETON" --config "$CONFIG" refresh "$1" >/dev/null 2>&1 &
    local pid=$!
    wait_requests 1
    kill_hard "$pid"
    forget_requests
}

it "a get that finds a lost answer past the token's end says so, and asks once however often it is called"
stress_fresh
sim POST /reset >/dev/null
set_knob '{"provider": "oauth2", "expires_in": 1}'
jeton -q acquire rotating/main
forget_requests
lost_on_its_way rotating/main
sleep 1.3
for _ in 1 2 3 4 5 6 7 8 9 10; do
    jeton get rotating/main
    status 77
    err_says "$LOST_SENTENCE"
done
crowd -p 4 -t 8 rotating/main
is "callers that failed" "$failed" 32
contains "what the callers are told" "$CAME" "$LOST_SENTENCE"
is "requests" "$(token_requests)" 1
jeton list --json
json '.[] | select(.name == "rotating/main") | .state' '"login needed"'

it "signing in again ends it"
set_knob '{"provider": "oauth2", "expires_in": 3600}'
jeton acquire rotating/main
status 0
jeton refresh rotating/main
status 0

it "a grace period that is over counts as none"
stress_fresh
begin_chain rotating/main 2
forget_requests
lost_on_its_way rotating/main
sim POST /time '{"offset": 10}' >/dev/null
jeton refresh rotating/main
status 77
err_says "$LOST_SENTENCE"
is "requests" "$(token_requests)" 1

it "an account that can sign in by itself begins a new chain: one request spent, one more"
stress_fresh
sim POST /reset >/dev/null
set_knob '{"provider": "oauth2", "expires_in": 1}'
jeton -q acquire service/main
forget_requests
lost_on_its_way service/main
set_knob '{"provider": "oauth2", "expires_in": 3600}'
sleep 1.3
for _ in 1 2 3 4 5; do
    jeton get service/main
    status 0
done
is "the grants" "$(recorded oauth2 '[.[] | .form.grant_type] | join(" ")')" "refresh_token password"

it "a connection that drops behind the server's back keeps the chain with a grace period"
stress_fresh
begin_chain rotating/main 3600
fault '{"provider": "oauth2", "path": "/token", "kind": "close_after"}'
jeton refresh rotating/main
status 75
issued=$(newest_issued)
jeton refresh rotating/main
status 0
out_is "$issued"

it "and without one it is said, and not asked again"
stress_fresh
begin_chain rotating/main 0
fault '{"provider": "oauth2", "path": "/token", "kind": "close_after"}'
jeton refresh rotating/main
status 75
forget_requests
jeton refresh rotating/main
status 77
err_says "$LOST_SENTENCE"
is "requests" "$(token_requests)" 1

it "a request that never reached the server costs nothing: the same refresh token goes out again"
stress_fresh
begin_chain rotating/main 0
fault '{"provider": "oauth2", "path": "/token", "kind": "close"}'
jeton refresh rotating/main
status 75
jeton refresh rotating/main
status 0

it "three processes renew one name and one of them is killed: the others go on with the chain" 300
stress_fresh
begin_chain rotating/main 3600
RENEWALS=0
for ((round = 1; round <= $(either 10 100); round++)); do
    for other in 2 3; do
        "$KILLER" $((RANDOM * 32768 + RANDOM)) 100000 200000 "$RENEWER" "$CONFIG" rotating/main \
            >"$T/printed.$other" 2>"$T/err.$other" &
        others[other]=$!
    done
    kill_once rotating/main
    for other in 2 3; do
        wait "${others[other]}"
        is "renewer $other, killed at work" "$?" 0
    done
    RENEWALS=$((RENEWALS + $(cat "$T/printed.2" "$T/printed.3" | wc -l)))
    jeton refresh rotating/main
    status 0
    [ $((round % 10)) -eq 0 ] && begin_chain rotating/main 3600
done
said "rounds=$((round - 1)) renewals=$RENEWALS lost_chains=0"
