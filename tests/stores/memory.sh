#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The contract suite on the engine that authors read.
set -eu
exec "$top_srcdir/tests/stores/run" --one-process "$top_builddir/tests/fixtures/.libs/jeton_store_memory.so" \
    'name=test_{number}'
