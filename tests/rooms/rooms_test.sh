#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Breaks each rule of rooms.sh in a small tree, and demands the lines that it names, all of them and no others.
set -u
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d) && trap 'rm -rf -- "$work"' EXIT || exit 99
passed=0
failed=0

# put_on FILE LINE… adds to a file of the tree.
put_on() {
    mkdir -p -- "$work/tree/$(dirname -- "$1")"
    printf '%s\n' "${@:2}" >>"$work/tree/$1"
}
tree() {
    rm -rf -- "$work/tree"
    for header in jeton provider setting status store; do put_on "include/jeton/$header.h" ''; done
    put_on core/base/base.h '#include "base/buf.h"' '#include "base/log.h"'
    put_on core/base/buf.h '#include <jeton/jeton.h>'
    put_on core/base/log.h '#include "base/buf.h"'
    put_on core/base/log.c '#include "base/log.h"' '#include <stdio.h>'
    put_on core/token/token.h '#include "base/base.h"'
    put_on core/plugin/plugin.h '#include "base/base.h"' '#include "token/token.h"'
    put_on core/net/wire/wire.h '#include "net/wire/json.h"'
    put_on core/net/wire/json.h '#include "base/base.h"'
    put_on core/net/flow/spec.h '#include "plugin/plugin.h"'
    put_on core/net/flow/flow.h '#include "net/flow/spec.h"'
    put_on core/net/flow/flow.c '  #  include "net/flow/flow.h"' '#include "net/wire/wire.h"'
    put_on core/net/net.h '#include "net/flow/spec.h"'
    put_on core/net/net.c '#include "net/flow/flow.h"' '#include "net/net.h"'
    put_on core/store/store.h '#include "plugin/plugin.h"' '#include <jeton/store.h>'
    put_on core/store/seal.h '#include "base/base.h"'
    put_on core/store/seal.c '#include "store/seal.h"'
    put_on core/broker/broker.h '#include "net/net.h"' '#include "store/store.h"'
    put_on core/client/client.c '#include "net/wire/json.h"'
    put_on plugins/providers/line/line.c '#include "key.h"' '#include <jeton/provider.h>' '#include <string.h>'
    put_on plugins/providers/line/key.h '#include <jeton/setting.h>'
    put_on plugins/stores/sqlite/sqlite.c '#include <jeton/store.h>' '#include <jeton/setting.h>' '#include <sqlite3.h>'
    put_on tools/jeton/jeton.c '#include "base/base.h"' '#include "options.h"' '#include <jeton/jeton.h>'
    put_on tools/jeton/options.h '#include "base/base.h"'
    put_on tests/unit/store/test_seal.c '#include "store/seal.h"' '#include "lib/check.h"'
    put_on tests/lib/check.h '#include "broker/broker.h"'
}
# expect WHAT LINE… runs the script ($script, else the one beside this) over the tree.
expect() {
    local status=0 found

    found=$(bash "${script:-$here/rooms.sh}" "$work/tree") || status=$?
    if [[ $found != "$(printf '%s\n' "${@:2}")" || $status != $(($# > 1)) ]]; then
        printf '%s: status %d, and these lines:\n%s\n' "$1" "$status" "$found"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
    tree
}

tree
expect 'a tree that keeps all rules'

put_on core/base/log.c '#include "token/token.h"'
expect 'a room includes one above it' \
    'core/base/log.c:3: includes "token/token.h": base may not include token'

put_on core/token/token.h '#include <store/store.h>'
expect 'rooms include each other around a corner' \
    'core/token/token.h:2: includes "store/store.h": token may not include store'

put_on core/net/wire/json.h '#include "token/token.h"'
expect 'an inner room includes what only the rooms beside it may' \
    'core/net/wire/json.h:2: includes "token/token.h": net/wire may not include token'

put_on core/broker/get.c '#include "broker/broker.h"' '#include "store/seal.h"'
expect 'a header that is no face' \
    'core/broker/get.c:2: includes "store/seal.h": other rooms include nothing of store but core/store/store.h'

put_on core/broker/get.c '#include "net/flow/spec.h"'
expect 'a header that only another room may include' \
    'core/broker/get.c:1: includes "net/flow/spec.h": broker may not include net/flow'

put_on core/store/seal.c '#include "store/key.h"'
put_on core/store/key.h '#include "base/base.h"'
put_on core/store/key.c '#include "store/key.h"' '#include "store/seal.h"'
expect 'two files of a room include each other' \
    'core/store/key.c:2: includes "store/seal.h": files in a circle: core/store/key -> core/store/seal -> core/store/key' \
    'core/store/seal.c:2: includes "store/key.h": files in a circle: core/store/seal -> core/store/key -> core/store/seal'

put_on tools/jeton/options.h '#include "report.h"'
put_on tools/jeton/report.h '#include "output.h"'
put_on tools/jeton/output.h '#include "base/base.h"'
put_on tools/jeton/output.c '#include "options.h"' '#include "output.h"'
expect 'files of a room include each other around a corner' \
    'tools/jeton/options.h:2: includes "report.h": files in a circle: tools/jeton/options -> tools/jeton/report -> tools/jeton/output -> tools/jeton/options' \
    'tools/jeton/output.c:1: includes "options.h": files in a circle: tools/jeton/output -> tools/jeton/options -> tools/jeton/report -> tools/jeton/output' \
    'tools/jeton/report.h:1: includes "output.h": files in a circle: tools/jeton/report -> tools/jeton/output -> tools/jeton/options -> tools/jeton/report'

put_on core/base/buf.h '#include "base/base.h"'
expect 'a file includes the face of its own room, which includes it' \
    'core/base/base.h:1: includes "base/buf.h": files in a circle: core/base/base -> core/base/buf -> core/base/base' \
    'core/base/base.h:2: includes "base/log.h": files in a circle: core/base/base -> core/base/log -> core/base/buf -> core/base/base' \
    'core/base/buf.h:2: includes "base/base.h": files in a circle: core/base/buf -> core/base/base -> core/base/buf' \
    'core/base/log.h:1: includes "base/buf.h": files in a circle: core/base/log -> core/base/buf -> core/base/base -> core/base/log'

put_on plugins/providers/line/line.c '#include "base/base.h"'
put_on plugins/stores/sqlite/sqlite.c '#include <token/token.h>'
expect 'plugins include the core' \
    'plugins/providers/line/line.c:4: includes "base/base.h": plugins/providers/line may not include base' \
    'plugins/stores/sqlite/sqlite.c:4: includes "token/token.h": plugins/stores/sqlite may not include token'

put_on plugins/providers/line/line.c '#include "../../../core/base/base.h"'
put_on plugins/stores/sqlite/sqlite.c '#include <jeton/provider.h>'
put_on plugins/stores/etcd/etcd.c '#include "plugins/stores/sqlite/sqlite.h"'
put_on plugins/stores/sqlite/sqlite.h ''
expect 'plugins include what is not for them' \
    'plugins/providers/line/line.c:4: includes "../../../core/base/base.h": neither in its own folder nor under core/ or include/' \
    'plugins/stores/etcd/etcd.c:1: includes "plugins/stores/sqlite/sqlite.h": plugins/stores/etcd may not include plugins/stores/sqlite' \
    'plugins/stores/sqlite/sqlite.c:4: includes "jeton/provider.h": plugins/stores/sqlite may not include this one'

put_on core/attic/attic.h '#include "base/base.h"'
put_on core/attic.h ''
expect 'folders that are no rooms' \
    'core/attic.h:1: a folder without a row in the table of rooms' \
    'core/attic/attic.h:1: a folder without a row in the table of rooms' \
    'core/attic/attic.h:1: includes "base/base.h": attic may not include base'

mapfile -t lines < <(seq 448)
put_on core/base/log.c "${lines[@]}"
expect 'a file of 450 lines'
put_on core/base/log.c "${lines[@]}" 451
put_on plugins/providers/line/line.c "${lines[@]}"
put_on tests/unit/store/test_seal.c "${lines[@]}" 451
expect 'files of 451 lines' \
    'core/base/log.c:451: a file may have 450 lines' \
    'plugins/providers/line/line.c:451: a file may have 450 lines' \
    'tests/unit/store/test_seal.c:451: a file may have 450 lines'

script=$work/rooms.sh
sed 's/^token .*/& store/' "$here/rooms.sh" >"$script"
put_on core/token/token.h '#include "store/store.h"'
expect 'a table in which two rooms include each other' \
    'the table: the row of token names store, which has no row above it'
printf 'rooms_test: %d passed, %d failed\n' "$passed" "$failed"
exit $((failed > 0))
