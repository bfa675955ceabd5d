#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes ./configure from configure.ac; needs autoconf, automake and libtool.
set -e
cd "$(dirname "$0")"
mkdir -p m4 build-aux
autoreconf --force --install --warnings=all,no-override "$@"
# configure removes core dumps as it goes. Our folder core is none: each try would be an error on the screen, and the
# last one leaves confdefs.h behind.
sed 's/rm -f core /rm -f /' configure >configure.tmp
cat configure.tmp >configure
rm -f configure.tmp
