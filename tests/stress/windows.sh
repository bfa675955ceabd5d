#!/bin/bash
# SPDX-License-Identifier: MIT
# The two windows of a token's life and what a failing provider does in them: served while valid, said once, asked
# seldom, and refused for good only where asking again cannot help.
. "$(dirname "$0")/lib.sh"

stress_start

down() { fault '{"provider": "oauth2", "kind": "close", "times": -1}'; }

# The last `many` brought only tokens.
none_failed() { is "gets that failed" "$failed" 0; }

it "a server that is down is not noticed while the token is valid: every get is served"
stress_fresh 'renew_before = 3600;'
set_knob '{"provider": "oauth2", "expires_in": 12}'
service_start one
ask one "get service/main"
FIRST=$TOKEN
down
forget_requests
sleep 6.2 # half of the life: renewal is wanted from here on
ask one "many service/main 40 100"
said "$CAME requests=$(token_requests)"
none_failed
is "different tokens" "$tokens" 1
contains "the token" "$CAME" "last=$FIRST"
at_most "milliseconds of the slowest get" "$slowest_ms" 3500
at_least "requests that tried to renew" "$(token_requests)" 1
at_most "requests in four seconds of backing off" "$(token_requests)" 4

it "and a long-running process logs it once, not at every call"
ask one "logged"
said "$CAME"
is "lines logged during 40 gets" "$lines" 1
contains "the line" "$CAME" "service/main"

it "past expiry the error says since when and why, also to a process that comes new"
sleep 2.5
for _ in $(seq 15); do # some of these are tries of their own
    ask one "get service/main"
    matches "the answer" "$CAME" "^no 75 "
    matches "the answer" "$CAME" "since 20[0-9][0-9]-"
    contains "the answer" "$CAME" "/oauth2/token"
    [ "$CASE_PROBLEMS" -gt 0 ] && break
    sleep 0.3
done
jeton get service/main
status 75
err_says "/oauth2/token"
matches "stderr" "$ERR" "since 20[0-9][0-9]-"

it "callers that keep asking a server that is down do not keep it busy"
forget_requests
ask one "many service/main 200 20"
said "$CAME requests=$(token_requests)"
is "gets that failed" "$failed" 200
at_most "requests for 200 gets in four seconds" "$(token_requests)" 3

it "when the server is back, the next try brings a token without anybody's help"
no_faults
for ((tries = 0; tries < 400; tries++)); do
    ask one "get service/main"
    [ -n "$TOKEN" ] && break
    sleep 0.1
done
said "a token came $tries tenths of a second after the server was back"
is_not "the token" "$TOKEN" ""
service_stop one

# waits_for RETRY_AFTER: 429 with it; nobody asks before that time is over.
waits_for()
{
    stress_fresh
    service_start one
    fault "{\"provider\": \"oauth2\", \"kind\": \"status\", \"status\": 429, \"retry_after\": \"$1\"}"
    ask one "get service/main"
    matches "the answer" "$CAME" "^no 75 [2345] "
    ask one "many service/main 20 100"
    is "gets that failed" "$failed" 20
    is "requests before the time is over" "$(token_requests)" 1
    jeton get service/main --json
    status 75
    json '.error.retry_after >= 1 and .error.retry_after <= 4' true
    sleep 3.2
    ask one "get service/main"
    matches "the answer afterwards" "$CAME" "^ok "
    is "requests" "$(token_requests)" 2
    service_stop one
}

it "Retry-After in seconds is honoured by every process"
waits_for 4

it "Retry-After as a date is honoured by every process"
waits_for "$(LC_ALL=C date -u -d '+5 seconds' '+%a, %d %b %Y %H:%M:%S GMT')"

it "a Retry-After without end does not stop an account for good"
stress_fresh
fault '{"provider": "oauth2", "kind": "status", "status": 503, "retry_after": "99999999999999999999"}'
jeton get service/main
status 75
jeton get service/main --json
status 75
json '.error.retry_after <= 86400' true

it "tokens that are over when they come, or answers that make no sense, are not fetched again and again"
for body in '{\"access_token\": \"a\", \"token_type\": \"Bearer\", \"expires_in\": 0}' '<html>a page</html>'; do
    stress_fresh
    service_start one
    fault "{\"provider\": \"oauth2\", \"kind\": \"body\", \"body\": \"${body//\\\"/\\\"}\", \"times\": -1}"
    ask one "many service/main 200 5"
    said "$CAME requests=$(token_requests)"
    is "gets that failed" "$failed" 200
    at_most "requests" "$(token_requests)" 3
    service_stop one
done

it "1000 gets on refused credentials are one request"
stress_fresh
set_knob '{"provider": "oauth2", "credentials": {"client_secret": "another"}}'
service_start one
ask one "many service/main 1000"
said "$CAME requests=$(token_requests)"
is "gets that failed" "$failed" 1000
contains "why" "$CAME" "invalid_client"
crowd -p 8 -t 8 service/main
is "callers that failed" "$failed" 64
jeton get service/main
status 69
err_says "invalid_client"
is "requests" "$(token_requests)" 1

it "a configuration file that changes is another try, and no more than one"
write_secret rotating wrong-again
edit service '$a // touched'
ask one "many service/main 100"
is "gets that failed" "$failed" 100
is "requests" "$(token_requests)" 2

it "the right secret in it ends the refusal in every process"
write_secret rotating another
edit service '$a // touched again'
ask one "get service/main"
matches "the answer" "$CAME" "^ok "
is "requests" "$(token_requests)" 3
jeton get service/main
status 0
out_is "$TOKEN"
service_stop one

it "invalidate makes the next get renew, in the process that said so and in others"
stress_fresh
service_start one
service_start two
ask one "get service/main"
FIRST=$TOKEN
ask two "get service/main"
is "the token of the other process" "$TOKEN" "$FIRST"
ask one "invalidate service/main $FIRST"
is "the answer" "$CAME" ok
ask two "get service/main"
SECOND=$TOKEN
is_not "the token after invalidate" "$SECOND" "$FIRST"
ask one "get service/main"
is "the token of the process that invalidated" "$TOKEN" "$SECOND"
is "requests" "$(token_requests)" 2

it "an invalidate that comes late does not throw the renewed token away"
ask one "invalidate service/main $FIRST"
is "the answer" "$CAME" ok
ask one "get service/main"
is "the token" "$TOKEN" "$SECOND"
is "requests" "$(token_requests)" 2

it "twenty processes that invalidate late cost nothing"
for _ in $(seq 20); do
    printf '%s' "$FIRST" | "$JETON" --config "$CONFIG" invalidate service/main --token @- >/dev/null ||
        problem invalidate 0 "$?"
done
ask two "get service/main"
is "the token" "$TOKEN" "$SECOND"
is "requests" "$(token_requests)" 2

it "an invalidated token is not handed out while its renewal is on the way"
ask one "invalidate service/main $SECOND"
slow 1500
tell one "get service/main"
wait_requests 3
ask two "get service/main"
is_not "the token that others get meanwhile" "$TOKEN" "$SECOND"
hear one
is_not "the token that the renewal brought" "$TOKEN" "$SECOND"

it "nor when the process that renews it is killed, or gets no answer"
ask one "get service/main"
THIRD=$TOKEN
ask one "invalidate service/main $THIRD"
set_knob '{"provider": "oauth2", "refresh_grace": 3600}'
forget_requests
slow 20000
"$JETON" --config "$CONFIG" get service/main >/dev/null 2>&1 &
holder=$!
wait_requests 1
kill_hard "$holder"
down
ask two "get service/main"
is_not "the token after the kill" "$TOKEN" "$THIRD"
no_faults

service_stop one
service_stop two

it "a token that is left by a killed renewal can be invalidated like any other"
stress_fresh
service_start one
service_start two
set_knob '{"provider": "oauth2", "refresh_grace": 3600}'
ask one "get service/main"
FIRST=$TOKEN
forget_requests
slow 20000
"$JETON" --config "$CONFIG" refresh service/main >/dev/null 2>&1 &
holder=$!
wait_requests 1
kill_hard "$holder"
ask two "get service/main"
is "the token, which is as valid as before" "$TOKEN" "$FIRST"
ask two "invalidate service/main $FIRST"
ask two "get service/main"
is_not "the token after invalidate" "$TOKEN" "$FIRST"
ask one "get service/main"
is_not "the token of the other process" "$TOKEN" "$FIRST"
service_stop one
service_stop two
