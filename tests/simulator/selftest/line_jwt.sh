# SPDX-License-Identifier: MIT
# LINE by assertion: v2.1 with its limit and key ids, stateless by JWT, every check of a claim.

jq -r '.[0].private_key_pem' "$vectors/line-jwt.json" >"$work/line.pem"
kid=536e453c-aa93-4449-8e90-add2608783c6
type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer
pair='client_id=1234567890&client_secret=7be1a4d0f29c4f6bb0b0c5b8a4c7d9e3'

b64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
# sign HEADER CLAIMS [KEY]
sign() {
    local text
    text=$(printf %s "$1" | b64).$(printf %s "$2" | b64)
    printf '%s.%s' "$text" "$(printf %s "$text" | openssl dgst -sha256 -sign "${3:-$work/line.pem}" | b64)"
}
good_header="{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"$kid\"}"
# claims [JQ]: good claims, changed
claims() {
    jq -nc "{iss:\"1234567890\",sub:\"1234567890\",aud:\"https://api.line.me/\",exp:($(now)+600),token_exp:86400} | ${1:-.}"
}
issue_with() {
    send /line/oauth2/v2.1/token -d grant_type=client_credentials -d client_assertion_type=$type \
        -d "client_assertion=$1"
}
issue() { issue_with "$(sign "$good_header" "$(claims "${1:-.}")")"; }
said() { echo "$status $(member error) $(member error_description)"; }
kids() {
    send /line/oauth2/v2.1/tokens/kid -G -d client_assertion_type=$type \
        -d "client_assertion=$(sign "$good_header" "$(claims)")"
}
verify() { send /line/oauth2/v2.1/verify -G -d "access_token=$1"; }

issue
token=$(member access_token)
key_id=$(member key_id)
is "line v2.1: a token" '200 86400 Bearer' "$status $(member expires_in) $(member token_type)"
is "line v2.1: with a key id" '["access_token","expires_in","key_id","token_type"]' "$(jq -c keys <<<"$body")"
matches "line v2.1: that is a JWS" '^eyJhbGciOiJIUzI1NiJ9\.' "$token"
kids
is "line v2.1: the key id is listed" "{\"kids\":[\"$key_id\"]}" "$body"
verify "$token"
is "line v2.1: verifies" '200 1234567890' "$status $(member client_id)"
send /line/oauth2/v2.1/revoke -d "client_id=1234567890&client_secret=wrong&access_token=$token"
is "line v2.1: revoke needs the secret" '400 invalid_client invalid client_secret' "$(said)"
send /line/oauth2/v2.1/revoke -d "$pair&access_token=$token"
is "line v2.1: revoke is 200 and empty" '200 ' "$status $body"
verify "$token"
is "line v2.1: a revoked token is invalid" '400 invalid_request access_token invalid' "$(said)"
kids
is "line v2.1: and its key id is gone" '{"kids":[]}' "$body"
send /line/oauth2/v2.1/revoke -d "$pair&access_token=$token"
is "line v2.1: a second revoke is no error" 200 "$status"
issue '.token_exp=60'
token=$(member access_token)
later 61
verify "$token"
is "line v2.1: expires after token_exp" '400 invalid_request The access token expired' "$(said)"
later 0
verify nodots
is "line v2.1: verify wants a JWS" '400 invalid_request The access token not JWS' "$(said)"

reset
set_knobs '{"provider":"line","v2_1_max_tokens":2}'
issue
issue
issue
is "line v2.1: past the limit" '400 The maximum number of access tokens has already been issued null' \
    "$status $(member message) $(member error)"
later 86400
issue
is "line v2.1: expired tokens make room" 200 "$status"
reset
is "line v2.1: the limit is 30" 30 "$(control GET '/set?provider=line' | jq .v2_1_max_tokens)"

issue '.iss="2"'
is "line: iss" '400 invalid_client iss and clientId of key do not match' "$(said)"
issue '.sub="2"'
is "line: sub" '400 invalid_client Invalid sub' "$(said)"
issue '.iss=1234567890'
is "line: iss must be a string" 400 "$status"
issue '.aud="https://api.line.me"'
is "line: aud needs its slash" '400 invalid_client Invalid aud' "$(said)"
issue '.exp-=601'
is "line: exp in the past" '400 invalid_client Invalid exp' "$(said)"
issue '.exp+=1210'
is "line: exp more than 30 minutes ahead" '400 invalid_client Invalid exp' "$(said)"
issue 'del(.exp)'
is "line: no exp" '400 invalid_client Invalid exp' "$(said)"
issue '.token_exp=2592001'
is "line: token_exp above 30 days" '400 invalid_client Invalid token_exp' "$(said)"
issue '.token_exp=2592000'
is "line: token_exp of 30 days" '200 2592000' "$status $(member expires_in)"
issue 'del(.token_exp)'
is "line: no token_exp" 400 "$status"
issue '.exp|=tostring|.token_exp="60"'
is "line: numbers as strings, as in the documentation's sample" '200 60' "$status $(member expires_in)"
issue_with "$(sign '{"alg":"RS256","typ":"JWT","kid":"other"}' "$(claims)")"
is "line: unknown kid" '404 Cannot find channel key that satisfies the conditions null' \
    "$status $(member message) $(member error)"
issue_with "$(sign "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"$kid\"}" "$(claims)")"
is "line: another alg" '400 invalid_client Invalid alg' "$(said)"
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/other.pem" 2>/dev/null
issue_with "$(sign "$good_header" "$(claims)" "$work/other.pem")"
is "line: another key" '400 invalid_client Invalid signature' "$(said)"
good=$(sign "$good_header" "$(claims)")
IFS=. read -r h _ s <<<"$good"
issue_with "$h.$(claims '.token_exp=99' | tr -d '\n' | b64).$s"
is "line: altered claims" '400 invalid_client Invalid signature' "$(said)"
issue_with nonsense
is "line: no JWT at all" '400 invalid_client Invalid client_assertion' "$(said)"
send /line/oauth2/v2.1/token -d grant_type=client_credentials -d "client_assertion=$good"
is "line: no assertion type" '400 invalid_request' "$status $(member error)"

send /line/oauth2/v3/token -d grant_type=client_credentials -d client_assertion_type=$type \
    -d "client_assertion=$(sign "$good_header" "$(claims 'del(.token_exp)')")"
is "line v3 by JWT: a token" '200 900 null' "$status $(member expires_in) $(member key_id)"

set_knobs "$(jq -nc --arg pem "$(openssl pkey -in "$work/other.pem" -pubout)" '{provider:"line",credentials:{public_key:$pem,key_id:"mine",client_id:"77"}}')"
issue_with "$(sign '{"alg":"RS256","kid":"mine"}' "$(claims '.iss="77"|.sub="77"')" "$work/other.pem")"
is "line: key, kid and channel can be set" 200 "$status"

# The recorded assertions are valid at their own time.
reset
at_time 1559702000
while read -r jwt; do
    send /line/oauth2/v3/token -d grant_type=client_credentials -d client_assertion_type=$type -d "client_assertion=$jwt"
    is "line: a recorded assertion verifies" 200 "$status"
done < <(jq -r '.[].jwt' "$vectors/line-jwt.json")
send "/line/oauth2/v2.1/tokens/kid?$(jq -r 'first(.[] | select(.name | test("kids.ok")) | .request.query) | to_entries | map("\(.key)=\(.value|@uri)") | join("&")' "$vectors/line.json")"
is "line: the recorded kids request" '200 {"kids":[]}' "$status $body"
at_time 1559702523
send "/line/oauth2/v2.1/tokens/kid?$(jq -r 'first(.[] | select(.name | test("kids.expired")) | .request.query) | to_entries | map("\(.key)=\(.value|@uri)") | join("&")' "$vectors/line.json")"
is "line: the recorded kids request, expired" '400 invalid_client Invalid exp' "$(said)"
