# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
# What the system tests share: a directory of their own, the simulator, running jeton, and checks that print what was
# expected and what came.
#
# Environment: JETON_BUILD (the installed tree; default: what ./dev build makes), JETON_SIMULATOR (default: the one
# below top_builddir, else what ./dev check makes), JETON_PLUGINDIR, top_builddir, top_srcdir.

set -u

LIB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SRC=$(cd "${top_srcdir:-$LIB_DIR/../..}" && pwd)
TOP=$(cd "${top_builddir:-$SRC}" && pwd)
BUILD=${JETON_BUILD:-}
for candidate in "$TOP/build" "$TOP/.." "$SRC/build"; do
    [ -z "$BUILD" ] && [ -x "$candidate/bin/jeton" ] && BUILD=$(cd "$candidate" && pwd)
done
JETON=$BUILD/bin/jeton
PLUGINDIR=${JETON_PLUGINDIR:-$BUILD/lib/jeton}
SIMULATOR=${JETON_SIMULATOR:-$TOP/tests/simulator/jeton-simulator}
[ -x "$SIMULATOR" ] || SIMULATOR=$BUILD/obj/tests/simulator/jeton-simulator

# Nothing of the caller's own configuration may shine through.
unset JETON_CONFIG XDG_CONFIG_HOME CREDENTIALS_DIRECTORY
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export LC_ALL=C NO_COLOR=1
# Thread-local storage of libraries that were loaded with dlopen makes LeakSanitizer itself fail now and then.
export LSAN_OPTIONS=suppressions=$SRC/tests/lsan.supp:print_suppressions=0:use_tls=0
umask 077

T=$(mktemp -d "${TMPDIR:-/tmp}/jeton-system.XXXXXX")
CONFIG=$T/etc
SIM_PID=
PASSED=0
FAILED=0
SKIPPED=0
SKIP_REASONS=
CASE=
CASE_PROBLEMS=0
CASE_SKIP=
CASE_SECONDS=0
HUNG=

finish()
{
    [ -n "$HUNG" ] || end_case
    [ -n "$SIM_PID" ] && kill "$SIM_PID" 2>/dev/null && wait "$SIM_PID" 2>/dev/null
    chmod -R u+rwX "$T" 2>/dev/null
    rm -rf "$T"
    [ -n "$HUNG" ] && exit 1
    echo "$PASSED passed, $FAILED failed${SKIP_REASONS:+, $SKIPPED skipped ($SKIP_REASONS)}"
    [ "$FAILED" -eq 0 ] && [ "$PASSED" -gt 0 ]
    exit $?
}
trap finish EXIT
trap 'exit 1' INT HUP
# tests/lib/watched ends a case that hangs, and says so itself.
trap 'HUNG=yes; exit 1' TERM

give_up()
{
    echo "FAILED: $1"
    FAILED=$((FAILED + 1))
    exit 1
}

for needed in "$JETON" "$SIMULATOR"; do
    [ -x "$needed" ] || give_up "$needed is not there: build first"
done
for needed in curl jq; do
    command -v "$needed" >/dev/null || give_up "these tests need $needed"
done

# --- cases and checks ---------------------------------------------------------------------------------------------

end_case()
{
    [ -z "$CASE" ] && return
    if [ "$CASE_PROBLEMS" -gt 0 ]; then
        FAILED=$((FAILED + 1))
        echo "FAILED  $CASE"
    elif [ -n "$CASE_SKIP" ]; then
        SKIPPED=$((SKIPPED + 1))
        case "; $SKIP_REASONS; " in
        *"; $CASE_SKIP; "*) ;;
        *) SKIP_REASONS=${SKIP_REASONS:+$SKIP_REASONS; }$CASE_SKIP ;;
        esac
        echo "skipped - $CASE: $CASE_SKIP"
    else
        PASSED=$((PASSED + 1))
        echo "ok      $CASE"
    fi
    CASE=
    CASE_PROBLEMS=0
    CASE_SKIP=
}

# it "sentence" [SECONDS]: what follows, up to the next, proves it; within a minute, if nothing is said about SECONDS.
it()
{
    local seconds=${2:-0}
    end_case
    CASE=$1
    [ "$seconds" -ge "$CASE_SECONDS" ] || seconds=$CASE_SECONDS
    [ -z "${CHECK_PROGRESS-}" ] || echo "$PASSED $FAILED $SKIPPED $seconds $CASE" >"$CHECK_PROGRESS"
}

# skip "why": this case cannot be tested here.
skip()
{
    CASE_SKIP=$1
}

# problem "what" "expected" "came"
problem()
{
    CASE_PROBLEMS=$((CASE_PROBLEMS + 1))
    printf '        %s\n          expected: %s\n          came:     %s\n' "$1" "$2" "$3"
    if [ -n "${COMMAND-}" ]; then
        printf '          after:    %s\n          stdout:   %s\n          stderr:   %s\n' "$COMMAND" "${OUT:0:600}" \
            "${ERR:0:900}"
    fi
}

is()        { [ "$2" = "$3" ] || problem "$1" "$3" "$2"; } # is "what" CAME EXPECTED
is_not()    { [ "$2" != "$3" ] || problem "$1" "anything else" "$2"; }
contains()  { case $2 in *"$3"*) ;; *) problem "$1" "something with: $3" "$2" ;; esac; }
matches()   { [[ $2 =~ $3 ]] || problem "$1" "something like: $3" "$2"; }
lacks()     { case $2 in *"$3"*) problem "$1" "nothing with: $3" "$2" ;; esac; }
at_least()  { [ "$2" -ge "$3" ] 2>/dev/null || problem "$1" "at least $3" "$2"; }
at_most()   { [ "$2" -le "$3" ] 2>/dev/null || problem "$1" "at most $3" "$2"; }

# jeton ARGUMENTS: runs it on the test's configuration; STATUS, OUT and ERR hold what came.
jeton()
{
    COMMAND="jeton $*"
    "$JETON" --config "$CONFIG" "$@" >"$T/out" 2>"$T/err" </dev/null
    STATUS=$?
    OUT=$(tr -d '\0' <"$T/out")
    ERR=$(tr -d '\0' <"$T/err")
}

# The same with standard input: jeton_with "text" ARGUMENTS
jeton_with()
{
    local input=$1
    shift
    COMMAND="jeton $* (with stdin)"
    printf '%s' "$input" | "$JETON" --config "$CONFIG" "$@" >"$T/out" 2>"$T/err"
    STATUS=${PIPESTATUS[1]}
    OUT=$(tr -d '\0' <"$T/out")
    ERR=$(tr -d '\0' <"$T/err")
}

status()    { is "exit status" "$STATUS" "$1"; }
out_is()    { is "stdout" "$OUT" "$1"; }
err_is()    { is "stderr" "$ERR" "$1"; }
out_says()  { contains "stdout" "$OUT" "$1"; }
err_says()  { contains "stderr" "$ERR" "$1"; }
err_lacks() { lacks "stderr" "$ERR" "$1"; }
out_lacks() { lacks "stdout" "$OUT" "$1"; }

# json FILTER EXPECTED: of what the last command printed, as compact JSON.
json()
{
    local came
    came=$(jq -ce "$1" "$T/out" 2>&1)
    is "$1 of the JSON on stdout" "$came" "$2"
}

# Every line on stderr is jeton's own, and none came twice.
err_is_tidy()
{
    local stray double
    stray=$(grep -v '^jeton: .' "$T/err" | head -1)
    double=$(sort "$T/err" | uniq -d | head -1)
    is "a line on stderr that does not begin with \"jeton: \"" "$stray" ""
    is "a line on stderr that came twice" "$double" ""
}

# --- configuration ------------------------------------------------------------------------------------------------

# write_main [MORE]: jeton.conf with a store below the test's directory.
write_main()
{
    mkdir -p "$CONFIG/providers.d" "$T/secrets"
    cat >"$CONFIG/jeton.conf" <<EOF
plugindir = "$PLUGINDIR";
store = { path = "$T/var/tokens.db"; key_file = "$T/var/store.key"; };
${1-}
EOF
}

# write_provider NAME <text: a file of providers.d from stdin.
write_provider()
{
    cat >"$CONFIG/providers.d/$1.conf"
}

# edit NAME SCRIPT: changes that file with sed.
edit()
{
    sed -i "$2" "$CONFIG/providers.d/$1.conf"
}

write_secret()
{
    printf '%s\n' "$2" >"$T/secrets/$1"
}

# The accounts that the simulator knows from the start.
VOUCHERIFY_ID=8a824b12-0530-4ef4-9479-d9e9b9930176
VOUCHERIFY_TOKEN=9e322bac-8297-49f7-94c8-07946724bcbc
LINE_ID=1234567890
LINE_SECRET=7be1a4d0f29c4f6bb0b0c5b8a4c7d9e3

write_voucherify()
{
    write_secret voucherify "$VOUCHERIFY_TOKEN"
    write_provider voucherify <<EOF
base_url = "http://127.0.0.1:$HTTP/voucherify";
accounts = {
  main = {
    app_id         = "$VOUCHERIFY_ID";
    app_token_file = "$T/secrets/voucherify";
    scope          = "vouchers campaigns";
  };
};
EOF
}

write_line()
{
    write_secret line "$LINE_SECRET"
    write_provider line <<EOF
base_url = "http://127.0.0.1:$HTTP/line";
client_id = "$LINE_ID";
client_secret_file = "$T/secrets/line";
accounts = {
  bot       = { api = "v2"; };
  stateless = { api = "v3"; };
};
EOF
}

# A fresh configuration and store; the simulator as it was at its start.
fresh()
{
    sim POST /reset >/dev/null
    rm -rf "$CONFIG" "$T/var"
    mkdir -p "$T/var"
    write_main "${1-}"
    write_voucherify
    write_line
    "$JETON" --config "$CONFIG" -q init >/dev/null 2>"$T/err" ||
        problem "init of a fresh store" "exit status 0" "$(cat "$T/err")"
}

# own_plugins: a plugin directory of the test's own, with jeton's plugins in it, which jeton.conf then names.
own_plugins()
{
    mkdir -p "$T/plugins"
    cp "$PLUGINDIR"/*.so "$T/plugins/"
    PLUGINDIR=$T/plugins
}

# build_plugin SOURCE: NAME.c becomes jeton_NAME.so in the test's plugin directory, linked against nothing, as
# jeton-provider(7) says.
build_plugin()
{
    local name
    name=$(basename "$1" .c)
    ${CC:-cc} -shared -fPIC -fvisibility=hidden -Wl,-z,defs -I"$SRC/include" -I"$(dirname "$1")" \
        -o "$T/plugins/jeton_$name.so" "$1" 2>"$T/cc.err" || problem "building $1" "success" "$(cat "$T/cc.err")"
}

# sql STATEMENT: straight into the store's database, behind jeton's back.
sql()
{
    if command -v sqlite3 >/dev/null; then
        sqlite3 "$T/var/tokens.db" "$1"
    else
        python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()' \
            "$T/var/tokens.db" "$1"
    fi || problem "changing the store by hand" "success" "$1 failed"
}

# --- the simulator ------------------------------------------------------------------------------------------------

sim_start()
{
    local tries=0
    : >"$T/ready"
    "$SIMULATOR" --die-with-parent --certificate "$T/ca.pem" >"$T/ready" 2>"$T/simulator.err" </dev/null &
    SIM_PID=$!
    until grep -q '^READY ' "$T/ready"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 200 ] || ! kill -0 "$SIM_PID" 2>/dev/null; then
            give_up "the simulator did not start: $(cat "$T/simulator.err")"
        fi
        sleep 0.05
    done
    HTTP=$(sed -n 's/^READY .*http=\([0-9]*\) https.*/\1/p' "$T/ready")
    HTTPS=$(sed -n 's/.*https=\([0-9]*\).*/\1/p' "$T/ready")
    CONTROL=$(sed -n 's/.*control=\([0-9]*\).*/\1/p' "$T/ready")
}

# sim METHOD PATH [JSON]: an order to the control port; prints its answer.
sim()
{
    local answer
    answer=$(curl -sS --fail-with-body -X "$1" ${3:+-H 'Content-Type: application/json' -d "$3"} \
        "http://127.0.0.1:$CONTROL$2" 2>&1) || problem "the simulator refused $1 $2 ${3-}" "an answer" "$answer"
    printf '%s\n' "$answer"
}

fault()     { sim POST /fault "$1" >/dev/null; }
no_faults() { sim DELETE /fault >/dev/null; }
set_knob()  { sim POST /set "$1" >/dev/null; }
# How many requests a provider has had, at one path or at all.
requests()  { sim GET "/count?provider=$1${2:+&path=$2}" | jq .count; }
# A filter over the recorded requests of a provider.
recorded()  { sim GET "/requests?provider=$1" | jq -cr "$2"; }
