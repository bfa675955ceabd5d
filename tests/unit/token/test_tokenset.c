/* SPDX-License-Identifier: MIT */
/* Token sets as bytes and as the object that callers hold. It never touches a file. */
#include "token/tokenset.h"
#include "tests/lib/check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct jt_tokenset full_set(void)
{
    struct jt_tokenset set = JT_TOKENSET_INIT;

    set.access_token = jt_strdup("access-1");
    set.token_type = jt_strdup("DPoP");
    set.refresh_token = jt_strdup("refresh-1");
    set.scope = jt_strdup("a b");
    set.key_id = jt_strdup("kid");
    set.extra = jt_strdup("{\"app\":1}");
    set.note = jt_strdup("a sentence");
    set.issued_at = 1700000000;
    set.expires_at = 1700003600;
    set.refresh_expires_at = 1800000000;
    return set;
}

static void encode(const struct jt_tokenset *set, struct jt_buf *buf)
{
    jeton_error *error = NULL;

    CHECK_OK(jt_tokenset_encode(set, buf, &error), &error);
}

static void test_round_trip(void)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = full_set();
    JT_AUTO_TOKENSET struct jt_tokenset back = JT_TOKENSET_INIT;
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(4096);
    jeton_error *error = NULL;

    encode(&set, &buf);
    CHECK_OK(jt_tokenset_decode(buf.data, buf.len, &back, &error), &error);
    CHECK_STR(back.access_token, "access-1");
    CHECK_STR(back.token_type, "DPoP");
    CHECK_STR(back.refresh_token, "refresh-1");
    CHECK_STR(back.scope, "a b");
    CHECK_STR(back.key_id, "kid");
    CHECK_STR(back.extra, "{\"app\":1}");
    CHECK_STR(back.note, NULL);
    CHECK_INT(back.issued_at, 1700000000);
    CHECK_INT(back.expires_at, 1700003600);
    CHECK_INT(back.refresh_expires_at, 1800000000);
}

static void test_absent_is_not_empty(void)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = JT_TOKENSET_INIT;
    JT_AUTO_TOKENSET struct jt_tokenset back = JT_TOKENSET_INIT;
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(4096);
    jeton_error *error = NULL;

    set.scope = jt_strdup("");
    encode(&set, &buf);
    CHECK_OK(jt_tokenset_decode(buf.data, buf.len, &back, &error), &error);
    CHECK_STR(back.scope, "");
    CHECK_STR(back.access_token, NULL);
    CHECK_STR(back.refresh_token, NULL);
    CHECK_INT(back.expires_at, JT_NEVER);
    CHECK_INT(back.refresh_expires_at, JT_NEVER);
}

static void test_unknown_tags(void)
{
    static const char newer[] = "\x01\xf0\x03\0\0\0abc\x01\x02\0\0\0hi\xf1\0\0\0\0";
    JT_AUTO_TOKENSET struct jt_tokenset back = JT_TOKENSET_INIT;
    jeton_error *error = NULL;

    CHECK_OK(jt_tokenset_decode(newer, sizeof(newer) - 1, &back, &error), &error);
    CHECK_STR(back.access_token, "hi");
}

static void test_hostile_bytes(void)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *part;
    } hostile[] = {
        {"", 0, "is empty"},
        {"\x02", 1, "format 2"},
        {"\x01\x01\x02\0\0", 5, "in the middle of a field"},
        {"\x01\x01\x03\0\0\0hi", 8, "ends 1 bytes too early"},
        {"\x01\x01\xff\xff\xff\xff", 6, "too early"},
        {"\x01\x01\x03\0\0\0a\0b", 9, "NUL byte"},
        {"\x01\x01\x01\0\0\0a\x01\x01\0\0\0b", 13, "access token twice"},
        {"\x01\x08\x04\0\0\0abcd", 10, "expiry is 4 bytes long instead of 8"},
    };

    for (size_t i = 0; i < JT_LEN(hostile); i++) {
        struct jt_tokenset back = {.access_token = (char *)(uintptr_t) "untouched"};
        jeton_error *error = NULL;

        CHECK_FAILS(jt_tokenset_decode(hostile[i].bytes, hostile[i].len, &back, &error), JETON_BAD_ANSWER,
                    hostile[i].part, &error);
        CHECK_STR(back.access_token, "untouched");
    }
}

static void test_every_truncation(void)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = full_set();
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(4096);
    size_t whole = 0;

    encode(&set, &buf);
    for (size_t len = 0; len < buf.len; len++) {
        JT_AUTO_TOKENSET struct jt_tokenset back = JT_TOKENSET_INIT;
        char *copy = malloc(len + 1); /* of its own, so that the sanitizer sees a read behind it */

        memcpy(copy, buf.data, len);
        whole += jt_tokenset_decode(copy, len, &back, NULL) == JETON_OK && back.refresh_expires_at == 1800000000;
        free(copy);
    }
    CHECK_INT(whole, 0);
}

static void test_limits(void)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = JT_TOKENSET_INIT;
    JT_AUTO_BUF struct jt_buf fits = JT_BUF_INIT(JT_RESPONSE_MAX), over = JT_BUF_INIT(JT_RESPONSE_MAX);
    jeton_error *error = NULL;

    set.access_token = malloc(JT_TOKEN_MAX + 2);
    memset(set.access_token, 'x', JT_TOKEN_MAX + 1);
    set.access_token[JT_TOKEN_MAX] = '\0';
    encode(&set, &fits);
    set.access_token[JT_TOKEN_MAX] = 'x';
    set.access_token[JT_TOKEN_MAX + 1] = '\0';
    CHECK_FAILS(jt_tokenset_encode(&set, &over, &error), JETON_BAD_ANSWER, "access token is 65537 bytes long", &error);
}

static void test_no_room(void)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = full_set();
    JT_AUTO_BUF struct jt_buf small = JT_BUF_INIT(16);
    jeton_error *error = NULL;

    CHECK_FAILS(jt_tokenset_encode(&set, &small, &error), JETON_TRY_LATER, "no room", &error);
}

static void test_token_says_all_but_refresh(void)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = full_set();
    jeton_token *token = jt_token_new(&set);
    size_t image_len;
    const void *image = jt_token_image(token, &image_len);

    CHECK_STR(jeton_token_access_token(token), "access-1");
    CHECK_STR(jeton_token_type(token), "DPoP");
    CHECK_STR(jeton_token_scope(token), "a b");
    CHECK_STR(jeton_token_key_id(token), "kid");
    CHECK_STR(jeton_token_extra(token), "{\"app\":1}");
    CHECK_STR(jeton_token_note(token), "a sentence");
    CHECK_INT(jeton_token_expires_at(token), 1700003600);
    CHECK_INT(jeton_token_issued_at(token), 1700000000);
    CHECK_TRUE(memmem(image, image_len, "refresh-1", 9) == NULL);
    jeton_token_free(&token);
    CHECK_TRUE(token == NULL);
}

static void test_token_absent_texts(void)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = JT_TOKENSET_INIT;
    jeton_token *token, *none = NULL;

    set.access_token = jt_strdup("t");
    set.extra = jt_strdup("{}");
    token = jt_token_new(&set);
    CHECK_STR(jeton_token_access_token(token), "t");
    CHECK_STR(jeton_token_type(token), NULL);
    CHECK_STR(jeton_token_scope(token), NULL);
    CHECK_STR(jeton_token_extra(token), "{}");
    CHECK_STR(jeton_token_note(token), NULL);
    CHECK_INT(jeton_token_expires_at(token), INT64_MAX);
    jeton_token_free(&token);
    jeton_token_free(&token);
    jeton_token_free(NULL);
    CHECK_TRUE(jeton_token_ref(none) == NULL);
    CHECK_STR(jeton_token_access_token(none), NULL);
}

static void test_token_is_small(void)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = JT_TOKENSET_INIT;
    char text[129];
    jeton_token *token;
    size_t image_len;

    memset(text, 'x', 128);
    text[128] = '\0';
    set.access_token = jt_strdup(text);
    set.token_type = jt_strdup("Bearer");
    token = jt_token_new(&set);
    CHECK_STR(jeton_token_type(token), "Bearer");
    (void)jt_token_image(token, &image_len);
    CHECK_TRUE(image_len <= 128 + 128 * 3 / 10);
    jeton_token_free(&token);
}

static void test_token_wiped_with_last_owner(void)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = full_set();
    jeton_token *token = jt_token_new(&set);
    jeton_token *other = jeton_token_ref(token);
    const char *text = jeton_token_access_token(token);
    size_t left = 0;

    jeton_token_free(&token);
    CHECK_STR(jeton_token_access_token(other), "access-1");
    jeton_token_free(&other);
    /* The piece stays mapped, in the arena's list of free ones, so it may be looked at. */
    for (size_t i = 0; i < 8; i++)
        left += text[i] != '\0';
    CHECK_INT(left, 0);
}

static void test_token_sizes(void)
{
    static const size_t lens[] = {1, 15, 16, 17, 4000, 4064, 4065, 4096, 5000, 65536};

    for (int round = 0; round < 3; round++) {
        jeton_token *tokens[JT_LEN(lens)];

        for (size_t i = 0; i < JT_LEN(lens); i++) {
            JT_AUTO_TOKENSET struct jt_tokenset set = JT_TOKENSET_INIT;

            set.access_token = calloc(1, lens[i] + 1);
            memset(set.access_token, 'a' + (int)i, lens[i]);
            tokens[i] = jt_token_new(&set);
        }
        for (size_t i = 0; i < JT_LEN(lens); i++) {
            const char *text = jeton_token_access_token(tokens[i]);

            CHECK_INT(strlen(text), lens[i]);
            CHECK_INT(text[lens[i] - 1], 'a' + (int)i);
            jeton_token_free(&tokens[i]);
        }
    }
}

static void *churn(void *data)
{
    jeton_token *shared = data;
    size_t bad = 0;

    for (int i = 0; i < 20000; i++) {
        JT_AUTO_TOKENSET struct jt_tokenset set = JT_TOKENSET_INIT;
        jeton_token *mine = jeton_token_ref(shared), *own;
        char text[64];

        memset(text, 'b', sizeof(text));
        text[i % 63] = '\0';
        set.access_token = text;
        own = jt_token_new(&set);
        bad +=
            strcmp(jeton_token_access_token(own), text) != 0 || strcmp(jeton_token_access_token(mine), "access-1") != 0;
        set.access_token = NULL;
        jeton_token_free(&own);
        jeton_token_free(&mine);
    }
    return (void *)bad;
}

static void test_token_threads(void)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = full_set();
    jeton_token *shared = jt_token_new(&set);
    pthread_t threads[4];
    void *bad;

    for (size_t i = 0; i < JT_LEN(threads); i++)
        (void)pthread_create(&threads[i], NULL, churn, shared);
    for (size_t i = 0; i < JT_LEN(threads); i++) {
        (void)pthread_join(threads[i], &bad);
        CHECK_INT((intptr_t)bad, 0);
    }
    CHECK_STR(jeton_token_access_token(shared), "access-1");
    jeton_token_free(&shared);
}

static const struct check_case cases[] = {
    {"a token set comes back as it was, without the note for the person", test_round_trip},
    {"what the provider left out stays different from what it left empty", test_absent_is_not_empty},
    {"fields of a newer jeton are skipped", test_unknown_tags},
    {"hostile bytes are refused with what is wrong, and change nothing", test_hostile_bytes},
    {"a token set that is cut short anywhere is never taken for whole", test_every_truncation},
    {"a token of 64 KiB is stored and a longer one is refused", test_limits},
    {"a buffer that is too small is an error", test_no_room},
    {"a token says all but the refresh token", test_token_says_all_but_refresh},
    {"a token says nothing where the provider said nothing, and NULL is no crash", test_token_absent_texts},
    {"a token takes at most a third more memory than its text", test_token_is_small},
    {"a token lives as long as its last owner and is wiped then", test_token_wiped_with_last_owner},
    {"tokens of every size hold what was put in", test_token_sizes},
    {"tokens are shared and freed by threads at once", test_token_threads},
};

CHECK_MAIN("tokenset", cases)
