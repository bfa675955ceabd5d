/* SPDX-License-Identifier: MIT */
/* SQLite behind a table of the functions that the engine calls. Loading libsqlite3 costs a process more than reading a
 * token, so it is done when the first connection is opened, by way of a module that links it (module.c). */
#ifndef JT_SQLITE_CALLS_H
#define JT_SQLITE_CALLS_H

#include "base/base.h"

#include <sqlite3.h>

#define JT_SQLITE_SYMBOL "jeton_sqlite_v1"

#define JT_SQLITE_CALLS(X)                                                                                             \
    X(bind_blob)                                                                                                       \
    X(bind_blob64)                                                                                                     \
    X(bind_int64)                                                                                                      \
    X(bind_text)                                                                                                       \
    X(busy_timeout)                                                                                                    \
    X(changes)                                                                                                         \
    X(clear_bindings)                                                                                                  \
    X(close)                                                                                                           \
    X(column_blob)                                                                                                     \
    X(column_bytes)                                                                                                    \
    X(column_int64)                                                                                                    \
    X(column_text)                                                                                                     \
    X(db_config)                                                                                                       \
    X(db_filename)                                                                                                     \
    X(errmsg)                                                                                                          \
    X(exec)                                                                                                            \
    X(extended_errcode)                                                                                                \
    X(extended_result_codes)                                                                                           \
    X(file_control)                                                                                                    \
    X(finalize)                                                                                                        \
    X(get_autocommit)                                                                                                  \
    X(limit)                                                                                                           \
    X(open_v2)                                                                                                         \
    X(prepare_v2)                                                                                                      \
    X(prepare_v3)                                                                                                      \
    X(reset)                                                                                                           \
    X(snprintf)                                                                                                        \
    X(step)                                                                                                            \
    X(stricmp)                                                                                                         \
    X(system_errno)                                                                                                    \
    X(threadsafe)                                                                                                      \
    X(wal_checkpoint_v2)

struct jt_sqlite {
    uint32_t struct_size;
    const char *version; /* JETON_VERSION: both sides must be of one build */
#define JT_SQLITE_MEMBER(name) __typeof__(&sqlite3_##name) name;
    JT_SQLITE_CALLS(JT_SQLITE_MEMBER)
#undef JT_SQLITE_MEMBER
};

__attribute__((visibility("default"))) const struct jt_sqlite *jeton_sqlite_v1(void);

/* load.c */

extern const struct jt_sqlite *jt_sqlite; /* set from the first success of jt_sqlite_load on */
int JT_MUST_CHECK jt_sqlite_load(jeton_error **ret_error);
void jt_sqlite_use(const struct jt_sqlite *calls); /* for programs that link SQLite themselves */

#ifndef JT_SQLITE_MODULE
#define sqlite3_bind_blob             (jt_sqlite->bind_blob)
#define sqlite3_bind_blob64           (jt_sqlite->bind_blob64)
#define sqlite3_bind_int64            (jt_sqlite->bind_int64)
#define sqlite3_bind_text             (jt_sqlite->bind_text)
#define sqlite3_busy_timeout          (jt_sqlite->busy_timeout)
#define sqlite3_changes               (jt_sqlite->changes)
#define sqlite3_clear_bindings        (jt_sqlite->clear_bindings)
#define sqlite3_close                 (jt_sqlite->close)
#define sqlite3_column_blob           (jt_sqlite->column_blob)
#define sqlite3_column_bytes          (jt_sqlite->column_bytes)
#define sqlite3_column_int64          (jt_sqlite->column_int64)
#define sqlite3_column_text           (jt_sqlite->column_text)
#define sqlite3_db_config             (jt_sqlite->db_config)
#define sqlite3_db_filename           (jt_sqlite->db_filename)
#define sqlite3_errmsg                (jt_sqlite->errmsg)
#define sqlite3_exec                  (jt_sqlite->exec)
#define sqlite3_extended_errcode      (jt_sqlite->extended_errcode)
#define sqlite3_extended_result_codes (jt_sqlite->extended_result_codes)
#define sqlite3_file_control          (jt_sqlite->file_control)
#define sqlite3_finalize              (jt_sqlite->finalize)
#define sqlite3_get_autocommit        (jt_sqlite->get_autocommit)
#define sqlite3_limit                 (jt_sqlite->limit)
#define sqlite3_open_v2               (jt_sqlite->open_v2)
#define sqlite3_prepare_v2            (jt_sqlite->prepare_v2)
#define sqlite3_prepare_v3            (jt_sqlite->prepare_v3)
#define sqlite3_reset                 (jt_sqlite->reset)
#define sqlite3_snprintf              (jt_sqlite->snprintf)
#define sqlite3_step                  (jt_sqlite->step)
#define sqlite3_stricmp               (jt_sqlite->stricmp)
#define sqlite3_system_errno          (jt_sqlite->system_errno)
#define sqlite3_wal_checkpoint_v2     (jt_sqlite->wal_checkpoint_v2)
#endif

#endif
