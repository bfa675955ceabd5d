/* SPDX-License-Identifier: MIT */
/* What libconfig would misread without a word is found, with its line; what it reads well is let through. */
#include "config/scan.h"
#include "tests/lib/check.h"
#include <string.h>

static int scan(const char *text, jeton_error **ret_error)
{
    return jt_config_scan("x.conf", text, strlen(text), ret_error);
}

static void expect_good(const char *text)
{
    jeton_error *error = NULL;

    CHECK_OK(scan(text, &error), &error);
}

static void expect_refused(const char *text, const char *part)
{
    jeton_error *error = NULL;

    CHECK_FAILS(scan(text, &error), JETON_CONFIG, part, &error);
}

static void test_includes(void)
{
    expect_refused("@include \"/etc/passwd\"\n", "x.conf:1: @include is not allowed");
    expect_refused("a = 1;\n\n \t@include \"x\"\n", "x.conf:3: @include is not allowed");
    expect_refused("a = 1;\n@include\"x\"", "x.conf:2: @include");
    expect_good("# @include \"x\"\na = \"@include\";\n");
}

static void test_numbers(void)
{
    expect_good("a = 2147483647; b = -2147483647; c = 0x7fffffff; d = 9223372036854775807L; e = 1.5e10; f = 0;");
    expect_good("a1657000000000 = 1; b-99999999999 = 2;");
    expect_refused("a = 1;\nclient_id = 16570000000;",
                   "x.conf:2: this number is too large: put it in quotes if it is an id");
    expect_refused("a = 2147483648;", "too large");
    expect_refused("a = -2147483649;", "too large");
    expect_refused("a = 0x80000000;", "too large");
    expect_refused("a = 9223372036854775808L;", "too large");
    expect_refused("a = 99999999999999999999999999;", "too large");
    expect_refused("a = [ 1, 16570000000 ];", "too large");
}

static void test_where_numbers_are_not(void)
{
    expect_good("# 16570000000\n// 16570000000\n/* 16570000000\n16570000000 */ a = \"16570000000\";");
    expect_good("a = \"\\\"16570000000\";");
    expect_refused("/* x */ a = 16570000000;", "x.conf:1");
    expect_refused("a = \"x\\\\\"; b = 16570000000;", "too large");
    expect_refused("a = \"x\n\n\";\nb = 16570000000;", "x.conf:4");
    expect_refused("/*\n\n*/\n#x\nb = 16570000000;", "x.conf:5");
}

static void test_nul(void)
{
    jeton_error *error = NULL;

    expect_refused("a = \"b\\x00c\";", "x.conf:1: \\x00");
    expect_good("a = \"b\\\\x00c\"; # \\x00\n");
    CHECK_FAILS(jt_config_scan("x.conf", "a = 1;\0", 7, &error), JETON_CONFIG, "NUL byte", &error);
}

static void test_mark(void)
{
    expect_refused("\xef\xbb\xbf"
                   "a = 1;",
                   "x.conf:1: the file begins with a byte order mark");
    expect_good("# \xef\xbb\xbf\n");
}

static void test_ends(void)
{
    expect_good("");
    expect_good("#");
    expect_good("-");
    expect_good("0x");
}

static void test_unfinished_texts(void)
{
    expect_refused("a = 1;\nb = \"x;\nc = 2;\n", "x.conf:2: the text that begins here has no closing quote");
    expect_refused("\"", "x.conf:1: the text");
    expect_refused("\"\\", "x.conf:1: the text");
    expect_refused("a = \"\\\"", "x.conf:1: the text");
    expect_refused("a = \"b\"\n\"c", "x.conf:2: the text");
    expect_good("# a = \"b\n");
    expect_refused("a = 1;\n/* b = 2;\nc = 3;\n", "x.conf:2: the comment that begins here has no end");
    expect_refused("/*", "x.conf:1: the comment");
    expect_refused("/*/", "x.conf:1: the comment");
    expect_good("/**/ a = 1;");
}

static void test_groups(void)
{
    static char text[] = "a={};\n";
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(64 * 1024);

    jt_buf_puts(&buf, "# {\nx = \"{\";\n");
    for (int i = 0; i < 4 * JT_CONFIG_ACCOUNTS_MAX; i++)
        jt_buf_puts(&buf, text);
    expect_good(jt_buf_str(&buf));
    jt_buf_puts(&buf, text);
    expect_refused(jt_buf_str(&buf), "x.conf:4003: this is group number 4001, too many for one file");
}

static const struct check_case cases[] = {
    {"@include is refused wherever libconfig would follow it", test_includes},
    {"numbers that would wrap around are refused", test_numbers},
    {"comments and strings hold no numbers, and lines are counted through them", test_where_numbers_are_not},
    {"a NUL, written out or as an escape, is refused", test_nul},
    {"a byte order mark, which nobody sees, is named", test_mark},
    {"a text or a comment without an end is told by the line that it begins in", test_unfinished_texts},
    {"a file that is little but groups is refused before it is parsed", test_groups},
    {"a file may end anywhere but in a text", test_ends},
};

CHECK_MAIN("config_scan", cases)
