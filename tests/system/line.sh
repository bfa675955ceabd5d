#!/bin/bash
# SPDX-License-Identifier: MIT
# LINE end to end with channel secrets: short-lived (v2) and stateless (v3) tokens. Assertions: line_jwt.sh.
. "$(dirname "$0")/lib.sh"

sim_start

it "get brings a short-lived token and keeps it for its 30 days"
fresh
jeton get line/bot --json
status 0
json .token_type '"Bearer"'
json '.expires_at - .issued_at' 2592000
is "method and path" "$(recorded line '.[0] | .method + " " + .path')" "POST /v2/oauth/accessToken"
is "form" "$(recorded line '.[0].form')" \
    "{\"grant_type\":\"client_credentials\",\"client_id\":\"$LINE_ID\",\"client_secret\":\"$LINE_SECRET\"}"
FIRST=$(jq -r .access_token "$T/out")
contains "the token" "$FIRST" /
contains "the token" "$FIRST" +

it "a second get makes no request and prints the token byte for byte"
jeton get line/bot
status 0
out_is "$FIRST"
is "requests" "$(requests line)" 1

it "introspect asks v2's verify and encodes the token"
jeton introspect line/bot --json
status 0
json .active true
json .client_id "\"$LINE_ID\""
is "path" "$(recorded line '.[-1].path')" /v2/oauth/verify
is "the token that arrived" "$(recorded line '.[-1].form.access_token')" "$FIRST"

it "a token that was revoked elsewhere introspects as inactive, which is no error"
curl -s -o /dev/null --data-urlencode "access_token=$FIRST" "http://127.0.0.1:$HTTP/line/v2/oauth/revoke"
jeton introspect line/bot --json
status 0
json .active false
jeton introspect line/bot
status 0
out_says "active: no"

it "revoke sends the token alone and forgets it"
jeton get line/bot
jeton revoke line/bot
status 0
is "path" "$(recorded line '.[-1].path')" /v2/oauth/revoke
is "form" "$(recorded line '.[-1].form | keys')" '["access_token"]'
jeton list --json
json 'map(select(.name == "line/bot"))[0].state' '"none"'

it "a stateless token lives 15 minutes and has no key id"
jeton get line/stateless --json
status 0
is "path" "$(recorded line '.[-1].path')" /oauth2/v3/token
json '.expires_at - .issued_at | . >= 899 and . <= 900' true
json 'has("key_id")' false

it "a stateless token cannot be revoked: exit status 76, and why"
jeton revoke line/stateless
status 76
err_says "line/stateless"
err_says stateless
err_is_tidy

it "logout forgets a token that cannot be revoked"
jeton logout line/stateless
status 0
jeton show line/stateless --json
json '.[0].state' '"none"'

it "key ids belong to v2.1 only: exit status 76"
jeton keys line/bot
status 76
err_says line/bot

it "refresh is not something LINE has"
jeton refresh line/bot
status 76

it "a wrong channel secret exits with 69, with LINE's error, description and what to do"
fresh
write_secret line 00000000000000000000000000000000
jeton get line/bot --json
status 69
json .error.error '"invalid_client"'
json .error.error_description '"invalid client_secret"'
json '.error.http_status' 400
json '.error.hint | test("client_secret")' true
err_says "line/bot"
err_says "invalid client_secret"
err_lacks 0000000000000000
is "times that the description is told" "$(grep -o 'invalid client_secret' "$T/err" | wc -l)" 1
is "times that the name is told" "$(grep -o 'line/bot' "$T/err" | wc -l)" 1
err_is_tidy

it "the two accounts of one file are two tokens"
fresh
jeton get line/bot
FIRST=$OUT
jeton get line/stateless
is_not "the token" "$OUT" "$FIRST"
jeton list --json
json 'map(select(.name | startswith("line/")) | .name)' '["line/bot","line/stateless"]'

it "the 31st short-lived token is issued, and LINE has revoked the oldest"
fresh
jeton get line/bot
OLDEST=$OUT
for ((i = 0; i < 30; i++)); do
    "$JETON" --config "$CONFIG" acquire line/bot >/dev/null 2>>"$T/limit.err" </dev/null ||
        problem "acquire $i" 0 "$(cat "$T/limit.err")"
done
VERDICT=$(curl -s --data-urlencode "access_token=$OLDEST" "http://127.0.0.1:$HTTP/line/v2/oauth/verify" | jq -r .error)
is "what LINE says of the first token" "$VERDICT" invalid_request
jeton introspect line/bot --json
json .active true

it "an account whose client_id is not digits is a finding with file and line"
edit line "s/\"$LINE_ID\"/\"channel-x\"/"
jeton check
status 78
out_says "line.conf:2: "
out_says client_id
