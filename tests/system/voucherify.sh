#!/bin/bash
# SPDX-License-Identifier: MIT
# Voucherify end to end: what a person and a service see. Errors that every provider shares are in errors.sh.
. "$(dirname "$0")/lib.sh"

TOKEN_PATH=/v1/oauth/token
sim_start

it "get prints an access token that the provider issued, and nothing else"
fresh
jeton get voucherify/main
status 0
err_is ""
FIRST=$OUT
is "the token" "$(sim GET '/tokens?provider=voucherify' | jq -r '.[0].token')" "$FIRST"
is "lines on stdout" "$(wc -l <"$T/out")" 1

it "the request is the one that Voucherify documents"
is "method and path" "$(recorded voucherify '.[0] | .method + " " + .path')" "POST $TOKEN_PATH"
is "form" "$(recorded voucherify '.[0].form')" '{"grant_type":"client_credentials","scope":"vouchers campaigns"}'
is "X-App-Id" "$(recorded voucherify '.[0].headers["x-app-id"]')" "$VOUCHERIFY_ID"
is "X-App-Token" "$(recorded voucherify '.[0].headers["x-app-token"]')" "$VOUCHERIFY_TOKEN"
contains "User-Agent" "$(recorded voucherify '.[0].headers["user-agent"]')" "jeton/"
is "Authorization" "$(recorded voucherify '.[0].headers["authorization"]')" null

it "a second get takes the token from the store without a request"
jeton get voucherify/main
status 0
out_is "$FIRST"
is "requests" "$(requests voucherify)" 1

it "get --json prints the token set under its RFC 6749 names"
jeton get voucherify/main --json
status 0
json .name '"voucherify/main"'
json .access_token "\"$FIRST\""
json .token_type '"Bearer"'
json .scope '"vouchers campaigns"'
json '.expires_at - .issued_at | . >= 899 and . <= 900' true
json '[.expires_at, .issued_at] | map(type)' '["number","number"]'
json 'has("refresh_token")' false
json 'keys - ["access_token","expires_at","extra","issued_at","key_id","name","scope","token_type"]' '[]'
json .extra.client_id '"a1Bcdefg2HI3Jkl4m5nOP"'

it "introspect says that the token is active, in RFC 7662's terms"
jeton introspect voucherify/main --json
status 0
json .active true
json .scope '"vouchers campaigns"'
json .client_id '"a1Bcdefg2HI3Jkl4m5nOP"'
json '.exp | type' '"number"'
is "the form field" "$(recorded voucherify '.[-1].form')" "{\"access_token\":\"$FIRST\"}"
jeton introspect voucherify/main
status 0
out_says "active: yes"
out_lacks "$FIRST"

it "a scope that was asked for is an entry of its own"
jeton get voucherify/main --scope vouchers
status 0
is_not "the token" "$OUT" "$FIRST"
NARROW=$OUT
is "the scope that was sent" "$(recorded voucherify '.[-1].form.scope')" vouchers
jeton get voucherify/main
out_is "$FIRST"
jeton get voucherify/main --scope vouchers
out_is "$NARROW"
jeton show voucherify/main --json
json 'map(.scope) | sort | unique | length' 2

it "a token that lives too short for --min-ttl is renewed, one that lives long enough is not"
fresh
jeton get voucherify/main
FIRST=$OUT
jeton get voucherify/main --min-ttl 890
out_is "$FIRST"
sleep 0.9
sleep 0.3
jeton get voucherify/main --min-ttl 900
status 0
is_not "the token" "$OUT" "$FIRST"
is "requests" "$(requests voucherify)" 2

it "a --min-ttl that no token of this provider reaches is refused, with the lifetime that they have"
jeton get voucherify/main --min-ttl 901
status 69
err_says 901
err_says 900
err_is_tidy

it "acquire brings another token, whatever is stored"
fresh
jeton get voucherify/main
FIRST=$OUT
jeton acquire voucherify/main
status 0
is_not "the token" "$OUT" "$FIRST"
SECOND=$OUT
jeton get voucherify/main
out_is "$SECOND"

it "revoke makes the token worthless at the provider and forgets it"
jeton revoke voucherify/main --json
status 0
json .revoked true
is "what was revoked" "$(recorded voucherify '.[-1] | .path + " " + .form.access_token')" \
    "/v1/oauth/token/revoke $SECOND"
jeton show voucherify/main --json
json '.[0].state' '"none"'
jeton introspect voucherify/main
status 64
err_says "no token is stored"
jeton get voucherify/main
status 0
is_not "the token" "$OUT" "$SECOND"

it "revoking a token that the provider has forgotten is done, not an error"
sim POST /reset >/dev/null
jeton revoke voucherify/main
status 0

it "logout revokes and forgets"
jeton get voucherify/main
jeton logout voucherify/main
status 0
jeton list --json
json 'map(select(.name == "voucherify/main"))[0].state' '"none"'
is "the last request" "$(recorded voucherify '.[-1].path')" /v1/oauth/token/revoke

it "invalidate keeps the token from being handed out again"
fresh
jeton get voucherify/main
FIRST=$OUT
jeton invalidate voucherify/main
status 0
jeton get voucherify/main
status 0
is_not "the token" "$OUT" "$FIRST"

it "invalidate with the token of before leaves the renewed one alone"
SECOND=$OUT
jeton_with "$FIRST" invalidate voucherify/main --token @-
status 0
jeton get voucherify/main
out_is "$SECOND"
printf '%s\n' "$SECOND" >"$T/token"
jeton invalidate voucherify/main --token "@$T/token"
status 0
jeton get voucherify/main
is_not "the token" "$OUT" "$SECOND"

it "what Voucherify does not have exits with 76 and says so"
for operation in refresh keys; do
    jeton $operation voucherify/main
    status 76
    err_says voucherify
    err_is_tidy
    jeton $operation voucherify/main --json
    status 76
    json .error.status 76
done

it "wrong credentials exit with 69 and repeat Voucherify's own words"
fresh
write_secret voucherify "wrong-token-0123456789"
jeton get voucherify/main --json
status 69
json .error.status 69
json .error.name '"voucherify/main"'
json .error.http_status 401
json .error.error '"unauthorized"'
err_says "voucherify/main"
err_says "Unauthorized"
err_lacks wrong-token-0123456789
err_is_tidy

it "a refusal is remembered: the provider is not asked again until the configuration changes"
BEFORE=$(requests voucherify)
jeton get voucherify/main
status 69
is "requests" "$(requests voucherify)" "$BEFORE"
write_secret voucherify "$VOUCHERIFY_TOKEN"
jeton get voucherify/main
status 0

it "a comma between scopes is refused before or by Voucherify, with a sentence about the scope"
fresh
edit voucherify 's/vouchers campaigns/vouchers,campaigns/'
jeton get voucherify/main
is_not "exit status" "$STATUS" 0
err_says scope
err_is_tidy

it "eight processes that want a token at once make one request"
fresh
for i in 1 2 3 4 5 6 7 8; do
    "$JETON" --config "$CONFIG" get voucherify/main >"$T/many.$i" 2>"$T/many-err.$i" </dev/null &
    PIDS[$i]=$!
done
for i in 1 2 3 4 5 6 7 8; do
    wait "${PIDS[$i]}"
    is "exit status of process $i" $? 0
done
is "different tokens" "$(cat "$T"/many.? | sort -u | wc -l)" 1
is "requests" "$(requests voucherify)" 1

it "a revocation that cannot reach the provider is queued, and the token is unusable at once"
fresh
jeton get voucherify/main
FIRST=$OUT
fault '{"provider":"voucherify","kind":"close","times":-1}'
jeton revoke voucherify/main --json
status 75
json .error.status 75
jeton list --json
json 'map(select(.name == "voucherify/main"))[0].state' '"revoking"'
no_faults
jeton get voucherify/main
out_lacks "$FIRST"
