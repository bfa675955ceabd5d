#!/bin/bash
# SPDX-License-Identifier: MIT
# Seen everywhere: what one process does to a token, a long-running other one sees with its next get; within five
# seconds where the page that tells it was lost.
. "$(dirname "$0")/lib.sh"

stress_start
PAGE=$T/var/tokens.db-gen

# A service with the token in its memory, read a thousand times so that it is really served from there.
remembered()
{
    stress_fresh
    service_start one
    jeton acquire "$1"
    status 0
    FIRST=$OUT
    ask one "many $1 1000"
    contains "the token" "$CAME" "last=$FIRST"
    forget_requests
}

it "a renewal is seen by the next get"
remembered rotating/main
for _ in $(seq "$(either 20 200)"); do
    jeton refresh rotating/main
    status 0
    RENEWED=$OUT
    ask one "get rotating/main"
    is "the token" "$TOKEN" "$RENEWED"
done
is "requests, all of them the command's" "$(token_requests)" "$(either 20 200)"
service_stop one

it "a revocation is seen by the next get"
remembered rotating/main
jeton revoke rotating/main
status 0
ask one "get rotating/main"
matches "the answer" "$CAME" "^no 177 .*login needed"
service_stop one

it "a revocation that cannot reach the provider takes the token away all the same"
remembered service/main
fault '{"provider": "oauth2", "path": "/revoke", "kind": "close", "times": -1}'
jeton revoke service/main
status 75
jeton list --json
json '.[] | select(.name == "service/main") | .state' '"revoking"'
ask one "get service/main"
matches "the answer" "$CAME" "^ok "
is_not "the token" "$TOKEN" "$FIRST"
jeton show service/main --json
json 'map(.state) | sort' '["revoking","valid"]'
is "what the server thinks of the token" "$(is_active "$FIRST")" true

it "and it is revoked there once the provider can be reached again, without anybody asking for it"
no_faults
for ((tries = 0; tries < 20; tries++)); do
    [ "$(is_active "$FIRST")" = false ] && break
    sleep 1
    ask one "invalidate service/main"
    ask one "get service/main"
    is_not "the token" "$TOKEN" ""
done
said "the queued revocation was done after $tries s"
is "what the server thinks of the token" "$(is_active "$FIRST")" false
is "what the server thinks of the new token" "$(is_active "$TOKEN")" true
service_stop one

it "a revocation is seen also while the provider takes its time over it"
remembered service/main
fault '{"provider": "oauth2", "path": "/revoke", "kind": "delay", "delay_ms": 1500}'
"$JETON" --config "$CONFIG" revoke service/main >/dev/null 2>&1 &
revoking=$!
for ((tries = 0; tries < 200; tries++)); do
    [ "$(requests oauth2 /revoke)" -ge 1 ] && break
    sleep 0.02
done
ask one "get service/main 1000"
is_not "the token" "$TOKEN" "$FIRST"
wait "$revoking"
is "exit status of the revocation" "$?" 0
service_stop one

it "a revocation is seen also while somebody else is renewing the token"
remembered service/main
slow 2000
"$JETON" --config "$CONFIG" refresh service/main >/dev/null 2>&1 &
refreshing=$!
wait_requests 1
ask one "get service/main"
is "the token while it is being renewed" "$TOKEN" "$FIRST"
"$JETON" --config "$CONFIG" revoke service/main >/dev/null 2>"$T/err.revoke" &
revoking=$!
sleep 0.4
ask one "get service/main 200"
is_not "the token after the revocation was asked for" "$TOKEN" "$FIRST"
wait "$refreshing"
wait "$revoking"
is "exit status of the revocation: $(cat "$T/err.revoke")" "$?" 0
is "what the server thinks of the token" "$(is_active "$FIRST")" false
service_stop one

it "a logout is seen by the next get"
remembered rotating/main
jeton logout rotating/main
status 0
ask one "get rotating/main"
matches "the answer" "$CAME" "^no 177 .*login needed"
service_stop one

it "an invalidate is seen by the next get"
remembered service/main
jeton invalidate service/main
status 0
ask one "get service/main"
is_not "the token" "$TOKEN" "$FIRST"
service_stop one

it "what a service does is seen by another service"
remembered rotating/main
service_start two
ask two "get rotating/main"
is "the token" "$TOKEN" "$FIRST"
ask one "refresh rotating/main"
SECOND=$TOKEN
ask two "get rotating/main"
is "the token after the other's refresh" "$TOKEN" "$SECOND"
ask two "forget rotating/main"
is "the answer" "$CAME" ok
ask one "get rotating/main"
matches "the answer after the other forgot it" "$CAME" "^no 177 "
service_stop one
service_stop two

# lost_page HOW: the page is gone or another; a change is seen within five seconds, and the next ones at once again.
lost_page()
{
    remembered rotating/main
    eval "$1"
    ask one "get rotating/main"
    is "the token, which is as good as before" "$TOKEN" "$FIRST"
    jeton refresh rotating/main
    status 0
    ask one "until rotating/main $FIRST 9000"
    said "page ${1%% *}: $CAME"
    is "the change was seen" "$seen" 1
    at_most "milliseconds until it was seen" "$after_ms" 5000
    sleep 5
    ask one "many rotating/main 100"
    jeton refresh rotating/main
    status 0
    RENEWED=$OUT
    ask one "get rotating/main"
    is "the token after the page was found again" "$TOKEN" "$RENEWED"
    service_stop one
}

it "with the page deleted, a change is seen within five seconds"
lost_page 'rm -f "$PAGE"'

it "with the page replaced by another file, a change is seen within five seconds"
lost_page 'cp "$PAGE" "$PAGE.new"; mv "$PAGE.new" "$PAGE"'

it "with a page that cannot be had at all, a change is seen within five seconds"
remembered rotating/main
rm -f "$PAGE"
mkdir "$PAGE"
jeton refresh rotating/main
status 0
ask one "until rotating/main $FIRST 9000"
said "page is a directory: $CAME"
is "the change was seen" "$seen" 1
at_most "milliseconds until it was seen" "$after_ms" 5000
jeton revoke rotating/main
status 0
sleep 5
ask one "get rotating/main"
matches "the answer" "$CAME" "^no 177 "
service_stop one
