#!/bin/bash
# SPDX-License-Identifier: MIT
# LINE end to end with assertions: v2.1 and stateless tokens by JWT, keys in every form that an admin may have, and what
# `jeton check` says of those that will not do. The simulator verifies the signatures.
. "$(dirname "$0")/lib.sh"

KEY_ID=536e453c-aa93-4449-8e90-add2608783c6
VECTORS=$SRC/tests/vectors/line-jwt.json
LIFETIME=86400

command -v openssl >/dev/null || give_up "these tests need openssl"
sim_start
jq -r '.[0].private_key_pem' "$VECTORS" >"$T/pkcs8.pem"

# signed_conf KEY-FILE [MORE]: the key is named in line 6 of line.conf, MORE begins in line 7.
signed_conf()
{
    fresh
    write_provider line <<EOF
base_url = "http://127.0.0.1:$HTTP/line";
client_id = "$LINE_ID";
accounts = {
  signed = { api = "v2.1"; client_secret_file = "$T/secrets/line"; key_id = "$KEY_ID";
    token_lifetime = $LIFETIME;
    private_key_file = "$1";
    ${2-} };
};
EOF
}

it "get brings a token of the lifetime that was asked for, and its key id"
signed_conf "$T/pkcs8.pem"
jeton check
status 0
jeton get line/signed --json
status 0
json '.expires_at - .issued_at' "$LIFETIME"
json '.key_id | length > 0' true
is "request" "$(recorded line '.[-1] | .method + " " + .path')" "POST /oauth2/v2.1/token"
is "fields" "$(recorded line '.[-1].form | keys_unsorted')" \
    '["grant_type","client_assertion_type","client_assertion"]'
CLAIMS=$(recorded line '.[-1].form.client_assertion' | cut -d. -f2 | tr '_-' '/+' | base64 -d 2>/dev/null)
is "claims" "$(jq -c 'del(.exp)' <<<"$CLAIMS")" \
    "{\"iss\":\"$LINE_ID\",\"sub\":\"$LINE_ID\",\"aud\":\"https://api.line.me/\",\"token_exp\":$LIFETIME}"
FIRST_KEY=$(jq -r .key_id "$T/out")

it "keys lists the key ids of all tokens that are valid"
jeton acquire line/signed --json
SECOND_KEY=$(jq -r .key_id "$T/out")
is_not "the key id" "$SECOND_KEY" "$FIRST_KEY"
jeton keys line/signed --json
status 0
json '.keys | sort' "$(jq -nc --arg a "$FIRST_KEY" --arg b "$SECOND_KEY" '[$a, $b] | sort')"
jeton keys line/signed
is "lines on stdout" "$(wc -l <"$T/out")" 2

it "introspect asks v2.1's verify in the query"
jeton introspect line/signed --json
status 0
json .active true
json .client_id "\"$LINE_ID\""
is "request" "$(recorded line '.[-1] | .method + " " + .path')" "GET /oauth2/v2.1/verify"

it "revoke sends the channel's id and secret, and the key id is gone"
jeton revoke line/signed
status 0
is "fields" "$(recorded line '.[-1].form | keys_unsorted')" '["client_id","client_secret","access_token"]'
jeton keys line/signed --json
json .keys "[\"$FIRST_KEY\"]"

it "without the channel secret a revocation says what to add: exit status 78"
edit line 's/client_secret_file = "[^"]*";//'
jeton get line/signed
status 0
jeton revoke line/signed
status 78
err_says "add client_secret_file"
err_says "not handed out here any more"
err_is_tidy

it "a key may be PKCS#1, PKCS#8, encrypted in either way, or a JWK"
openssl rsa -traditional -in "$T/pkcs8.pem" -out "$T/pkcs1.pem" 2>/dev/null
openssl pkcs8 -topk8 -in "$T/pkcs8.pem" -passout pass:open -out "$T/pkcs8-locked.pem" 2>/dev/null
openssl rsa -traditional -aes256 -in "$T/pkcs8.pem" -passout pass:open -out "$T/pkcs1-locked.pem" 2>/dev/null
jq -c '.[0].private_jwk' "$VECTORS" >"$T/jwk.json"
printf 'open\n' >"$T/passphrase"
chmod 600 "$T"/*.pem "$T/jwk.json" "$T/passphrase"
for key in pkcs1.pem jwk.json pkcs8-locked.pem pkcs1-locked.pem; do
    PASSPHRASE=
    [ "${key%-locked.pem}" = "$key" ] || PASSPHRASE="private_key_passphrase_file = \"$T/passphrase\";"
    signed_conf "$T/$key" "$PASSPHRASE"
    jeton get line/signed
    status 0
done

it "a key that will not do is a finding with file and line before any request"
openssl pkey -in "$T/pkcs8.pem" -pubout -out "$T/public.pem" 2>/dev/null
openssl ecparam -genkey -name prime256v1 -noout -out "$T/ec.pem" 2>/dev/null
openssl genpkey -algorithm ED25519 -out "$T/ed25519.pem" 2>/dev/null
openssl genrsa -out "$T/small.pem" 1024 2>/dev/null
openssl req -x509 -key "$T/pkcs8.pem" -subj /CN=x -days 1 -out "$T/certificate.pem" 2>/dev/null
echo "no key at all" >"$T/text.pem"
chmod 600 "$T"/*.pem
while read -r key sentence; do
    signed_conf "$T/$key"
    jeton check
    status 78
    out_says "line.conf:6: private_key: $sentence"
    jeton get line/signed
    status 78
    is "requests" "$(requests line)" 0
done <<'EOF'
public.pem is a public key
ec.pem is not a key for RS256, which needs an RSA key
ed25519.pem is not a key for RS256, which needs an RSA key
small.pem is an RSA key of 1024 bits
certificate.pem is a certificate
text.pem is neither PEM
pkcs8-locked.pem is encrypted, and no passphrase is configured
EOF
signed_conf "$T/pkcs8-locked.pem" 'private_key_passphrase = "shut";'
jeton check
status 78
out_says "line.conf:6: private_key: cannot be decrypted"

it "a token_lifetime out of range is a finding with file and line"
for LIFETIME in 0 2592001; do
    signed_conf "$T/pkcs8.pem"
    jeton check
    status 78
    out_says "line.conf:5: token_lifetime must be a whole number from 1 to 2592000"
done
LIFETIME=86400

it "the 31st token is refused, with what to do: exit status 69"
signed_conf "$T/pkcs8.pem"
set_knob '{"provider":"line","v2_1_max_tokens":1}'
jeton get line/signed
status 0
jeton acquire line/signed --json
status 69
json .error.error_description '"The maximum number of access tokens has already been issued"'
json '.error | has("error")' false
err_says "jeton keys"

it "an unknown key id is refused, with what to do: exit status 69"
signed_conf "$T/pkcs8.pem"
edit line "s/$KEY_ID/00000000-0000-4000-8000-000000000000/"
jeton get line/signed --json
status 69
json .error.http_status 404
err_says "key_id"

it "a key that LINE does not know by this id is refused by its signature"
openssl genrsa -out "$T/other.pem" 2048 2>/dev/null
chmod 600 "$T/other.pem"
signed_conf "$T/other.pem"
jeton get line/signed --json
status 69
json .error.error '"invalid_client"'

it "a stateless token comes by assertion without token_exp, and cannot be revoked: exit status 76"
signed_conf "$T/pkcs8.pem"
edit line 's/"v2.1"/"v3"/; s/token_lifetime = .*//'
jeton get line/signed --json
status 0
json 'has("key_id")' false
CLAIMS=$(recorded line '.[-1].form.client_assertion' | cut -d. -f2 | tr '_-' '/+' | base64 -d 2>/dev/null)
is "claims" "$(jq -c keys_unsorted <<<"$CLAIMS")" '["iss","sub","aud","exp"]'
jeton revoke line/signed
status 76
err_says "ends by itself"
