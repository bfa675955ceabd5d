#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The main job, shown: tokens from simulated providers, from the store, introspected, renewed, revoked. It works in a directory of
# its own and leaves nothing running. Called by `./dev demo`.
set -euo pipefail
build=$1
simulator=$2
vectors=$3
work=$(mktemp -d "${TMPDIR:-/tmp}/jeton-demo.XXXXXX")
simulator_pid=
cleanup() {
    [ -z "$simulator_pid" ] || { kill "$simulator_pid" && wait "$simulator_pid"; } 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

explain() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || explain() { printf '\n%s\n' "$*"; }
show() { # prints the command as a person would type it, runs it, and goes on when it is meant to fail
    printf '  $ %s\n' "$*"
    local status=0
    "$build/bin/$1" --config "$work/etc" "${@:2}" 2>&1 | sed 's/^/    /' || status=${PIPESTATUS[0]}
    [ "$status" -eq 0 ] || printf '    (exit status %s)\n' "$status"
}
requests() { curl -fsS "http://127.0.0.1:$control/count?provider=$1" | jq -r .count; }

"$simulator" --certificate "$work/ca.pem" >"$work/ready" 2>"$work/simulator.log" &
simulator_pid=$!
for _ in $(seq 100); do
    grep -q '^READY' "$work/ready" && break
    sleep 0.05
done
read -r _ http https control <"$work/ready" || { cat "$work/simulator.log"; exit 1; }
http=${http#http=} https=${https#https=} control=${control#control=}

explain "A simulator plays the providers on this machine: http on port $http, https on port $https."

mkdir -p "$work/etc/providers.d"
umask 077
printf '9e322bac-8297-49f7-94c8-07946724bcbc' >"$work/etc/voucherify-token"
printf '7be1a4d0f29c4f6bb0b0c5b8a4c7d9e3' >"$work/etc/line-secret"
jq -r '.[0].private_key_pem' "$vectors/line-jwt.json" >"$work/etc/line-key.pem"
printf 'U1QtOTkwMTAyLWNud3FpdWhmbzg3M' >"$work/etc/qiwi-token"
printf 'a seed phrase of the demo, worth nothing' >"$work/etc/waves-seed"
jq -r '.[] | select(.name == "yoomoney.token.ok_with_secret").inputs.client_secret' "$vectors/yoomoney.json" \
    >"$work/etc/yoomoney-secret"
cat >"$work/etc/jeton.conf" <<EOF
store = { path = "$work/tokens.db"; key_file = "$work/etc/store.key"; };
EOF
cat >"$work/etc/providers.d/voucherify.conf" <<EOF
base_url = "https://127.0.0.1:$https/voucherify";
ca_file  = "$work/ca.pem";
accounts = {
  shop = {
    app_id         = "8a824b12-0530-4ef4-9479-d9e9b9930176";
    app_token_file = "$work/etc/voucherify-token";
    scope          = ["vouchers", "campaigns"];
  };
};
EOF
cat >"$work/etc/providers.d/line.conf" <<EOF
base_url = "https://127.0.0.1:$https/line";
ca_file  = "$work/ca.pem";
accounts = {
  bot       = { api = "v2"; client_id = "1234567890"; client_secret_file = "$work/etc/line-secret"; };
  signed    = { api = "v2.1"; client_id = "1234567890"; client_secret_file = "$work/etc/line-secret";
                key_id = "536e453c-aa93-4449-8e90-add2608783c6"; private_key_file = "$work/etc/line-key.pem"; };
  stateless = { api = "v3"; client_id = "1234567890"; client_secret_file = "$work/etc/line-secret"; };
};
EOF
cat >"$work/etc/providers.d/qiwi.conf" <<EOF
base_url = "https://127.0.0.1:$https/qiwi";
ca_file  = "$work/ca.pem";
accounts = { wallet = { wallet_token_file = "$work/etc/qiwi-token"; }; };
EOF
cat >"$work/etc/providers.d/waves.conf" <<EOF
base_url = "https://127.0.0.1:$https/waves";
ca_file  = "$work/ca.pem";
accounts = { trader = { seed_file = "$work/etc/waves-seed"; }; };
EOF
cat >"$work/etc/providers.d/yoomoney.conf" <<EOF
base_url = "https://127.0.0.1:$https/yoomoney";
ca_file  = "$work/ca.pem";
accounts = {
  shop = {
    client_id          = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ01";
    client_secret_file = "$work/etc/yoomoney-secret";
    redirect_uri       = "https://client.example.com/cb?x=1";
    scope              = ["account-info", "operation-history"];
  };
};
EOF
explain "An admin writes one file for each provider. This one is providers.d/voucherify.conf:"
sed 's/^/    /' "$work/etc/providers.d/voucherify.conf"

explain "Once: the store for the tokens, and the key that seals it."
show jeton init

explain "Is the configuration right? Every finding would come with its file and line."
show jeton check

explain "The main job: hand me a token that is valid now. Nothing is stored yet, so jeton asks the providers, over TLS."
show jeton get voucherify/shop
show jeton get line/bot
printf '  Requests that the providers have seen: Voucherify %s, LINE %s.\n' "$(requests voucherify)" "$(requests line)"

explain "Again: both come from the store. No request is sent, and neither libcurl nor OpenSSL nor a plugin is loaded."
show jeton get voucherify/shop
show jeton get line/bot
printf '  Requests that the providers have seen: still Voucherify %s, LINE %s.\n' "$(requests voucherify)" "$(requests line)"

explain "What is stored, and until when."
show jeton list

explain "What does the provider itself say about the token? (RFC 7662 names, whatever the provider calls them.)"
show jeton introspect voucherify/shop
show jeton --json introspect line/bot

explain "Revoked: worthless at the provider, and gone from the store."
show jeton revoke voucherify/shop
show jeton revoke line/bot
show jeton introspect voucherify/shop
show jeton list
printf '  Tokens that are still good at the providers: %s.\n' \
    "$(curl -fsS "http://127.0.0.1:$control/tokens" | jq '[.[] | select(.active)] | length')"

explain "Not everything can be revoked. LINE's stateless tokens cannot, and jeton says so instead of pretending."
show jeton get line/stateless
show jeton revoke line/stateless

explain "LINE v2.1: a JWT, signed with a key that stays in jeton, gets a token that has an id, and the ids can be listed."
show jeton get line/signed
show jeton keys line/signed

explain "QIWI: two requests, a one-time code between them, and a token for ten years."
show jeton get qiwi/wallet

explain "Waves.Exchange: the password is a Curve25519 signature, made from the seed. The token is renewed with its refresh token."
show jeton get waves/trader
show jeton refresh waves/trader

explain "YooMoney: a person has to agree once, in a browser. This is the page to send them to; many people, one account."
show jeton login yoomoney/shop/410012345678901 --print-url
code=$(curl -fsS -d '{"provider":"yoomoney"}' "http://127.0.0.1:$control/code" | jq -r .code)
printf '%s' "$code" >"$work/etc/code"
explain "The browser comes back with a code that can be used once:"
show jeton acquire yoomoney/shop/410012345678901 -p "code=@$work/etc/code"
show jeton acquire yoomoney/shop/410012345678901 -p "code=@$work/etc/code"
show jeton revoke yoomoney/shop/410012345678901

explain "All that is stored now."
show jeton list

explain "A typing error is answered with the name that was probably meant."
show jeton get line/bto

explain "Done. The simulator is stopped and everything that the demo wrote is removed."
