#!/bin/bash
# SPDX-License-Identifier: MIT
# The examples: they build as their README says, against the installed tree, and do what they promise.
. "$(dirname "$0")/lib.sh"

sim_start
fresh
# The .pc files carry the place that the tree will have once installed; here it may still stand below a stage.
CFLAGS_HERE="-I$BUILD/include"
LIBS_HERE="-L$BUILD/lib -Wl,-rpath,$BUILD/lib -ljeton"
# A library that was built with a sanitizer wants its programs built with it too.
grep -q __asan_init "$BUILD/lib/libjeton.so" && CFLAGS_HERE="$CFLAGS_HERE -fsanitize=address,undefined"
grep -q __tsan_init "$BUILD/lib/libjeton.so" && CFLAGS_HERE="$CFLAGS_HERE -fsanitize=thread"
PKG_CONFIG_PATH=$BUILD/lib/pkgconfig
export PKG_CONFIG_PATH

build_example()
{
    # shellcheck disable=SC2086 # words on purpose
    ${CC:-cc} -std=c99 -Wall -Wextra -Wpedantic -Werror $CFLAGS_HERE -o "$T/$1" "$SRC/examples/$1.c" $LIBS_HERE \
        2>"$T/cc.err" ||
        problem "building $1.c" "success" "$(cat "$T/cc.err")"
}

it "jeton.pc and jeton-provider.pc say what the README's commands need"
contains "libs of jeton" "$(pkg-config --libs jeton 2>&1)" -ljeton
is "libs of jeton-provider" "$(pkg-config --libs jeton-provider 2>&1)" ""
contains "plugindir of jeton-provider" "$(pkg-config --variable=plugindir jeton-provider 2>&1)" /jeton

it "get_token.c builds without a warning, and uses a token"
build_example get_token
COMMAND="get_token voucherify/main"
JETON_CONFIG=$CONFIG "$T/get_token" voucherify/main >"$T/out" 2>"$T/err"
STATUS=$? OUT=$(cat "$T/out") ERR=$(cat "$T/err")
status 0
out_says "a token of 51 bytes"
err_is ""

it "get_token.c says what is wrong and what to do"
COMMAND="get_token line/bott"
JETON_CONFIG=$CONFIG "$T/get_token" line/bott >"$T/out" 2>"$T/err"
STATUS=$? OUT=$(cat "$T/out") ERR=$(cat "$T/err")
status 64
err_says bot
COMMAND="get_token, usage"
"$T/get_token" >"$T/out" 2>"$T/err"
STATUS=$? OUT=$(cat "$T/out") ERR=$(cat "$T/err")
status 64
err_says usage

it "a program that opens and closes the library itself finds it loaded still, with the memory that tokens are kept in"
cat >"$T/reopen.c" <<'EOF'
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;

    if (library == NULL || dlclose(library) != 0)
        return 1;
    puts(dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD) != NULL ? "loaded" : "gone");
    return 0;
}
EOF
# shellcheck disable=SC2086 # words on purpose
${CC:-cc} $CFLAGS_HERE -o "$T/reopen" "$T/reopen.c" -ldl 2>"$T/cc.err" ||
    problem "building reopen.c" "success" "$(cat "$T/cc.err")"
is "after dlclose" "$("$T/reopen" "$BUILD/lib/libjeton.so" 2>&1)" loaded

it "provider_example.c becomes a plugin that links nothing and exports one symbol"
own_plugins
cp "$SRC/examples/provider_example.c" "$T/example.c"
build_plugin "$T/example.c"
fresh
jeton describe example
status 0
out_says client_secret

it "it gets, introspects and revokes tokens of an RFC 6749 server, with its example configuration"
sed -e "s|https://id.example.com/oauth2|http://127.0.0.1:$HTTP/oauth2|" -e "s|/etc/jeton/secrets|$T/secrets|" \
    -e 's|"my-service"|"jeton-client"|' "$SRC/examples/example.conf" | write_provider example
write_secret example-service jeton-secret
jeton check
status 0
jeton get example/service --json
status 0
json .scope '"read write"'
is "authorization" "$(recorded oauth2 '.[0].headers.authorization')" \
    "Basic $(printf 'jeton-client:jeton-secret' | base64)"
jeton introspect example/service --json
json .active true
TOKEN=$("$JETON" --config "$CONFIG" get example/service)
jeton revoke example/service
status 0
is "what was revoked" "$(recorded oauth2 '.[-1].form.token')" "$TOKEN"

it "its own check finds what the table cannot"
edit example 's|client_id |token_path = "token"; client_id |'
jeton check
status 78
out_says "must begin with a slash"
