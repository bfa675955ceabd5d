/* SPDX-License-Identifier: MIT */
/* One value against one row: types, bounds, choices, URLs, text. */
#include "base/value.h"
#include "tests/lib/check.h"
#include <stdlib.h>
#include <string.h>

static void expect_fits(const struct jeton_setting *row, const char *text)
{
    jeton_error *error = NULL;

    if (!CHECK_OK(jt_value_check(row, text, &error), &error))
        printf("  \"%s\"\n", text);
}

static void expect_not(const struct jeton_setting *row, const char *text, const char *part)
{
    jeton_error *error = NULL;

    CHECK_FAILS(jt_value_check(row, text, &error), JETON_CONFIG, part, &error);
}

static void test_integer(void)
{
    const struct jeton_setting bounded = {.type = JETON_INTEGER, .minimum = 1, .maximum = 10};
    const struct jeton_setting any = {.type = JETON_INTEGER};

    expect_fits(&bounded, "1");
    expect_fits(&bounded, "10");
    expect_not(&bounded, "0", "must be a whole number from 1 to 10");
    expect_not(&bounded, "11", "must be a whole number from 1 to 10");
    expect_fits(&any, "-9223372036854775808");
    expect_fits(&any, "3138007490");
    expect_not(&any, "9223372036854775808", "must be a whole number");
    expect_not(&any, "", "must be a whole number");
    expect_not(&any, "-", "must be a whole number");
    expect_not(&any, "1.5", "must be a whole number");
    expect_not(&any, " 1", "must be a whole number");
    expect_not(&any, "+1", "must be a whole number");
    expect_not(&any, "1s", "must be a whole number");
}

static void test_boolean(void)
{
    const struct jeton_setting row = {.type = JETON_BOOLEAN};

    expect_fits(&row, "true");
    expect_fits(&row, "false");
    expect_not(&row, "yes", "true or false");
    expect_not(&row, "TRUE", "true or false");
}

static void test_choices(void)
{
    const struct jeton_setting row = {.type = JETON_STRING, .choices = "v2 v2.1 v3"};

    expect_fits(&row, "v2");
    expect_fits(&row, "v2.1");
    expect_fits(&row, "v3");
    expect_not(&row, "v2.", "must be one of: v2 v2.1 v3");
    expect_not(&row, "v21", "did you mean \"v2");
    expect_not(&row, "", "must be one of");
    expect_not(&row, "v2 v3", "must be one of");
    expect_not(&row, "stateless", "must be one of: v2 v2.1 v3");
}

static void test_url(void)
{
    static const char *const good[] = {
        "https://api.line.me",   "https://api.line.me/",       "HTTPS://api.line.me:8443/a?b=c",
        "http://127.0.0.1:8080", "http://127.1.2.3/x",         "http://localhost",
        "http://[::1]:9/x",      "https://[2001:db8::1]:443/", "https://xn--80ak6aa92e.de"};
    static const char *const bad[] = {"",
                                      "api.line.me",
                                      "/oauth",
                                      "ftp://api.line.me",
                                      "http://api.line.me",
                                      "http://127.0.0.1.example.com/",
                                      "http://127.evil.0.1/",
                                      "http://127.0.0.0.1/",
                                      "http://127.0.0.1./",
                                      "http://127..0.1/",
                                      "https://user@api.line.me",
                                      "http://localhost.example.com",
                                      "http://127.0.0.1@evil.example/",
                                      "https://user:password@api.line.me",
                                      "https://",
                                      "https:///x",
                                      "https://:443/",
                                      "https://host:",
                                      "https://host:0",
                                      "https://host:65536",
                                      "https://host:4a",
                                      "https://host: 1",
                                      "https://[::1",
                                      "https://a b/",
                                      "https://a\\b/",
                                      "https://a/#fragment",
                                      "https://a/\"",
                                      "https://\xc3\xa9.example/"};

    for (size_t i = 0; i < JT_LEN(good); i++)
        if (!CHECK_TRUE(jt_value_url_problem(good[i]) == NULL))
            printf("  %s %s\n", good[i], jt_value_url_problem(good[i]));
    for (size_t i = 0; i < JT_LEN(bad); i++)
        if (!CHECK_TRUE(jt_value_url_problem(bad[i]) != NULL))
            printf("  %s was taken\n", bad[i]);
}

static void test_proxy(void)
{
    CHECK_TRUE(jt_value_proxy_problem("http://proxy.example:3128") == NULL);
    CHECK_TRUE(jt_value_proxy_problem("socks5h://user:pass@127.0.0.1:1080") == NULL);
    CHECK_TRUE(jt_value_proxy_problem("https://[::1]:8") == NULL);
    CHECK_TRUE(jt_value_proxy_problem("proxy.example:3128") != NULL);
    CHECK_TRUE(jt_value_proxy_problem("ftp://proxy.example") != NULL);
    CHECK_TRUE(jt_value_proxy_problem("http://") != NULL);
    CHECK_TRUE(jt_value_proxy_problem("http://user@") != NULL);
    CHECK_TRUE(jt_value_proxy_problem("http://a b") != NULL);
}

static void test_text(void)
{
    const struct jeton_setting row = {.type = JETON_STRING}, key = {.type = JETON_KEY};

    expect_fits(&row, "пароль №1 – 𝄞");
    expect_not(&row, "a\xff", "is not UTF-8 text");
    expect_not(&row, "\xc0\xaf", "is not UTF-8 text");
    expect_not(&row, "\xed\xa0\x80", "is not UTF-8 text");
    expect_not(&row, "\xf4\x90\x80\x80", "is not UTF-8 text");
    expect_not(&row, "\xe2\x82", "is not UTF-8 text");
    expect_not(&row, "secret\r", "carriage return (was the file written on Windows?)");
    expect_not(&row, "one\ntwo", "more than one line");
    expect_not(&row, "a\x1b[31m", "control character");
    expect_not(&row, "a\x7f", "control character");
    expect_fits(&key, "-----BEGIN\r\n\tx\n-----END\n");
    expect_not(&key, "a\x01", "control character");
}

static void test_length(void)
{
    const struct jeton_setting row = {.type = JETON_STRING};
    char *text = calloc(1, JT_SETTING_MAX + 2);

    memset(text, 'x', JT_SETTING_MAX);
    expect_fits(&row, text);
    text[JT_SETTING_MAX] = 'x';
    expect_not(&row, text, "longer than 64 KiB");
    free(text);
}

static const struct check_case cases[] = {
    {"an integer is digits within its bounds", test_integer},
    {"a boolean is true or false", test_boolean},
    {"a choice is one of those there are, and the nearest is suggested", test_choices},
    {"a URL is https, or http to a loopback address, and nothing hides in it", test_url},
    {"a proxy is a URL with a scheme that is known", test_proxy},
    {"text is UTF-8 (RFC 3629 3) on one line without control characters, a key on several", test_text},
    {"a value of 64 KiB is taken and a longer one is not", test_length},
};

CHECK_MAIN("config_value", cases)
