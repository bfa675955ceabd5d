/* SPDX-License-Identifier: MIT */
/* Opening of modules. That they are found beside the library is seen by the system tests, which run an installed tree.
 */
#include "plugin/module.h"
#include "tests/lib/check.h"

static struct jt_module_head table = {.struct_size = sizeof(table), .version = JETON_VERSION};

static const struct jt_module_head *give_table(void)
{
    return &table;
}

static const struct jt_module_head *give_nothing(void)
{
    return NULL;
}

static void test_what_is_handed_in_is_given(void)
{
    jt_module_entry *entry = NULL;
    jeton_error *error = NULL;

    jt_module_hand_in("jeton_a.so", (jt_module_entry *)give_table);
    jt_module_hand_in("jeton_b.so", (jt_module_entry *)give_nothing);
    if (CHECK_OK(jt_module_open("jeton_a.so", "jeton_a_v1", &entry, &error), &error))
        CHECK_TRUE(entry == (jt_module_entry *)give_table);
    if (CHECK_OK(jt_module_open("jeton_b.so", "jeton_b_v1", &entry, &error), &error))
        CHECK_TRUE(entry == (jt_module_entry *)give_nothing);
    jt_module_hand_in("jeton_a.so", (jt_module_entry *)give_nothing);
    if (CHECK_OK(jt_module_open("jeton_a.so", "jeton_a_v1", &entry, &error), &error))
        CHECK_TRUE(entry == (jt_module_entry *)give_nothing);
}

static void test_a_module_that_is_not_installed_is_named(void)
{
    jt_module_entry *entry = NULL;
    jeton_error *error = NULL;

    if (CHECK_INT(jt_module_open("jeton_absent.so", "jeton_absent_v1", &entry, &error), JETON_CONFIG))
        CHECK_CONTAINS(jeton_error_message(error), JETON_PLUGINDIR);
    CHECK_TRUE(entry == NULL);
    jeton_error_free(&error);
}

static void open_table(const char *version, size_t struct_size, const char *part)
{
    const struct jt_module_head *opened = NULL;
    jeton_error *error = NULL;
    int status;

    table.version = version;
    jt_module_hand_in("jeton_table.so", (jt_module_entry *)give_table);
    status = jt_module_open_table("jeton_table.so", "jeton_table_v1", struct_size, &opened, &error);
    if (part == NULL) {
        CHECK_OK(status, &error);
        CHECK_TRUE(opened == &table);
    } else {
        CHECK_FAILS(status, JETON_CONFIG, part, &error);
        CHECK_TRUE(opened == NULL);
    }
}

static void test_a_table_must_be_of_the_same_build(void)
{
    const struct jt_module_head *opened = NULL;
    jeton_error *error = NULL;

    open_table(JETON_VERSION, sizeof(table), NULL);
    open_table("0.0.9", sizeof(table), "jeton_table.so belongs to jeton 0.0.9");
    open_table(NULL, sizeof(table), "jeton_table.so belongs to jeton ?");
    open_table(JETON_VERSION, sizeof(table) + 8, "install both from one package");
    jt_module_hand_in("jeton_table.so", (jt_module_entry *)give_nothing);
    CHECK_FAILS(jt_module_open_table("jeton_table.so", "jeton_table_v1", sizeof(table), &opened, &error), JETON_CONFIG,
                "install both from one package", &error);
}

static const struct check_case cases[] = {
    {"what a program hands in is given, and nothing is loaded", test_what_is_handed_in_is_given},
    {"a module that is not installed is named, with its directory", test_a_module_that_is_not_installed_is_named},
    {"a table of another build is refused", test_a_table_must_be_of_the_same_build},
};
CHECK_MAIN("module", cases)
