#!/bin/bash
# SPDX-License-Identifier: MIT
# The command line itself: options, usage, JSON shapes, exit statuses, help, streams. Providers' errors: errors.sh.
. "$(dirname "$0")/lib.sh"

COMMANDS="get acquire refresh revoke introspect keys invalidate login logout list show check describe providers init"
sim_start
fresh

it "--help lists every command, on stdout, with exit status 0"
jeton --help
status 0
err_is ""
for command in $COMMANDS; do
    out_says "  $command "
done

it "every command has a help of its own that names its options"
for command in $COMMANDS; do
    jeton "$command" --help
    status 0
    err_is ""
    out_says "Usage: jeton $command"
    for option in --config --json --quiet --verbose --help; do
        out_says " $option"
    done
done
jeton get -h
out_says --min-ttl
jeton acquire --help
out_says "KEY=@FILE"

it "every option of a command's help is described in jeton(1)"
for command in $COMMANDS; do
    jeton "$command" --help
    for option in $(grep -o -- '--[a-z-]*' <<<"$OUT" | sort -u); do
        grep -q "Fl Fl ${option#--}" "$SRC/man/jeton.1" ||
            problem "man/jeton.1" "something about $option" "nothing"
    done
done

it "--version prints the version, as text and as JSON"
jeton --version
status 0
contains "stdout" "$OUT" "jeton "
jeton --json --version
json '.version | type' '"string"'

it "without a command, stderr says what to do: exit status 64"
jeton
status 64
err_says "no command"
out_is ""
err_is_tidy

it "a misspelt command, option and value are told with the nearest name: exit status 64"
jeton gte voucherify/main
status 64
err_says "did you mean get"
jeton get voucherify/main --min-tll 5
status 64
err_says "did you mean --min-ttl"
jeton get voucherify/main --min-ttl soon
status 64
err_says '"soon"'
jeton get voucherify/main --min-ttl -1
status 64
jeton get voucherify/main --timeout 0
status 64
jeton get voucherify/main --min-ttl 99999999999999999999
status 64
jeton get voucherify/main --scope ''
status 64
jeton get
status 64
err_says NAME
jeton get voucherify/main line/bot
status 64
err_says '"line/bot"'
jeton list everything
status 64
jeton list --scope vouchers
status 64
err_says "no option --scope"
jeton get voucherify/main --json=yes
status 64
is "requests" "$(requests voucherify)" 0

it "what is repeated from the command line cannot steer the terminal"
jeton "$(printf 'no\033[31msuch\302\233thing')" --json
status 64
is "control characters on stderr" "$(tr -d '\n\t -~' <"$T/err" | wc -c)" 0
is "control characters in the JSON" "$(tr -d '\n -~\200-\377' <"$T/out" | wc -c)" 0
jeton get "$(printf 'a/b\033]0;title\007')"
status 64
is "control characters on stderr" "$(tr -d '\n\t -~' <"$T/err" | wc -c)" 0

it "global options go before and behind the command, values with and without ="
"$JETON" --json "--config=$CONFIG" list >"$T/out" 2>"$T/err"
json type '"array"'
"$JETON" list --config "$CONFIG" --json >"$T/out" 2>"$T/err"
json type '"array"'
jeton get --timeout=20 -- voucherify/main
status 0

it "a directory that is not there is a configuration error: exit status 78"
"$JETON" --config "$T/nowhere" --json list >"$T/out" 2>"$T/err"
STATUS=$? OUT=$(cat "$T/out") ERR=$(cat "$T/err") COMMAND="jeton --config nowhere"
status 78
err_says "$T/nowhere"
json .error.status 78

it "errors with --json are one object with the members of the design"
jeton get nobody/here --json
status 64
json 'keys' '["error"]'
json '.error.status' 64
json '.error | keys - ["name","status","message","error","error_description","http_status","retry_after","hint"]' '[]'
json '.error.message | length > 0' true
jeton --json nonsense
status 64
json .error.status 64
jeton nonsense --json
json .error.status 64
jeton get voucherify/main --min-ttl soon --json
json .error.status 64
is "JSON values on stdout" "$(jq -s length "$T/out")" 1

it "list shows every configured account, for people and as JSON"
jeton list
status 0
out_says NAME
out_says voucherify/main
out_says line/bot
matches "stdout" "$OUT" "in 1[45] min"
out_says none
out_lacks "$(printf '\033')"
jeton list --json
json 'map(.name)' '["line/bot","line/stateless","voucherify/main"]'
json 'map(keys) | unique' '[["expires_at","last_error","name","renew_at","state"]]'
json '.[2].state' '"valid"'
json '.[2].expires_at | type' '"number"'
json '.[0] | [.state, .expires_at, .last_error]' '["none",null,null]'

it "list and show never print the token"
TOKEN=$("$JETON" --config "$CONFIG" get voucherify/main)
for command in list "list --json" "show voucherify/main" "show voucherify/main --json"; do
    # shellcheck disable=SC2086 # words on purpose
    jeton $command
    status 0
    out_lacks "$TOKEN"
done

it "show tells the details of one name"
jeton show voucherify/main
out_says "voucherify/main: valid"
out_says "expires:"
matches "stdout" "$OUT" "UTC, in 1[45] min"
jeton show voucherify/main --json
json '.[0].name' '"voucherify/main"'
json '.[0].token_type' '"Bearer"'

it "check counts what it read when there is nothing to say"
jeton check
status 0
out_is "2 providers, 3 accounts, no findings"
jeton check --json
json '[.findings, .providers, .accounts]' '[[],2,3]'

it "check tells all findings as file:line: message, with the nearest name: exit status 78"
cp -r "$CONFIG" "$T/good"
edit voucherify 's/app_id  /app_idd /; s/scope  /scopes /'
jeton check
status 78
contains "stdout" "$OUT" "providers.d/voucherify.conf:4: "
contains "stdout" "$OUT" "providers.d/voucherify.conf:6: "
out_says app_idd
out_says '"app_id"'
jeton check --json
status 78
json '.findings | length >= 2' true
json '.findings[0] | keys' '["file","line","message"]'
rm -rf "$CONFIG"
mv "$T/good" "$CONFIG"

it "describe tells what a setting may be, and what a key must be for"
jeton describe line
status 0
out_says "api (string, one of: v2 v2.1 v3, default v2)"
out_says "private_key (key, secret, for: RS256)"

it "check tells what is wrong in one place also where another place is wrong"
cp -r "$CONFIG" "$T/good"
printf 'htpp = { };\nlog = { level = "loud"; };\n' >>"$CONFIG/jeton.conf"
write_provider voucherify <<EOF
timeout = "soon";
accounts = {
  one = { app_idd = "1"; };
  two = {
    app_id = 2;
    app_token_command = "/bin/true";
    min_ttl = "long";
  };
};
EOF
jeton check --json
status 78
json '[.findings[] | select(.file | endswith("/jeton.conf")) | .message | split(" ")[0:2]]' \
    '[["there","is"],["log.level","must"]]'
json '[.findings[] | select(.file | endswith("voucherify.conf")) | .line] | sort | unique' '[1,3,5,6,7]'
json '[.findings[].message | select(contains("two lacks"))]' '[]'
json '.accounts' 4
rm -rf "$CONFIG"
mv "$T/good" "$CONFIG"

it "describe tells operations and settings of a plugin"
jeton describe voucherify
status 0
out_says app_id
out_says "required, secret"
out_says "acquire"
jeton describe voucherify --json
json .name '"voucherify"'
json '.operations | sort' '["acquire","introspect","revoke"]'
json '.settings | map(select(.name == "app_token"))[0] | [.type, .required, .secret]' '["string",true,true]'
jeton describe nosuchplugin
is_not "exit status" "$STATUS" 0
err_says nosuchplugin
jeton describe ../../etc/passwd
is_not "exit status" "$STATUS" 0

it "providers lists plugins and configured providers"
jeton providers
status 0
out_says line/bot
jeton providers --json
json '.plugins | map(.name) | contains(["line","voucherify"])' true
json '.providers | map(.name) | sort' '["line","voucherify"]'
json '.providers | map(select(.name == "line"))[0].accounts | sort' '["bot","stateless"]'

it "init makes what is missing, changes nothing that exists, and says which"
KEY=$(cat "$T/var/store.key")
jeton init
status 0
is "the store key" "$(cat "$T/var/store.key")" "$KEY"
rm -rf "$T/var"
jeton init
status 0
out_says "$T/var/store.key"
out_says "$T/var/tokens.db"
is "mode of the key" "$(stat -c %a "$T/var/store.key")" 600
lacks "stdout" "$OUT" "$(cat "$T/var/store.key")"
jeton init --json
json '.steps | length > 0' true

it "output that cannot be written is an error: exit status 75"
COMMAND="jeton get >/dev/full"
"$JETON" --config "$CONFIG" get voucherify/main >/dev/full 2>"$T/err"
STATUS=$? ERR=$(cat "$T/err") OUT=
status 75
err_says "No space left on device"
COMMAND="jeton get >&-"
"$JETON" --config "$CONFIG" get voucherify/main 2>"$T/err" >&-
STATUS=$? ERR=$(cat "$T/err")
status 75
jeton get voucherify/main
status 0

it "a limit on file sizes is an error, not the end of the process: exit status 75"
COMMAND="jeton acquire with ulimit -f 0"
(ulimit -f 0 && exec "$JETON" --config "$CONFIG" acquire voucherify/main) 2>&1 >/dev/null | cat >"$T/err"
STATUS=${PIPESTATUS[0]} ERR=$(cat "$T/err")
status 75
err_says "file size limit is full"

it "a reader that went away is told, not died of"
COMMAND="jeton --help, the reader gone"
{
    sleep 0.2
    "$JETON" --help 2>"$T/err"
    echo $? >"$T/status"
} | true
STATUS=$(cat "$T/status") ERR=$(cat "$T/err") OUT=
status 75
err_says "Broken pipe"

it "a parameter can come from a file and from stdin, less one newline; two cannot share stdin"
jeton_with "x" acquire voucherify/main -p nosuch=@-
status 64
err_says nosuch
jeton acquire voucherify/main -p "scope=@$T/absent"
status 64
err_says "$T/absent"
jeton acquire voucherify/main -p a=@- -p b=@-
status 64
err_says stdin
jeton acquire voucherify/main -p nothing
status 64
head -c 65537 /dev/zero | tr '\0' a >"$T/big"
jeton acquire voucherify/main -p "scope=@$T/big"
status 64
err_says "longer than 65536"
printf 'a\0b' >"$T/nul"
jeton acquire voucherify/main -p "scope=@$T/nul"
status 64
err_says NUL

it "a value given on the command line does not stay in the process list"
fault '{"provider":"voucherify","kind":"delay","delay_ms":700}'
COMMAND="jeton acquire -p scope=vouchers"
"$JETON" --config "$CONFIG" acquire voucherify/main -p scope=vouchers >"$T/out" 2>"$T/err" &
ACQUIRE_PID=$!
sleep 0.4
LISTED=$(tr '\0' ' ' <"/proc/$ACQUIRE_PID/cmdline")
wait "$ACQUIRE_PID"
is "exit status" $? 0
contains "the command line" "$LISTED" "acquire voucherify/main -p scope="
lacks "the command line" "$LISTED" vouchers
is "the scope that was sent" "$(recorded voucherify '.[-1].form.scope')" vouchers

it "a token on the command line is refused"
jeton invalidate voucherify/main --token abc
status 64
err_says "@FILE"

it "-q leaves the error and drops the hint; -v shows the request without its secrets"
jeton get nobody/here
HINTED=$(wc -l <"$T/err")
jeton -q get nobody/here
status 64
at_least "lines on stderr" "$(wc -l <"$T/err")" 1
at_most "lines on stderr" "$(wc -l <"$T/err")" "$HINTED"
jeton -v acquire voucherify/main
status 0
err_says "/v1/oauth/token"
err_lacks "$VOUCHERIFY_TOKEN"
err_lacks "$OUT"

it "names that cannot be are refused with what is wrong: exit status 64"
for name in voucherify / voucherify/ /main "../x/y" "VOUCHERIFY/main" "voucherify/main/$(printf 'a\nb')" \
    "$(printf 'a%.0s' {1..300})/b"; do
    jeton get "$name"
    status 64
    err_is_tidy
done
