#!/bin/bash
# SPDX-License-Identifier: MIT
# QIWI end to end: two requests, a code that is never exchanged twice, and errors in QIWI's own shapes.
. "$(dirname "$0")/lib.sh"

WALLET_TOKEN=U1QtOTkwMTAyLWNud3FpdWhmbzg3M
sim_start

qiwi_conf()
{
    fresh
    write_secret qiwi "${1-$WALLET_TOKEN}"
    write_provider qiwi <<EOF
base_url = "http://127.0.0.1:$HTTP/qiwi";
accounts = {
  wallet = { wallet_token_file = "$T/secrets/qiwi"; };
};
EOF
}

it "get sends the two requests that QIWI's SDK sends, with its defaults"
qiwi_conf
jeton get qiwi/wallet --json
status 0
is "requests" "$(requests qiwi)" 2
is "the first" "$(recorded qiwi '.[0] | .path + "?" + .body_raw')" \
    "/oauth/authorize?response_type=code&token=$WALLET_TOKEN&client_id=api_wallet_private&client_software=api"
CODE=$(recorded qiwi '.[1].form.code')
is "the second" "$(recorded qiwi '.[1] | .path + "?" + .body_raw')" \
    "/oauth/token?grant_type=authorization_code&client_id=api_wallet_private&client_secret=hTFPyt&code=$CODE"
is "Accept" "$(recorded qiwi 'map(.headers.accept) | unique')" '["application/json"]'
is "Authorization" "$(recorded qiwi 'map(.headers | has("authorization")) | unique')" '[false]'

it "the token lives ten years, from a lifetime that is a string"
json '.expires_at - .issued_at' 316224000
json .token_type '"Bearer"'
json '[.. | strings] | map(select(test("refresh"))) | length' 0

it "a second get makes no request"
FIRST=$(jq -r .access_token "$T/out")
jeton get qiwi/wallet
out_is "$FIRST"
is "requests" "$(requests qiwi)" 2

it "the refresh token in the answer is not taken for one: there is no refresh, and acquire begins with the wallet token"
jeton refresh qiwi/wallet
status 76
jeton show qiwi/wallet --json
json '.[0] | has("refresh_expires_at")' false
jeton invalidate qiwi/wallet
jeton get qiwi/wallet
status 0
is_not "the token" "$OUT" "$FIRST"
is "the third request" "$(recorded qiwi '.[2].path')" /oauth/authorize
for operation in revoke introspect keys; do
    jeton $operation qiwi/wallet
    status 76
done

it "a code whose answer was lost is never exchanged again: the next try gets a new one"
qiwi_conf
fault '{"provider":"qiwi","path":"/oauth/token","kind":"close_after"}'
jeton get qiwi/wallet
status 75
is "requests" "$(recorded qiwi 'map(.path)')" '["/oauth/authorize","/oauth/token"]'
jeton acquire qiwi/wallet
status 0
is "codes exchanged" "$(recorded qiwi 'map(.form.code | select(. != null))  | unique | length')" 2
is "requests" "$(requests qiwi)" 4

it "423 means try again later, and Retry-After counts: exit status 75"
qiwi_conf
fault '{"provider":"qiwi","kind":"status","status":423,"retry_after":"120"}'
jeton get qiwi/wallet --json
status 75
json .error.retry_after 120
jeton get qiwi/wallet
status 75
is "requests" "$(requests qiwi)" 1

it "a wallet token that is wrong is told without QIWI's words: exit status 69"
qiwi_conf no-such-wallet-token
jeton get qiwi/wallet --json
status 69
json .error.http_status 401
err_says "180 days"
err_lacks no-such-wallet-token

it "a missing permission comes in the long form"
qiwi_conf
set_knob '{"provider":"qiwi","forbidden":true}'
jeton get qiwi/wallet --json
status 69
json .error.error '"auth.forbidden"'
json .error.error_description '"Access denied"'

it "a code that was refused comes in the short form"
qiwi_conf
set_knob '{"provider":"qiwi","credentials":{"client_secret":"another"}}'
jeton get qiwi/wallet --json
status 69
json .error.error '"invalid_client"'
json .error.error_description '"Invalid client"'

it "201 is no success, at either request, and the code is not shown: exit status 65"
for path in /oauth/authorize /oauth/token; do
    qiwi_conf
    fault "{\"provider\":\"qiwi\",\"path\":\"$path\",\"kind\":\"body\",\"status\":201,
        \"body\":\"{\\\"code\\\":\\\"c0de-of-201\\\",\\\"access_token\\\":\\\"t0ken-of-201\\\"}\"}"
    jeton get qiwi/wallet
    status 65
    err_says 201
    err_lacks of-201
done

it "an account without its wallet token is a finding with file and line"
qiwi_conf
edit qiwi 's/wallet_token_file = "[^"]*";//'
jeton check
status 78
out_says "qiwi.conf:3: the account wallet lacks the setting wallet_token"
