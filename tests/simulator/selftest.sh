#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Starts the simulator and checks everything that README.md promises about it.
# usage: selftest.sh [PART...], a part being a file name in selftest/ without .sh

# Much of what is set here is read by the parts, and bash names the coprocess's variables.
# shellcheck disable=SC2034,SC2154

set -u
here=$(cd "$(dirname "$0")" && pwd)
vectors=${srcdir:+$(cd "$srcdir" && pwd)/tests/vectors}
vectors=${JETON_VECTORS:-${vectors:-$here/../vectors}}
simulator=${JETON_SIMULATOR:-${top_builddir:-.}/tests/simulator/jeton-simulator}

for tool in curl jq openssl; do
    command -v $tool >/dev/null || { echo "selftest: needs $tool, skipped"; exit 77; }
done
[ -x "$simulator" ] || { echo "selftest: no simulator at $simulator (set JETON_SIMULATOR)"; exit 1; }

work=$(mktemp -d)
passed=0
failed=0
pid=

# shellcheck disable=SC2317
finish() {
    [ -n "$pid" ] && kill "$pid" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT

# is NAME EXPECTED ACTUAL
is() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
        echo "PASS $1"
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  expected: %s\n  actual:   %s\n' "$1" "$2" "$3"
    fi
}

# matches NAME REGEX ACTUAL
matches() {
    if [[ "$3" =~ $2 ]]; then
        passed=$((passed + 1))
        echo "PASS $1"
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  expected: %s\n  actual:   %s\n' "$1" "$2" "$3"
    fi
}

# send PATH [curl arguments]: one request to a provider; sets status, body, headers and curl_rc
send() {
    local path=$1
    shift
    : >"$work/body"
    : >"$work/headers"
    status=$(curl -s -o "$work/body" -D "$work/headers" -w '%{http_code}' --max-time 20 \
        "$http$path" "$@")
    curl_rc=$?
    body=$(tr -d '\0' <"$work/body")
    headers=$(tr -d '\r' <"$work/headers")
}

# member NAME: a member of the last JSON body
member() { jq -r ".$1" <"$work/body" 2>/dev/null; }

# header NAME: a header of the last answer
header() { sed -n "s/^$1: //Ip" <<<"$headers"; }

# control METHOD PATH [JSON]
control() {
    if [ $# -gt 2 ]; then
        curl -s -X "$1" "$control$2" -d "$3"
    else
        curl -s -X "$1" "$control$2"
    fi
}

reset() { control POST /reset >/dev/null; }
set_knobs() { control POST /set "$1" >"$work/set"; }
at_time() { control POST /time "{\"now\":$1}" >/dev/null; }
later() { control POST /time "{\"offset\":$1}" >/dev/null; }
now() { control GET /time | jq .now; }

start() {
    # Line buffering of the READY line is the simulator's own business: read one line and go on.
    coproc sim { exec "$simulator" --die-with-parent --certificate "$work/ca.pem" 2>"$work/stderr"; }
    pid=$sim_PID
    read -r -t 10 ready <&"${sim[0]}" || { echo "FAIL start: no READY line"; exit 1; }
    matches "prints one READY line" '^READY http=[0-9]+ https=[0-9]+ control=[0-9]+$' "$ready"
    [[ "$ready" =~ http=([0-9]+)\ https=([0-9]+)\ control=([0-9]+) ]]
    http=http://127.0.0.1:${BASH_REMATCH[1]}
    https=https://127.0.0.1:${BASH_REMATCH[2]}
    control=http://127.0.0.1:${BASH_REMATCH[3]}
}

start
parts=("$@")
[ ${#parts[@]} -gt 0 ] ||
    parts=(program control faults voucherify line line_jwt oauth2 qiwi yoomoney waves abuse)
for part in "${parts[@]}"; do
    reset
    # shellcheck source=/dev/null
    . "$here/selftest/$part.sh"
done

kill -TERM "$pid"
wait "$pid"
is "ends with status 0 on SIGTERM" 0 $?
is "says nothing on stderr" "" "$(cat "$work/stderr")"
pid=

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
