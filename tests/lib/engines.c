/* SPDX-License-Identifier: MIT */
/* Store engines for test programs: loaded from where they were built, and handed in. */
#include "engines.h"
#include "plugin/module.h"
#include <jeton/store.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void test_engines_hand_in(void)
{
    void *object = dlopen(TEST_ENGINES "/jeton_store_sqlite.so", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    void *address = object != NULL ? dlsym(object, JETON_STORE_SYMBOL) : NULL;
    jt_module_entry *entry;

    if (address == NULL) {
        fprintf(stderr, "the SQLite engine cannot be loaded: %s\n", dlerror());
        exit(99);
    }
    memcpy(&entry, &address, sizeof(entry)); /* POSIX's way from a data to a function pointer */
    jt_module_hand_in("jeton_store_sqlite.so", entry);
}
