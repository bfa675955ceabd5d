#!/bin/bash
# SPDX-License-Identifier: MIT
# YooMoney end to end: the page, the exchange of a one-time code, many people in one account, and revocation.
. "$(dirname "$0")/lib.sh"

CLIENT_ID=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ01
CLIENT_SECRET=NH2FGEYIS57DXVO4CJ4APTQVWWH78JZ140EIMJ5YOLTG0TQV0OIM9WBN1DGRZ3LP
REDIRECT='https://client.example.com/cb?x=1'
REDIRECT_ENCODED=https%3A%2F%2Fclient.example.com%2Fcb%3Fx%3D1
ANNA=yoomoney/shop/410012345678901
sim_start

# yoomoney_conf [MORE]: MORE begins in line 8 of yoomoney.conf.
yoomoney_conf()
{
    fresh
    write_secret yoomoney "$CLIENT_SECRET"
    write_provider yoomoney <<EOF
base_url = "http://127.0.0.1:$HTTP/yoomoney";
accounts = {
  shop = {
    client_id          = "$CLIENT_ID";
    client_secret_file = "$T/secrets/yoomoney";
    redirect_uri       = "$REDIRECT";
    scope              = [ "account-info", "payment.to-account(\"410011161616877\").limit(30,10)" ];
    ${1-}
  };
};
EOF
}

new_code()
{
    sim POST /code '{"provider":"yoomoney"}' | jq -r .code
}

it "login --print-url prints the page with the scopes, and the instance name where there is one"
yoomoney_conf
SCOPE=account-info+payment.to-account%28%22410011161616877%22%29.limit%2830%2C10%29
PAGE="http://127.0.0.1:$HTTP/yoomoney/oauth/authorize?client_id=$CLIENT_ID&response_type=code"
PAGE+="&redirect_uri=$REDIRECT_ENCODED&scope=$SCOPE"
jeton login "$ANNA" --print-url
status 0
out_is "$PAGE"
yoomoney_conf 'instance_name = "device 1";'
jeton login "$ANNA" --print-url
out_is "$PAGE&instance_name=device+1"
is "requests" "$(requests yoomoney)" 0

# sign_in MORE-ARGUMENTS: opens the page that login shows, as a browser would, and pastes where it arrived.
sign_in()
{
    local line page= back
    COMMAND="jeton login $ANNA $*"
    rm -f "$T/stdin"
    mkfifo "$T/stdin"
    "$JETON" --config "$CONFIG" login "$ANNA" --timeout 20 "$@" >"$T/out" 2>"$T/err" <"$T/stdin" &
    exec 8>"$T/stdin"
    for _ in $(seq 100); do
        page=$(sed -n 's/^jeton: \(http:.*\)$/\1/p' "$T/err")
        [ -n "$page" ] && break
        sleep 0.05
    done
    back=$(curl -s -o /dev/null -w '%{redirect_url}' "$page")
    echo "${BACK-$back}" >&8
    exec 8>&-
    wait $!
    STATUS=$? OUT=$(cat "$T/out") ERR=$(cat "$T/err")
}

it "login brings a person's consent back as a token, with the scopes that were asked for"
yoomoney_conf
sign_in
status 0
is "requests" "$(recorded yoomoney 'map(.method + " " + .path)')" '["GET /oauth/authorize","POST /oauth/token"]'
is "redirect_uri" "$(recorded yoomoney '.[1].form.redirect_uri')" "$REDIRECT"
jeton get "$ANNA" --json
status 0
json .scope '"account-info payment.to-account(\"410011161616877\").limit(30,10)"'

it "redirect_state rides on the redirect URI, there and in the exchange"
yoomoney_conf 'redirect_state = true;'
sign_in
status 0
matches "redirect_uri" "$(recorded yoomoney '.[0].query.redirect_uri')" '^https://client.example.com/cb\?x=1&state=.{32}$'
is "the exchange's" "$(recorded yoomoney '.[1].form.redirect_uri')" "$(recorded yoomoney '.[0].query.redirect_uri')"

it "a way back with another state is refused, and its code is not used: exit status 69"
yoomoney_conf 'redirect_state = true;'
BACK="$REDIRECT&state=other&code=$(new_code)" sign_in
status 69
err_says "another state"
is "exchanges" "$(requests yoomoney /oauth/token)" 0

it "a person who declines is told apart from a failure: exit status 69"
yoomoney_conf
set_knob '{"provider":"yoomoney","deny":true}'
sign_in --json
status 69
json .error.error '"access_denied"'
err_says "the person declined"
is "exchanges" "$(requests yoomoney /oauth/token)" 0

it "acquire exchanges a code as YooMoney documents it; the token lives three years"
yoomoney_conf
CODE=$(new_code)
jeton_with "$CODE" acquire "$ANNA" -p code=@- --json
status 0
err_is ""
json .token_type '"Bearer"'
json '.expires_at - .issued_at' $((1095 * 86400))
is "the form" "$(recorded yoomoney '.[0] | .path + "?" + .body_raw')" \
    "/oauth/token?code=$CODE&client_id=$CLIENT_ID&grant_type=authorization_code&redirect_uri=$REDIRECT_ENCODED&client_secret=$CLIENT_SECRET"
is "Authorization" "$(recorded yoomoney '.[0].headers | has("authorization")')" false
TOKEN=$(jq -r .access_token "$T/out")

it "one account serves many people, each with a token of their own"
jeton_with "$(new_code)" acquire yoomoney/shop/410098765432109 -p code=@-
status 0
OTHER=$OUT
is_not "the token" "$OTHER" "$TOKEN"
jeton get "$ANNA"
out_is "$TOKEN"
jeton get yoomoney/shop/410098765432109
out_is "$OTHER"
jeton get yoomoney/shop/nobody
status 77
err_says "jeton login yoomoney/shop/nobody"

it "without a secret the field is not sent"
yoomoney_conf
edit yoomoney '/client_secret_file/d'
jeton_with "$(new_code)" acquire "$ANNA" -p code=@-
status 0
is "fields" "$(recorded yoomoney '.[0].form | keys_unsorted')" '["code","client_id","grant_type","redirect_uri"]'

it "a code that was spent is refused, with what to do: exit status 69"
yoomoney_conf
CODE=$(new_code)
jeton_with "$CODE" acquire "$ANNA" -p code=@-
status 0
TOKEN=$OUT
jeton_with "$CODE" acquire "$ANNA" -p code=@- --json
status 69
json .error.error '"invalid_grant"'
json .error.http_status 400
err_says "jeton login"
err_lacks "$CODE"
jeton get "$ANNA"
out_is "$TOKEN"

it "an error with status 200 is one too: exit status 69"
fault '{"provider":"yoomoney","kind":"body","body":"{\"error\":\"unauthorized_client\"}"}'
jeton_with "$(new_code)" acquire "$ANNA" -p code=@- --json
status 69
json .error.error '"unauthorized_client"'
json .error.http_status 200

it "a lost answer means starting again, and nothing is sent twice: exit status 77"
yoomoney_conf
for kind in close close_after truncate; do
    sim DELETE /requests >/dev/null
    fault "{\"provider\":\"yoomoney\",\"kind\":\"$kind\"}"
    jeton_with "$(new_code)" acquire "$ANNA" -p code=@-
    status 77
    err_says "start again"
    is "requests" "$(requests yoomoney)" 1
done
jeton get "$ANNA"
status 77
is "requests" "$(requests yoomoney)" 1

it "a page where a token should be says to start again: exit status 65"
fault '{"provider":"yoomoney","kind":"html"}'
jeton_with "$(new_code)" acquire "$ANNA" -p code=@-
status 65
err_says "start again with \`jeton login\`"

it "revoke sends the token as bearer with an empty body"
yoomoney_conf
jeton_with "$(new_code)" acquire "$ANNA" -p code=@-
TOKEN=$OUT
jeton revoke "$ANNA" --json
status 0
json .revoked true
json 'has("note")' false
is "request" "$(recorded yoomoney '.[-1] | [.method, .path, .headers.authorization, .headers["content-length"], .body_raw]')" \
    "[\"POST\",\"/api/revoke\",\"Bearer $TOKEN\",\"0\",\"\"]"

it "a token that was revoked before is done too, with a note"
jeton_with "$(new_code)" acquire "$ANNA" -p code=@-
curl -s -o /dev/null -X POST -H "Authorization: Bearer $OUT" "http://127.0.0.1:$HTTP/yoomoney/api/revoke"
jeton revoke "$ANNA" --json
status 0
json .revoked true
json '.note | test("revoked before")' true

it "rights that exclude each other are a finding with file and line"
yoomoney_conf
edit yoomoney 's/"account-info"/"payment-p2p"/'
jeton check
status 78
out_says "yoomoney.conf:7: scope: YooMoney does not take payment-p2p and payment.to-account together"

it "an account without its redirect_uri is a finding with file and line"
yoomoney_conf
edit yoomoney '/redirect_uri/d'
jeton check
status 78
out_says "yoomoney.conf:3: the account shop lacks the setting redirect_uri"
