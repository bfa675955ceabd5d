/* SPDX-License-Identifier: MIT */
/* jeton-sqlite.so: what brings libsqlite3 into the process. It holds a table and nothing else. */
#define JT_SQLITE_MODULE
#include "calls.h"

static const struct jt_sqlite calls = {.struct_size = sizeof(calls),
                                       .version = JETON_VERSION,
#define JT_SQLITE_CALL(name) .name = sqlite3_##name,
                                       JT_SQLITE_CALLS(JT_SQLITE_CALL)
#undef JT_SQLITE_CALL
};

const struct jt_sqlite *jeton_sqlite_v1(void)
{
    return &calls;
}
