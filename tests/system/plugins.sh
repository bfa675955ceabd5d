#!/bin/bash
# SPDX-License-Identifier: MIT
# Plugins dropped into the plugin directory: what is refused, in which words, and what a broken one does to the others.
. "$(dirname "$0")/lib.sh"

sim_start
own_plugins
FIXTURES=$SRC/tests/fixtures

# with_plugin NAME: a configuration with one account of that plugin, beside voucherify and line.
with_plugin()
{
    rm -f "$T/plugins/jeton_$1.so"
    [ -f "$FIXTURES/$1.c" ] && build_plugin "$FIXTURES/$1.c"
    fresh
    write_provider "$1" <<EOF
base_url = "http://127.0.0.1:$HTTP/line";
accounts = { main = { }; };
EOF
}

# refused NAME STATUS "part of the sentence": by get, check, describe and providers alike, and the other providers work.
refused()
{
    jeton get "$1/main" --json
    status "$2"
    json .error.status "$2"
    err_says "$1"
    err_says "$3"
    err_is_tidy
    jeton describe "$1"
    status "$2"
    err_says "$3"
    jeton check
    status 78
    out_says "$1.conf"
    out_says "$3"
    jeton providers --json
    status 0
    json ".plugins | map(select(.name == \"$1\"))[0] | has(\"error\")" true
    jeton get voucherify/main
    status 0
}

it "a plugin that is not there is told with the directory and the names that are"
fresh
write_provider nosuch <<EOF
accounts = { main = { }; };
EOF
jeton get nosuch/main
status 78
err_says "$T/plugins"
err_says voucherify
err_is_tidy

it "the SQLite engine is loaded from beside the library, and held to the same rules"
fresh
mkdir -p "$T/lib"
cp -a "$JETON_PLUGINDIR/../"libjeton.so* "$T/lib/"
cp -a "$JETON_PLUGINDIR" "$T/lib/jeton"
chmod go-w "$T/lib" "$T/lib/jeton"
BUILT=$LD_LIBRARY_PATH
export LD_LIBRARY_PATH=$T/lib
jeton list
status 0
chmod g+w "$T/lib/jeton/jeton_store_sqlite.so"
jeton list
status 77
err_says "chmod go-w $T/lib/jeton/jeton_store_sqlite.so"
printf 'no library' >"$T/lib/jeton/jeton_store_sqlite.so"
chmod go-w "$T/lib/jeton/jeton_store_sqlite.so"
jeton list
status 78
err_says "$T/lib/jeton/jeton_store_sqlite.so"
err_is_tidy
export LD_LIBRARY_PATH=$BUILT
jeton list
status 0

it "a path instead of a plugin's name is refused"
printf 'plugin = "../line/jeton_line";\naccounts = { main = { }; };\n' | write_provider nosuch
jeton get nosuch/main
status 78
err_says "not a path"
printf 'plugin = "/tmp/x";\naccounts = { main = { }; };\n' | write_provider nosuch
jeton get nosuch/main
status 78

it "a shared object without the entry symbol is refused, and none of its code runs"
with_plugin no_symbol
export JETON_FIXTURE_MARKER=$T/ran
refused no_symbol 78 jeton_provider_v1
unset JETON_FIXTURE_MARKER
[ ! -e "$T/ran" ] || problem "the constructor" "not run" "run"

it "another major version of the interface is refused"
with_plugin wrong_major
refused wrong_major 78 version

it "a table that is too short, or larger than any may be, is refused"
with_plugin short_table
refused short_table 78 struct_size
with_plugin oversized_table
refused oversized_table 78 struct_size

it "a plugin that calls itself otherwise than its file is refused"
with_plugin wrong_name
refused wrong_name 78 "calls itself"

it "a demanded capability that this jeton does not have is refused"
with_plugin unknown_capability
refused unknown_capability 78 capabilities

it "a plugin without acquire is refused"
with_plugin missing_acquire
refused missing_acquire 78 acquire

it "a plugin that says that it cannot work here is refused"
with_plugin null_table
refused null_table 78 "cannot work here"

it "a file that its group or everybody can write is refused, with the command that mends it"
with_plugin minimal
for mode in 664 646; do
    chmod $mode "$T/plugins/jeton_minimal.so"
    refused minimal 77 "chmod go-w $T/plugins/jeton_minimal.so"
done
chmod 644 "$T/plugins/jeton_minimal.so"
jeton describe minimal
status 0

it "a directory that others can write is refused"
chmod 775 "$T/plugins"
jeton get minimal/main
status 77
err_says "chmod go-w $T/plugins"
chmod 755 "$T/plugins"

it "a symbolic link is not followed"
with_plugin minimal
mv "$T/plugins/jeton_minimal.so" "$T/elsewhere.so"
ln -s "$T/elsewhere.so" "$T/plugins/jeton_minimal.so"
refused minimal 77 "symbolic link"
rm "$T/plugins/jeton_minimal.so"

it "a file that belongs to somebody else is refused"
if [ "$(id -u)" -ne 0 ]; then
    skip "needs root"
else
    with_plugin minimal
    chown 65534 "$T/plugins/jeton_minimal.so"
    refused minimal 77 65534
    rm "$T/plugins/jeton_minimal.so"
fi

it "a file that is no shared object is refused"
fresh
printf 'accounts = { main = { }; };\n' | write_provider text
echo "not ELF" >"$T/plugins/jeton_text.so"
refused text 78 "$T/plugins/jeton_text.so"
rm "$T/plugins/jeton_text.so"

it "later minor versions and unknown advice are no reason to refuse"
for name in larger_table larger_stride low_capability; do
    with_plugin $name
    jeton describe $name
    status 0
done

# broken NAME STATUS "part of the sentence": it loads, and its flow ends with an error that names it.
broken()
{
    with_plugin "$1"
    jeton acquire "$1/main" --json
    status "$2"
    json .error.status "$2"
    err_says "$1"
    err_says "$3"
    err_is_tidy
    jeton get voucherify/main
    status 0
}

it "a step that was not prepared, and one that nobody knows, end the flow: exit status 70"
broken unprepared_step 70 "prepared"
broken unknown_step 70 "step"

it "a result without a token ends the flow: exit status 70"
broken no_token 70 token

it "a token over 64 KiB and a header with a line break in it get nowhere"
broken huge_token 65 65536
broken header_crlf 78 "control character"
is "requests" "$(requests line)" 0

it "more than 16 requests in a row end the flow"
with_plugin endless_requests
jeton acquire endless_requests/main
status 70
err_says 16
err_is_tidy
is "requests" "$(requests line)" 16
