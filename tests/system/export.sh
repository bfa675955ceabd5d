#!/bin/bash
# SPDX-License-Identifier: MIT
# export and import: tokens from one machine to another, each with a store and a key of its own, and all that is refused on
# the way. A refused archive imports nothing.
. "$(dirname "$0")/lib.sh"

sim_start
printf 'correct horse battery\n' >"$T/passphrase"
HERE=$T/etc
THERE=$T/there/etc

# Two machines: jeton runs on the one that CONFIG names.
machines()
{
    CONFIG=$HERE
    fresh
    rm -rf "$T/there" "$T"/archive*
    mkdir -p "$T/there/var"
    cp -r "$HERE" "$THERE"
    sed -i "s#$T/var#$T/there/var#g" "$THERE/jeton.conf"
    "$JETON" --config "$THERE" -q init >/dev/null || problem "init of the other machine" "exit status 0" "$?"
}
here()  { CONFIG=$HERE; }
there() { CONFIG=$THERE; }

export_all() { jeton export --file "$T/archive" --passphrase-file "$T/passphrase" "$@"; }
import_all() { jeton import --file "$T/archive" --passphrase-file "$T/passphrase" "$@"; }

nothing_there()
{
    there
    jeton list --json
    json '[.[] | select(.state != "none")] | length' 0
}

it "what is exported here is handed out there, without a request"
machines
jeton get voucherify/main
TOKEN=$OUT
jeton get voucherify/main --scope vouchers
NARROW=$OUT
jeton get line/bot
BOT=$OUT
export_all
status 0
err_is ""
out_says "voucherify/main: exported"
out_says "voucherify/main (scope=vouchers): exported"
out_says "exported 3 rows, skipped 0: $T/archive"
out_lacks "$TOKEN"
is "mode of the archive" "$(stat -c %a "$T/archive")" 600
is "times that the token stands in it" "$(grep -c "$TOKEN" "$T/archive")" 0
SENT=$(requests voucherify)
there
import_all
status 0
err_is ""
out_says "line/bot: imported"
out_says "imported 3, replaced 0, kept 0"
jeton get voucherify/main
out_is "$TOKEN"
jeton get voucherify/main --scope vouchers
out_is "$NARROW"
jeton get line/bot
out_is "$BOT"
is "requests since" "$(requests voucherify)" "$SENT"
is_not "the other machine's key" "$(cat "$T/there/var/store.key")" "$(cat "$T/var/store.key")"

it "some names only, with --json"
rm "$T/archive"
here
export_all --json line/bot
status 0
err_is ""
json '[.exported, .skipped, (.entries | length), .entries[0].name, .entries[0].done]' '[1,0,1,"line/bot","exported"]'
there
import_all --json
status 0
json '[.imported, .replaced, .kept]' '[0,0,1]'
json '.entries[0] | [.name, .done, .message]' '["line/bot","kept","the stored one expires no earlier"]'
import_all --replace --json
json '[.imported, .replaced, .kept]' '[0,1,0]'

it "a token that expires later replaces one that is stored, and one that does not only with --replace"
machines
jeton get voucherify/main
TOKEN=$OUT
export_all
mv "$T/archive" "$T/earlier"
sleep 1.1
jeton acquire voucherify/main
LATER=$OUT
export_all
mv "$T/archive" "$T/later"
there
cp "$T/earlier" "$T/archive"
import_all
jeton get voucherify/main
out_is "$TOKEN"
cp "$T/later" "$T/archive"
import_all
out_is "voucherify/main: replaced
imported 0, replaced 1, kept 0"
jeton get voucherify/main
out_is "$LATER"
cp "$T/earlier" "$T/archive"
import_all
out_is "voucherify/main: kept, the stored one expires no earlier
imported 0, replaced 0, kept 1"
jeton get voucherify/main
out_is "$LATER"
import_all --replace
out_says "voucherify/main: replaced"
jeton get voucherify/main
out_is "$TOKEN"

it "through a pipe: export to standard output, import from standard input"
machines
jeton get voucherify/main
TOKEN=$OUT
"$JETON" --config "$HERE" export --passphrase-file "$T/passphrase" 2>"$T/err" |
    "$JETON" --config "$THERE" import --file - --passphrase-file "$T/passphrase" >"$T/out" 2>>"$T/err"
is "exit statuses" "${PIPESTATUS[*]}" "0 0"
contains "what import said" "$(cat "$T/out")" "imported 1"
is "what export said" "$(cat "$T/err")" "jeton: exported 1 row"
there
jeton get voucherify/main
out_is "$TOKEN"

it "with a name that has no token it says so, leaves no file, and exits with 64"
here
export_all voucherify/main voucherify/nobody
status 64
err_says "voucherify/nobody: nothing is stored"
is "archives" "$(ls "$T" | grep -c '^archive')" 0

it "a file that is there is never written over"
echo precious >"$T/archive"
export_all
status 64
err_says "$T/archive cannot be created: File exists"
is "the file" "$(cat "$T/archive")" precious
rm "$T/archive"

it "the passphrase comes from a file, from standard input, or from a person who types it twice"
jeton_with 'correct horse battery' export --file "$T/archive" --passphrase-file @-
status 0
cat >"$T/typed" <<EOF
"$JETON" --config "$HERE" export --file "$T/archive2"; echo "status=\$?"
EOF
type_lines()
{
    local line
    sleep 1
    for line in "$@"; do
        printf '%s\r' "$line"
        sleep 1
    done
}
type_lines 'typed by hand 1' 'typed by hand 1' | script -qec "bash '$T/typed'" /dev/null >"$T/out" 2>&1
contains "the terminal" "$(cat "$T/out")" "The same once more"
contains "the terminal" "$(cat "$T/out")" "status=0"
lacks "the terminal" "$(cat "$T/out")" "typed by hand"
jeton_with 'typed by hand 1' import --file "$T/archive2" --passphrase-file @-
status 0
sed -i s/archive2/archive3/ "$T/typed"
type_lines 'typed by hand 1' 'typed by hand 2' | script -qec "bash '$T/typed'" /dev/null >"$T/out" 2>&1
contains "the terminal" "$(cat "$T/out")" "the two passphrases differ"
contains "the terminal" "$(cat "$T/out")" "status=64"
is "archives of two passphrases" "$(ls "$T" | grep -c '^archive3')" 0

it "without a terminal, and without --passphrase-file, nothing is asked"
jeton export --file "$T/archive4"
status 64
err_says "--passphrase-file"
"$JETON" --config "$HERE" import <"$T/archive" >"$T/out" 2>"$T/err"
is "exit status" "$?" 64
contains "stderr" "$(cat "$T/err")" "the archive comes from standard input"
"$JETON" --config "$HERE" import --passphrase-file @- <"$T/archive" >"$T/out" 2>"$T/err"
is "exit status" "$?" 64
contains "stderr" "$(cat "$T/err")" "cannot both come from standard input"
jeton export --passphrase-file "$T/passphrase" --json
status 64
err_says "--file"
printf short >"$T/short"
jeton export --file "$T/archive4" --passphrase-file "$T/short"
status 64
err_says "5 bytes"
: >"$T/empty"
jeton export --file "$T/archive4" --passphrase-file "$T/empty"
status 64
jeton export --file "$T/archive4" --passphrase-file "$T/nowhere"
status 64
is "archives" "$(ls "$T" | grep -c '^archive4')" 0

it "a disk that is full is said to be, with exit status 75"
if [ -w /dev/full ]; then
    "$JETON" --config "$HERE" export --passphrase-file "$T/passphrase" >/dev/full 2>"$T/err" </dev/null
    is "exit status" "$?" 75
    contains "stderr" "$(cat "$T/err")" "No space left"
else
    problem "/dev/full" "a device" "none"
fi

it "a wrong passphrase imports nothing"
machines
jeton get voucherify/main
export_all
there
jeton_with 'correct horse batterie' import --file "$T/archive" --passphrase-file @-
status 64
err_says "the passphrase is wrong, or the archive was altered"
err_says "nothing was imported"
jeton_with 'correct horse batterie' import --file "$T/archive" --passphrase-file @- --json
status 64
json '.error | [.status, .hint]' '[64,"nothing was imported"]'
nothing_there

it "an archive that is cut anywhere imports nothing"
cp "$T/archive" "$T/whole"
LEN=$(stat -c %s "$T/whole")
for at in 0 7 40 71 72 75 100 $((LEN / 2)) $((LEN - 1)); do
    head -c "$at" "$T/whole" >"$T/archive"
    import_all
    status 65
    matches "stderr" "$ERR" "cut short|no archive"
done
nothing_there

# set_byte OFFSET OCTAL: in the archive.
set_byte()
{
    cp "$T/whole" "$T/archive"
    printf '%b' "\\0$2" | dd of="$T/archive" bs=1 seek="$1" conv=notrunc status=none
}

it "an archive that was altered anywhere imports nothing"
for at in 33 50 80 $((LEN / 2)) $((LEN - 3)); do
    OLD=$(od -An -j "$at" -N 1 -tu1 "$T/whole")
    set_byte "$at" "$(printf '%03o' $(((OLD + 1) % 256)))"
    import_all
    matches "exit status after byte $at was changed" "$STATUS" "^(64|65)$"
    matches "stderr" "$ERR" "altered|damaged"
done
cp "$T/whole" "$T/archive"
printf x >>"$T/archive"
import_all
status 65
err_says "added behind the archive's end"
nothing_there

it "an archive of another version is refused untouched, one of no version is none"
set_byte 8 002
import_all
status 78
err_says "a newer jeton wrote this archive (version 2, this one knows 1)"
set_byte 28 377
import_all
status 65
err_says "head is damaged"
cp "$T/passphrase" "$T/archive"
import_all
status 65
err_says "no archive of \`jeton export\`"
jeton import --file "$T/nowhere" --passphrase-file "$T/passphrase"
status 64
err_says "$T/nowhere cannot be opened"
nothing_there

it "a queued revocation goes with its token, which is not brought back where it is queued"
machines
jeton get voucherify/main
TOKEN=$OUT
export_all
mv "$T/archive" "$T/before"
fault '{"provider": "voucherify", "kind": "close"}'
jeton revoke voucherify/main
status 75
export_all
out_says "a queued revocation"
cp "$T/archive" "$T/revoking"
cp "$T/before" "$T/archive"
import_all
out_says "voucherify/main: kept, its revocation is queued here"
import_all --replace
out_says "kept 1"
no_faults
cp "$T/revoking" "$T/archive"
there
import_all
status 0
jeton list --json
json '[.[] | select(.name == "voucherify/main") | .state]' '["revoking"]'
jeton revoke voucherify/main
status 0
is "what the server says of it" "$(sim GET '/tokens?provider=voucherify' | jq -r --arg t "$TOKEN" '[.[] | select(.token == $t and .active)] | length')" 0

it "the options belong to their commands, and other mistakes are said"
jeton export --replace
status 64
err_says "export has no option --replace"
jeton import some/name
status 64
err_says "import takes no argument"
jeton export -- --file
status 64
jeton export --help
status 0
out_says "Usage: jeton export [NAME ...] [options]"
