# SPDX-License-Identifier: MIT
# Hostile input: the simulator answers something or hangs up, and goes on.

head -c 1048576 /dev/zero | tr '\0' a >"$work/mib"
host=${http#http://}
raw() {
    exec 3<>"/dev/tcp/${host%:*}/${host#*:}" || return
    printf '%b' "$1" >&3
    timeout 2 head -c 300 <&3 2>/dev/null | head -1 | tr -d '\r'
    exec 3<&- 3>&-
}
alive() { is "alive after $1" '{"ok":true}' "$(control GET /healthz)"; }

printf x >>"$work/mib"
send /oauth2/token --data-binary "@$work/mib"
is "a body above 1 MiB is refused" 413 "$status"
printf 'x=%s' "$(head -c 1048570 "$work/mib")" >"$work/form"
send /oauth2/token --data-binary "@$work/form"
is "one of just 1 MiB is read" 401 "$status"
is "a control body above 1 MiB is refused" 413 \
    "$(curl -s -o /dev/null -w '%{http_code}' "$control/time" --data-binary "@$work/mib")"
is "huge headers are refused" 431 \
    "$(curl -s -o /dev/null -w '%{http_code}' "$http/oauth2/token" -H @<(printf 'X-Big: %s' "$(head -c 200000 "$work/mib")"))"
send /oauth2/token -d "$(for i in $(seq 300); do printf 'a%s=1&' "$i"; done)"
is "a form of 300 fields is not read" 401 "$status"
send "/line/v2/oauth/verify" --data-binary $'access_token=\xff\xfe%00%'
is "bytes that are no form" 400 "$status"
for provider in voucherify line oauth2 qiwi yoomoney waves; do
    for data in '' '&&&===&' '%' '%00' 'grant_type=%00' $'\x01\xff' "$(head -c 60000 "$work/mib")=1"; do
        for path in v1/oauth/token v2/oauth/accessToken oauth2/v2.1/token token oauth/token v1/oauth2/token revoke introspect oauth/authorize; do
            send "/$provider/$path" -H 'Content-Type: application/x-www-form-urlencoded' --data-binary "$data"
            [ "$status" -ge 400 ] || is "/$provider/$path refuses $data" ">= 400" "$status"
        done
    done
done
alive "a storm of bad forms"
is "the record is valid JSON" true "$(control GET /requests | jq 'length > 300')"

matches "a bad request line" '^HTTP/1.[01] 400|^$' "$(raw 'NONSENSE\r\n\r\n')"
matches "a NUL in the target" '^HTTP/1.1 [45]|^$' "$(raw 'GET /li\0ne/x HTTP/1.1\r\nHost: x\r\n\r\n')"
matches "a bad content length" '^HTTP/1.[01] 400|^$' "$(raw 'POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n')"
matches "a chunked body" '^HTTP/1.1 401' \
    "$(raw 'POST /oauth2/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n')"
matches "a bad chunk" '^HTTP/1.1 400|^$' \
    "$(raw 'POST /oauth2/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n')"
raw 'POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc' >/dev/null
alive "half a body"
for json in '' '[]' '1' '{' '{}{}' '{"offset":1e99}' '{"now":-1}' '{"offset":99999999999999}' "$(printf '[%.0s' $(seq 2000))" $'{"\xff":1}'; do
    for order in time fault set code; do
        answer=$(curl -s -o /dev/null -w '%{http_code}' "$control/$order" --data-binary "$json")
        [ "$answer" = 400 ] || is "control $order refuses $json" 400 "$answer"
    done
done
alive "bad orders"

# Many at once, some hanging up in the middle, with faults in between.
control DELETE /requests >/dev/null
control POST /fault '{"provider":"*","kind":"close_after","times":20,"after":10}' >/dev/null
control POST /fault '{"provider":"*","kind":"delay","delay_ms":300,"times":50}' >/dev/null
control POST /fault '{"provider":"*","kind":"truncate","times":20,"after":30}' >/dev/null
workers=
for _ in $(seq 8); do
    for i in $(seq 15); do
        curl -s -o /dev/null --max-time 0.$((i % 5 + 1)) "$http/oauth2/token" -d 'grant_type=client_credentials&client_id=jeton-client&client_secret=jeton-secret'
    done &
    workers="$workers $!"
done
# shellcheck disable=SC2086
wait $workers
# One that gave up before it was sent was not received.
matches "they were counted" '^(11[0-9]|120)$' "$(control GET '/count?provider=oauth2' | jq .count)"
alive "many at once"
