#!/bin/bash
# SPDX-License-Identifier: MIT
# The table of providers and operations in README.md is what the plugins' own tables say. `readme.sh --print` prints it anew.
. "$(dirname "$0")/lib.sh"

write_main
table()
{
    echo '| plugin | acquire | refresh | revoke | introspect | keys |'
    echo '|---|---|---|---|---|---|'
    jq -r '.plugins[] | select(.name | IN("voucherify", "line", "qiwi", "waves", "yoomoney")) |
        .operations as $has | "| [\(.name)](plugins/providers/\(.name)/README.md) | " +
        ([("acquire", "refresh", "revoke", "introspect", "keys") | . as $op | if $has | index($op) then "yes" else "–" end]
        | join(" | ")) + " |"' "$T/out"
}

it "README.md shows each provider's operations as its plugin has them"
jeton --json providers
status 0
table >"$T/table"
if [ "${1-}" = --print ]; then
    cat "$T/table"
fi
sed -n '/<!-- providers: begin/,/<!-- providers: end/p' "$SRC/README.md" | grep '^|' >"$T/readme"
is "the table in README.md" "$(cat "$T/readme")" "$(cat "$T/table")"
is "the number of plugins in it" "$(grep -c '^| \[' "$T/table")" 5

it "each plugin has a folder with a README, and an example configuration that is installed"
for plugin in $(jq -r '.plugins[].name' "$T/out"); do
    for file in "plugins/providers/$plugin/README.md" "plugins/providers/$plugin/$plugin.conf" "etc/jeton/providers.d/$plugin.conf.example"; do
        [ -s "$SRC/$file" ] || problem "$file" "a file" "none"
    done
done
