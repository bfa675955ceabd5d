# SPDX-License-Identifier: MIT
# QIWI Wallet: both steps, codes that work once, its three error shapes.

step1='response_type=code&token=U1QtOTkwMTAyLWNud3FpdWhmbzg3M&client_id=api_wallet_private&client_software=api'
step2='grant_type=authorization_code&client_id=api_wallet_private&client_secret=hTFPyt&code='
authorize() { send /qiwi/oauth/authorize -d "$step1"; }
exchange() { send /qiwi/oauth/token -d "$step2$1"; }

authorize
code=$(member code)
is "qiwi: a code" '200 ["code"]' "$status $(jq -c keys <<<"$body")"
exchange "$code"
is "qiwi: a token, expires_in as a string" '200 Bearer "316224000"' "$status $(member token_type) $(jq -c .expires_in <<<"$body")"
is "qiwi: with four members" '["access_token","expires_in","refresh_token","token_type"]' "$(jq -c keys <<<"$body")"
exchange "$code"
is "qiwi: a code works once" '400 {"message":"Invalid code","code":"invalid_grant"}' "$status $body"
authorize
later 301
exchange "$(member code)"
is "qiwi: and not for long" '400 invalid_grant' "$status $(member code)"
later 0
code=$(control POST /code '{"provider":"qiwi"}' | jq -r .code)
exchange "$code"
is "qiwi: a code made by control" 200 "$status"
exchange "$(member access_token)"
is "qiwi: a token is no code" 400 "$status"

send /qiwi/oauth/authorize -d "${step1/U1Qt/X1Qt}"
is "qiwi: wrong wallet token is 401 and empty" '401 ' "$status $body"
set_knobs '{"provider":"qiwi","forbidden":true}'
authorize
is "qiwi: without permission 403 and the long error" \
    '403 ["dateTime","description","errorCode","serviceName","traceId","userMessage"]' "$status $(jq -c keys <<<"$body")"
set_knobs '{"provider":"qiwi","forbidden":false,"rate_limit":1}'
authorize
authorize
is "qiwi: rate limited is 423 and empty" '423 ' "$status $body"
set_knobs '{"provider":"qiwi","rate_limit":0,"expires_in_form":"number"}'
authorize
exchange "$(member code)"
is "qiwi: expires_in as a number" '316224000' "$(jq -c .expires_in <<<"$body")"
send /qiwi/oauth/authorize -d "${step1/=code/=token}"
is "qiwi: wrong response_type" '400 invalid_request' "$status $(member code)"
send /qiwi/oauth/token -d "${step2/hTFPyt/x}1"
is "qiwi: wrong client secret" '400 invalid_client' "$status $(member code)"
send /qiwi/oauth/nonsense -d x=1
is "qiwi: unknown path" 404 "$status"
send /qiwi/oauth/token
is "qiwi: wrong method" 405 "$status"
send /qiwi/oauth/token -H 'Content-Type: application/json' -d '{}'
is "qiwi: wrong content type" 415 "$status"

# The recorded first step, byte for byte.
reset
send /qiwi/oauth/authorize -d "$(jq -r '.[0].request.body_raw' "$vectors/qiwi.json")"
is "qiwi: the recorded first step" 200 "$status"
