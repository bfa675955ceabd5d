/* SPDX-License-Identifier: MIT */
/* Proves when a token in memory may be handed out again, to any number of threads. It never reads a clock: times are
 * the test's own. */
#include "tests/lib/check.h"
#include "cache/cache_thread.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include "token/tokenset.h"
#include <unistd.h>

#define NOW_MS INT64_C(1000000000)

static const struct jt_cache_times hour = {
    .wanted_ms = NOW_MS + 2880000,
    .needed_ms = NOW_MS + 3540000,
    .expires_ms = NOW_MS + 3600000,
    .checked_ms = NOW_MS,
    .generation = 7,
    .shard = 5,
};

/* Only the shard of the entry has it: to ask for another one's would be a miss. */
static uint64_t generation_of(void *data, uint32_t shard)
{
    return *(uint64_t *)data + shard - 5;
}

static enum jt_cache_state get(struct jt_cache *cache, const char *name, const char *variant, int64_t now_ms,
                               uint64_t generation, int64_t min_ttl_s, jeton_token **ret_token)
{
    const struct jt_cache_view view = {
        .now_ms = now_ms, .min_ttl_s = min_ttl_s, .generation = generation_of, .data = &generation};

    return jt_cache_get(cache, name, variant, &view, ret_token);
}

static void cache_done(struct jt_cache **cache)
{
    jt_cache_free(cache);
}
#define AUTO_CACHE JT_CLEANUP(cache_done)

static struct jt_cache *new_cache(void)
{
    struct jt_cache *cache = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_cache_new(&cache, &error), &error);
    return cache;
}

static void put(struct jt_cache *cache, const char *name, const char *variant, const struct jt_cache_times *times,
                const char *text)
{
    struct jt_tokenset set = JT_TOKENSET_INIT;
    jeton_token *token;

    set.access_token = jt_strdup(text);
    token = jt_token_new(&set);
    jt_tokenset_done(&set);
    jt_cache_put(cache, name, variant, times, token);
    jeton_token_free(&token);
}

static void expect_at(struct jt_cache *cache, const char *name, const char *variant, int64_t now_ms,
                      uint64_t generation, int64_t min_ttl_s, enum jt_cache_state state, const char *text)
{
    jeton_token *token = NULL;

    CHECK_INT(get(cache, name, variant, now_ms, generation, min_ttl_s, &token), state);
    CHECK_STR(jeton_token_access_token(token), text);
    jeton_token_free(&token);
}

static void expect(struct jt_cache *cache, int64_t now_ms, uint64_t generation, int64_t min_ttl_s,
                   enum jt_cache_state state)
{
    /* Twice: the second time it may come from another table. */
    for (int i = 0; i < 2; i++)
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

static void names_and_variants_are_apart(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();

    put(cache, "line/bot", "", &hour, "token");
    put(cache, "line/bot", "scope=a", &hour, "narrow");
    put(cache, "line/bo", "t", &hour, "other");
    for (int i = 0; i < 3; i++) {
        expect_at(cache, "line/bot", "", NOW_MS, 7, 0, JT_CACHE_FRESH, "token");
        expect_at(cache, "line/bot", "scope=a", NOW_MS, 7, 0, JT_CACHE_FRESH, "narrow");
        expect_at(cache, "line/bo", "t", NOW_MS, 7, 0, JT_CACHE_FRESH, "other");
        expect_at(cache, "line/bot", "scope=b", NOW_MS, 7, 0, JT_CACHE_MISS, NULL);
        expect_at(cache, "line/bots", "", NOW_MS, 7, 0, JT_CACHE_MISS, NULL);
        expect_at(cache, "", "line/bot", NOW_MS, 7, 0, JT_CACHE_MISS, NULL);
    }
}

static void renewal_is_wanted_and_then_needed(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    struct jt_cache_times times = hour;

    times.checked_ms = times.wanted_ms;
    put(cache, "line/bot", "", &times, "token");
    expect(cache, times.wanted_ms - 1, 7, 0, JT_CACHE_FRESH);
    expect(cache, times.wanted_ms, 7, 0, JT_CACHE_DUE);
    times.checked_ms = times.needed_ms;
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

static void a_second_token_replaces_the_first(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();

    put(cache, "line/bot", "", &hour, "old");
    expect_at(cache, "line/bot", "", NOW_MS, 7, 0, JT_CACHE_FRESH, "old");
    put(cache, "line/bot", "", &hour, "new");
    for (int i = 0; i < 3; i++)
        expect_at(cache, "line/bot", "", NOW_MS, 7, 0, JT_CACHE_FRESH, "new");
}

static void a_dropped_token_is_gone_and_the_others_stay(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();

    put(cache, "line/bot", "", &hour, "token");
    put(cache, "line/other", "", &hour, "other");
    expect(cache, NOW_MS, 7, 0, JT_CACHE_FRESH);
    jt_cache_drop(cache, "line/bot", "");
    jt_cache_drop(cache, "line/bot", "");
    jt_cache_drop(cache, "never/put", "");
    expect(cache, NOW_MS, 7, 0, JT_CACHE_MISS);
    expect_at(cache, "line/other", "", NOW_MS, 7, 0, JT_CACHE_FRESH, "other");
}

static void a_token_outlives_the_cache(void)
{
    struct jt_cache *cache = new_cache();
    jeton_token *token = NULL;

    put(cache, "line/bot", "", &hour, "token");
    CHECK_INT(get(cache, "line/bot", "", NOW_MS, 7, 0, &token), JT_CACHE_FRESH);
    jt_cache_free(&cache);
    CHECK_TRUE(cache == NULL);
    CHECK_STR(jeton_token_access_token(token), "token");
    jeton_token_free(&token);
    jt_cache_free(&cache);
}

static void thousands_of_names_are_each_found(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    char name[300], long_name[300];

    for (int i = 0; i < 5000; i++) {
        (void)snprintf(name, sizeof name, "p/a/%d", i);
        put(cache, name, i % 2 == 0 ? "" : "scope=x", &hour, name);
    }
    memset(long_name, 'x', 255);
    memcpy(long_name, "p/a/", 4);
    long_name[255] = '\0';
    put(cache, long_name, "scope=a-scope-of-some-length", &hour, "long");
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(name, sizeof name, "p/a/%d", i);
        expect_at(cache, name, i % 2 == 0 ? "" : "scope=x", NOW_MS, 7, 0, JT_CACHE_FRESH, name);
        expect_at(cache, name, i % 2 == 0 ? "scope=x" : "", NOW_MS, 7, 0, JT_CACHE_MISS, NULL);
    }
    expect_at(cache, long_name, "scope=a-scope-of-some-length", NOW_MS, 7, 0, JT_CACHE_FRESH, "long");
}

/* The address space, in bytes: what most sanitizers keep beside the memory was there before. ThreadSanitizer maps more
 * as it goes: under it nothing is measured. */
static size_t mapped(void)
{
#ifdef __SANITIZE_THREAD__
    return 0;
#endif
    FILE *file = fopen("/proc/self/statm", "re");
    size_t pages = 0;

    CHECK_TRUE(file != NULL && fscanf(file, "%zu", &pages) == 1);
    (void)fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void a_token_costs_little_more_than_its_bytes(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    struct jt_tokenset set = JT_TOKENSET_INIT;
    size_t before, bytes = 0;
    char name[32], text[401];
    jeton_token *token;

    memset(text, 't', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    set.access_token = text;
    before = mapped();
    for (int i = 0; i < 40000; i++) {
        (void)snprintf(name, sizeof name, "line/bot/%07d", i);
        token = jt_token_new(&set);
        jt_cache_put(cache, name, "", &hour, token);
        jeton_token_free(&token);
        bytes += strlen(name) + strlen(text);
    }
    CHECK_TRUE(mapped() - before <= bytes * 13 / 10);
    expect_at(cache, "line/bot/0000000", "", NOW_MS, 7, 0, JT_CACHE_FRESH, text);
}

static void what_cannot_be_handed_out_any_more_is_not_kept(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    struct jt_cache_times times = hour;
    size_t before = 0;
    char name[32], text[1001];

    memset(text, 't', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < 60000; i++) {
        if (i == 10000)
            before = mapped();
        /* A thousand names in five seconds, then a thousand others. */
        times.checked_ms = NOW_MS + i * 5;
        (void)snprintf(name, sizeof name, "line/bot/%07d", i);
        put(cache, name, "", &times, text);
        expect_at(cache, name, "", times.checked_ms, 7, 0, JT_CACHE_FRESH, text);
    }
    CHECK_TRUE(mapped() - before < (size_t)4 << 20);
    for (int i = 59500; i < 60000; i++) {
        (void)snprintf(name, sizeof name, "line/bot/%07d", i);
        expect_at(cache, name, "", times.checked_ms, 7, 0, JT_CACHE_FRESH, text);
    }
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
    times.wanted_ms = times.needed_ms = times.expires_ms = INT64_MIN;
    put(cache, "line/bot", "", &times, "token");
    expect(cache, NOW_MS, 7, 0, JT_CACHE_MISS);
    times = hour;
    times.wanted_ms = INT64_MIN + 5;
    put(cache, "line/bot", "", &times, "token");
    expect(cache, NOW_MS, 7, 0, JT_CACHE_DUE);
}

static int round_now; /* atomic: from this one on tokens are newer */

static void *read_always(void *data)
{
    struct jt_cache *cache = data;
    void *wrong = NULL;

    for (int i = 0; i < 20000; i++) {
        int before = __atomic_load_n(&round_now, __ATOMIC_SEQ_CST), got = -1;
        jeton_token *token = NULL;

        if (get(cache, "line/bot", "", NOW_MS, 7, 0, &token) != JT_CACHE_MISS)
            (void)sscanf(jeton_token_access_token(token), "token %d", &got);
        jeton_token_free(&token);
        if (got != -1 && got < before)
            wrong = cache;
    }
    return wrong;
}

static void readers_never_see_a_token_older_than_the_last_that_was_put(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    pthread_t threads[4];
    char text[32];
    void *wrong;

    put(cache, "line/bot", "", &hour, "token 0");
    __atomic_store_n(&round_now, 0, __ATOMIC_SEQ_CST);
    for (size_t i = 0; i < JT_LEN(threads); i++)
        CHECK_INT(pthread_create(&threads[i], NULL, read_always, cache), 0);
    for (int i = 1; i < 2000; i++) {
        (void)snprintf(text, sizeof text, "token %d", i);
        if (i % 5 == 0)
            jt_cache_drop(cache, "line/bot", "");
        put(cache, "line/bot", "", &hour, text);
        __atomic_store_n(&round_now, i, __ATOMIC_SEQ_CST);
    }
    for (size_t i = 0; i < JT_LEN(threads); i++) {
        CHECK_INT(pthread_join(threads[i], &wrong), 0);
        CHECK_TRUE(wrong == NULL);
    }
    expect_at(cache, "line/bot", "", NOW_MS, 7, 0, JT_CACHE_FRESH, "token 1999");
}

#define CROWD_NAMES 400

/* Names that no thread's own table has room for, while others are put, replaced and dropped around them. */
static void *read_crowd(void *data)
{
    struct jt_cache *cache = data;
    void *wrong = NULL;

    for (int i = 0; i < 40000; i++) {
        jeton_token *token = NULL;
        char name[32];

        (void)snprintf(name, sizeof name, "crowd/a/%d", i * 7 % CROWD_NAMES);
        if (get(cache, name, "", NOW_MS, 7, 0, &token) != JT_CACHE_MISS &&
            strncmp(jeton_token_access_token(token), name, strlen(name)) != 0)
            wrong = cache;
        jeton_token_free(&token);
    }
    return wrong;
}

static void a_crowd_of_readers_gets_each_name_its_own(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    struct jt_cache_times times = hour;
    pthread_t threads[4];
    char name[32], text[48];
    void *wrong;

    for (size_t i = 0; i < JT_LEN(threads); i++)
        CHECK_INT(pthread_create(&threads[i], NULL, read_crowd, cache), 0);
    for (int i = 0; i < 20 * CROWD_NAMES; i++) {
        (void)snprintf(name, sizeof name, "crowd/a/%d", i % CROWD_NAMES);
        (void)snprintf(text, sizeof text, "%s of turn %d", name, i / CROWD_NAMES);
        if (i % 11 == 0)
            jt_cache_drop(cache, name, "");
        /* Some that are cleaned up at once when room is made, so that chains change under the readers. */
        times.needed_ms = i % 5 == 0 ? NOW_MS : hour.needed_ms;
        put(cache, name, "", &times, text);
    }
    for (size_t i = 0; i < JT_LEN(threads); i++) {
        CHECK_INT(pthread_join(threads[i], &wrong), 0);
        CHECK_TRUE(wrong == NULL);
    }
    for (int i = 0; i < CROWD_NAMES; i++) {
        (void)snprintf(name, sizeof name, "crowd/a/%d", i);
        (void)snprintf(text, sizeof text, "%s of turn 19", name);
        put(cache, name, "", &hour, text);
        expect_at(cache, name, "", NOW_MS, 7, 0, JT_CACHE_FRESH, text);
    }
}

/* By their lowest bits, which choose a slot: as balls that are thrown into bins, or nearly so. */
static void names_that_differ_in_their_last_digits_have_different_places(void)
{
    static const char *const forms[] = {"line/bot/%d", "line/bot/%08d", "p/a/%d@example.com", "%d/a"};

    for (size_t form = 0; form < JT_LEN(forms); form++) {
        bool taken[4096] = {false};
        unsigned places = 0;

        for (int i = 0; i < 1000; i++) {
            char name[64];
            uint32_t place;

            (void)snprintf(name, sizeof name, forms[form], i);
            place = jt_cache_quick(name, strlen(name)) % JT_LEN(taken);
            places += !taken[place];
            taken[place] = true;
        }
        CHECK_TRUE(places > 800); /* by chance 885 */
    }
}

static const struct check_case cases[] = {
    {"a token that was put is handed out", a_token_that_was_put_is_handed_out},
    {"names and variants are apart", names_and_variants_are_apart},
    {"renewal is wanted and then needed", renewal_is_wanted_and_then_needed},
    {"a change of the store is seen", a_change_of_the_store_is_seen},
    {"without a look at the store it lasts five seconds", without_a_look_at_the_store_it_lasts_five_seconds},
    {"a caller that needs a longer life is heard", a_caller_that_needs_a_longer_life_is_heard},
    {"a token without an end is long enough for all", a_token_without_an_end_is_long_enough_for_all},
    {"a second token replaces the first", a_second_token_replaces_the_first},
    {"a dropped token is gone and the others stay", a_dropped_token_is_gone_and_the_others_stay},
    {"a token outlives the cache", a_token_outlives_the_cache},
    {"thousands of names are each found", thousands_of_names_are_each_found},
    {"a token costs little more than its bytes", a_token_costs_little_more_than_its_bytes},
    {"what cannot be handed out any more is not kept", what_cannot_be_handed_out_any_more_is_not_kept},
    {"distant times are understood", distant_times_are_understood},
    {"names that differ in their last digits have different places",
     names_that_differ_in_their_last_digits_have_different_places},
    {"a crowd of readers gets each name its own token", a_crowd_of_readers_gets_each_name_its_own},
    {"readers never see a token older than the last that was put",
     readers_never_see_a_token_older_than_the_last_that_was_put},
};

int main(int argc, char **argv)
{
    return sodium_init() < 0 ? 99 : check_main(argc, argv, "cache", cases, JT_LEN(cases));
}
