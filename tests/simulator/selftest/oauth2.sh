# SPDX-License-Identifier: MIT
# The generic server: RFC 6749, 7009, 7662, rotation with reuse detection and grace.

client='client_id=jeton-client&client_secret=jeton-secret'
basic=(-u jeton-client:jeton-secret)
said() { echo "$status $(member error)"; }
login() { send /oauth2/token -d "$client&grant_type=password&username=alice&password=wonderland&scope=read%20write"; }
refresh() { send /oauth2/token -d "$client&grant_type=refresh_token&refresh_token=$1${2:+&scope=$2}"; }
active() {
    send /oauth2/introspect -d "$client&token=$1"
    member active
}

send /oauth2/token "${basic[@]}" -d grant_type=client_credentials -d scope=read
token=$(member access_token)
is "oauth2: client_secret_basic" '200 Bearer 3600 read null' \
    "$status $(jq -r '"\(.token_type) \(.expires_in) \(.scope) \(.refresh_token)"' <<<"$body")"
is "oauth2: not to be stored" no-store "$(header cache-control)"
send /oauth2/token -d "$client&grant_type=client_credentials"
is "oauth2: client_secret_post, RFC 6749 section 2.3.1" '200 null' "$status $(member scope)"
send /oauth2/introspect "${basic[@]}" -d "token=$token"
is "oauth2: introspection of an active token, RFC 7662 section 2.2" 'true jeton-client read Bearer 3600' \
    "$(jq -r '"\(.active) \(.client_id) \(.scope) \(.token_type) \(.exp - .iat)"' <<<"$body")"
is "oauth2: of an unknown one" false "$(active nonsense)"
send /oauth2/revoke "${basic[@]}" -d "token=$token&token_type_hint=access_token"
is "oauth2: revocation is 200 and empty, RFC 7009 section 2.2" '200 ' "$status $body"
is "oauth2: a revoked token is inactive" '{"active":false}' "$(active "$token" >/dev/null; cat "$work/body")"
send /oauth2/revoke "${basic[@]}" -d token=nonsense
is "oauth2: revoking an unknown token is a success" 200 "$status"
send /oauth2/token -d "$client&grant_type=client_credentials"
token=$(member access_token)
later 3601
is "oauth2: an access token expires" false "$(active "$token")"
later 0

send /oauth2/token -u jeton-client:wrong -d grant_type=client_credentials
is "oauth2: wrong secret" '401 invalid_client' "$(said)"
matches "oauth2: with a challenge" '^Basic realm=' "$(header www-authenticate)"
send /oauth2/token -d grant_type=client_credentials
is "oauth2: no client authentication" '401 invalid_client' "$(said)"
send /oauth2/token "${basic[@]}" -d "$client&grant_type=client_credentials"
is "oauth2: two ways of client authentication" '400 invalid_request' "$(said)"
send /oauth2/introspect -d token=x
is "oauth2: introspection wants the client" '401 invalid_client' "$(said)"
send /oauth2/revoke -d token=x
is "oauth2: revocation wants the client" '401 invalid_client' "$(said)"
send /oauth2/token -d "$client"
is "oauth2: no grant_type" '400 invalid_request' "$(said)"
send /oauth2/token -d "$client&grant_type=nonsense"
is "oauth2: unknown grant_type" '400 unsupported_grant_type' "$(said)"
send /oauth2/token -d "$client&grant_type=client_credentials&grant_type=client_credentials"
is "oauth2: a repeated parameter, RFC 6749 section 3.2" '400 invalid_request' "$(said)"
send /oauth2/token -d "$client&grant_type=client_credentials&scope=%zz"
is "oauth2: a broken escape spoils the form" 401 "$status"
send /oauth2/token
is "oauth2: wrong method" '405 POST' "$status $(header allow)"
send /oauth2/token -H 'Content-Type: application/json' -d '{"grant_type":"client_credentials"}'
is "oauth2: wrong content type" '400 invalid_request' "$(said)"
send /oauth2/nonsense -d x=1
is "oauth2: unknown path" 404 "$status"
set_knobs '{"provider":"oauth2","scopes":"read write"}'
send /oauth2/token -d "$client&grant_type=client_credentials&scope=read+admin"
is "oauth2: a scope the server does not have" '400 invalid_scope' "$(said)"
set_knobs '{"provider":"oauth2","scopes":"","max_tokens":1}'
reset

set_knobs '{"provider":"oauth2","max_tokens":1}'
send /oauth2/token -d "$client&grant_type=client_credentials"
send /oauth2/token -d "$client&grant_type=client_credentials"
is "oauth2: max_tokens refuses" 400 "$status"
reset
for way in basic post none; do
    set_knobs "{\"provider\":\"oauth2\",\"client_auth\":\"$way\"}"
    send /oauth2/token "${basic[@]}" -d grant_type=refresh_token
    seen=$status
    send /oauth2/token -d "$client&grant_type=refresh_token"
    seen="$seen $status"
    send /oauth2/token -d "client_id=jeton-client&grant_type=refresh_token"
    is "oauth2: client_auth $way" "$(case $way in basic) echo 400 401 401 ;; post) echo 401 400 401 ;; none) echo 401 401 400 ;; esac)" "$seen $status"
done
reset
set_knobs '{"provider":"oauth2","credentials":{"client_id":"odd/id:x","client_secret":"s%cr+t: &=/~"}}'
send /oauth2/token -u 'odd%2Fid%3Ax:s%25cr%2Bt%3A+%26%3D%2F~' -d grant_type=client_credentials
is "oauth2: Basic is form-encoded, RFC 6749 section 2.3.1" 200 "$status"
send /oauth2/token -H "Authorization: Basic $(printf 'odd/id:x:s%%cr+t: &=/~' | openssl base64 -A)" -d grant_type=client_credentials
is "oauth2: without the encoding it is refused" 401 "$status"

reset
send /oauth2/token -d "$client&grant_type=password&username=alice&password=wrong"
is "oauth2: wrong password" '400 invalid_grant' "$(said)"
login
first=$(member refresh_token)
access=$(member access_token)
is "oauth2: the password grant starts a chain" '200 read write' "$status $(member scope)"
send /oauth2/introspect -d "$client&token=$first"
is "oauth2: a refresh token introspects" 'true alice null' "$(jq -r '"\(.active) \(.username) \(.token_type)"' <<<"$body")"
refresh "$first" read
second=$(member refresh_token)
is "oauth2: refresh may narrow the scope, RFC 6749 section 6" '200 read' "$status $(member scope)"
is "oauth2: and rotates" different "$([ "$first" != "$second" ] && echo different)"
is "oauth2: the spent token is inactive" false "$(active "$first")"
is "oauth2: the earlier access token lives on" true "$(active "$access")"
refresh "$second" admin
is "oauth2: but not widen it" '400 invalid_scope' "$(said)"
refresh "$second"
third=$(member refresh_token)
is "oauth2: the chain keeps its whole scope" 'read write' "$(member scope)"
is "oauth2: the chain is one family" 1 "$(control GET /tokens | jq '[.[].family]|unique|length')"
refresh "$first"
is "oauth2: reuse is refused, RFC 9700 section 4.14" '400 invalid_grant' "$(said)"
is "oauth2: and revokes the family's refresh tokens" false "$(active "$third")"
is "oauth2: and its access tokens" false "$(active "$access")"
refresh "$third"
is "oauth2: nothing of it refreshes any more" '400 invalid_grant' "$(said)"

reset
set_knobs '{"provider":"oauth2","refresh_grace":5}'
login
first=$(member refresh_token)
refresh "$first"
second=$(member refresh_token)
access=$(member access_token)
later 4
refresh "$first"
is "oauth2: within the grace period the same successor" "200 $second $access" \
    "$status $(member refresh_token) $(member access_token)"
refresh "$second"
third=$(member refresh_token)
refresh "$first"
is "oauth2: not once the successor was used" '400 invalid_grant' "$(said)"
is "oauth2: that is reuse" false "$(active "$third")"
login
first=$(member refresh_token)
refresh "$first"
later 11
refresh "$first"
is "oauth2: nor after the grace period" '400 invalid_grant' "$(said)"

reset
set_knobs '{"provider":"oauth2","rotate":false,"refresh_expires_in":100}'
login
first=$(member refresh_token)
refresh "$first"
is "oauth2: without rotation no new refresh token" '200 null' "$status $(member refresh_token)"
refresh "$first"
is "oauth2: the old one goes on" 200 "$status"
later 101
refresh "$first"
is "oauth2: until it expires" '400 invalid_grant' "$(said)"
later 0
login
first=$(member refresh_token)
access=$(member access_token)
send /oauth2/revoke -d "$client&token=$first"
is "oauth2: revoking a refresh token takes the access token with it" false "$(active "$access")"
login
access=$(member access_token)
first=$(member refresh_token)
send /oauth2/revoke -d "$client&token=$access"
is "oauth2: revoking an access token leaves the refresh token" true "$(active "$first")"
