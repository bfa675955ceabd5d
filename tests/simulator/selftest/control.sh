# SPDX-License-Identifier: MIT
# The control port: health, record, counts, clock, knobs, refusals.

token_form='grant_type=client_credentials&client_id=jeton-client&client_secret=jeton-secret'

is "healthz" '{"ok":true}' "$(control GET /healthz)"
matches "an unknown order lists the known ones" 'GET /healthz.*POST /reset' "$(control GET /nonsense)"
is "a body that is no JSON is refused" '{"error":"the body must be one JSON object"}' \
    "$(control POST /time '{"offset":')"
is "an unknown provider is refused" '{"error":"no such provider"}' \
    "$(control GET '/count?provider=nobody')"

send "/oauth2/token?a=1&b=%20x" -d "$token_form&scope=a+b%26c" -H 'X-Test: one' -H 'X-Test: two'
record=$(control GET '/requests?provider=oauth2')
is "a request is recorded once" 1 "$(jq length <<<"$record")"
field() { jq -c ".[0].$1" <<<"$record"; }
is "record: method" '"POST"' "$(field method)"
is "record: path below the prefix" '"/token"' "$(field path)"
is "record: query" '{"a":"1","b":" x"}' "$(field query)"
is "record: query_raw" '"a=1&b=%20x"' "$(field query_raw)"
is "record: form" '"a b&c"' "$(field form.scope)"
is "record: body_raw" "\"$token_form&scope=a+b%26c\"" "$(field body_raw)"
is "record: lower-case headers, repeated ones as an array" '["one","two"]' "$(field 'headers["x-test"]')"
is "record: status" 200 "$(field status)"
is "record: tls" false "$(field tls)"
is "record: n" 1 "$(field n)"
matches "record: at_ms" '^[0-9]{13}$' "$(field at_ms)"
is "record: provider" '"oauth2"' "$(field provider)"

curl -s -o /dev/null "$http/oauth2/token" -d "$token_form" --next -s -o /dev/null "$http/oauth2/token" -d "$token_form"
record=$(control GET /requests)
is "two requests on one connection have one number" true \
    "$(jq '.[-1].connection == .[-2].connection' <<<"$record")"
is "another connection has another" true "$(jq '.[-1].connection != .[0].connection' <<<"$record")"
send /oauth2/token -d 'x=%ff'
is "bad UTF-8 is recorded as valid JSON" 4 "$(control GET /requests | jq length)"

is "count of a provider" '{"count":4}' "$(control GET '/count?provider=oauth2')"
is "count of a path" '{"count":4}' "$(control GET '/count?provider=oauth2&path=/token')"
is "count of another path" '{"count":0}' "$(control GET '/count?provider=oauth2&path=/revoke')"
is "count of another provider" '{"count":0}' "$(control GET '/count?provider=line')"
control DELETE /requests >/dev/null
is "DELETE /requests clears the record" '[]' "$(control GET /requests)"
is "and the count" '{"count":0}' "$(control GET /count)"
send /nobody/token
is "a path without a provider is 404" 404 "$status"

control POST /time '{"offset":3600}' >/dev/null
is "the clock takes an offset" 3600 "$(control GET /time | jq '.now - .real')"
control POST /time '{"now":1700000000}' >/dev/null
is "the clock takes a time" 1700000000 "$(control GET /time | jq '.now - (.now - 1700000000) % 3')"
matches "the clock takes nothing else" 'either offset or now' "$(control POST /time '{"then":1}')"
matches "nor a string" 'either offset or now' "$(control POST /time '{"now":"1"}')"

matches "an unknown knob lists the known ones" 'unknown knob .*typo.*known: expires_in .*refresh_grace.*extra credentials' \
    "$(control POST /set '{"provider":"oauth2","typo":1}')"
matches "an unknown credential too" 'unknown credential.*client_id client_secret' \
    "$(control POST /set '{"provider":"oauth2","credentials":{"typo":"1"}}')"
is "that is a 400" 400 "$(curl -s -o /dev/null -w '%{http_code}' "$control/set" -d '{"provider":"oauth2","typo":1}')"
matches "a knob has a type" 'expires_in must be an integer' \
    "$(control POST /set '{"provider":"oauth2","expires_in":"60"}')"
control POST /set '{"provider":"oauth2","expires_in":77,"typo":1}' >/dev/null
is "a refused order changes nothing" 3600 "$(control GET '/set?provider=oauth2' | jq .expires_in)"
is "a knob can be set and is shown" 60 "$(control POST /set '{"provider":"oauth2","expires_in":60}' | jq .expires_in)"

set_knobs '{"provider":"oauth2","extra":{"x_hint":"kept","n":[1]}}'
send /oauth2/token -d "$token_form"
is "extra is merged into token answers" '{"h":"kept","n":[1]}' "$(jq -c '{h:.x_hint,n}' <<<"$body")"
for form in '"number" 60' '"string" "60"' '"omit" null'; do
    set_knobs "{\"provider\":\"oauth2\",\"expires_in_form\":${form% *}}"
    send /oauth2/token -d "$token_form"
    is "expires_in_form ${form% *}" "${form#* }" "$(jq -c .expires_in <<<"$body")"
done
set_knobs '{"provider":"oauth2","expires_in_form":"absolute"}'
send /oauth2/token -d "$token_form"
matches "expires_in_form absolute" '^17[0-9]{8}$' "$(member expires_in)"

set_knobs '{"provider":"oauth2","credentials":{"client_id":"other","client_secret":"s%c r+t"}}'
send /oauth2/token -d 'grant_type=client_credentials&client_id=other&client_secret=s%25c%20r%2Bt'
is "credentials can be set" 200 "$status"
set_knobs '{"provider":"oauth2","rate_limit":2}'
send /oauth2/token -d 'x=1'
send /oauth2/token -d 'x=1'
send /oauth2/token -d 'x=1'
is "rate_limit refuses the next request" 429 "$status"
later 100
send /oauth2/token -d 'x=1'
is "until the window has passed" 401 "$status"

reset
is "reset brings back the knobs" 3600 "$(control GET '/set?provider=oauth2' | jq .expires_in)"
is "and the credentials" jeton-client "$(control GET '/set?provider=oauth2' | jq -r .credentials.client_id)"
is "and the clock" 0 "$(control GET /time | jq .offset)"
is "and forgets the tokens" '[]' "$(control GET /tokens)"

send /oauth2/token -d "$token_form&scope=s"
is "tokens are listed" '{"provider":"oauth2","client":"jeton-client","active":true,"revoked":false,"kind":"access","family":null}' \
    "$(control GET '/tokens?provider=oauth2' | jq -c '.[0]|{provider,client,active,revoked,kind,family}')"
is "with their value" "$(member access_token)" "$(control GET /tokens | jq -r '.[0].token')"
matches "and their end" '^[0-9]{10}$' "$(control GET /tokens | jq '.[0].expires_at')"
matches "a provider without codes says so" 'no codes' "$(control POST /code '{"provider":"line"}')"
