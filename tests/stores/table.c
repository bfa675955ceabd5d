/* SPDX-License-Identifier: MIT */
/* The engine's table: what the library reads before it opens anything. */
#include "cases.h"
#include "engine.h"
#include "store.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void test_table(void)
{
    CHECK_STR(engine_refused(), NULL);
}

static void test_keep(void)
{
    bool holds = (engine.capabilities & JETON_STORE_CAP_HOLDS) != 0;

    if (engine_refused() == NULL)
        CHECK_INT(engine.keep != NULL, !holds);
}

static void test_notices(void)
{
    CHECK_INT(engine.notice_fd != NULL, engine.dispatch != NULL);
    if (engine.notice_fd != NULL)
        CHECK_TRUE(engine.number != NULL);
}

static bool name_is_good(const char *name)
{
    bool good = name[0] >= 'a' && name[0] <= 'z';

    for (; *name != '\0'; name++)
        good = good && ((*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9') || *name == '_');
    return good;
}

static void check_setting(const struct jeton_setting *setting)
{
    CHECK_TRUE(name_is_good(setting->name));
    CHECK_TRUE(strcmp(setting->name, "engine") != 0);
    CHECK_TRUE(setting->type >= JETON_STRING && setting->type <= JETON_PATH);
    CHECK_TRUE(setting->help != NULL && setting->help[0] != '\0' && strchr(setting->help, '\n') == NULL);
    CHECK_TRUE((setting->flags & ~(JETON_REQUIRED | JETON_SECRET)) == 0);
}

static void test_settings(void)
{
    if (engine_refused() != NULL || engine.settings == NULL)
        return;
    for (const struct jeton_setting *one = engine.settings; one->name != NULL; one++) {
        check_setting(one);
        for (const struct jeton_setting *other = engine.settings; other != one; other++)
            CHECK_TRUE(strcmp(one->name, other->name) != 0);
    }
}

/* What nm prints for the symbols that a program could link to. */
static void test_symbols(void)
{
    char command[5000], line[1024];
    unsigned count = 0;
    FILE *stream;

    if (strpbrk(engine_file(), "'\\") != NULL) {
        check_skip("the file's name has a quote");
        return;
    }
    (void)snprintf(command, sizeof(command), "nm -D --defined-only '%s' 2>/dev/null", engine_file());
    stream = popen(command, "r");
    while (stream != NULL && fgets(line, sizeof(line), stream) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (count++ > 0 || strstr(line, " " JETON_STORE_SYMBOL) == NULL)
            CHECK_STR(line, "no other symbol");
    }
    if (stream != NULL)
        (void)pclose(stream);
    if (count == 0)
        check_skip("nm(1) is not installed");
    else
        CHECK_INT(count, 1);
}

const struct check_case table_cases[] = {
    {"the library would take the engine: its table is complete, honest and named as its file", test_table},
    {"an engine has keep, or says that a living holder cannot lose its lease", test_keep},
    {"a descriptor for notices comes with dispatch, and both with numbers", test_notices},
    {"every declared setting has a name of its own, a type and one line of help", test_settings},
    {"the engine exports one symbol", test_symbols},
    {NULL, NULL},
};
