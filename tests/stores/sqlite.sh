#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The contract suite on the engine that is used when none is named.
set -eu
exec "$top_srcdir/tests/stores/run" "$top_builddir/plugins/stores/sqlite/.libs/jeton_store_sqlite.so" \
    'path={dir}/tokens.db'
