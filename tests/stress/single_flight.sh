#!/bin/bash
# SPDX-License-Identifier: MIT
# Single flight: however many threads and processes ask for a name at once, one renews it and the others get its result.
. "$(dirname "$0")/lib.sh"

stress_start

# A token of one second that has ended: the next caller must renew it.
expired()
{
    set_knob '{"provider": "oauth2", "expires_in": 1}'
    jeton -q acquire "$1"
    status 0
    sleep 1.2
    set_knob '{"provider": "oauth2", "expires_in": 3600}'
    forget_requests
}

# one_flight PROCESSES THREADS NAME: all get the same token by one request.
one_flight()
{
    crowd -p "$1" -t "$2" "$3"
    said "$CAME requests=$(token_requests)"
    is "token requests" "$(token_requests)" 1
    is "callers" "$callers" $(($1 * $2))
    is "callers that failed" "$failed" 0
    is "different tokens" "$tokens" 1
    at_most "milliseconds of the slowest" "$slowest_ms" $((3000 * SLACK))
}

for shape in "1 64" "32 1" "8 8"; do
    read -r processes threads <<<"$shape"
    it "$processes processes of $threads threads that miss a token cause one request"
    stress_fresh
    slow 400
    one_flight "$processes" "$threads" service/main

    it "$processes processes of $threads threads whose token expired cause one refresh"
    stress_fresh
    expired rotating/main
    slow 400
    one_flight "$processes" "$threads" rotating/main
    is "the grant" "$(recorded oauth2 '.[-1].form.grant_type')" refresh_token

    it "$processes processes of $threads threads share one request also when it is answered at once"
    for _ in $(seq "$(either 3 50)"); do
        stress_fresh
        one_flight "$processes" "$threads" service/main
    done
done

it "a failure is shared as well: 64 callers, one request, one sentence"
stress_fresh
fault '{"provider": "oauth2", "kind": "status", "status": 503, "delay_ms": 400, "times": -1}'
crowd -p 8 -t 8 service/main
said "$CAME requests=$(token_requests)"
is "callers that failed" "$failed" 64
# A process that comes to the lease behind the first reads what that one recorded.
is "token requests" "$(token_requests)" 1
no_faults

it "a caller leaves when its time is over and does not take the renewal with it"
stress_fresh
slow 1500
service_start one
ask one "get service/main 200"
matches "the answer" "$CAME" "^no 75 .*(time|arrive)"
sleep 1.6
ask one "get service/main"
matches "the answer afterwards" "$CAME" "^ok "
is "token requests" "$(token_requests)" 1
service_stop one

it "64 callers with a deadline leave on time, in one process and in eight"
for shape in "1 64" "8 8"; do
    read -r processes threads <<<"$shape"
    stress_fresh
    slow 2500
    "$JETON" --config "$CONFIG" get service/main >"$T/holder.out" 2>"$T/holder.err" &
    holder=$!
    wait_requests 1
    crowd -p "$processes" -t "$threads" -w 300 service/main
    said "$CAME"
    is "callers that left without a token" "$failed" 64
    at_least "milliseconds of the fastest" "$fastest_ms" 250
    at_most "milliseconds of the slowest" "$slowest_ms" $((1500 * SLACK))
    wait "$holder"
    is "exit status of the holder, who goes on" "$?" 0
    is "token requests" "$(token_requests)" 1
    jeton get service/main
    is "the token that the holder got" "$OUT" "$(cat "$T/holder.out")"
done

it "a holder that is killed frees the others at once"
for shape in "1 16" "16 1" "4 4"; do
    read -r processes threads <<<"$shape"
    stress_fresh
    expired service/main
    slow 20000
    "$JETON" --config "$CONFIG" get service/main >/dev/null 2>&1 &
    holder=$!
    wait_requests 1
    crowd -p "$processes" -t "$threads" service/main >"$T/crowd.out" 2>&1 &
    waiting=$!
    sleep 0.6
    began=$(ms_now)
    kill_hard "$holder"
    "$JETON" --config "$CONFIG" get service/main >"$T/next.out" 2>"$T/next.err"
    is "exit status of the next get" "$?" 0
    took=$(($(ms_now) - began))
    wait "$waiting"
    freed=$(($(ms_now) - began))
    said "$processes x $threads waiters after the kill: next_get_ms=$took all_ms=$freed requests=$(token_requests)"
    at_most "milliseconds until all went on" "$freed" $((2500 * SLACK))
    # The server has answered the killed one's refresh already; with no grace that costs one acquire more.
    at_most "token requests" "$(token_requests)" 3
done

it "different names never wait for each other: in processes"
stress_fresh
slow 3000
"$JETON" --config "$CONFIG" get service/a >/dev/null 2>&1 &
holder=$!
wait_requests 1
began=$(ms_now)
for name in b c d e; do
    jeton get "service/$name"
    status 0
done
took=$(($(ms_now) - began))
said "four other names: $took ms while one was delayed for 3000 ms"
at_most "milliseconds for four other names" "$took" 1500
kill -0 "$holder" 2>/dev/null || problem "the delayed one" "still waiting" "over"
wait "$holder"
is "exit status of the delayed one" "$?" 0

it "different names never wait for each other: in threads, and in processes of threads"
for shape in "1 64" "8 8"; do
    read -r processes threads <<<"$shape"
    stress_fresh
    slow 1000 8
    crowd -p "$processes" -t "$threads" service/a service/b service/c service/d service/e service/f service/g service/h
    said "$CAME requests=$(token_requests)"
    is "callers that failed" "$failed" 0
    is "different tokens" "$tokens" 8
    is "token requests" "$(token_requests)" 8
    at_most "milliseconds for eight requests of a second each" "$slowest_ms" $((3000 * SLACK))
done
