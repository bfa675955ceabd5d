# SPDX-License-Identifier: MIT
# Voucherify: issue, introspect, revoke, the recorded errors, limits.

id='X-App-Id: 8a824b12-0530-4ef4-9479-d9e9b9930176'
key='X-App-Token: 9e322bac-8297-49f7-94c8-07946724bcbc'
call() { send "/voucherify/v1/oauth/$1" -H "$id" -H "$key" -d "$2"; }
issue() { call token 'grant_type=client_credentials&scope=api'; }

issue
token=$(member access_token)
is "voucherify: a token" '200 a1Bcdefg2HI3Jkl4m5nOP 900 api Bearer' \
    "$status $(jq -r '"\(.client_id) \(.expires_in) \(.scope) \(.token_type)"' <<<"$body")"
is "voucherify: no more members than documented" \
    '["access_token","client_id","expires_at","expires_in","scope","token_type"]' "$(jq -c keys <<<"$body")"
is "voucherify: not to be stored" no-store "$(header cache-control)"
call introspect "access_token=$token"
is "voucherify: introspects as active" "true $token" "$(jq -r '"\(.active) \(.access_token)"' <<<"$body")"
later 400
call introspect "access_token=$token"
matches "voucherify: with what is left" '^(499|500)$' "$(member expires_in)"
later 900
call introspect "access_token=$token"
is "voucherify: expires" '{"active":false}' "$body"
call token/revoke "access_token=$token"
is "voucherify: an expired token cannot be revoked" '404 ' "$status $body"
later 0
call token/revoke "access_token=$token"
is "voucherify: revoke is 204 and empty" '204 ' "$status $body"
call introspect "access_token=$token"
is "voucherify: a revoked token is inactive" '{"active":false}' "$body"
call token/revoke "access_token=$token"
is "voucherify: a second revoke is 404" 404 "$status"

send /voucherify/v1/oauth/token -H "$id" -H 'X-App-Token: wrong' -d 'grant_type=client_credentials&scope=api'
is "voucherify: wrong credentials" '401 unauthorized' "$status $(member key)"
send /voucherify/v1/oauth/token -d 'grant_type=client_credentials&scope=api'
is "voucherify: no credentials" 401 "$status"
call token 'grant_type=client_credentials'
is "voucherify: no scope" '400 missing_parameters' "$status $(member key)"
call nonsense 'x=1'
is "voucherify: unknown path" '404 not_found' "$status $(member key)"
send /voucherify/v1/oauth/token -H "$id" -H "$key"
is "voucherify: wrong method" 405 "$status"
send /voucherify/v1/oauth/token -H "$id" -H "$key" -H 'Content-Type: application/json' -d '{}'
is "voucherify: wrong content type" 415 "$status"
set_knobs '{"provider":"voucherify","scope_required":false}'
call token 'grant_type=client_credentials'
is "voucherify: scope can be made optional" '200 api' "$status $(member scope)"

# The recorded errors, body by body; what they need beforehand is set up by name.
while read -r vector; do
    name=$(jq -r .name <<<"$vector")
    reset
    case $name in
    *401) set_knobs '{"provider":"voucherify","credentials":{"app_token":"other"}}' ;;
    *429) set_knobs '{"provider":"voucherify","rate_limit":1}' && issue ;;
    esac
    send "/voucherify$(jq -r .request.path <<<"$vector")" -H "$id" -H "$key" \
        -H 'Content-Type: application/x-www-form-urlencoded' -d "$(jq -r .request.body_raw <<<"$vector")"
    is "voucherify: vector $name" \
        "$(jq -Sc '[.response.status, (.response.body | if type == "object" then del(.request_id) else "" end)]' <<<"$vector")" \
        "$(jq -nSc --argjson s "$status" --arg b "$body" '[$s, ($b | if . == "" then "" else fromjson | del(.request_id) end)]')"
done < <(jq -c '.[] | select(.response.status >= 400 or (.name | test("inactive")))' "$vectors/voucherify.json")

reset
set_knobs '{"provider":"voucherify","max_tokens":3}'
for _ in 1 2 3; do issue; done
first=$(control GET /tokens | jq -r '.[0].token')
issue
is "voucherify: the limit refuses" 400 "$status"
call token/revoke "access_token=$first"
issue
is "voucherify: a revoked token makes room" 200 "$status"
later 900
issue
is "voucherify: so do expired ones" 200 "$status"
reset
is "voucherify: the limit is 1000" 1000 "$(control GET '/set?provider=voucherify' | jq .max_tokens)"
