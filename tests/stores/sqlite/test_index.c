/* SPDX-License-Identifier: MIT */
/* Whatever the engine asks of a million rows, an index answers. Its statements are caught as it runs them, and
 * explained. */
#include "help.h"
#include <stdio.h>
#include <string.h>

#define STATEMENTS_MAX 64u

static char statements[STATEMENTS_MAX][2048];
static size_t statement_count;

static int caught(unsigned kind, void *data, void *statement, void *text)
{
    const char *sql = sqlite3_sql(statement);

    (void)kind;
    (void)data;
    (void)text;
    for (size_t i = 0; i < statement_count; i++)
        if (strcmp(statements[i], sql) == 0)
            return 0;
    if (statement_count < STATEMENTS_MAX)
        (void)snprintf(statements[statement_count++], sizeof(statements[0]), "%s", sql);
    return 0;
}

/* SQLite calls it for every connection of this process. */
static int catch_statements(sqlite3 *db, const char **ret_why, const void *thunk)
{
    (void)ret_why;
    (void)thunk;
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, caught, NULL);
}

static int plan_line(void *data, int count, char **values, char **names)
{
    (void)names;
    (void)snprintf((char *)data + strlen(data), 1024 - strlen(data), "%s; ", values[count - 1]);
    return 0;
}

/* The plan of the caught statement that begins so. */
static const char *plan_of(const char *beginning)
{
    static char plan[1024];
    char sql[4096];
    sqlite3 *db = NULL;

    plan[0] = '\0';
    CHECK_INT(sqlite3_open(help_file(""), &db), SQLITE_OK);
    for (size_t i = 0; i < statement_count; i++)
        if (strncmp(statements[i], beginning, strlen(beginning)) == 0) {
            (void)snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", statements[i]);
            CHECK_INT(sqlite3_exec(db, sql, plan_line, plan, NULL), SQLITE_OK);
        }
    CHECK_INT(sqlite3_close(db), SQLITE_OK);
    return plan;
}

static bool uses_rows(const char *sql)
{
    return strstr(sql, " row ") != NULL && strstr(sql, "INSERT") == NULL && strstr(sql, "CREATE") == NULL;
}

static void use_everything(void)
{
    STORE store = store_new();
    struct jeton_row_key key = row_key(JETON_KIND_TOKEN, "a/b", "");
    struct jeton_row row = row_make(JETON_KIND_TOKEN, "a/b", "", "x");
    void *lease = NULL;
    int64_t fence;
    ROWS rows = ROWS_NONE;

    row.due_at = 5;
    CHECK_INT(easy_write_one(store, change_put(row, 0)), 1);
    CHECK_INT(easy_write_one(store, change_put(row, 1)), 1);
    CHECK_INT(easy_check(store, "a/b", 2), 1);
    CHECK_INT(store_get(store, PATIENT, &key, 1, 0, &rows), JETON_OK);
    rows_free(&rows);
    CHECK_INT(store_scan(store, PATIENT, JETON_KIND_TOKEN, "", "", 9, 0, &rows), JETON_OK);
    rows_free(&rows);
    CHECK_INT(store_due(store, PATIENT, JETON_KIND_TOKEN, 9, 9, 0, &rows), JETON_OK);
    CHECK_INT(rows.count, 1);
    rows_free(&rows);
    CHECK_INT(store_claim(store, PATIENT, JETON_KIND_TOKEN, 9, 10, 9, 0, &rows), JETON_OK);
    CHECK_INT(rows.count, 1);
    CHECK_INT(store_lease(store, PATIENT, key, &lease, &fence), JETON_OK);
    store_release(store, lease);
    CHECK_INT(easy_remove(store, "a/b", 2), 1);
}

static void test_indexes(void)
{
    const char *by_key = "SEARCH row USING PRIMARY KEY (kind=? AND name=? AND variant=?); ";
    size_t explained = 0;

    sqlite3_auto_extension((void (*)(void))catch_statements);
    use_everything();
    sqlite3_reset_auto_extension();
    for (size_t i = 0; i < statement_count; i++) {
        const char *plan = uses_rows(statements[i]) ? plan_of(statements[i]) : NULL;

        if (plan == NULL)
            continue;
        explained++;
        if (strncmp(plan, "SEARCH row USING ", 17) != 0 || strstr(plan, "SCAN") != NULL || strstr(plan, "TEMP") != NULL)
            CHECK_STR(plan, statements[i]);
    }
    CHECK_INT(explained, 7);
    CHECK_STR(plan_of("SELECT version, fence"), by_key);
    CHECK_STR(plan_of("DELETE FROM row"), by_key);
    CHECK_STR(plan_of("UPDATE row SET due_at"), by_key);
    CHECK_STR(plan_of("UPDATE row SET shard"), by_key);
}

static const struct check_case cases[] = {
    {"an index answers every question", test_indexes},
};

HELP_MAIN("stores/sqlite/index", cases)
