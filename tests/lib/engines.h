/* SPDX-License-Identifier: MIT */
/* Store engines for test programs, which hold a copy of the core and are not beside the engines that come with it. */
#ifndef TEST_ENGINES_H
#define TEST_ENGINES_H

/* From now on the SQLite engine is the one of this build. */
void test_engines_hand_in(void);

#endif
