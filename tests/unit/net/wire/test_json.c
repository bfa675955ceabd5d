/* SPDX-License-Identifier: MIT */
/* The JSON that is let in, the JSON that is refused, and the JSON that goes out. Nothing here knows what a member
 * means. */
#include "tests/lib/check.h"
#include "net/wire/wire.h"
#include <stdlib.h>
#include <string.h>

static struct json_object *parse(const char *text)
{
    struct json_object *value = NULL;
    char why[JT_JSON_WHY] = "";

    if (jt_json_parse(text, strlen(text), &value, why, sizeof(why)) != JETON_OK)
        CHECK_STR(why, "no reason to refuse it");
    return value;
}

static void check_refused(const char *text, size_t len, const char *reason)
{
    /* A copy of the exact size, so that a read behind the end is seen. */
    char *exact = malloc(len > 0 ? len : 1);
    struct json_object *value = NULL;
    char why[JT_JSON_WHY] = "";

    if (exact == NULL)
        abort();
    memcpy(exact, text, len);
    CHECK_INT(jt_json_parse(exact, len, &value, why, sizeof(why)), JETON_BAD_ANSWER);
    CHECK_CONTAINS(why, reason);
    CHECK_TRUE(value == NULL);
    jt_json_free(&value);
    free(exact);
}

static void refuses(const char *text, const char *reason)
{
    check_refused(text, strlen(text), reason);
}

static void what_is_not_json_is_refused(void)
{
    refuses("", "is empty");
    refuses("   \n", "is empty");
    refuses("<html>", "is not JSON");
    refuses("{'a':1}", "is not JSON");
    refuses("{\"a\":1} x", "is not JSON");
    refuses("{\"a\":1}{\"b\":2}", "is not JSON");
    refuses("{\"a\":1,}", "is not JSON");
    refuses("[1,]", "is not JSON");
    refuses("{\"a\" 1}", "is not JSON");
    refuses("{a:1}", "is not JSON");
    refuses("]", "a bracket too many");
    refuses("// hi\n1", "is not JSON");
    refuses("{/*x*/}", "is not JSON");
    refuses("tru", "is");
    refuses("True", "is not JSON");
    refuses("NaN", "is not JSON");
    refuses("Infinity", "is not JSON");
    refuses("-Infinity", "is not JSON");
    refuses("nul", "is");
}

static void malformed_numbers_are_refused(void)
{
    static const char *const numbers[] = {"01",  "-",    "1.",  ".5",   "+1",  "1e",
                                          "1e+", "0x10", "--1", "1.e3", "-01", "[1 2]"};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        refuses(numbers[i], "is not JSON");
}

static void a_text_that_ends_early_is_cut_short(void)
{
    static const char whole[] = "{\"access_token\":\"abc\",\"list\":[1,-2.5e3,true,null],\"o\":{\"a\":\"\\u00e9\"}}";
    char *buf;

    for (size_t len = 1; len < sizeof(whole) - 1; len++)
        check_refused(whole, len, "is cut short");
    buf = strdup(whole);
    if (buf != NULL) {
        struct json_object *value = parse(buf);

        CHECK_TRUE(value != NULL);
        jt_json_free(&value);
    }
    free(buf);
}

static void rfc_8259_8_1_only_utf8_is_read(void)
{
    refuses("\"\xff\"", "is not UTF-8");
    refuses("\"\xc0\xaf\"", "is not UTF-8"); /* overlong */
    refuses("\"\xe0\x80\xaf\"", "is not UTF-8");
    refuses("\"\xf0\x80\x80\xaf\"", "is not UTF-8");
    refuses("\"\xed\xa0\x80\"", "is not UTF-8"); /* a surrogate */
    refuses("\"\xf4\x90\x80\x80\"", "is not UTF-8");
    refuses("\"\xe2\x82\"", "is not UTF-8");
}

static void control_characters_and_nul_are_refused(void)
{
    refuses("\"a\nb\"", "control character");
    refuses("{\"a\":\"x\\u0000y\"}", "NUL");
    refuses("{\"a\\u0000b\":1}", "NUL");
    check_refused("{\"a\":1\0}", 8, "is not JSON");
    check_refused("\"a\0b\"", 5, "control character");
}

static void a_member_that_comes_twice_is_refused_by_name(void)
{
    refuses("{\"access_token\":\"a\",\"access_token\":\"b\"}", "names the member \"access_token\" twice");
    refuses("{\"o\":{\"x\":1,\"y\":[{\"deep\":1,\"deep\":1}]}}", "names the member \"deep\" twice");
    refuses("{\"a\":1,\"\\u0061\":2}", "twice"); /* the same name, spelt differently */
    refuses("{\"a\":{\"x\":1},\"a\":{\"x\":1}}", "names the member \"a\" twice");
}

static void the_same_name_in_different_objects_is_fine(void)
{
    struct json_object *value =
        parse("{\"a\":{\"x\":1},\"b\":{\"x\":1},\"c\":[{\"x\":\":\"},{\"x\":\"{\\\"x\\\":\"}]}");

    CHECK_TRUE(value != NULL);
    jt_json_free(&value);
}

static char *nested(unsigned levels)
{
    char *text = malloc(2 * levels + 1);

    if (text == NULL)
        abort();
    memset(text, '[', levels);
    memset(text + levels, ']', levels);
    text[2 * levels] = '\0';
    return text;
}

static void thirty_two_levels_are_read_and_thirty_three_are_not(void)
{
    char *deepest = nested(32), *deeper = nested(33);
    struct json_object *value = parse(deepest);

    CHECK_TRUE(value != NULL);
    jt_json_free(&value);
    refuses(deeper, "nested deeper than 32 levels");
    free(deepest);
    free(deeper);
}

static void a_text_over_the_cap_is_refused(void)
{
    size_t len = JT_RESPONSE_MAX + 1;
    char *text = malloc(len + 1);

    if (text == NULL)
        abort();
    memset(text, ' ', len);
    text[len] = '\0';
    text[0] = '1';
    refuses(text, "is longer than 1048576 bytes");
    free(text);
}

static void a_null_is_there_and_nothing_is_not(void)
{
    struct json_object *root = parse("{\"a\":null}"), *value = root;

    CHECK_TRUE(jt_json_find(root, "/a", &value));
    CHECK_TRUE(value == NULL);
    CHECK_TRUE(!jt_json_find(root, "/b", &value));
    jt_json_free(&root);
}

static void rfc_6901_5_pointers_find_what_the_rfc_says(void)
{
    static const struct {
        const char *pointer;
        int number;
    } cases[] = {{"/", 0},     {"/a~1b", 1}, {"/c%d", 2}, {"/e^f", 3}, {"/g|h", 4},
                 {"/i\\j", 5}, {"/k\"l", 6}, {"/ ", 7},   {"/m~0n", 8}};
    static const char *const nothing[] = {"/foo/2", "/foo/-", "/foo/00", "/foo/01",  "/foo/+1",
                                          "foo",    "/a~2b",  "/a~",     "/foo/0/x", "/foo/99999999999999999999"};
    struct json_object *root = parse("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
                                     "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}");
    struct json_object *value = NULL;

    CHECK_TRUE(jt_json_find(root, "", &value) && value == root);
    CHECK_TRUE(jt_json_find(root, "/foo/1", &value));
    CHECK_STR(jt_json_string(value), "baz");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_TRUE(jt_json_find(root, cases[i].pointer, &value));
        CHECK_INT(json_object_get_int(value), cases[i].number);
    }
    for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
        CHECK_TRUE(!jt_json_find(root, nothing[i], &value));
    jt_json_free(&root);
}

static void integers_are_read_from_what_servers_send(void)
{
    static const struct {
        const char *text;
        bool good;
        int64_t number;
    } cases[] = {
        {"3600", true, 3600},
        {"\"3600\"", true, 3600},
        {"3600.0", true, 3600},
        {"3600.9", true, 3600},
        {"3.6e3", true, 3600},
        {"-5", true, -5},
        {"\"-5\"", true, -5},
        {"3138007490", true, INT64_C(3138007490)},
        {"9223372036854775807", true, INT64_MAX},
        {"99999999999999999999999", true, INT64_MAX},
        {"-99999999999999999999999", true, INT64_MIN},
        {"\"99999999999999999999999\"", true, INT64_MAX},
        {"1e400", true, INT64_MAX},
        {"\"\"", false, 0},
        {"\"-\"", false, 0},
        {"\"12x\"", false, 0},
        {"\" 12\"", false, 0},
        {"\"1-2\"", false, 0},
        {"true", false, 0},
        {"null", false, 0},
        {"[1]", false, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_object *value = parse(cases[i].text);
        int64_t number = 0;

        check_int(jt_json_integer(value, &number), cases[i].good, cases[i].text, __FILE__, __LINE__);
        check_int(number, cases[i].number, cases[i].text, __FILE__, __LINE__);
        jt_json_free(&value);
    }
}

static void scalars_become_text_and_containers_do_not(void)
{
    struct json_object *root = parse("[\"x\",12,1.50,true,null,{},[]]");
    static const char *const texts[] = {"x", "12", "1.50", "true"};

    for (size_t i = 0; i < 7; i++) {
        struct json_object *value = json_object_array_get_idx(root, i);
        struct jt_buf buf = JT_BUF_INIT(100);

        CHECK_INT(jt_json_is_scalar(value), i < 4);
        if (i < 4) {
            jt_json_add_scalar(&buf, value);
            CHECK_STR(jt_buf_str(&buf), texts[i]);
        }
        jt_buf_done(&buf);
    }
    jt_json_free(&root);
}

static void what_is_written_is_compact_in_order_and_has_plain_slashes(void)
{
    static const char text[] = "{\"b\":\"https://x/\",\"a\":[1,2.50,true,null,{}],\"é\":\"\\\"\\\\\\n\\u0001\\u007f\"}";
    struct json_object *root = parse(text);
    struct jt_buf buf = JT_BUF_INIT(1000);

    jt_json_add(&buf, root);
    CHECK_STR(jt_buf_str(&buf), text);
    jt_buf_done(&buf);
    jt_json_free(&root);
}

static void values_are_put_at_pointers(void)
{
    struct json_object *root = NULL;
    struct jt_buf buf = JT_BUF_INIT(1000);

    CHECK_TRUE(jt_json_put(&root, "/a/b", json_object_new_string("x")));
    CHECK_TRUE(jt_json_put(&root, "/a/c~1d", json_object_new_int(1)));
    CHECK_TRUE(jt_json_put(&root, "/list", json_object_new_array()));
    CHECK_TRUE(jt_json_put(&root, "/list/-", json_object_new_string("one")));
    CHECK_TRUE(jt_json_put(&root, "/list/1", json_object_new_string("two")));
    CHECK_TRUE(jt_json_put(&root, "/list/0", json_object_new_string("ONE")));
    CHECK_TRUE(!jt_json_put(&root, "/list/7", json_object_new_string("far")));
    CHECK_TRUE(!jt_json_put(&root, "/a/b/c", json_object_new_string("below a string")));
    CHECK_TRUE(!jt_json_put(&root, "no slash", json_object_new_string("x")));
    jt_json_add(&buf, root);
    CHECK_STR(jt_buf_str(&buf), "{\"a\":{\"b\":\"x\",\"c/d\":1},\"list\":[\"ONE\",\"two\"]}");
    CHECK_TRUE(jt_json_put(&root, "", json_object_new_string("whole")));
    CHECK_STR(jt_json_string(root), "whole");
    jt_buf_done(&buf);
    jt_json_free(&root);
}

static const struct check_case cases[] = {
    {"what is not JSON is refused", what_is_not_json_is_refused},
    {"RFC 8259 6: malformed numbers are refused", malformed_numbers_are_refused},
    {"a text that ends early is cut short, wherever it ends", a_text_that_ends_early_is_cut_short},
    {"RFC 8259 8.1: only UTF-8 is read", rfc_8259_8_1_only_utf8_is_read},
    {"control characters and NUL are refused", control_characters_and_nul_are_refused},
    {"a member that comes twice is refused by name", a_member_that_comes_twice_is_refused_by_name},
    {"the same name in different objects is fine", the_same_name_in_different_objects_is_fine},
    {"32 levels are read and 33 are not", thirty_two_levels_are_read_and_thirty_three_are_not},
    {"a text over the cap is refused", a_text_over_the_cap_is_refused},
    {"a null is there, and nothing is not", a_null_is_there_and_nothing_is_not},
    {"RFC 6901 5: pointers find what the RFC says", rfc_6901_5_pointers_find_what_the_rfc_says},
    {"integers are read from what servers send", integers_are_read_from_what_servers_send},
    {"scalars become text and containers do not", scalars_become_text_and_containers_do_not},
    {"what is written is compact, in order, with plain slashes",
     what_is_written_is_compact_in_order_and_has_plain_slashes},
    {"values are put at pointers", values_are_put_at_pointers},
};
CHECK_MAIN("json", cases)
