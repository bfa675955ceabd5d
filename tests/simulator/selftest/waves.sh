# SPDX-License-Identifier: MIT
# Waves.Exchange: recorded signatures really verify, altered ones do not, refresh tokens rotate.

ask() {
    send /waves/v1/oauth2/token -d grant_type=password -d scope="${3:-general}" -d "username=$1" \
        --data-urlencode "password=$2" -d client_id="${4:-waves.exchange}"
}
refresh() { send /waves/v1/oauth2/token -d grant_type=refresh_token -d scope=general -d "refresh_token=$1" -d client_id=waves.exchange; }
said() { echo "$status $(member error)"; }
# claim JWT NAME
claim() {
    local part
    part=$(cut -d. -f2 <<<"$1" | tr '_-' '/+')
    while [ $((${#part} % 4)) -ne 0 ]; do part=$part=; done
    openssl base64 -d -A <<<"$part" | jq -r ".$2"
}

read -r user exp signature < <(jq -r 'first(.[] | select(.chain_id == "W" and .client_id == "waves.exchange")) | "\(.public_key_b58) \(.expiry) \(.random_signature_b58)"' "$vectors/waves-crypto.json")
at_time $((exp - 600))
ask "$user" "$exp:$signature"
token=$(member access_token)
first=$(member refresh_token)
is "waves: a token, expires_in absolute" "200 bearer $exp general" "$status $(member token_type) $(member expires_in) $(member scope)"
is "waves: the access token is a JWT with exp" "$exp" "$(claim "$token" exp)"
ask "$user" "$exp:$signature"
is "waves: a signature may be used again until it expires" 200 "$status"
set_knobs '{"provider":"waves","expires_in_form":"number"}'
ask "$user" "$exp:$signature"
matches "waves: or relative" '^(600|599|598)$' "$(member expires_in)"

refresh "$first"
second=$(member refresh_token)
is "waves: refresh gives a new week" '200 604800' "$status $(member expires_in)"
is "waves: and a new refresh token" different "$([ "$first" != "$second" ] && echo different)"
refresh "$first"
is "waves: the old one is spent" '401 {"error":"invalid_grant"}' "$status $body"
refresh "$second"
is "waves: which leaves the new one alone" 200 "$status"
third=$(member refresh_token)
at_time $((exp - 600 + 2592001))
refresh "$third"
is "waves: refresh tokens last 30 days" '401 invalid_grant' "$(said)"
refresh expired
is "waves: an unknown one" '401 invalid_grant' "$(said)"

at_time "$exp"
ask "$user" "$exp:$signature"
is "waves: an expiry in the past" '400 invalid_grant' "$(said)"
at_time $((exp - 604900))
ask "$user" "$exp:$signature"
is "waves: an expiry more than a week ahead" '400 invalid_grant' "$(said)"
at_time $((exp - 600))
ask "$user" "$((exp - 1)):$signature"
is "waves: a signature over another expiry" '400 invalid_grant' "$(said)"
altered=A
[ "${signature:20:1}" = A ] && altered=B
ask "$user" "$exp:${signature:0:20}$altered${signature:21}"
is "waves: an altered signature" '400 invalid_grant' "$(said)"
ask "1$user" "$exp:$signature"
is "waves: a user name that is no key" '400 invalid_grant' "$(said)"
ask "$user" "$exp:0OIl"
is "waves: a signature that is no base58" '400 invalid_grant' "$(said)"
ask "$user" "$signature"
is "waves: a password without expiry" '400 invalid_grant' "$(said)"
ask 11111111111111111111111111111111 "$exp:$signature"
is "waves: the zero key" '400 invalid_grant' "$(said)"
ask "$user" "$exp:$signature" other
is "waves: another scope" '400 invalid_scope' "$(said)"
ask "$user" "$exp:$signature" general other
is "waves: another client" '401 invalid_client' "$(said)"
set_knobs '{"provider":"waves","chain_id":"T"}'
ask "$user" "$exp:$signature"
is "waves: a mainnet signature on the testnet" '400 invalid_grant' "$(said)"
send /waves/v1/oauth2/token -d grant_type=nonsense -d scope=general -d client_id=waves.exchange
is "waves: unknown grant type" '400 unsupported_grant_type' "$(said)"
send /waves/v1/oauth2/token -d grant_type=password
is "waves: missing fields" '400 invalid_request' "$(said)"
send /waves/v1/oauth2/nonsense -d x=1
is "waves: unknown path" 404 "$status"
send /waves/v1/oauth2/token
is "waves: wrong method" 405 "$status"
send /waves/v1/oauth2/token -H 'Content-Type: application/json' -d '{}'
is "waves: wrong content type" 415 "$status"

# Every recorded signature, on its chain, for its client, at its time.
all=0
good=0
flipped=0
while IFS=$'\t' read -r chain client user exp signature; do
    at_time $((exp - 100))
    set_knobs "$(jq -nc --arg chain "$chain" --arg client "$client" '{provider:"waves",chain_id:$chain,credentials:{client_id:$client}}')"
    send /waves/v1/oauth2/token -d grant_type=password -d scope=general -d "username=$user" \
        --data-urlencode "password=$exp:$signature" --data-urlencode "client_id=$client"
    all=$((all + 1))
    [ "$status" = 200 ] && good=$((good + 1)) || echo "  refused: $chain $client $user $exp $signature: $body"
    at_time $((exp - 200))
    send /waves/v1/oauth2/token -d grant_type=password -d scope=general -d "username=$user" \
        --data-urlencode "password=$((exp - 1)):$signature" --data-urlencode "client_id=$client"
    [ "$status" = 400 ] && flipped=$((flipped + 1))
done < <(jq -r '.[] | select(.public_key_b58 and .expiry > 1000 and .chain_id) | . as $v |
    ([.deterministic_signatures[]?.signature_b58] + [.random_signature_b58, .signature_b58])[] | select(.) |
    [$v.chain_id, $v.client_id, $v.public_key_b58, ($v.expiry|tostring), .] | @tsv' "$vectors/waves-crypto.json")
is "waves: all recorded signatures verify" "$all" "$good"
matches "waves: and there were some" '^[1-9][0-9]' "$all"
is "waves: none does over another expiry" "$all" "$flipped"

reset
at_time 1584651000
send /waves/v1/oauth2/token -d "$(jq -r 'first(.[] | select(.name == "waves.password.ok")).request.body_raw' "$vectors/waves.json")"
is "waves: the recorded request" '200 1584651600' "$status $(member expires_in)"
