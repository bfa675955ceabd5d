/* SPDX-License-Identifier: MIT */
/* When a token in memory is handed out again, and what it costs. Times are the test's own. */
#include "test_cache_help.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void expect_at(struct jt_cache *cache, const char *name, const char *variant, int64_t now_ms,
                      uint64_t generation, int64_t min_ttl_s, enum jt_cache_state state, const char *text)
{
    AUTO_TOKEN jeton_token *token = NULL;

    CHECK_INT(get_at(cache, name, variant, now_ms, generation, min_ttl_s, &token), state);
    CHECK_STR(jeton_token_access_token(token), text);
}

static void expect(struct jt_cache *cache, int64_t now_ms, uint64_t generation, int64_t min_ttl_s,
                   enum jt_cache_state state)
{
    expect_at(cache, "line/bot", "", now_ms, generation, min_ttl_s, state, state == JT_CACHE_MISS ? NULL : "token");
}

static void a_token_that_was_put_is_handed_out(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();

    expect(cache, NOW_MS, 7, 0, JT_CACHE_MISS);
    put(cache, "line/bot", "", &hour, "token");
    expect(cache, NOW_MS, 7, 0, JT_CACHE_FRESH);
    expect(cache, NOW_MS + 4999, 7, 0, JT_CACHE_FRESH);
}

static void all_of_the_token_is_handed_out(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    JT_AUTO_TOKENSET struct jt_tokenset set = JT_TOKENSET_INIT;
    AUTO_TOKEN jeton_token *token = NULL, *got = NULL;

    set.access_token = jt_strdup("access");
    set.token_type = jt_strdup("DPoP");
    set.scope = jt_strdup("a b");
    set.key_id = jt_strdup("kid");
    set.extra = jt_strdup("{\"app\":1}");
    set.note = jt_strdup("a sentence");
    set.issued_at = 1700000000;
    set.expires_at = 1700003600;
    token = jt_token_new(&set);
    jt_cache_put(cache, "line/bot", "", &hour, token);
    got = get(cache, "line/bot");
    CHECK_TRUE(got != token);
    CHECK_STR(jeton_token_access_token(got), "access");
    CHECK_STR(jeton_token_type(got), "DPoP");
    CHECK_STR(jeton_token_scope(got), "a b");
    CHECK_STR(jeton_token_key_id(got), "kid");
    CHECK_STR(jeton_token_extra(got), "{\"app\":1}");
    CHECK_STR(jeton_token_note(got), "a sentence");
    CHECK_INT(jeton_token_issued_at(got), 1700000000);
    CHECK_INT(jeton_token_expires_at(got), 1700003600);
}

static void names_and_variants_are_apart(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();

    put(cache, "line/bot", "", &hour, "token");
    put(cache, "line/bot", "scope=a", &hour, "narrow");
    put(cache, "line/bo", "t", &hour, "other");
    expect_at(cache, "line/bot", "", NOW_MS, 7, 0, JT_CACHE_FRESH, "token");
    expect_at(cache, "line/bot", "scope=a", NOW_MS, 7, 0, JT_CACHE_FRESH, "narrow");
    expect_at(cache, "line/bo", "t", NOW_MS, 7, 0, JT_CACHE_FRESH, "other");
    expect_at(cache, "line/bot", "scope=b", NOW_MS, 7, 0, JT_CACHE_MISS, NULL);
    expect_at(cache, "line/bots", "", NOW_MS, 7, 0, JT_CACHE_MISS, NULL);
    expect_at(cache, "", "line/bot", NOW_MS, 7, 0, JT_CACHE_MISS, NULL);
    expect_at(cache, "line/bot\nscope=a", "", NOW_MS, 7, 0, JT_CACHE_MISS, NULL);
    expect_at(cache, "", "", NOW_MS, 7, 0, JT_CACHE_MISS, NULL);
}

/* Each prefix of a text, so that names of all lengths differ in their last byte only, or in nothing but their length.
 */
static void names_of_any_length_are_told_apart(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    char name[256], text[32];

    memset(name, 'x', sizeof(name));
    for (size_t len = 1; len < sizeof(name); len++) {
        for (char last = 'x'; last <= 'y'; last++) {
            name[len - 1] = last;
            name[len] = '\0';
            (void)snprintf(text, sizeof(text), "%zu%c", len, last);
            put(cache, name, "", &hour, text);
        }
        memset(name, 'x', sizeof(name));
    }
    for (size_t len = 1; len < sizeof(name); len++) {
        for (char last = 'x'; last <= 'z'; last++) {
            name[len - 1] = last;
            name[len] = '\0';
            (void)snprintf(text, sizeof(text), "%zu%c", len, last);
            expect_at(cache, name, "", NOW_MS, 7, 0, last == 'z' ? JT_CACHE_MISS : JT_CACHE_FRESH,
                      last == 'z' ? NULL : text);
        }
        memset(name, 'x', sizeof(name));
    }
}

/* A variant may have 64 KiB. */
static void a_key_that_is_too_long_is_not_cached(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    char variant[2000];

    for (size_t len = 495; len < 510; len++) {
        memset(variant, 'v', len);
        variant[len] = '\0';
        put(cache, "line/bot", variant, &hour, "token");
        expect_at(cache, "line/bot", variant, NOW_MS, 7, 0, len <= 502 ? JT_CACHE_FRESH : JT_CACHE_MISS,
                  len <= 502 ? "token" : NULL);
    }
    memset(variant, 'v', sizeof(variant) - 1);
    variant[sizeof(variant) - 1] = '\0';
    put(cache, variant, "", &hour, "token");
    expect_at(cache, variant, "", NOW_MS, 7, 0, JT_CACHE_MISS, NULL);
    jt_cache_drop(cache, variant, variant);
}

static void renewal_is_wanted_and_then_needed(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    struct jt_cache_times times = hour;

    times.checked_ms = times.wanted_ms;
    put(cache, "line/bot", "", &times, "token");
    expect(cache, times.wanted_ms - 1, 7, 0, JT_CACHE_FRESH);
    expect(cache, times.wanted_ms, 7, 0, JT_CACHE_DUE);
    times.checked_ms = times.needed_ms - 1;
    put(cache, "line/bot", "", &times, "token");
    expect(cache, times.needed_ms - 1, 7, 0, JT_CACHE_DUE);
    expect(cache, times.needed_ms, 7, 0, JT_CACHE_MISS);
    expect(cache, times.needed_ms + 1, 7, 0, JT_CACHE_MISS);
}

static void a_change_of_the_store_is_seen(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();

    put(cache, "line/bot", "", &hour, "token");
    expect(cache, NOW_MS, 7, 0, JT_CACHE_FRESH);
    expect(cache, NOW_MS, 8, 0, JT_CACHE_MISS);
    expect(cache, NOW_MS, 6, 0, JT_CACHE_MISS);
    expect(cache, NOW_MS, 7 + (UINT64_C(1) << 32), 0, JT_CACHE_MISS);
}

static void without_a_look_at_the_store_it_lasts_five_seconds(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();

    put(cache, "line/bot", "", &hour, "token");
    expect(cache, NOW_MS + 4999, 7, 0, JT_CACHE_FRESH);
    expect(cache, NOW_MS + 5000, 7, 0, JT_CACHE_MISS);
}

static void a_caller_that_needs_a_longer_life_is_heard(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();

    put(cache, "line/bot", "", &hour, "token");
    expect(cache, NOW_MS, 7, 3600, JT_CACHE_FRESH);
    expect(cache, NOW_MS + 1, 7, 3600, JT_CACHE_MISS);
    expect(cache, NOW_MS, 7, 3601, JT_CACHE_MISS);
    expect(cache, NOW_MS, 7, INT64_MAX, JT_CACHE_MISS);
    expect(cache, NOW_MS, 7, INT64_MAX / 1000 + 1, JT_CACHE_MISS);
}

static void a_token_without_an_end_is_long_enough_for_all(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    const struct jt_cache_times times = {.wanted_ms = JT_NEVER,
                                         .needed_ms = JT_NEVER,
                                         .expires_ms = JT_NEVER,
                                         .checked_ms = NOW_MS,
                                         .generation = 7,
                                         .shard = 5};

    put(cache, "line/bot", "", &times, "token");
    expect(cache, NOW_MS, 7, INT64_MAX, JT_CACHE_FRESH);
}

static void distant_times_are_understood(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    struct jt_cache_times times = hour;

    /* A year, and more than a century. */
    times.wanted_ms = NOW_MS + INT64_C(360) * 86400 * 1000;
    times.needed_ms = times.wanted_ms + 86400000;
    times.expires_ms = times.needed_ms + 86400999;
    put(cache, "line/bot", "", &times, "token");
    expect(cache, NOW_MS, 7, 362 * 86400, JT_CACHE_FRESH);
    expect(cache, NOW_MS, 7, 362 * 86400 + 1, JT_CACHE_MISS);
    times.wanted_ms = times.needed_ms = times.expires_ms = JT_NEVER - 1;
    put(cache, "line/bot", "", &times, "token");
    expect(cache, NOW_MS + 4999, 7, INT32_MAX - 10, JT_CACHE_FRESH);
    expect(cache, NOW_MS, 7, INT64_C(1) << 40, JT_CACHE_MISS);
    times.wanted_ms = times.needed_ms = times.expires_ms = INT64_MIN;
    put(cache, "line/bot", "", &times, "token");
    expect(cache, NOW_MS, 7, 0, JT_CACHE_MISS);
    times = hour;
    times.wanted_ms = INT64_MIN + 5;
    put(cache, "line/bot", "", &times, "token");
    expect(cache, NOW_MS, 7, 0, JT_CACHE_DUE);
}

static void a_second_token_replaces_the_first(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();

    put(cache, "line/bot", "", &hour, "old");
    expect_at(cache, "line/bot", "", NOW_MS, 7, 0, JT_CACHE_FRESH, "old");
    put(cache, "line/bot", "", &hour, "a new one that is longer");
    expect_at(cache, "line/bot", "", NOW_MS, 7, 0, JT_CACHE_FRESH, "a new one that is longer");
}

static void a_dropped_token_is_gone_and_the_others_stay(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();

    put(cache, "line/bot", "", &hour, "token");
    put(cache, "line/other", "", &hour, "other");
    jt_cache_drop(cache, "line/bot", "");
    jt_cache_drop(cache, "line/bot", "");
    jt_cache_drop(cache, "never/put", "");
    expect(cache, NOW_MS, 7, 0, JT_CACHE_MISS);
    expect_at(cache, "line/other", "", NOW_MS, 7, 0, JT_CACHE_FRESH, "other");
}

static void a_token_outlives_the_cache(void)
{
    struct jt_cache *cache = new_cache();
    AUTO_TOKEN jeton_token *token = NULL;

    put(cache, "line/bot", "", &hour, "token");
    token = get(cache, "line/bot");
    jt_cache_free(&cache);
    CHECK_TRUE(cache == NULL);
    CHECK_STR(jeton_token_access_token(token), "token");
    jt_cache_free(&cache);
}

/* About the length up to which a token is copied without the mutex, and up to the longest. */
static void tokens_of_any_length_are_handed_out(void)
{
    static const size_t lens[] = {0, 1, 6, 7, 8, 4000, 7982, 7983, 7984, 7991, 8000, 33000, 65536, 1000000};
    AUTO_CACHE struct jt_cache *cache = new_cache();

    for (size_t i = 0; i < JT_LEN(lens); i++)
        for (char letter = 'a'; letter <= 'b'; letter++) {
            AUTO_TOKEN jeton_token *first = NULL, *second = NULL;
            JT_AUTO_STR char *text = calloc(1, lens[i] + 1);

            memset(text, letter, lens[i]);
            put(cache, "line/bot", "", &hour, text);
            first = get(cache, "line/bot");
            second = get(cache, "line/bot");
            jt_cache_drop(cache, "line/bot", "");
            CHECK_TRUE(strcmp(jeton_token_access_token(first), text) == 0);
            CHECK_TRUE(strcmp(jeton_token_access_token(second), text) == 0);
            CHECK_TRUE(get(cache, "line/bot") == NULL);
            if (letter == 'b')
                put(cache, "line/bot", "", &hour, text);
        }
}

static void thousands_of_names_are_each_found(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    char name[32];

    for (int i = 0; i < 5000; i++) {
        (void)snprintf(name, sizeof(name), "p/a/%d", i);
        put(cache, name, i % 2 == 0 ? "" : "scope=x", &hour, name);
        if (i % 7 == 0)
            jt_cache_drop(cache, name, i % 2 == 0 ? "" : "scope=x");
    }
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(name, sizeof(name), "p/a/%d", i);
        expect_at(cache, name, i % 2 == 0 ? "" : "scope=x", NOW_MS, 7, 0, i % 7 == 0 ? JT_CACHE_MISS : JT_CACHE_FRESH,
                  i % 7 == 0 ? NULL : name);
        expect_at(cache, name, i % 2 == 0 ? "scope=x" : "", NOW_MS, 7, 0, JT_CACHE_MISS, NULL);
    }
}

static const struct check_case cases[] = {
    {"a token that was put is handed out", a_token_that_was_put_is_handed_out},
    {"all of the token is handed out", all_of_the_token_is_handed_out},
    {"names and variants are apart", names_and_variants_are_apart},
    {"names of any length are told apart", names_of_any_length_are_told_apart},
    {"a key that is too long is not cached", a_key_that_is_too_long_is_not_cached},
    {"renewal is wanted and then needed", renewal_is_wanted_and_then_needed},
    {"a change of the store is seen", a_change_of_the_store_is_seen},
    {"without a look at the store it lasts five seconds", without_a_look_at_the_store_it_lasts_five_seconds},
    {"a caller that needs a longer life is heard", a_caller_that_needs_a_longer_life_is_heard},
    {"a token without an end is long enough for all", a_token_without_an_end_is_long_enough_for_all},
    {"distant times are understood", distant_times_are_understood},
    {"a second token replaces the first", a_second_token_replaces_the_first},
    {"a dropped token is gone and the others stay", a_dropped_token_is_gone_and_the_others_stay},
    {"a token outlives the cache", a_token_outlives_the_cache},
    {"tokens of any length are handed out", tokens_of_any_length_are_handed_out},
    {"thousands of names are each found", thousands_of_names_are_each_found},
};

CHECK_MAIN("cache", cases)
