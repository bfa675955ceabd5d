/* SPDX-License-Identifier: MIT */
/* The parameters of a call against a plugin's table. No configuration is involved. */
#include "settings/settings.h"
#include "tests/lib/check.h"

static const struct jeton_setting settings[] = {
    {.name = "scope", .type = JETON_LIST, .help = "rights"},
    {.name = NULL},
};
static const struct jeton_setting parameters[] = {
    {.name = "scope", .type = JETON_LIST, .default_value = "all", .help = "rights"},
    {.name = "mode", .type = JETON_STRING, .default_value = "plain", .choices = "plain loud", .help = "how"},
    {.name = "code", .type = JETON_STRING, .flags = JETON_REQUIRED | JETON_ONE_TIME, .help = "from the redirect"},
    {.name = "count", .type = JETON_INTEGER, .minimum = 1, .maximum = 10, .help = "a number"},
    {.name = "password", .type = JETON_STRING, .flags = JETON_SECRET, .help = "a secret"},
    {.name = NULL},
};
static const struct jt_plugin plugin = {.table = {.name = "example"}, .settings = settings, .parameters = parameters};

static int check_params(const struct jeton_param *params, size_t len, struct jt_fields *ret_fields,
                        jeton_error **ret_error)
{
    return jt_params_check(&plugin, params, len, ret_fields, ret_error);
}

static void expect_refused(struct jeton_param param, const char *part)
{
    JT_AUTO_FIELDS struct jt_fields fields = {0};
    jeton_error *error = NULL;

    CHECK_FAILS(check_params(&param, 1, &fields, &error), JETON_USAGE, part, &error);
}

static void test_good(void)
{
    const struct jeton_param params[] = {{"code", "abc"}, {"count", "10"}, {"password", "p"}};
    JT_AUTO_FIELDS struct jt_fields fields = {0};
    jeton_error *error = NULL;

    if (!CHECK_OK(check_params(params, JT_LEN(params), &fields, &error), &error))
        return;
    CHECK_STR(jt_fields_get(&fields, "code"), "abc");
    CHECK_STR(jt_fields_get(&fields, "count"), "10");
    CHECK_INT(jt_fields_find(&fields, "code")->flags, JT_FIELD_SECRET);
    CHECK_INT(jt_fields_find(&fields, "password")->flags, JT_FIELD_SECRET);
    CHECK_INT(jt_fields_find(&fields, "count")->flags, 0);
}

static void test_defaults(void)
{
    JT_AUTO_FIELDS struct jt_fields fields = {0};
    jeton_error *error = NULL;

    CHECK_OK(check_params(NULL, 0, &fields, &error), &error);
    CHECK_STR(jt_fields_get(&fields, "mode"), "plain");
    /* Else the default would hide what the account says about the same thing. */
    CHECK_TRUE(jt_fields_get(&fields, "scope") == NULL);
}

static void test_wrong(void)
{
    const struct jeton_param twice[] = {{"code", "a"}, {"code", "b"}};
    JT_AUTO_FIELDS struct jt_fields fields = {0};
    jeton_error *error = NULL;

    expect_refused((struct jeton_param){"scpoe", "a"}, "takes no parameter \"scpoe\"; did you mean \"scope\"?");
    expect_refused((struct jeton_param){"audience", "a"}, "takes no parameter \"audience\"; jeton describe example");
    expect_refused((struct jeton_param){"count", "11"}, "count must be a whole number from 1 to 10");
    expect_refused((struct jeton_param){"mode", "lout"}, "did you mean \"loud\"?");
    expect_refused((struct jeton_param){"code", "a\r\nb"}, "carriage return");
    expect_refused((struct jeton_param){NULL, "a"}, "lacks its name");
    expect_refused((struct jeton_param){"code", NULL}, "lacks its value");
    CHECK_FAILS(check_params(twice, 2, &fields, &error), JETON_USAGE, "code is given twice", &error);
}

static void test_none(void)
{
    const struct jt_plugin bare = {.table = {.name = "bare"}, .settings = &settings[1], .parameters = &settings[1]};
    const struct jeton_param param = {"scope", "a"};
    JT_AUTO_FIELDS struct jt_fields fields = {0};
    jeton_error *error = NULL;

    CHECK_FAILS(jt_params_check(&bare, &param, 1, &fields, &error), JETON_USAGE, "bare takes no parameters", &error);
    CHECK_OK(jt_params_check(&bare, NULL, 0, &fields, &error), &error);
}

static void test_required(void)
{
    JT_AUTO_FIELDS struct jt_fields fields = {0}, account = {0};
    jeton_error *error = NULL;

    CHECK_FAILS(jt_params_require(&plugin, &fields, &account, &error), JETON_USAGE,
                "needs the parameter code (from the redirect): -p code=…", &error);
    CHECK_OK(jt_fields_set(&fields, "code", "", 0, &error), &error);
    CHECK_FAILS(jt_params_require(&plugin, &fields, &account, &error), JETON_USAGE, "code", &error);
    CHECK_OK(jt_fields_set(&fields, "code", "abc", 0, &error), &error);
    CHECK_OK(jt_params_require(&plugin, &fields, &account, &error), &error);
    jt_fields_remove(&fields, "code");
    CHECK_OK(jt_fields_set(&account, "code", "abc", 0, &error), &error);
    CHECK_OK(jt_params_require(&plugin, &fields, &account, &error), &error);
}

static const struct check_case cases[] = {
    {"parameters become fields, those that are secret or can be spent marked so", test_good},
    {"a default is filled in unless the account has a setting of that name", test_defaults},
    {"an unknown, wrong, repeated or empty parameter is a usage error that says what it must be", test_wrong},
    {"a plugin without parameters takes none", test_none},
    {"a required parameter may come from the call or from the account", test_required},
};

CHECK_MAIN("config_params", cases)
