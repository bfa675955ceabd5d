#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Holds every #include of core/, plugins/ and tools/ against the table below, and names each line that breaks a rule:
#
#   - a room includes only the rooms of its row, and of those only the face: ROOM/ROOM.h, or a header that the row names;
#   - a row names only rooms that have a row above it, so that no two rooms include each other, directly or around a
#     corner;
#   - no two files of one room include each other, directly or around a corner (a file is a .c and the .h of its name);
#   - no file has over 450 lines: the one rule that tests/ has to keep too.
#
# usage: rooms.sh [TREE]     (the tree that this script stands in)
set -u -o pipefail
table='
base
token               base
secret              base
plugin              base token
cache               base token
net/wire            base
net/keys            base net/wire
net/flow            base token plugin net/wire
net/host            base token plugin net/wire net/keys net/flow
net/http            base token plugin net/wire net/flow
net                 base token plugin net/wire net/keys net/flow net/host net/http core/net/flow/spec.h
config              base token secret plugin
store               base token secret plugin
settings            base secret plugin net config
broker              base token secret plugin cache net/wire net config store settings
client              base token net/wire core/net/wire/json.h
api                 broker client
archive             base token secret plugin cache net/wire net config store settings broker
admin               base token secret plugin cache net/wire net config store settings broker
plugins/providers/* include/jeton
plugins/stores/*    include/jeton/store.h include/jeton/setting.h include/jeton/status.h
tools/*             base
'
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd) && cd -- "${1:-$here/../..}" || exit 2
mapfile -t files < <(find core plugins tools include tests -name '*.[ch]' | LC_ALL=C sort)
found=$(awk -v table="$table" '
BEGIN {
    count = split(table, lines, "\n")
    for (i = 1; i <= count; i++) {
        if (split(lines[i], words, " ") == 0)
            continue
        row[words[1]] = lines[i] " "
        for (j = 2; words[j] != ""; j++)
            if (words[j] !~ "[.]h$|^include/" && (words[j] == words[1] || !(words[j] in row)))
                print "the table: the row of " words[1] " names " words[j] ", which has no row above it"
    }
    for (i = 1; i < ARGC; i++)
        known[ARGV[i]]
}
function folder(path) { sub("/[^/]*$", "", path); return path }
function room_of(path) { path = folder(path); sub("^core/", "", path); return path }
function face_of(header, leaf) { leaf = header = folder(header); sub(".*/", "", leaf); return header "/" leaf ".h" }
function row_of(room) { return room in row ? row[room] : row[folder(room) "/*"] }
function names(room, what) { return index(row_of(room), " " what " ") > 0 }

# The file of the tree that an include means, as the compiler finds it; "": none.
function resolve(from, what, i, places, count) {
    count = split(folder(from) "/ include/ core/", places, " ")
    for (i = 1; i <= count; i++)
        if (places[i] what in known)
            return places[i] what
    return what in known ? what : ""
}
# Which rule does it break that this file includes that header?
function wrong(from, header, room, other) {
    room = room_of(from); other = room_of(header)
    if (room == other || names(room, header))
        return ""
    if (other == "include/jeton")
        return room !~ "^plugins/" || names(room, other) ? "" : room " may not include this one"
    if (!names(room, other))
        return room " may not include " other
    return header == face_of(header) ? "" : "other rooms include nothing of " other " but " face_of(header)
}
function draw(from, to, at) {
    sub("[.][ch]$", "", from); sub("[.][ch]$", "", to)
    if (from == to || room_of(from) != room_of(to))
        return
    next_of[from] = next_of[from] to " "
    arrow_from[++arrows] = from; arrow_to[arrows] = to; arrow_at[arrows] = at
}
# The arrows from one file to another; "": none lead there.
function way(from, to, i, count, hops, rest) {
    if (from == to || seen[from]++)
        return from == to ? from : ""
    count = split(next_of[from], hops, " ")
    for (i = 1; i <= count; i++)
        if ((rest = way(hops[i], to)) != "")
            return from " -> " rest
    return ""
}
FILENAME ~ "^include/" { next }
FNR == 451 { print FILENAME ":451: a file may have 450 lines" }
FILENAME ~ "^tests/" { next }
FNR == 1 && row_of(room_of(FILENAME)) == "" { print FILENAME ":1: a folder without a row in the table of rooms" }
/^[ \t]*#[ \t]*include[ \t]*["<]/ {
    split($0, quoted, /["<>]/)
    at = FILENAME ":" FNR ": includes \"" quoted[2] "\": "
    header = resolve(FILENAME, quoted[2])
    if (header == "" && ($0 ~ /"/ || quoted[2] ~ /[.][.]/))
        print at "neither in its own folder nor under core/ or include/"
    if (header == "")
        next
    if ((rule = wrong(FILENAME, header)) != "")
        print at rule
    draw(FILENAME, header, at)
}
END {
    for (i = 1; i <= arrows; i++) {
        split("", seen)
        if ((back = way(arrow_to[i], arrow_from[i])) != "")
            print arrow_at[i] "files in a circle: " arrow_from[i] " -> " back
    }
}' "${files[@]:?there is nothing to look at}" | LC_ALL=C sort -t: -k1,1 -k2,2n) || exit 2
if [[ -z $found ]]; then
    [[ -n ${1:-} ]] || printf 'rooms: 1 passed, 0 failed\n'
    exit 0
fi
printf '%s\n' "$found"
[[ -n ${1:-} ]] || printf 'rooms: 0 passed, 1 failed\n'
exit 1
