/* SPDX-License-Identifier: MIT */
/* Sealing: what is closed opens as it was, and nothing else opens. */
#include "store/seal.h"
#include "tests/lib/check.h"

#include <jeton/store.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define KEY_A "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define KEY_B "00112233445566778899aabbccddeeff00112233445566778899aabbccddeefe"
#define PLAIN "a token that nobody may read"

static struct jt_seal *new_seal(const char *hex)
{
    struct jt_seal *seal = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_seal_new(hex, strlen(hex), &seal, &error), &error);
    return seal;
}

static const struct jt_seal_place home = {JETON_KIND_TOKEN, "line/bot", "scope=a", 7, 1, 1000};

static int open_at(struct jt_seal *seal, const struct jt_seal_place *place, const void *blob, size_t len,
                   struct jt_buf *ret_plain, jeton_error **ret_error)
{
    unsigned format = 0;
    int status = jt_seal_open(seal, place, blob, len, ret_plain, &format, ret_error);

    if (status == JETON_OK)
        CHECK_INT(format, JT_SEAL_FORMAT);
    return status;
}

static void close_plain(struct jt_seal *seal, struct jt_buf *ret_blob)
{
    jeton_error *error = NULL;

    CHECK_OK(jt_seal_close(seal, &home, PLAIN, strlen(PLAIN), ret_blob, &error), &error);
}

static void test_round_trip(void)
{
    JT_CLEANUP(jt_seal_free) struct jt_seal *seal = new_seal(KEY_A);
    JT_AUTO_BUF struct jt_buf blob = JT_BUF_INIT(4096), plain = JT_BUF_INIT(4096);
    jeton_error *error = NULL;

    close_plain(seal, &blob);
    CHECK_INT(blob.len, 1 + 8 + 24 + strlen(PLAIN) + 16);
    CHECK_TRUE(memmem(blob.data, blob.len, PLAIN, 8) == NULL);
    CHECK_OK(open_at(seal, &home, blob.data, blob.len, &plain, &error), &error);
    CHECK_STR(jt_buf_str(&plain), PLAIN);
}

static void test_empty_plain(void)
{
    JT_CLEANUP(jt_seal_free) struct jt_seal *seal = new_seal(KEY_A);
    JT_AUTO_BUF struct jt_buf blob = JT_BUF_INIT(4096), plain = JT_BUF_INIT(4096);
    jeton_error *error = NULL;

    CHECK_OK(jt_seal_close(seal, &home, "", 0, &blob, &error), &error);
    CHECK_OK(open_at(seal, &home, blob.data, blob.len, &plain, &error), &error);
    CHECK_INT(plain.len, 0);
}

static void test_nonces_differ(void)
{
    JT_CLEANUP(jt_seal_free) struct jt_seal *seal = new_seal(KEY_A);
    JT_AUTO_BUF struct jt_buf one = JT_BUF_INIT(4096), two = JT_BUF_INIT(4096);

    close_plain(seal, &one);
    close_plain(seal, &two);
    CHECK_INT(one.len, two.len);
    CHECK_TRUE(memcmp(one.data + 9, two.data + 9, 24) != 0);
}

static void test_what_it_is_bound_to(void)
{
    static const struct jt_seal_place others[] = {
        {1, "line/bo", "scope=a", 7, 1, 1000},  {1, "line/bots", "cope=a", 7, 1, 1000},
        {1, "line/bot", "", 7, 1, 1000},        {1, "line/bot", "scope=b", 7, 1, 1000},
        {1, "line/bot", "scope=a", 6, 1, 1000}, {1, "line/bot", "scope=a", 8, 1, 1000},
        {1, "line/bot", "scope=a", 7, 3, 1000}, {1, "line/botscope=a", "", 7, 1, 1000},
        {2, "line/bot", "scope=a", 7, 1, 1000}, {1, "line/bot", "scope=a", 7, 1, 1001},
    };
    JT_CLEANUP(jt_seal_free) struct jt_seal *seal = new_seal(KEY_A);
    JT_AUTO_BUF struct jt_buf blob = JT_BUF_INIT(4096);

    close_plain(seal, &blob);
    for (size_t i = 0; i < JT_LEN(others); i++) {
        JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(4096);
        jeton_error *error = NULL;

        CHECK_FAILS(open_at(seal, &others[i], blob.data, blob.len, &plain, &error),
                    JETON_BAD_ANSWER, "altered, or belongs to another row", &error);
        CHECK_INT(plain.len, 0);
    }
}

static void test_every_altered_bit(void)
{
    JT_CLEANUP(jt_seal_free) struct jt_seal *seal = new_seal(KEY_A);
    JT_AUTO_BUF struct jt_buf blob = JT_BUF_INIT(4096);
    size_t opened = 0;

    close_plain(seal, &blob);
    for (size_t bit = 0; bit < blob.len * 8; bit++) {
        JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(4096);

        blob.data[bit / 8] = (char)(blob.data[bit / 8] ^ (1 << (bit % 8)));
        opened +=
            open_at(seal, &home, blob.data, blob.len, &plain, NULL) != JETON_BAD_ANSWER;
        blob.data[bit / 8] = (char)(blob.data[bit / 8] ^ (1 << (bit % 8)));
    }
    CHECK_INT(opened, 0);
}

static void test_every_truncation(void)
{
    JT_CLEANUP(jt_seal_free) struct jt_seal *seal = new_seal(KEY_A);
    JT_AUTO_BUF struct jt_buf blob = JT_BUF_INIT(4096), plain = JT_BUF_INIT(4096);
    jeton_error *error = NULL;
    size_t opened = 0;

    close_plain(seal, &blob);
    for (size_t len = 0; len < blob.len; len++)
        opened += open_at(seal, &home, blob.data, len, &plain, NULL) != JETON_BAD_ANSWER;
    CHECK_INT(opened, 0);
    CHECK_FAILS(open_at(seal, &home, blob.data, 48, &plain, &error), JETON_BAD_ANSWER,
                "cut short: 48 bytes", &error);
}

static void test_another_key(void)
{
    JT_CLEANUP(jt_seal_free) struct jt_seal *one = new_seal(KEY_A);
    JT_CLEANUP(jt_seal_free) struct jt_seal *other = new_seal(KEY_B);
    JT_AUTO_BUF struct jt_buf blob = JT_BUF_INIT(4096), plain = JT_BUF_INIT(4096);
    jeton_error *error = NULL;

    CHECK_TRUE(jt_seal_key_id(one) != jt_seal_key_id(other));
    close_plain(one, &blob);
    CHECK_FAILS(open_at(other, &home, blob.data, blob.len, &plain, &error), JETON_BAD_ANSWER,
                "sealed with another key", &error);
}

static void test_newer_format(void)
{
    JT_CLEANUP(jt_seal_free) struct jt_seal *seal = new_seal(KEY_A);
    JT_AUTO_BUF struct jt_buf blob = JT_BUF_INIT(4096), plain = JT_BUF_INIT(4096);
    jeton_error *error = NULL;

    close_plain(seal, &blob);
    blob.data[0] = 3;
    CHECK_FAILS(open_at(seal, &home, blob.data, blob.len, &plain, &error), JETON_BAD_ANSWER,
                "format is 3", &error);
}

/* The layouts are for ever: these blobs are put together from the description in seal.h, not by the code under test. */
static void open_layout(unsigned char format, const unsigned char *data, size_t data_len)
{
    static const struct jt_seal_place place = {JETON_KIND_TOKEN, "a/b", "v", 5, 1, 9}, chain = {2, "a/b", "v", 5, 1, 9};
    JT_CLEANUP(jt_seal_free) struct jt_seal *seal = new_seal(KEY_A);
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(4096);
    unsigned char key[32], bound[128], blob[1 + 8 + 24 + 5 + 16];
    uint64_t key_id = jt_seal_key_id(seal);
    unsigned long long len = 0;
    jeton_error *error = NULL;
    unsigned got = 0;

    CHECK_INT(sodium_hex2bin(key, sizeof(key), KEY_A, 64, NULL, NULL, NULL), 0);
    memcpy(bound, data, data_len);
    blob[0] = format;
    for (size_t i = 0; i < 8; i++)
        blob[1 + i] = bound[data_len + i] = (unsigned char)(key_id >> (8 * i));
    memset(blob + 9, 0x5a, 24);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(blob + 33, &len, (const unsigned char *)"hello", 5, bound,
                                                     data_len + 8, NULL, blob + 9, key);
    CHECK_OK(jt_seal_open(seal, &place, blob, sizeof(blob), &plain, &got, &error), &error);
    CHECK_STR(jt_buf_str(&plain), "hello");
    CHECK_INT(got, format);
    CHECK_FAILS(jt_seal_open(seal, &chain, blob, sizeof(blob), &plain, &got, &error), JETON_BAD_ANSWER, "altered",
                &error);
}

static void test_layouts(void)
{
    static const unsigned char tokens[] =
        "\x03\0\0\0\0\0\0\0a/b\x01\0\0\0\0\0\0\0v\x05\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0";
    static const unsigned char now[] = "\x01\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0a/b\x01\0\0\0\0\0\0\0v"
                                       "\x05\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0";

    open_layout(JT_SEAL_FORMAT_TOKENS, tokens, sizeof(tokens) - 1);
    open_layout(JT_SEAL_FORMAT, now, sizeof(now) - 1);
}

static void test_key_texts(void)
{
    static const struct {
        const char *text;
        const char *part;
    } wrong[] = {
        {"", "not 64 hexadecimal digits but 0"},
        {"00112233", "but 8 characters"},
        {KEY_A "0", "but 65 characters"},
        {"zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "not hexadecimal digits"},
        {"00112233445566778899aabbccddee f00112233445566778899aabbccddeeff", "not hexadecimal digits"},
    };
    JT_CLEANUP(jt_seal_free) struct jt_seal *plain = new_seal(KEY_A);
    JT_CLEANUP(jt_seal_free) struct jt_seal *spaced = new_seal(" \n\t" KEY_A "\r\n");

    CHECK_INT(jt_seal_key_id(plain), jt_seal_key_id(spaced));
    for (size_t i = 0; i < JT_LEN(wrong); i++) {
        struct jt_seal *seal = NULL;
        jeton_error *error = NULL;
        int status = jt_seal_new(wrong[i].text, strlen(wrong[i].text), &seal, &error);

        if (error != NULL && strlen(wrong[i].text) > 0)
            CHECK_TRUE(strstr(jeton_error_message(error), wrong[i].text) == NULL);
        CHECK_FAILS(status, JETON_CONFIG, wrong[i].part, &error);
        CHECK_TRUE(seal == NULL);
    }
}

static void test_made_keys(void)
{
    JT_AUTO_GUARDED char *one = NULL;
    JT_AUTO_GUARDED char *two = NULL;
    JT_CLEANUP(jt_seal_free) struct jt_seal *seal = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_seal_make_key(&one, &error), &error);
    CHECK_OK(jt_seal_make_key(&two, &error), &error);
    CHECK_INT(strlen(one), 65);
    CHECK_INT(one[64], '\n');
    CHECK_TRUE(strcmp(one, two) != 0);
    CHECK_OK(jt_seal_new(one, strlen(one), &seal, &error), &error);
}

static const struct check_case cases[] = {
    {"what is sealed opens as it was and cannot be read before", test_round_trip},
    {"nothing at all can be sealed and opened", test_empty_plain},
    {"no two blobs share a nonce", test_nonces_differ},
    {"a blob opens only for its own kind, name, variant, version, state and expiry", test_what_it_is_bound_to},
    {"a blob with any bit altered does not open", test_every_altered_bit},
    {"a blob that is cut short anywhere does not open", test_every_truncation},
    {"a blob of another key is told apart from a damaged one", test_another_key},
    {"a format of the future is refused by its number", test_newer_format},
    {"the layouts of blobs, the former and the present, are the documented ones", test_layouts},
    {"a key that is not 64 hexadecimal digits is refused without being repeated", test_key_texts},
    {"fresh keys differ and can be used", test_made_keys},
};

CHECK_MAIN("seal", cases)
