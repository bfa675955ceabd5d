#!/bin/bash
# SPDX-License-Identifier: MIT
# login: a person at the terminal and in the browser, played by pipes and curl.
. "$(dirname "$0")/lib.sh"

sim_start
own_plugins
build_plugin "$SRC/tests/system/person.c"

# A port that nobody listens on just now, below those that the kernel gives to outgoing connections.
free_port()
{
    local port
    for _ in 1 2 3 4 5 6 7 8 9; do
        port=$((12000 + RANDOM % 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

person_conf()
{
    fresh
    PORT=$(free_port)
    write_provider person <<EOF
accounts = {
  asked   = { way = "ask"; };
  shown   = { way = "show"; };
  browsed = { way = "browse"; redirect_uri = "http://127.0.0.1:$PORT/back"; };
  remote  = { way = "browse"; redirect_uri = "https://app.example/back"; };
};
EOF
}

# start_login NAME: in the background, with an open standard input; waits until it has shown its page.
start_login()
{
    COMMAND="jeton login $1"
    rm -f "$T/stdin"
    mkfifo "$T/stdin"
    "$JETON" --config "$CONFIG" login "$1" --timeout 20 >"$T/out" 2>"$T/err" <"$T/stdin" &
    LOGIN_PID=$!
    exec 8>"$T/stdin"
    for _ in $(seq 100); do
        grep -q "waiting for the browser\|paste the address" "$T/err" && break
        sleep 0.05
    done
    URL=$(sed -n 's/^jeton: \(https:.*\)$/\1/p' "$T/err")
    STATE=$(sed -n 's/.*[?&]state=\([^&]*\).*/\1/p' <<<"$URL")
}

# answer_to CURL-ARGUMENTS: the HTTP status that the waiting login gives.
answer_to()
{
    curl -s -o /dev/null -w '%{http_code}' "$@"
}

end_login()
{
    exec 8>&-
    wait "$LOGIN_PID"
    STATUS=$? OUT=$(cat "$T/out") ERR=$(cat "$T/err")
}

it "get without a person says that a login is needed and how: exit status 77"
person_conf
jeton get person/asked --json
status 77
json .error.status 77
err_says "jeton login person/asked"
err_is_tidy
is "times that the sentence tells the name" "$(head -1 "$T/err" | grep -o person/asked | wc -l)" 1

it "questions are asked on standard error and answered on standard input, one line each"
jeton_with $'alice\n123456\n' login person/asked
status 0
err_says "User: "
err_says "One-time code: "
out_says "person/asked: signed in; the token expires "
out_lacks 123456
jeton get person/asked
out_is alice-123456

it "login --json prints the token set without the token"
jeton_with $'bob\n1\n' login person/asked --json
status 0
json .name '"person/asked"'
json 'has("access_token")' false
json '.expires_at | type' '"number"'

it "an answer that does not come ends the login and loses nothing: exit status 77"
jeton_with $'carol\n' login person/asked
status 77
err_says "no answer"
jeton get person/asked
out_is bob-1

it "a device code is shown with its page"
jeton login person/shown
status 0
err_says "https://id.example/device"
err_says "WDJB-MJHT"
jeton get person/shown
out_is shown-WDJB-MJHT

it "the browser comes back to the loopback address, and only its own request counts"
person_conf
start_login person/browsed
contains "the page" "$URL" "https://id.example/authorize?state="
is "another path" "$(answer_to "http://127.0.0.1:$PORT/favicon.ico")" 404
is "another path of the same length" "$(answer_to "http://127.0.0.1:$PORT/evil?code=evil&state=$STATE")" 404
is "another host" "$(answer_to -H "Host: evil.example:$PORT" "http://127.0.0.1:$PORT/back?code=evil")" 404
is "another method" "$(answer_to -d code=evil "http://127.0.0.1:$PORT/back?code=evil")" 404
is "no parameters" "$(answer_to "http://127.0.0.1:$PORT/back")" 404
PAGE=$(curl -s -D "$T/headers" "http://127.0.0.1:$PORT/back?code=c0de&state=$STATE")
contains "the page" "$PAGE" "close this window"
contains "its headers" "$(cat "$T/headers")" "Cache-Control: no-store"
end_login
status 0
jeton get person/browsed
out_is browsed-c0de

it "a connection that sends nothing does not hold the browser up for long"
person_conf
start_login person/browsed
exec 7<>"/dev/tcp/127.0.0.1/$PORT"
is "the browser's answer" \
    "$(answer_to --max-time 5 "http://127.0.0.1:$PORT/back?code=late&state=$STATE")" 200
exec 7>&-
end_login
status 0
jeton get person/browsed
out_is browsed-late

it "a wrong state is refused: exit status 69"
person_conf
start_login person/browsed
curl -s -o /dev/null "http://127.0.0.1:$PORT/back?code=c0de&state=forged"
end_login
status 69
err_says state

it "the address can be pasted instead, also where the redirect address is elsewhere"
person_conf
start_login person/browsed
echo "http://127.0.0.1:$PORT/back?code=pasted&state=$STATE" >&8
end_login
status 0
jeton get person/browsed
out_is browsed-pasted
start_login person/remote
echo "https://app.example/back?code=far&state=$STATE" >&8
end_login
status 0
jeton get person/remote
out_is browsed-far

it "a loopback address that is taken is told, and the paste still works"
person_conf
exec 6<>/dev/null
edit person "s|127.0.0.1:$PORT|127.0.0.1:$HTTP|"
start_login person/browsed
contains "stderr" "$(cat "$T/err")" "cannot be listened on"
echo "http://127.0.0.1:$HTTP/back?code=pasted&state=$STATE" >&8
end_login
status 0

it "--print-url prints the page on standard output and stops"
person_conf
jeton login person/browsed --print-url
status 0
contains "stdout" "$OUT" "https://id.example/authorize?state="
is "lines on stdout" "$(wc -l <"$T/out")" 1
jeton login person/shown --print-url --json
status 0
json .url '"https://id.example/device"'
json .user_code '"WDJB-MJHT"'
jeton show person/shown --json
json 'map(.state) | contains(["valid"])' false

it "acquire takes the code as a parameter: from a file without a word, in the open with a warning"
echo from-file >"$T/code"
jeton acquire person/browsed -p "code=@$T/code"
status 0
err_is ""
out_is param-from-file
jeton_with from-stdin acquire person/browsed -p code=@-
out_is param-from-stdin
jeton acquire person/browsed -p code=in-the-open
status 0
out_is param-in-the-open
err_says "warning: code is secret"
jeton -q acquire person/browsed -p code=in-the-open
err_is ""

it "a misspelt parameter is told with the nearest name: exit status 64"
jeton acquire person/browsed -p cod=x
status 64
err_says '"code"'

it "where nobody comes back, login ends when its time is up"
person_conf
COMMAND="jeton login person/browsed --timeout 1"
exec 5<>"$T/stdin"
BEFORE=$(date +%s%N)
"$JETON" --config "$CONFIG" login person/browsed --timeout 1 >"$T/out" 2>"$T/err" <&5
STATUS=$? OUT=$(cat "$T/out") ERR=$(cat "$T/err")
exec 5>&-
is_not "exit status" "$STATUS" 0
err_says "in time"
at_most "milliseconds that it took" $((($(date +%s%N) - BEFORE) / 1000000)) 10000
