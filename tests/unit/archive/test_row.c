/* SPDX-License-Identifier: MIT */
/* A row in an archive: what comes back of it, what a newer jeton may add, and the bytes that are no row. */
#include "archive/archive.h"
#include "tests/lib/check.h"

#include <endian.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static struct jt_entry token_entry(void)
{
    struct jt_entry entry = JT_ENTRY_INIT;

    entry.state = JT_ROW_TOKEN;
    entry.due_at = 1700000000;
    entry.token.access_token = jt_strdup("access");
    entry.token.refresh_token = jt_strdup("refresh");
    entry.token.extra = jt_strdup("{\"a\": 1}");
    entry.token.expires_at = 1700003600;
    entry.failures = 3;
    entry.failure = jt_strdup("a machine's own trouble");
    return entry;
}

static void encode(const char *name, const char *variant, const struct jt_entry *entry, struct jt_buf *plain)
{
    jeton_error *error = NULL;

    CHECK_OK(jt_archive_row_encode(name, variant, entry, plain, &error), &error);
}

static void test_row_comes_back(void)
{
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(JT_ARCHIVE_MESSAGE_MAX);
    JT_AUTO_ENTRY struct jt_entry entry = token_entry(), back = JT_ENTRY_INIT;
    const char *name = NULL, *variant = NULL;
    jeton_error *error = NULL;

    encode("line/bot/Zoë", "scope=a b\naudience=x", &entry, &plain);
    CHECK_OK(jt_archive_row_decode(plain.data, plain.len, &name, &variant, &back, &error), &error);
    CHECK_STR(name, "line/bot/Zoë");
    CHECK_STR(variant, "scope=a b\naudience=x");
    CHECK_INT(back.state, JT_ROW_TOKEN);
    CHECK_INT(back.due_at, 1700000000);
    CHECK_STR(back.token.access_token, "access");
    CHECK_STR(back.token.refresh_token, "refresh");
    CHECK_STR(back.token.extra, "{\"a\": 1}");
    CHECK_INT(back.token.expires_at, 1700003600);
    CHECK_STR(back.failure, NULL);
    CHECK_INT(back.failures, 0);
}

static void add_member(struct jt_buf *plain, uint8_t tag, const void *value, size_t len)
{
    uint32_t wire = htole32((uint32_t)len);

    jt_buf_add(plain, &tag, 1);
    jt_buf_add(plain, &wire, 4);
    jt_buf_add(plain, value, len);
}

static void row_fails(const struct jt_buf *plain, const char *part)
{
    JT_AUTO_ENTRY struct jt_entry back = JT_ENTRY_INIT;
    const char *name = NULL, *variant = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jt_archive_row_decode(jt_buf_str(plain), plain->len, &name, &variant, &back, &error), JETON_BAD_ANSWER,
                part, &error);
    CHECK_TRUE(name == NULL && back.state == 0);
}

static void test_row_of_the_future(void)
{
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(JT_ARCHIVE_MESSAGE_MAX);
    JT_AUTO_ENTRY struct jt_entry entry = token_entry(), back = JT_ENTRY_INIT;
    const char *name = NULL, *variant = NULL;
    jeton_error *error = NULL;

    add_member(&plain, 200, "what a newer jeton adds", 23);
    encode("a/b", "", &entry, &plain);
    add_member(&plain, 201, "", 0);
    CHECK_OK(jt_archive_row_decode(plain.data, plain.len, &name, &variant, &back, &error), &error);
    CHECK_STR(name, "a/b");
}

/* Builds a row of members that are right but for one, by its tag. */
static void row_with(uint8_t tag, const void *value, size_t len, const char *part)
{
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(JT_ARCHIVE_MESSAGE_MAX), tokens = JT_BUF_INIT(JT_RESPONSE_MAX);
    JT_AUTO_ENTRY struct jt_entry entry = token_entry();
    const uint64_t state = htole64(JT_ROW_TOKEN), due = htole64(1);
    jeton_error *error = NULL;

    CHECK_OK(jt_tokenset_encode(&entry.token, &tokens, &error), &error);
    for (uint8_t i = 1; i <= 5; i++) {
        if (i == tag && value != NULL)
            add_member(&plain, tag, value, len);
        else if (i != tag)
            add_member(&plain, i,
                       i == 1   ? (const void *)"a/b"
                       : i == 2 ? (const void *)""
                       : i == 3 ? (const void *)&state
                       : i == 4 ? (const void *)&due
                                : (const void *)tokens.data,
                       i == 1             ? 4
                       : i == 2           ? 1
                       : i == 3 || i == 4 ? 8
                                          : tokens.len);
    }
    row_fails(&plain, part);
}

static void test_hostile_rows(void)
{
    const uint64_t empty = htole64(JT_ROW_EMPTY), unknown = htole64(9);
    JT_AUTO_BUF struct jt_buf none = JT_BUF_INIT(JT_RESPONSE_MAX), twice = JT_BUF_INIT(JT_RESPONSE_MAX),
                              nothing = JT_BUF_INIT(JT_RESPONSE_MAX);
    const struct jt_tokenset no_tokens = JT_TOKENSET_INIT;
    jeton_error *error = NULL;
    char long_name[300];

    memset(long_name, 'a', sizeof(long_name));
    memcpy(long_name, "a/", 2);
    long_name[sizeof(long_name) - 1] = '\0';
    row_with(1, NULL, 0, "no name");
    row_with(1, "a/b", 3, "no name");
    row_with(1, "a/b\0c", 6, "no name");
    row_with(1, "../etc", 7, "no name");
    row_with(1, "a/b\n", 5, "no name");
    row_with(1, long_name, sizeof(long_name), "no name");
    row_with(2, NULL, 0, "variant");
    row_with(2, "scope=a", 7, "variant");
    row_with(3, NULL, 0, "state");
    row_with(3, "\1", 1, "state");
    row_with(3, &empty, 8, "state");
    row_with(3, &unknown, 8, "does not know (9)");
    row_with(4, NULL, 0, "not whole");
    row_with(4, "\1", 1, "not whole");
    row_with(5, NULL, 0, "not whole");
    row_with(5, "", 0, "empty");
    row_with(5, "\7garbage", 8, "from the archive: ");
    CHECK_OK(jt_tokenset_encode(&no_tokens, &nothing, &error), &error);
    row_with(5, nothing.data, nothing.len, "holds no token");
    row_fails(&none, "no name");
    add_member(&twice, 1, "a/b", 4);
    add_member(&twice, 1, "a/c", 4);
    row_fails(&twice, "twice");
}

/* Whatever the bytes are, the answer is a row or a refusal. */
static void test_random_rows(void)
{
    JT_AUTO_BUF struct jt_buf good = JT_BUF_INIT(JT_ARCHIVE_MESSAGE_MAX);
    JT_AUTO_ENTRY struct jt_entry entry = token_entry();
    unsigned refused = 0;

    encode("a/b", "scope=x", &entry, &good);
    for (unsigned i = 0; i < 20000; i++) {
        JT_AUTO_ENTRY struct jt_entry back = JT_ENTRY_INIT;
        JT_AUTO_ERROR jeton_error *error = NULL;
        const size_t len = i % 2 == 0 ? good.len : randombytes_uniform((uint32_t)good.len);
        char *bytes = malloc(len + 1); /* of its own, so that a read past its end is seen */
        const char *name, *variant;

        memcpy(bytes, good.data, len);
        for (unsigned j = 0; j < 1 + i % 3 && len > 0; j++)
            bytes[randombytes_uniform((uint32_t)len)] = (char)randombytes_uniform(256);
        refused += jt_archive_row_decode(bytes, len, &name, &variant, &back, &error) != JETON_OK;
        free(bytes);
    }
    CHECK_TRUE(refused > 5000);
}

static const struct check_case cases[] = {
    {"a row comes back without its machine's failures", test_row_comes_back},
    {"members that this jeton does not know are skipped", test_row_of_the_future},
    {"rows that cannot be are refused one by one", test_hostile_rows},
    {"random bytes are refused or are a row, and nothing else happens", test_random_rows},
};

CHECK_MAIN("row", cases)
