# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
# What the stress tests share, on top of the system tests' lib.sh: accounts at a server that rotates, long-running
# services, programs to build, counts to print.
#
# Environment, beside that of the system tests: JETON_STRESS=long for the long mode.

STRESS_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$STRESS_DIR/../system/lib.sh"

# A service that died must not take the test with it.
trap : PIPE

LONG=
[ "${JETON_STRESS:-}" = long ] && LONG=yes
# either SHORT LONG: a number for the mode.
either() { if [ -n "$LONG" ]; then echo "$2"; else echo "$1"; fi; }
CASE_SECONDS=$(either 0 3600)

# Programs built with a sanitizer start and run that many times slower.
SLACK=1
ldd "$JETON" 2>/dev/null | grep -q 'lib[at]san' && SLACK=10

# said "text with counts": what the test measured.
said() { printf '        %s\n' "$*"; }

ms_now()
{
    local now=${EPOCHREALTIME/[.,]/}
    echo $((now / 1000))
}

# --- programs -----------------------------------------------------------------------------------------------------

# program NAME [SWITCH...]: the path of one of ours in PROGRAM; built here where make has not done it.
program()
{
    local name=$1
    shift
    PROGRAM=$TOP/tests/stress/$name
    [ -x "$PROGRAM" ] && return
    PROGRAM=$T/bin/$name
    [ -x "$PROGRAM" ] && return
    mkdir -p "$T/bin"
    # shellcheck disable=SC2086
    ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O1 ${STRESS_CFLAGS-} -I"$SRC/include" -o "$PROGRAM" \
        "$STRESS_DIR/$name.c" "$@" -L"$BUILD/lib" -ljeton -Wl,-rpath,"$BUILD/lib" -pthread 2>"$T/cc.err" ||
        problem "building $name.c" success "$(cat "$T/cc.err")"
}

# crowd ARGUMENTS: CAME holds what it printed, and each count is a variable: callers, failed, tokens, slowest_ms.
crowd()
{
    program crowd
    COMMAND="crowd $*"
    CAME=$("$PROGRAM" -c "$CONFIG" "$@" 2>"$T/err")
    OUT=$CAME
    ERR=$(cat "$T/err")
    counts "$CAME"
}

# counts "a=1 b=2 …": sets callers, failed, tokens, gets, lines, seen, and the times, to what the text says, or to "".
counts()
{
    local key
    for key in callers failed tokens gets lines seen fastest_ms slowest_ms after_ms; do
        if [[ " $1" =~ \ $key=([0-9]+) ]]; then
            printf -v "$key" %s "${BASH_REMATCH[1]}"
        else
            printf -v "$key" %s ""
        fi
    done
}

# --- configuration ------------------------------------------------------------------------------------------------

OTHERS="a b c d e f g h"

# write_rotating PROVIDER PLUGIN [SETTINGS]: an account `main` and eight more at the simulator's rotating server.
write_rotating()
{
    local account
    write_secret rotating jeton-secret
    write_secret wonderland wonderland
    {
        echo "plugin = \"$2\";"
        echo "base_url = \"http://127.0.0.1:$HTTP/oauth2\";"
        echo 'client_id = "jeton-client"; username = "alice";'
        echo "client_secret_file = \"$T/secrets/rotating\"; password_file = \"$T/secrets/wonderland\";"
        echo "${3-}"
        echo "accounts = {"
        for account in main $OTHERS; do
            echo "  $account = { };"
        done
        echo "};"
    } | write_provider "$1"
}

# stress_fresh [SETTINGS]: a fresh store; `rotating`, whose lost chains need a login, and `service`, which can sign in.
stress_fresh()
{
    fresh "${STRESS_MAIN-}"
    write_rotating rotating rotating "${1-}"
    write_rotating service rotating_unattended "${1-}"
}

stress_start()
{
    sim_start
    own_plugins
    build_plugin "$SRC/tests/fixtures/rotating.c"
    build_plugin "$SRC/tests/fixtures/rotating_unattended.c"
    export LD_LIBRARY_PATH=$BUILD/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

token_requests() { requests oauth2 /token; }

forget_requests() { sim DELETE /requests >/dev/null; }

# wait_requests N: until the simulator has had so many token requests.
wait_requests()
{
    local tries=0
    while [ "$(token_requests)" -lt "$1" ] && [ "$tries" -lt 300 ]; do
        tries=$((tries + 1))
        sleep 0.02
    done
    at_least "token requests that arrived" "$(token_requests)" "$1"
}

# The access token that the server issued last, whoever received it.
newest_issued()
{
    sim GET '/tokens?provider=oauth2' | jq -r '[.[] | select(.kind == "access")][-1].token'
}

# is_active TOKEN: what the server itself says about it.
is_active()
{
    curl -sS -u jeton-client:jeton-secret -d "token=$1" "http://127.0.0.1:$HTTP/oauth2/introspect" | jq -r .active
}

# --- a long-running service ---------------------------------------------------------------------------------------

declare -A SERVICE_PID SERVICE_IN SERVICE_OUT

# service_start ID [VARIABLE=VALUE...]: a process with one context for all its life.
service_start()
{
    local id=$1 in out
    shift
    program service
    mkfifo "$T/in.$id" "$T/out.$id"
    env "$@" "$PROGRAM" "$CONFIG" <"$T/in.$id" >"$T/out.$id" 2>"$T/err.$id" &
    SERVICE_PID[$id]=$!
    exec {in}>"$T/in.$id" {out}<"$T/out.$id"
    rm -f "$T/in.$id" "$T/out.$id"
    SERVICE_IN[$id]=$in
    SERVICE_OUT[$id]=$out
}

# tell ID "line": starts a call without waiting for it.
tell()
{
    COMMAND="service $1: $2"
    printf '%s\n' "$2" >&"${SERVICE_IN[$1]}" || problem "service $1 takes a call" "it is alive" "it is gone"
}

# hear ID: what came of it, in CAME; for a token also TOKEN.
hear()
{
    CAME=
    read -r -t 60 CAME <&"${SERVICE_OUT[$1]}" ||
        problem "service $1 answers" "a line within a minute" "nothing: $(cat "$T/err.$1")"
    OUT=$CAME
    ERR=
    TOKEN=
    case $CAME in
    "ok "*)
        TOKEN=${CAME#ok }
        TOKEN=${TOKEN%% *}
        ;;
    esac
    counts "$CAME"
}

ask()
{
    tell "$1" "$2"
    hear "$1"
}

service_stop()
{
    local in=${SERVICE_IN[$1]} out=${SERVICE_OUT[$1]}
    tell "$1" quit # services that were started later hold a copy of this one's input open
    exec {in}>&- {out}<&-
    wait "${SERVICE_PID[$1]}"
    is "exit status of service $1" "$?" 0
    unset "SERVICE_PID[$1]" "SERVICE_IN[$1]" "SERVICE_OUT[$1]"
}

# slow MS [TIMES]: so many token requests are answered so late, though at once acted upon.
slow()
{
    fault '{"provider": "oauth2", "path": "/token", "kind": "delay", "delay_ms": '"$1, \"times\": ${2:-1}}"
}

# kill_hard PID: with a signal that nothing catches, and without a word from the shell.
kill_hard()
{
    kill -KILL "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}
