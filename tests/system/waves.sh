#!/bin/bash
# SPDX-License-Identifier: MIT
# Waves.Exchange end to end: logging in by signature, refreshing, and logging in again when the refresh token has died.
# The simulator verifies the signatures.
. "$(dirname "$0")/lib.sh"

SEED="manage manual recall harvest series desert melt police rose hollow moral pledge kitten position add"
PRIVATE_KEY=3kMEhU5z3v8bmer1ERFUUhW58Dtuhyo9hE5vrhjqAWYT
PUBLIC_KEY=HBqhfdFASRQ5eBBpu2y6c6KKi1az6bMx8v1JxX4iW1Q8
sim_start

# waves_conf SETTINGS: they begin in line 4 of waves.conf.
waves_conf()
{
    fresh
    write_secret seed "$SEED"
    write_secret private-key "$PRIVATE_KEY"
    write_provider waves <<EOF
base_url = "http://127.0.0.1:$HTTP/waves";
accounts = {
  trader = {
    $1
  };
};
EOF
    chmod 600 "$CONFIG/providers.d/waves.conf"
}

by_seed="seed_file = \"$T/secrets/seed\";"
by_private_key="private_key_file = \"$T/secrets/private-key\";"

it "get logs in with a signature for a little less than a week"
waves_conf "$by_seed"
jeton check
status 0
jeton get waves/trader --json
status 0
FIRST=$(jq -r .access_token "$T/out")
is "fields" "$(recorded waves '.[0].form | keys_unsorted')" \
    '["grant_type","scope","username","password","client_id"]'
is "username" "$(recorded waves '.[0].form.username')" "$PUBLIC_KEY"
is "scope and client" "$(recorded waves '.[0].form | [.grant_type, .scope, .client_id]')" \
    '["password","general","waves.exchange"]'
is "the signed end is the token's" "$(recorded waves '.[0].form.password | split(":")[0]')" \
    "$(jq .expires_at "$T/out")"
json '.expires_at - .issued_at' 604500
json 'has("refresh_token")' false
PASSWORD=$(recorded waves '.[0].form.password' | cut -d: -f2)
out_lacks "$PASSWORD"

it "the private key logs the same account in, on either chain"
waves_conf "$by_private_key"
jeton get waves/trader
status 0
is "username" "$(recorded waves '.[0].form.username')" "$PUBLIC_KEY"
waves_conf "$by_private_key chain_id = \"T\";"
jeton get waves/trader --json
status 69
json .error.error '"invalid_grant"'
err_says chain_id
set_knob '{"provider":"waves","chain_id":"T"}'
jeton acquire waves/trader
status 0

it "token_lifetime is what is signed"
waves_conf "$by_seed token_lifetime = 3600;"
jeton get waves/trader --json
status 0
json '.expires_at - .issued_at' 3600

it "refresh sends the refresh token and spends it"
waves_conf "$by_seed"
jeton get waves/trader
FIRST=$OUT
jeton refresh waves/trader
status 0
is_not "the token" "$OUT" "$FIRST"
is "fields" "$(recorded waves '.[1].form | keys_unsorted')" '["grant_type","scope","refresh_token","client_id"]'
SPENT=$(recorded waves '.[1].form.refresh_token')
jeton refresh waves/trader
status 0
is_not "the refresh token" "$(recorded waves '.[2].form.refresh_token')" "$SPENT"

it "expires_in may be seconds or a point in time"
for form in number absolute string; do
    waves_conf "$by_seed token_lifetime = 7200;"
    set_knob "{\"provider\":\"waves\",\"expires_in_form\":\"$form\"}"
    jeton get waves/trader --json
    status 0
    json '.expires_at - .issued_at | . >= 7199 and . <= 7200' true
done

it "a token that is no good any more is refreshed"
waves_conf "$by_seed"
jeton get waves/trader
FIRST=$OUT
jeton invalidate waves/trader
jeton get waves/trader
status 0
is_not "the token" "$OUT" "$FIRST"
is "the requests" "$(recorded waves 'map(.form.grant_type)')" '["password","refresh_token"]'

it "where the refresh token has died too, jeton logs in anew by itself"
jeton invalidate waves/trader
sim POST /reset >/dev/null
jeton get waves/trader
status 0
err_is ""
is "the requests" "$(recorded waves 'map([.form.grant_type, .status])')" '[["refresh_token",401],["password",200]]'

it "jeton refresh with a dead refresh token says that no person is needed: exit status 69"
sim POST /reset >/dev/null
jeton refresh waves/trader
status 69
err_says "no person is needed"

it "revoke, introspect and keys are not something Waves.Exchange has: exit status 76"
for operation in revoke introspect keys; do
    jeton $operation waves/trader
    status 76
done

# finding SETTING-LINES "line" "sentence"
finding()
{
    waves_conf "$1"
    jeton check
    status 78
    out_says "waves.conf:$2"
    jeton get waves/trader
    status 78
    is "requests" "$(requests waves)" 0
}

it "what is wrong with an account is a finding with file and line before any request"
finding "private_key = \"3kMEhU5z3v8bmer1ERFUUhW58Dtuhyo9hE5vrhjqAWY0\";" "4: private_key: character 44 of the key is \"0\""
finding "private_key = \" $PRIVATE_KEY\";" "4: private_key: character 1 of the key is a space"
finding "private_key = \"${PRIVATE_KEY%?}\";" "4: private_key: the key is too short"
finding "private_key = \"${PRIVATE_KEY}1\";" "4: private_key: the key is too long"
finding "$by_seed
    $by_private_key" "5: private_key: seed and private_key are both set"
finding "chain_id = \"W\";" "3: seed: neither seed nor private_key is set"
finding "$by_seed
    chain_id = \"WT\";" "5: chain_id: it must be exactly one ASCII character"
finding "$by_seed
    token_lifetime = 604801;" "5: token_lifetime must be a whole number from 1 to 604800"
finding "$by_seed
    token_lifetime = 0;" "5: token_lifetime must be a whole number from 1 to 604800"
finding "$by_seed
    scope = \"\";" "5: scope: it is empty"
finding "seed = \"\";" "4: seed is empty"

it "a seed is used byte for byte: spaces and Unicode forms make another account"
declare -A USERS=()
for seed in "grün 🌊" " grün 🌊" "grün 🌊 " "grün  🌊" $'gru\u0308n 🌊'; do
    waves_conf "$by_seed"
    write_secret seed "$seed"
    jeton get waves/trader
    status 0
    USERS[$(recorded waves '.[0].form.username')]=1
done
is "accounts" "${#USERS[@]}" 5
waves_conf "$by_seed"
printf '%s' "$SEED" >"$T/secrets/seed"
jeton get waves/trader
is "without a newline at the file's end" "$(recorded waves '.[0].form.username')" "$PUBLIC_KEY"
