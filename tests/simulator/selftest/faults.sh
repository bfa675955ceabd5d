# SPDX-License-Identifier: MIT
# Faults: each kind, when they hit, what they leave behind.

token_form='grant_type=client_credentials&client_id=jeton-client&client_secret=jeton-secret'
ask() { send /oauth2/token -d "$token_form"; }
fault() { control POST /fault "$1" >"$work/fault"; }
issued() { control GET '/tokens?provider=oauth2' | jq length; }

fault '{"provider":"oauth2","kind":"status"}'
ask
is "status: 503 by default" 503 "$status"
ask
is "a fault hits once by default" 200 "$status"

fault '{"provider":"*","kind":"status","status":429,"retry_after":"120","body":"{\"error\":\"slow\"}"}'
ask
is "status, retry_after and body can be chosen" '429 120 slow' "$status $(header retry-after) $(member error)"
fault '{"provider":"oauth2","kind":"status","retry_after":"Wed, 21 Oct 2026 07:28:00 GMT"}'
ask
is "retry_after may be a date" 'Wed, 21 Oct 2026 07:28:00 GMT' "$(header retry-after)"

fault '{"provider":"oauth2","kind":"status","after":1,"times":2}'
seen=
for _ in 1 2 3 4; do
    ask
    seen="$seen $status"
done
is "after lets requests pass, times counts" " 200 503 503 200" "$seen"
fault '{"provider":"oauth2","kind":"status","times":-1}'
seen=
for _ in 1 2 3; do
    ask
    seen="$seen $status"
done
is "times -1 lasts" " 503 503 503" "$seen"
is "GET /fault lists" '["status",-1]' "$(control GET /fault | jq -c '.[0]|[.kind,.times]')"
control DELETE /fault >/dev/null
ask
is "DELETE /fault ends it" 200 "$status"
fault '{"provider":"oauth2","path":"/rev","kind":"status"}'
ask
is "a path prefix spares other paths" 200 "$status"
send /oauth2/revoke -d x=1
is "and hits its own" 503 "$status"
fault '{"provider":"line","kind":"status"}'
ask
is "another provider is spared" 200 "$status"

reset
fault '{"provider":"oauth2","kind":"close"}'
ask
is "close: no answer" 52 "$curl_rc"
is "close: nothing was done" 0 "$(issued)"
is "close: recorded with status 0" 0 "$(control GET /requests | jq '.[0].status')"
fault '{"provider":"oauth2","kind":"close_after"}'
ask
is "close_after: no answer" 52 "$curl_rc"
is "close_after: it was done" 1 "$(issued)"
fault '{"provider":"oauth2","kind":"truncate"}'
ask
is "truncate: the transfer ends early" 18 "$curl_rc"
is "truncate: half the body came" true \
    "$([ "$(wc -c <"$work/body")" -eq $(($(header content-length) / 2)) ] && echo true)"
fault '{"provider":"oauth2","kind":"garbage"}'
ask
is "garbage: a JSON type" 'application/json 200' "$(header content-type) $status"
jq . <"$work/body" >/dev/null 2>&1 && parses=yes || parses=no
is "garbage: is no JSON" no "$parses"
fault '{"provider":"oauth2","kind":"html","status":502}'
ask
matches "html: a page" '^502 text/html.*<h1>' "$status $(header content-type) $body"
fault '{"provider":"oauth2","kind":"empty"}'
ask
is "empty: 200 and nothing" '200 0' "$status $(wc -c <"$work/body" | tr -d ' ')"
fault '{"provider":"oauth2","kind":"huge"}'
ask
is "huge: 2 MiB" 2097152 "$(wc -c <"$work/body" | tr -d ' ')"
is "huge: of valid JSON" Bearer "$(member token_type)"
fault '{"provider":"oauth2","kind":"body","body":"{\"a\":1}","status":201,"content_type":"text/plain"}'
ask
is "body: verbatim" '201 text/plain {"a":1}' "$status $(header content-type) $body"

fault '{"provider":"oauth2","kind":"delay","delay_ms":1500}'
begin=$(date +%s%N)
ask &
waiting=$!
sleep 0.2
send /oauth2/token -d "$token_form"
took=$((($(date +%s%N) - begin) / 1000000))
is "delay does not block others" yes "$([ $took -lt 1200 ] && echo yes || echo "no: $took ms")"
wait $waiting
took=$((($(date +%s%N) - begin) / 1000000))
is "delay waits" yes "$([ $took -ge 1500 ] && [ $took -lt 3000 ] && echo yes || echo "no: $took ms")"
fault '{"provider":"oauth2","kind":"delay","delay_ms":50}'
ask
is "delay answers normally" '200 Bearer' "$status $(member token_type)"

matches "an unknown kind lists the known ones" 'status delay close' \
    "$(control POST /fault '{"provider":"line","kind":"nonsense"}')"
matches "an unknown member lists the known ones" 'unknown member .*typo.*retry_after' \
    "$(control POST /fault '{"provider":"line","kind":"close","typo":1}')"
matches "an unknown provider is refused" 'provider must be' \
    "$(control POST /fault '{"provider":"nobody","kind":"close"}')"
matches "a line break in a header is refused" 'control characters' \
    "$(control POST /fault '{"provider":"line","kind":"status","retry_after":"1\r\nX: y"}')"
