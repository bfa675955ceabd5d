/* SPDX-License-Identifier: MIT */
/* The cache's memory: little more than the tokens in it, used again after them, not kept for tokens that nobody can get
 * any more, and mapped until the cache ends, for readers may still look at what was taken out. */
#include "test_cache_help.h"
#include "tests/lib/memory.h"
#include <stdlib.h>

#define MANY 2000

static char text[1001];

static void name_make(char ret_name[32], int number)
{
    (void)snprintf(ret_name, 32, "line/bot/%07d", number);
}

static void put_number(struct jt_cache *cache, int number, const struct jt_cache_times *times, size_t len)
{
    char name[32];

    memset(text, 't', len);
    text[len] = '\0';
    name_make(name, number);
    put(cache, name, "", times, text);
}

static void drop_numbers(struct jt_cache *cache, int count)
{
    char name[32];

    for (int i = 0; i < count; i++) {
        name_make(name, i);
        jt_cache_drop(cache, name, "");
    }
}

static bool is_there(struct jt_cache *cache, int number, int64_t now_ms)
{
    AUTO_TOKEN jeton_token *token = NULL;
    char name[32];

    name_make(name, number);
    return get_at(cache, name, "", now_ms, 7, 0, &token) == JT_CACHE_FRESH;
}

static void a_token_costs_little_more_than_its_bytes(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    const size_t count = 40000, len = 400, name_len = sizeof("line/bot/0000000") - 1;
    size_t before;

    put_number(cache, 0, &hour, len);
    before = memory_mapped();
    for (size_t i = 0; i < count; i++)
        put_number(cache, (int)i, &hour, len);
    CHECK_TRUE(memory_mapped() - before <= count * (len + name_len) * 13 / 10);
    CHECK_TRUE(is_there(cache, 0, NOW_MS) && is_there(cache, (int)count - 1, NOW_MS));
}

/* A process that serves many subjects, each for a moment. */
static void what_cannot_be_handed_out_any_more_is_not_kept(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    struct jt_cache_times times = hour;
    size_t before = 0;

    for (int i = 0; i < 60000; i++) {
        if (i == 10000)
            before = memory_mapped();
        /* A thousand names in five seconds, then a thousand others. */
        times.checked_ms = NOW_MS + i * 5;
        put_number(cache, i, &times, 1000);
    }
    CHECK_TRUE(memory_mapped() - before < (size_t)4 << 20);
    for (int i = 59500; i < 60000; i++)
        CHECK_TRUE(is_there(cache, i, times.checked_ms));
}

/* The same where it is the tokens that are over, and not the look at the store. */
static void tokens_that_are_over_are_not_kept(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    struct jt_cache_times times = hour;
    size_t before = 0;

    times.needed_ms = NOW_MS;
    for (int i = 0; i < 60000; i++) {
        if (i == 10000)
            before = memory_mapped();
        put_number(cache, i, &times, 1000);
    }
    CHECK_TRUE(memory_mapped() - before < (size_t)4 << 20);
}

static void the_memory_of_what_was_replaced_or_dropped_is_used_again(void)
{
    AUTO_CACHE struct jt_cache *cache = new_cache();
    size_t before = 0;

    for (int round = 0; round < 30; round++) {
        if (round == 3)
            before = memory_mapped();
        for (int i = 0; i < MANY; i++)
            put_number(cache, i, &hour, round % 2 == 0 ? 300 : 900);
        if (round % 3 == 0)
            drop_numbers(cache, MANY);
    }
    CHECK_INT(memory_mapped(), before);
}

static void memory_stays_mapped_until_the_cache_ends(void)
{
    struct jt_cache *cache = new_cache();
    size_t before, full;

    put_number(cache, 0, &hour, 1000); /* what the first token maps for all that follow does not count */
    jt_cache_free(&cache);
    before = memory_mapped();
    cache = new_cache();
    for (int i = 0; i < MANY; i++)
        put_number(cache, i, &hour, 1000);
    full = memory_mapped();
    drop_numbers(cache, MANY);
    CHECK_INT(memory_mapped(), full);
    jt_cache_free(&cache);
    CHECK_INT(memory_mapped(), before);
}

static const struct check_case cases[] = {
    {"a token costs little more than its bytes", a_token_costs_little_more_than_its_bytes},
    {"what cannot be handed out any more is not kept", what_cannot_be_handed_out_any_more_is_not_kept},
    {"tokens that are over are not kept", tokens_that_are_over_are_not_kept},
    {"the memory of what was replaced or dropped is used again",
     the_memory_of_what_was_replaced_or_dropped_is_used_again},
    {"memory stays mapped until the cache ends", memory_stays_mapped_until_the_cache_ends},
};

CHECK_MAIN("cache_memory", cases)
