/* SPDX-License-Identifier: MIT */
/* Lists of named values: order, replacing, removing, and that secret values are held in guarded memory. */
#include "tests/lib/check.h"
#include "base/fields.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void set(struct jt_fields *fields, const char *name, const char *value, uint32_t flags)
{
    jeton_error *error = NULL;

    CHECK_OK(jt_fields_set(fields, name, value, flags, &error), &error);
}

static void values_are_found_by_name_and_stay_in_order(void)
{
    JT_AUTO_FIELDS struct jt_fields fields = {0};

    set(&fields, "b", "2", 0);
    set(&fields, "a", "1", 0);
    set(&fields, "c", "", 0);
    CHECK_INT(fields.len, 3);
    CHECK_STR(fields.items[0].name, "b");
    CHECK_STR(fields.items[1].name, "a");
    CHECK_STR(jt_fields_get(&fields, "a"), "1");
    CHECK_STR(jt_fields_get(&fields, "c"), "");
    CHECK_STR(jt_fields_get(&fields, "d"), NULL);
    CHECK_STR(jt_fields_get(&fields, ""), NULL);
    CHECK_TRUE(jt_fields_find(&fields, "A") == NULL);
}

static void a_second_value_replaces_the_first_in_its_place(void)
{
    JT_AUTO_FIELDS struct jt_fields fields = {0};

    set(&fields, "a", "1", 0);
    set(&fields, "b", "2", 0);
    set(&fields, "a", "longer than before", JT_FIELD_SECRET);
    CHECK_INT(fields.len, 2);
    CHECK_STR(fields.items[0].value, "longer than before");
    CHECK_INT(fields.items[0].len, 18);
    CHECK_INT(fields.items[0].flags, JT_FIELD_SECRET);
    set(&fields, "a", "plain", 0);
    CHECK_STR(jt_fields_get(&fields, "a"), "plain");
    CHECK_INT(fields.items[0].flags, 0);
}

static void a_value_may_be_set_from_the_list_itself(void)
{
    JT_AUTO_FIELDS struct jt_fields fields = {0};

    set(&fields, "a", "value", JT_FIELD_SECRET);
    set(&fields, "a", jt_fields_get(&fields, "a"), 0);
    set(&fields, "b", jt_fields_get(&fields, "a"), JT_FIELD_SECRET);
    CHECK_STR(jt_fields_get(&fields, "a"), "value");
    CHECK_STR(jt_fields_get(&fields, "b"), "value");
}

static void the_caller_keeps_what_it_passed(void)
{
    JT_AUTO_FIELDS struct jt_fields fields = {0};
    char name[] = "name", value[] = "value", file[] = "line.conf";
    jeton_error *error = NULL;

    CHECK_OK(jt_fields_set_at(&fields, name, value, 0, file, 7, &error), &error);
    memset(name, 'x', sizeof(name) - 1);
    memset(value, 'x', sizeof(value) - 1);
    memset(file, 'x', sizeof(file) - 1);
    CHECK_STR(jt_fields_get(&fields, "name"), "value");
    CHECK_STR(fields.items[0].file, "line.conf");
    CHECK_INT(fields.items[0].line, 7);
    CHECK_OK(jt_fields_set_at(&fields, "name", "other", 0, NULL, 0, &error), &error);
    CHECK_STR(fields.items[0].file, NULL);
}

static void removing_closes_the_gap(void)
{
    JT_AUTO_FIELDS struct jt_fields fields = {0};

    set(&fields, "a", "1", 0);
    set(&fields, "b", "2", JT_FIELD_SECRET);
    set(&fields, "c", "3", 0);
    jt_fields_remove(&fields, "b");
    jt_fields_remove(&fields, "not there");
    CHECK_INT(fields.len, 2);
    CHECK_STR(fields.items[1].name, "c");
    CHECK_STR(jt_fields_get(&fields, "c"), "3");
    CHECK_STR(jt_fields_get(&fields, "b"), NULL);
    jt_fields_remove(&fields, "c");
    jt_fields_remove(&fields, "a");
    CHECK_INT(fields.len, 0);
    set(&fields, "d", "4", 0);
    CHECK_STR(jt_fields_get(&fields, "d"), "4");
}

static void many_values_fit(void)
{
    JT_AUTO_FIELDS struct jt_fields fields = {0};
    char name[16];

    for (int i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof(name), "name%d", i);
        set(&fields, name, name + 4, i % 3 == 0 ? JT_FIELD_SECRET : 0);
    }
    CHECK_INT(fields.len, 300);
    CHECK_STR(jt_fields_get(&fields, "name0"), "0");
    CHECK_STR(jt_fields_get(&fields, "name299"), "299");
}

/* libsodium's guarded memory begins somewhere in a page of its own and ends at its end; ordinary memory of the same
 * lengths does so by chance only. */
static bool ends_at_its_page(const char *value)
{
    return (((uintptr_t)value + strlen(value) + 1) & 4095u) == 0;
}

static void secrets_and_keys_are_in_guarded_memory_and_others_are_not(void)
{
    JT_AUTO_FIELDS struct jt_fields fields = {0};
    int plain_at_page = 0;
    char name[16];

    for (int i = 0; i < 16; i++) {
        (void)snprintf(name, sizeof(name), "s%d", i);
        set(&fields, name, "a secret of some length", i % 2 == 0 ? JT_FIELD_SECRET : JT_FIELD_KEY);
        CHECK_TRUE(ends_at_its_page(jt_fields_get(&fields, name)));
        (void)snprintf(name, sizeof(name), "p%d", i);
        set(&fields, name, "a value of some length", 0);
        plain_at_page += ends_at_its_page(jt_fields_get(&fields, name));
    }
    CHECK_INT(plain_at_page, 0);
}

static void a_list_that_is_done_can_be_done_again(void)
{
    struct jt_fields fields = {0};

    jt_fields_done(&fields);
    set(&fields, "a", "1", JT_FIELD_SECRET);
    jt_fields_done(&fields);
    jt_fields_done(&fields);
    CHECK_INT(fields.len, 0);
    CHECK_TRUE(fields.items == NULL);
}

static const struct check_case cases[] = {
    {"values are found by name and stay in order", values_are_found_by_name_and_stay_in_order},
    {"a second value replaces the first in its place", a_second_value_replaces_the_first_in_its_place},
    {"a value may be set from the list itself", a_value_may_be_set_from_the_list_itself},
    {"the caller keeps what it passed", the_caller_keeps_what_it_passed},
    {"removing closes the gap", removing_closes_the_gap},
    {"many values fit", many_values_fit},
    {"secrets and keys are in guarded memory and others are not",
     secrets_and_keys_are_in_guarded_memory_and_others_are_not},
    {"a list that is done can be done again", a_list_that_is_done_can_be_done_again},
};

int main(int argc, char **argv)
{
    return sodium_init() < 0 ? 99 : check_main(argc, argv, "fields", cases, JT_LEN(cases));
}
