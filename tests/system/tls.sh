#!/bin/bash
# SPDX-License-Identifier: MIT
# TLS: what is trusted, what is not, and that it cannot be switched off.
. "$(dirname "$0")/lib.sh"

sim_start

use_https()
{
    fresh "${1-}"
    edit voucherify "s|^base_url = .*|base_url = \"https://127.0.0.1:$HTTPS/voucherify\";${2-}|"
}

it "a certificate that ca_file vouches for is accepted"
use_https "" " ca_file = \"$T/ca.pem\";"
jeton get voucherify/main
status 0

it "ca_file in jeton.conf counts for every provider"
use_https "http = { ca_file = \"$T/ca.pem\"; };"
jeton get voucherify/main
status 0

it "a certificate that nobody vouches for is refused, with the reason, and nothing is sent"
use_https
jeton get voucherify/main --json
is_not "exit status" "$STATUS" 0
err_says "voucherify/main"
err_says certificate
err_is_tidy
is "requests" "$(requests voucherify)" 0

it "a certificate for another host is refused"
use_https "" " ca_file = \"$T/ca.pem\";"
edit voucherify "s|https://127.0.0.1|https://127.0.0.2|"
jeton get voucherify/main
is_not "exit status" "$STATUS" 0
err_is_tidy
is "requests" "$(requests voucherify)" 0

it "a ca_file that is not there is told with its path"
use_https "" " ca_file = \"$T/nowhere.pem\";"
jeton get voucherify/main
is_not "exit status" "$STATUS" 0
err_says "$T/nowhere.pem"
err_is_tidy

it "there is no setting that switches verification off"
for setting in verify insecure verify_peer tls_verify; do
    use_https "" " $setting = false;"
    jeton get voucherify/main
    status 78
    err_says "$setting"
done

it "plain http to an address that is not loopback is refused before anything is sent"
fresh
for address in 192.0.2.1 example.com 127.0.0.1.example.com "[2001:db8::1]" 0.0.0.0; do
    edit voucherify "s|^base_url = .*|base_url = \"http://$address/voucherify\";|"
    jeton check
    status 78
    out_says "voucherify.conf:1: "
    out_says https
    jeton get voucherify/main
    status 78
    err_is_tidy
done

it "https spoken to a plain http port fails with a sentence: exit status 75"
fresh
edit voucherify "s|^base_url = .*|base_url = \"https://127.0.0.1:$HTTP/voucherify\";|"
jeton get voucherify/main
is_not "exit status" "$STATUS" 0
err_says voucherify/main
err_is_tidy

it "proxies and TLS files named in the environment are not looked at"
use_https "" " ca_file = \"$T/ca.pem\";"
SSLKEYLOGFILE=$T/keys.log https_proxy=http://127.0.0.1:1 HTTPS_PROXY=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1 \
    jeton get voucherify/main
status 0
