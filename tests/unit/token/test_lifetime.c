/* SPDX-License-Identifier: MIT */
/* When a renewal is wanted and when it is needed, for tokens of every lifetime, and how long to wait after failures. */
#include "tests/lib/check.h"
#include <stdlib.h>
#include "token/lifetime.h"

#define ISSUED INT64_C(1700000000)
#define DAY    86400

/* What an account sets; -1: nothing. */
struct set_by_account {
    int64_t min_ttl_s, renew_before_s;
};
static const struct set_by_account unset = {.min_ttl_s = -1, .renew_before_s = -1};

static struct jt_lifetime lifetime_of(int64_t lifetime_s, const struct set_by_account *settings, uint64_t hash)
{
    const struct jt_tokenset set = {.issued_at = ISSUED,
                                    .expires_at = lifetime_s == JT_NEVER ? JT_NEVER : ISSUED + lifetime_s};

    return jt_lifetime_of(&set, settings->min_ttl_s, settings->renew_before_s, hash);
}

static void renewal_is_needed_min_ttl_before_the_end(void)
{
    static const struct {
        int64_t lifetime_s, min_ttl_s;
    } table[] = {
        {1, 0},    {9, 0},    {10, 1},   {60, 6},        {300, 30},
        {599, 59}, {600, 60}, {900, 60}, {30 * DAY, 60}, {1095LL * DAY, 60},
    };

    for (size_t i = 0; i < JT_LEN(table); i++) {
        struct jt_lifetime lifetime = lifetime_of(table[i].lifetime_s, &unset, 0);

        CHECK_INT(lifetime.expires_at, ISSUED + table[i].lifetime_s);
        CHECK_INT(lifetime.expires_at - lifetime.needed_at, table[i].min_ttl_s);
    }
}

static void renewal_is_wanted_in_the_last_fifth_jittered_by_name(void)
{
    static const int64_t lifetimes_s[] = {60, 300, 900, 3600, 30 * DAY};
    static const uint64_t hashes[] = {0, 1, UINT64_C(0x123456789abcdef0), UINT64_C(0x8000000000000000), UINT64_MAX};

    for (size_t i = 0; i < JT_LEN(lifetimes_s); i++)
        for (size_t j = 0; j < JT_LEN(hashes); j++) {
            struct jt_lifetime lifetime = lifetime_of(lifetimes_s[i], &unset, hashes[j]);
            int64_t before_s = lifetime.expires_at - lifetime.wanted_at;

            CHECK_TRUE(before_s <= lifetimes_s[i] / 5);
            CHECK_TRUE(before_s >= lifetimes_s[i] / 5 - lifetimes_s[i] / 50 - 1);
            CHECK_TRUE(lifetime.wanted_at <= lifetime.needed_at);
            CHECK_INT(lifetime_of(lifetimes_s[i], &unset, hashes[j]).wanted_at, lifetime.wanted_at);
        }
    CHECK_INT(lifetime_of(900, &unset, 0).wanted_at, ISSUED + 720);
    CHECK_INT(lifetime_of(900, &unset, UINT64_MAX).wanted_at, ISSUED + 738);
}

static void names_of_one_lifetime_are_not_all_due_in_one_second(void)
{
    int64_t first = INT64_MAX, last = 0;

    for (uint64_t i = 0; i < 64; i++) {
        int64_t wanted_at = lifetime_of(30 * DAY, &unset, i << 58).wanted_at;

        first = wanted_at < first ? wanted_at : first;
        last = wanted_at > last ? wanted_at : last;
    }
    CHECK_TRUE(last - first > 10 * 3600);
}

static void a_token_without_an_end_is_never_due(void)
{
    struct jt_lifetime lifetime = lifetime_of(JT_NEVER, &unset, 7);

    CHECK_TRUE(lifetime.wanted_at == JT_NEVER && lifetime.needed_at == JT_NEVER && lifetime.expires_at == JT_NEVER);
}

static void configured_values_are_used(void)
{
    const struct set_by_account settings = {.min_ttl_s = 20, .renew_before_s = 100};
    struct jt_lifetime lifetime = lifetime_of(900, &settings, 0);

    CHECK_INT(lifetime.expires_at - lifetime.needed_at, 20);
    CHECK_INT(lifetime.expires_at - lifetime.wanted_at, 100);
}

static void min_ttl_is_at_most_a_tenth_of_the_lifetime(void)
{
    const struct set_by_account settings = {.min_ttl_s = 3600, .renew_before_s = -1};

    CHECK_INT(lifetime_of(900, &settings, 0).expires_at - lifetime_of(900, &settings, 0).needed_at, 90);
    CHECK_INT(lifetime_of(30 * DAY, &settings, 0).expires_at - lifetime_of(30 * DAY, &settings, 0).needed_at, 3600);
}

static void renew_before_leaves_at_least_half_of_the_life(void)
{
    const struct set_by_account settings = {.min_ttl_s = -1, .renew_before_s = 10 * DAY};

    CHECK_INT(lifetime_of(900, &settings, 0).wanted_at, ISSUED + 450);
    CHECK_INT(lifetime_of(30 * DAY, &settings, 0).wanted_at, ISSUED + 20 * DAY);
}

static void renewal_is_wanted_no_later_than_it_is_needed(void)
{
    const struct set_by_account settings = {.min_ttl_s = 60, .renew_before_s = 0};
    struct jt_lifetime lifetime = lifetime_of(900, &settings, UINT64_MAX);

    CHECK_INT(lifetime.wanted_at, lifetime.needed_at);
    CHECK_INT(lifetime.needed_at, ISSUED + 840);
}

static void a_token_that_was_over_when_it_came_is_needed_under_any_clock(void)
{
    static const int64_t lifetimes_s[] = {0, -5, -ISSUED, -ISSUED - 5};

    for (size_t i = 0; i < JT_LEN(lifetimes_s); i++) {
        struct jt_lifetime lifetime = lifetime_of(lifetimes_s[i], &unset, 9);

        CHECK_TRUE(lifetime.needed_at <= 0);
        CHECK_INT(lifetime.wanted_at, lifetime.needed_at);
        CHECK_INT(lifetime.expires_at, lifetime.needed_at);
    }
}

static void absurd_times_do_not_overflow(void)
{
    static const int64_t times[] = {INT64_MIN, -1, 0, ISSUED, INT64_MAX - 1, INT64_MAX};

    for (size_t i = 0; i < JT_LEN(times); i++)
        for (size_t j = 0; j < JT_LEN(times); j++) {
            const struct jt_tokenset set = {.issued_at = times[i], .expires_at = times[j]};
            struct jt_lifetime lifetime = jt_lifetime_of(&set, -1, -1, UINT64_MAX);

            CHECK_TRUE(lifetime.wanted_at <= lifetime.needed_at && lifetime.needed_at <= lifetime.expires_at);
            CHECK_TRUE(jt_lifetime_s(&set) >= 0);
        }
}

static void a_lifetime_is_what_the_provider_said(void)
{
    struct jt_tokenset set = {.issued_at = ISSUED, .expires_at = ISSUED + 900};

    CHECK_INT(jt_lifetime_s(&set), 900);
    set.expires_at = ISSUED - 1;
    CHECK_INT(jt_lifetime_s(&set), 0);
    set.expires_at = JT_NEVER;
    CHECK_TRUE(jt_lifetime_s(&set) == JT_NEVER);
}

static void the_backoff_doubles_up_to_ten_minutes_with_its_later_half_by_chance(void)
{
    static const uint64_t hashes[] = {0, UINT64_C(0x7fffffffffffffff), UINT64_MAX};
    int64_t most_s = 1;

    for (int failures = 1; failures <= 40; failures++) {
        for (size_t i = 0; i < JT_LEN(hashes); i++) {
            int64_t delay_s = jt_lifetime_backoff_s(failures, -1, hashes[i]);

            CHECK_TRUE(delay_s >= most_s - most_s / 2 && delay_s <= most_s);
            CHECK_TRUE(delay_s >= 1);
        }
        CHECK_INT(jt_lifetime_backoff_s(failures, -1, UINT64_MAX), most_s);
        most_s = most_s * 2 > 600 ? 600 : most_s * 2;
    }
    CHECK_INT(jt_lifetime_backoff_s(1, -1, UINT64_MAX), 1);
    CHECK_INT(jt_lifetime_backoff_s(10, -1, UINT64_MAX), 512);
    CHECK_INT(jt_lifetime_backoff_s(INT32_MAX, -1, UINT64_MAX), 600);
    CHECK_INT(jt_lifetime_backoff_s(INT32_MAX, -1, 0), 300);
    CHECK_INT(jt_lifetime_backoff_s(0, -1, UINT64_MAX), 1);
    CHECK_INT(jt_lifetime_backoff_s(-3, -1, UINT64_MAX), 1);
}

static void rfc_9110_10_2_3_retry_after_is_honoured_up_to_a_day(void)
{
    CHECK_INT(jt_lifetime_backoff_s(1, 30, 0), 30);
    CHECK_INT(jt_lifetime_backoff_s(1, 0, UINT64_MAX), 1);
    CHECK_INT(jt_lifetime_backoff_s(20, 5, UINT64_MAX), 600);
    CHECK_INT(jt_lifetime_backoff_s(1, DAY, 0), DAY);
    CHECK_INT(jt_lifetime_backoff_s(1, DAY + 1, 0), DAY);
    CHECK_INT(jt_lifetime_backoff_s(1, INT64_MAX, 0), DAY);
    CHECK_INT(jt_lifetime_backoff_s(1, INT64_MIN, UINT64_MAX), 1);
}

static const struct check_case cases[] = {
    {"renewal is needed min_ttl before the end", renewal_is_needed_min_ttl_before_the_end},
    {"renewal is wanted in the last fifth, jittered by name", renewal_is_wanted_in_the_last_fifth_jittered_by_name},
    {"names of one lifetime are not all due in one second", names_of_one_lifetime_are_not_all_due_in_one_second},
    {"a token without an end is never due", a_token_without_an_end_is_never_due},
    {"configured values are used", configured_values_are_used},
    {"min_ttl is at most a tenth of the lifetime", min_ttl_is_at_most_a_tenth_of_the_lifetime},
    {"renew_before leaves at least half of the life", renew_before_leaves_at_least_half_of_the_life},
    {"renewal is wanted no later than it is needed", renewal_is_wanted_no_later_than_it_is_needed},
    {"a token that was over when it came is needed under any clock",
     a_token_that_was_over_when_it_came_is_needed_under_any_clock},
    {"absurd times do not overflow", absurd_times_do_not_overflow},
    {"a lifetime is what the provider said", a_lifetime_is_what_the_provider_said},
    {"the backoff doubles up to ten minutes, its later half by chance",
     the_backoff_doubles_up_to_ten_minutes_with_its_later_half_by_chance},
    {"RFC 9110 10.2.3: Retry-After is honoured up to a day", rfc_9110_10_2_3_retry_after_is_honoured_up_to_a_day},
};

CHECK_MAIN("lifetime", cases)
