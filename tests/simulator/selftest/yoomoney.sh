# SPDX-License-Identifier: MIT
# YooMoney: authorization by redirect, codes that work once, revocation by bearer.

id=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ01
secret=NH2FGEYIS57DXVO4CJ4APTQVWWH78JZ140EIMJ5YOLTG0TQV0OIM9WBN1DGRZ3LP
uri='https://client.example.com/cb?x=1'
code() { control POST /code '{"provider":"yoomoney"}' | jq -r .code; }
# exchange CODE [URI] [curl arguments]
exchange() {
    local code=$1 to=${2:-$uri}
    shift $(($# > 2 ? 2 : $#))
    send /yoomoney/oauth/token -d "code=$code" -d client_id=$id -d grant_type=authorization_code \
        --data-urlencode "redirect_uri=$to" "$@"
}
revoke() { send /yoomoney/api/revoke -X POST -H "Authorization: $1" -H 'Content-Length: 0'; }
authorize() { send /yoomoney/oauth/authorize -G -d client_id=$id -d response_type=code --data-urlencode "redirect_uri=${1-$uri}" --data-urlencode "scope=${2-account-info}"; }

exchange "$(code)"
token=$(member access_token)
is "yoomoney: an access token and nothing else" '200 ["access_token"]' "$status $(jq -c keys <<<"$body")"
matches "yoomoney: that starts with the wallet" '^410012345678901\.[0-9A-F]{64}$' "$token"
is "yoomoney: not to be stored" no-store "$(header cache-control)"
is "yoomoney: lives three years" 94608000 "$(control GET /tokens | jq '.[1]|.expires_at-.issued_at')"
revoke "Bearer $token"
is "yoomoney: revoke is 200 and empty" '200 0' "$status $(header content-length)"
revoke "Bearer $token"
is "yoomoney: a second revoke is 401" '401 ' "$status $body"
revoke "Basic x"
is "yoomoney: revoke without a bearer token is 400" 400 "$status"
send /yoomoney/api/revoke -X POST
is "yoomoney: nor without the header" 400 "$status"

code=$(code)
exchange "$code" "$uri" -d client_secret=$secret
is "yoomoney: with the secret" 200 "$status"
exchange "$code"
is "yoomoney: a code works once" '400 {"error":"invalid_grant"}' "$status $body"
exchange "$(code)" "$uri" -d client_secret=
is "yoomoney: an empty secret counts as none" 200 "$status"
exchange "$(code)" "$uri" -d client_secret=wrong
is "yoomoney: a wrong secret" '400 {"error":"unauthorized_client"}' "$status $body"
set_knobs '{"provider":"yoomoney","require_secret":true}'
exchange "$(code)"
is "yoomoney: a secret can be required" '400 unauthorized_client' "$status $(member error)"
reset
code=$(code)
exchange "$code" 'https://client.example.com/cb?x=2'
is "yoomoney: another redirect_uri" '400 invalid_grant' "$status $(member error)"
exchange "$code"
is "yoomoney: which does not spend the code" 200 "$status"
code=$(code)
later 61
exchange "$code"
is "yoomoney: a code expires" '400 invalid_grant' "$status $(member error)"
later 0
send /yoomoney/oauth/token -d "client_id=$id&grant_type=authorization_code"
is "yoomoney: no code" '400 invalid_request' "$status $(member error)"

authorize
location=$(header location)
matches "yoomoney: authorize redirects with a code" '^302 https://client\.example\.com/cb\?x=1&code=[0-9A-F]{64}$' "$status $location"
exchange "${location##*code=}"
is "yoomoney: that can be exchanged" 200 "$status"
authorize "$uri&state=abc"
location=$(header location)
matches "yoomoney: a state may ride in the redirect_uri" 'x=1&state=abc&code=' "$location"
exchange "${location##*code=}"
is "yoomoney: then the exchange must carry it too" '400 invalid_grant' "$status $(member error)"
exchange "${location##*code=}" "$uri&state=abc"
is "yoomoney: to the letter" 200 "$status"
send /yoomoney/oauth/authorize -d client_id=$id -d response_type=code --data-urlencode "redirect_uri=$uri" \
    --data-urlencode 'scope=account-info payment.to-account("41").limit(30,10)' -d instance_name=x
matches "yoomoney: authorize by POST" '^302 .*code=' "$status $(header location)"
authorize 'https://evil.example.com/'
is "yoomoney: an unregistered redirect_uri goes nowhere" '400 invalid_request ' "$status $(member error) $(header location)"
authorize "$uri&a=
Set-Cookie: x"
is "yoomoney: nor one with a line break" 400 "$status"
authorize "$uri" ''
matches "yoomoney: no scope" 'error=invalid_scope' "$(header location)"
authorize "$uri" 'payment-p2p payment.to-account("1")'
matches "yoomoney: scopes that exclude each other" 'error=invalid_scope' "$(header location)"
send /yoomoney/oauth/authorize -G -d client_id=x -d response_type=code --data-urlencode "redirect_uri=$uri" -d scope=a
matches "yoomoney: unknown client" 'error=unauthorized_client' "$(header location)"
set_knobs '{"provider":"yoomoney","deny":true}'
authorize
matches "yoomoney: the user can refuse" 'error=access_denied&error_description=' "$(header location)"
set_knobs '{"provider":"yoomoney","credentials":{"redirect_uri":"http://127.0.0.1:9/cb"},"deny":false}'
authorize 'http://127.0.0.1:9/cb?state=1'
matches "yoomoney: the redirect_uri can be set" '^http://127.0.0.1:9/cb\?state=1&code=' "$(header location)"
send /yoomoney/oauth/nonsense
is "yoomoney: unknown path" 404 "$status"
send /yoomoney/oauth/token
is "yoomoney: wrong method" 405 "$status"

reset
recorded=$(jq -r 'first(.[] | select(.name == "yoomoney.token.ok_with_secret")).request.body_raw' "$vectors/yoomoney.json")
send /yoomoney/oauth/token -d "code=$(code)&${recorded#code=*&}"
is "yoomoney: the recorded exchange" 200 "$status"
