# SPDX-License-Identifier: MIT
# The program: options, certificate, end.

matches "--help says what it is" 'usage: jeton-simulator' "$("$simulator" --help)"
"$simulator" --nonsense >/dev/null 2>&1
is "an unknown option is a usage error" 64 $?
"$simulator" --port 70000 >/dev/null 2>&1
is "a port above 65535 is a usage error" 64 $?
"$simulator" --port "${http##*:}" >/dev/null 2>"$work/taken"
is "a port that is taken is an error" 71 $?
matches "and it says which" "127.0.0.1:${http##*:}" "$(cat "$work/taken")"

"$simulator" --until-eof </dev/null >/dev/null
is "--until-eof ends with standard input, status 0" 0 $?
sleep 0.2 | timeout 5 "$simulator" --until-eof >/dev/null
is "--until-eof waits for it" 0 "${PIPESTATUS[1]}"

bash -c "\"$simulator\" --die-with-parent >\"$work/orphan\" & echo \$! >\"$work/orphan.pid\"; sleep 0.3"
sleep 0.2
state=$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$(cat "$work/orphan.pid")/status" 2>/dev/null)
is "--die-with-parent ends with the parent" gone "$(case $state in "" | Z | X) echo gone ;; *) echo "$state" ;; esac)"

matches "the certificate names 127.0.0.1, ::1 and localhost" \
    'DNS:localhost.*' "$(openssl x509 -in "$work/ca.pem" -noout -ext subjectAltName | tr '\n' ' ')"
matches "the certificate names 127.0.0.1" '127\.0\.0\.1' \
    "$(openssl x509 -in "$work/ca.pem" -noout -ext subjectAltName)"
for host in 127.0.0.1 localhost; do
    is "HTTPS verifies against the certificate as CA for $host" 200 \
        "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$work/ca.pem" --resolve "localhost:${https##*:}:127.0.0.1" \
            "https://$host:${https##*:}/oauth2/token" -d 'grant_type=client_credentials&client_id=jeton-client&client_secret=jeton-secret')"
done
curl -s -o /dev/null "$https/oauth2/token"
is "HTTPS does not verify without it" 60 $?
is "a request over HTTPS is recorded as such" true \
    "$(control GET '/requests?provider=oauth2' | jq '.[0].tls')"
