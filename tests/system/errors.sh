#!/bin/bash
# SPDX-License-Identifier: MIT
# What goes wrong outside jeton: configuration, secrets, store, network, answers that make no sense. Each must end in
# the right exit status and a sentence that says what, for which name, why and what to do, and must lose nothing.
. "$(dirname "$0")/lib.sh"

sim_start

# told NAME: the last error names the name, is tidy, and holds no secret.
told()
{
    err_says "$1"
    err_is_tidy
    err_lacks "$VOUCHERIFY_TOKEN"
    err_lacks "$LINE_SECRET"
}

# ask STATUS "part of the sentence" FAULT: what get makes of one faulty answer, and that the next one is good.
ask()
{
    fresh
    fault "$3"
    jeton get voucherify/main --json
    status "$1"
    json .error.status "$1"
    told voucherify/main
    [ -z "$2" ] || err_says "$2"
    no_faults
}

# body TEXT: the fault that makes Voucherify answer with it.
body()
{
    jq -nc --arg body "$1" '{provider: "voucherify", kind: "body", body: $body}'
}

it "an unknown account names the known ones and the nearest"
fresh
jeton get line/bott
status 64
err_says bot
err_says stateless
told line/bott
jeton get lime/bot
status 64
err_says line
told lime/bot

it "a syntax error in one provider's file is told with file and line, and does not stop the others"
printf 'accounts = {\n  bot = {\n    client_id = "1;\n  };\n};\n' >"$CONFIG/providers.d/line.conf"
jeton get line/bot
status 78
err_says "providers.d/line.conf:"
told line/bot
jeton get voucherify/main
status 0
jeton list
status 0
out_says voucherify/main
err_says "the provider line is not configured right: $CONFIG/providers.d/line.conf:"
err_is_tidy
jeton -q list
status 0
err_is ""
jeton check
status 78
out_says "providers.d/line.conf:"

it "a syntax error in jeton.conf stops with file and line"
fresh
echo 'log = { level = ' >>"$CONFIG/jeton.conf"
jeton get voucherify/main
status 78
err_says "jeton.conf:"
err_is_tidy

it "a secret's file that is missing is told with its path"
fresh
rm "$T/secrets/voucherify"
jeton get voucherify/main
status 78
err_says "$T/secrets/voucherify"
told voucherify/main
jeton check
status 78
out_says "$T/secrets/voucherify"

it "a secret's file that others can read is refused with the command that mends it"
fresh
chmod 644 "$T/secrets/voucherify"
jeton get voucherify/main
[ "$STATUS" = 77 ] || [ "$STATUS" = 78 ] || problem "exit status" "77 or 78" "$STATUS"
err_says "chmod 600 $T/secrets/voucherify"
told voucherify/main
chmod 600 "$T/secrets/voucherify"
jeton get voucherify/main
status 0

it "an inline secret in a file that others can read is refused"
fresh
edit voucherify "s|app_token_file = .*|app_token = \"$VOUCHERIFY_TOKEN\";|"
jeton get voucherify/main
status 0
fresh
edit voucherify "s|app_token_file = .*|app_token = \"$VOUCHERIFY_TOKEN\";|"
chmod 644 "$CONFIG/providers.d/voucherify.conf"
jeton get voucherify/main
is_not "exit status" "$STATUS" 0
err_says "providers.d/voucherify.conf"
told voucherify/main

it "secrets come from the environment, a credential and a command too"
fresh
edit voucherify 's|app_token_file = .*|app_token_env = "JETON_TEST_TOKEN";|'
JETON_TEST_TOKEN=$VOUCHERIFY_TOKEN jeton get voucherify/main
status 0
fresh
edit voucherify 's|app_token_file = .*|app_token_credential = "voucherify";|'
CREDENTIALS_DIRECTORY=$T/secrets jeton get voucherify/main
status 0
fresh
edit voucherify "s|app_token_file = .*|app_token_command = [\"/bin/cat\", \"$T/secrets/voucherify\"];|"
jeton get voucherify/main
status 0
fresh
edit voucherify 's|app_token_file = .*|app_token_command = ["/bin/false"];|'
jeton get voucherify/main
is_not "exit status" "$STATUS" 0
err_says /bin/false
told voucherify/main

it "without a store, get says that jeton init makes one"
fresh
rm -rf "$T/var"
jeton get voucherify/main
is_not "exit status" "$STATUS" 0
err_says "jeton init"
told voucherify/main
is "requests" "$(requests voucherify)" 0

it "another store key is refused, and the store stays as it is"
fresh
jeton get voucherify/main
FIRST=$OUT
cp -a "$T/var/store.key" "$T/good.key"
printf '%064d\n' 7 >"$T/var/store.key"
jeton get voucherify/main
status 78
err_says key
told voucherify/main
jeton acquire voucherify/main
status 78
cp -a "$T/good.key" "$T/var/store.key"
jeton get voucherify/main
status 0
out_is "$FIRST"

it "a store that is no database is refused, and left alone"
fresh
echo "this is not a database, and long enough to be looked at as one: $(printf 'x%.0s' {1..200})" >"$T/var/tokens.db"
rm -f "$T/var/tokens.db-wal" "$T/var/tokens.db-shm"
BEFORE=$(sha256sum <"$T/var/tokens.db")
jeton get voucherify/main
is_not "exit status" "$STATUS" 0
err_says "$T/var/tokens.db"
told voucherify/main
is "the file" "$(sha256sum <"$T/var/tokens.db")" "$BEFORE"

it "a store that a newer jeton wrote is refused, and left alone"
fresh
jeton get voucherify/main
FIRST=$OUT
VERSION=$(sql "PRAGMA user_version")
sql "PRAGMA user_version = 99"
jeton get voucherify/main
status 78
err_says 99
told voucherify/main
jeton init
is_not "exit status" "$STATUS" 0
sql "PRAGMA user_version = $VERSION"
jeton get voucherify/main
out_is "$FIRST"

it "a store that was cut short is refused with its path"
fresh
jeton get voucherify/main
truncate -s 6000 "$T/var/tokens.db"
rm -f "$T/var/tokens.db-wal" "$T/var/tokens.db-shm"
jeton get voucherify/main
is_not "exit status" "$STATUS" 0
err_says "$T/var/tokens.db"
told voucherify/main

it "a damaged row does not stop the other names, and is replaced by the next get"
fresh
jeton get voucherify/main
jeton get line/bot
LINE_TOKEN=$OUT
sql "UPDATE row SET blob = substr(blob, 1, length(blob) - 1) WHERE name = 'voucherify/main'"
jeton list --json
status 0
jeton show voucherify/main --json
json '.[0].state' '"unreadable"'
jeton get line/bot
status 0
out_is "$LINE_TOKEN"
BEFORE=$(requests voucherify)
jeton get voucherify/main
status 0
is "requests" "$(requests voucherify)" $((BEFORE + 1))

it "an altered row is not believed: neither its blob nor its expiry"
fresh
jeton get voucherify/main
FIRST=$OUT
sql "UPDATE row SET blob = CAST(substr(blob, 1, 40) || x'00010203' || substr(blob, 45) AS BLOB)
     WHERE name = 'voucherify/main'"
jeton get voucherify/main
status 0
is_not "the token" "$OUT" "$FIRST"

it "rows that were swapped do not open"
fresh
jeton get voucherify/main
jeton get line/bot
LINE_TOKEN=$OUT
sql "UPDATE row SET blob = (SELECT blob FROM row WHERE name = 'line/bot') WHERE name = 'voucherify/main'"
jeton get voucherify/main
status 0
is_not "the token" "$OUT" "$LINE_TOKEN"

it "a store that cannot be written: told with its path, and nothing is spent"
if [ "$(id -u)" -eq 0 ]; then
    skip "root may write everything here"
else
    fresh
    chmod 400 "$T"/var/tokens.db*
    chmod 500 "$T/var"
    jeton get voucherify/main
    is_not "exit status" "$STATUS" 0
    err_says "$T/var"
    told voucherify/main
    is "requests" "$(requests voucherify)" 0
    chmod 700 "$T/var"
fi

it "a store in a directory that others can write to is not used: told with the command that mends it"
fresh
chmod 770 "$T/var"
jeton get voucherify/main
status 77
err_says "chmod go-w $T/var"
chmod 1777 "$T/var"
jeton get voucherify/main
status 77
err_says "everybody shares"
chmod 700 "$T/var"
is "requests" "$(requests voucherify)" 0

it "a store engine that is not there: told with its file, and what to correct"
fresh
sed -i 's|^store = {|store = { engine = "nosuch";|' "$CONFIG/jeton.conf"
jeton get voucherify/main
status 78
err_says 'there is no store engine "nosuch" ('
err_says "jeton_store_nosuch.so"
err_says "store.engine"

it "nobody listens: exit status 75, with the address"
fresh
edit voucherify 's|base_url = .*|base_url = "http://127.0.0.1:1/voucherify";|'
jeton get voucherify/main --json
status 75
json .error.status 75
err_says 127.0.0.1
told voucherify/main

it "429 with Retry-After: exit status 75, and when to try again"
ask 75 429 '{"provider":"voucherify","kind":"status","status":429,"retry_after":"17"}'
json '.error.retry_after | . >= 16 and . <= 17' true
json .error.http_status 429

it "while Retry-After runs, the provider is left in peace"
fresh
fault '{"provider":"voucherify","kind":"status","status":429,"retry_after":"600"}'
jeton get voucherify/main
status 75
jeton get voucherify/main
status 75
told voucherify/main
is "requests" "$(requests voucherify)" 1
jeton list --json
json 'map(select(.name == "voucherify/main"))[0] | [.state, (.last_error | type)]' '["failing","string"]'

it "503: exit status 75"
ask 75 503 '{"provider":"voucherify","kind":"status","status":503}'
json .error.http_status 503

it "HTML where JSON belongs: exit status 65, with what came"
ask 65 "" '{"provider":"voucherify","kind":"html"}'
err_says text/html

it "an error page with 502 is the gateway's: exit status 75"
ask 75 502 '{"provider":"voucherify","kind":"html","status":502}'

it "an empty body: exit status 65"
ask 65 empty '{"provider":"voucherify","kind":"empty"}'

it "bytes that are no text: exit status 65, and the terminal is not steered by them"
ask 65 "" '{"provider":"voucherify","kind":"garbage"}'
is "control characters on stderr" "$(tr -d '\n\t -~\200-\377' <"$T/err" | wc -c)" 0

it "a body over 1 MiB: exit status 65, with the limit"
ask 65 "" '{"provider":"voucherify","kind":"huge"}'
err_says "1"

it "duplicate members: exit status 65"
ask 65 "" "$(body '{"access_token":"aaaaaaaa","access_token":"bbbbbbbb","token_type":"Bearer","expires_in":900}')"
err_says access_token
err_lacks aaaaaaaa
err_lacks bbbbbbbb

it "JSON that is nested too deeply: exit status 65"
DEEP=$(printf '[%.0s' {1..40})$(printf ']%.0s' {1..40})
ask 65 "" "$(body "{\"access_token\":\"cccccccc\",\"x\":$DEEP}")"
err_says deep
err_lacks cccccccc

it "an answer without a token: exit status 65"
ask 65 access_token "$(body '{"token_type":"Bearer","expires_in":900}')"

it "200 with an error in it is an error"
fresh
fault "$(body '{"error":"invalid_client","error_description":"no such client"}')"
jeton get voucherify/main
is_not "exit status" "$STATUS" 0
told voucherify/main

it "a token with a control character in it is refused: exit status 65"
ask 65 "" "$(body '{"access_token":"dddd\r\nX-Evil: 1","token_type":"Bearer","expires_in":900}')"
err_lacks X-Evil

it "a truncated body: exit status 65 or 75, and no half token"
fresh
fault '{"provider":"voucherify","kind":"truncate"}'
jeton get voucherify/main
[ "$STATUS" = 65 ] || [ "$STATUS" = 75 ] || problem "exit status" "65 or 75" "$STATUS"
out_is ""
told voucherify/main

it "a connection that is closed without an answer: exit status 75"
ask 75 "" '{"provider":"voucherify","kind":"close"}'

it "a redirect is not followed"
fresh
fault '{"provider":"voucherify","kind":"body","status":302,"body":"{}"}'
jeton get voucherify/main
status 65
told voucherify/main
is "requests" "$(requests voucherify)" 1

it "a provider that takes longer than --timeout: exit status 75, in time"
fresh
fault '{"provider":"voucherify","kind":"delay","delay_ms":4000}'
BEFORE=$(date +%s%N)
jeton get voucherify/main --timeout 1
status 75
at_most "milliseconds that it took" $((($(date +%s%N) - BEFORE) / 1000000)) 3500
told voucherify/main

it "the renewal that was given up on is finished for the next caller"
jeton get voucherify/main
status 0
is "requests" "$(requests voucherify)" 1

it "a failing renewal does not take away a token that is still valid"
fresh
set_knob '{"provider":"voucherify","expires_in":10}'
edit voucherify 's|^base_url|renew_before = 5;\nbase_url|'
jeton get voucherify/main
FIRST=$OUT
fault '{"provider":"voucherify","kind":"status","status":503,"times":-1}'
sleep 5.5
jeton get voucherify/main
status 0
out_is "$FIRST"
jeton list --json
json 'map(select(.name == "voucherify/main"))[0].last_error | type' '"string"'
no_faults

it "a failure leaves the other account of the same file alone"
fresh
fault '{"provider":"line","path":"/v2","kind":"status","status":500,"times":-1}'
jeton get line/bot
status 75
jeton get line/stateless
status 0
