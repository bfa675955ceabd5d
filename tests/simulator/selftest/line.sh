# SPDX-License-Identifier: MIT
# LINE by secret: short-lived v2 tokens and stateless ones.

pair='client_id=1234567890&client_secret=7be1a4d0f29c4f6bb0b0c5b8a4c7d9e3'
grant="grant_type=client_credentials&$pair"
issue() { send /line/v2/oauth/accessToken -d "$grant"; }
with_token() { send "$1" --data-urlencode "access_token=$2"; }

issue
token=$(member access_token)
is "line v2: a token" '200 2592000 Bearer' "$status $(member expires_in) $(member token_type)"
is "line v2: with three members" '["access_token","expires_in","token_type"]' "$(jq -c keys <<<"$body")"
matches "line v2: of characters that need encoding" '\+.*=$' "$token"
matches "line v2: and a slash" '/' "$token"
is "line v2: not to be stored" no-store "$(header cache-control)"
matches "line: a request id" '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' \
    "$(header x-line-request-id)"
with_token /line/v2/oauth/verify "$token"
is "line v2: verifies" '200 1234567890 P CM' "$status $(member client_id) $(member scope)"
send /line/v2/oauth/verify -d "access_token=$token"
is "line v2: a token sent without encoding is another one" 400 "$status"
with_token /line/v2/oauth/revoke "$token"
is "line v2: revoke is 200 and empty" '200 ' "$status $body"
with_token /line/v2/oauth/verify "$token"
is "line v2: a revoked token is invalid" 'invalid_request access_token invalid' \
    "$(member error) $(member error_description)"
with_token /line/v2/oauth/revoke "$token"
is "line v2: a second revoke is no error" 200 "$status"
issue
token=$(member access_token)
later 2592001
with_token /line/v2/oauth/verify "$token"
is "line v2: expires" 'The access token expired' "$(member error_description)"

reset
first=
for _ in $(seq 30); do
    issue
    first=${first:-$(member access_token)}
done
with_token /line/v2/oauth/verify "$first"
is "line v2: 30 tokens live together" 200 "$status"
issue
is "line v2: a 31st is issued" 200 "$status"
with_token /line/v2/oauth/verify "$first"
is "line v2: and the oldest is revoked" 400 "$status"
is "line v2: only that one" 30 "$(control GET '/tokens?provider=line' | jq '[.[]|select(.active)]|length')"

send /line/oauth2/v3/token -d "$grant"
stateless=$(member access_token)
is "line v3: a token" '200 900 Bearer' "$status $(member expires_in) $(member token_type)"
is "line v3: without a key id" '["access_token","expires_in","token_type"]' "$(jq -c keys <<<"$body")"
send /line/oauth2/v2.1/revoke -d "$pair" --data-urlencode "access_token=$stateless"
send /line/oauth2/v2.1/verify -G --data-urlencode "access_token=$stateless"
is "line v3: cannot be revoked" 200 "$status"
later 900
send /line/oauth2/v2.1/verify -G --data-urlencode "access_token=$stateless"
is "line v3: expires" 'The access token expired' "$(member error_description)"
set_knobs '{"provider":"line","v2_1_max_tokens":1,"max_tokens":1}'
for _ in 1 2 3; do send /line/oauth2/v3/token -d "$grant"; done
is "line v3: has no limit" 200 "$status"

send /line/v2/oauth/accessToken -d "client_id=1&client_secret=2"
is "line v2: no grant type" '400 invalid_request' "$status $(member error)"
send /line/v2/oauth/accessToken -d "grant_type=password&$pair"
is "line v2: another grant type" '400 unsupported_grant_type' "$status $(member error)"
send /line/v2/oauth/nonsense -d x=1
is "line: unknown path has a message, no error" '404 Not found null' "$status $(member message) $(member error)"
send /line/v2/oauth/accessToken
is "line: wrong method" 405 "$status"
send /line/v2/oauth/accessToken -H 'Content-Type: application/json' -d '{}'
is "line: wrong content type" 415 "$status"
with_token /line/v2/oauth/verify '%%%'
is "line v2: a malformed token" 'access_token in invalid format' "$(member error_description)"

# The recorded errors that need no assertion.
while read -r vector; do
    name=$(jq -r .name <<<"$vector")
    reset
    case $name in
    *429) set_knobs '{"provider":"line","rate_limit":1}' && issue ;;
    esac
    send "/line$(jq -r .request.path <<<"$vector")" -d "$(jq -r .request.body_raw <<<"$vector")"
    is "line: vector $name" "$(jq -Sc '[.response.status, .response.body]' <<<"$vector")" \
        "$(jq -nSc --argjson s "$status" --arg b "$body" '[$s, ($b | fromjson)]')"
done < <(jq -c '.[] | select(.response.status >= 400 and .request.method == "POST" and (.request.body_raw | test("client_assertion") | not))' "$vectors/line.json")
