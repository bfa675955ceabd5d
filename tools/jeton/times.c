/* SPDX-License-Identifier: MIT */
/* Words durations and points in time, in UTC and English whatever the locale. */
#include "times.h"
#include "base/base.h"
#include <stdio.h>
#include <time.h>

#define TIMES_MINUTE INT64_C(60)
#define TIMES_HOUR   (60 * TIMES_MINUTE)
#define TIMES_DAY    (24 * TIMES_HOUR)
#define TIMES_YEAR   (365 * TIMES_DAY)

void jt_times_span(int64_t seconds, char *ret_text, size_t text_size)
{
    /* A unit is used from twice its length on, since "90 min" is more exact than "1 h". */
    static const struct {
        int64_t length_s;
        const char *name;
    } units[] = {{TIMES_YEAR, "years"}, {TIMES_DAY, "days"}, {TIMES_HOUR, "h"}, {TIMES_MINUTE, "min"}};

    for (size_t i = 0; i < JT_LEN(units); i++)
        if (seconds >= 2 * units[i].length_s) {
            (void)snprintf(ret_text, text_size, "%lld %s", (long long)(seconds / units[i].length_s), units[i].name);
            return;
        }
    (void)snprintf(ret_text, text_size, "%lld s", (long long)seconds);
}

void jt_times_relative(int64_t at, int64_t now, char *ret_text, size_t text_size)
{
    char span[JT_TIMES_SIZE];
    int64_t distance_s = 0;

    if (__builtin_sub_overflow(at, now, &distance_s) || distance_s == INT64_MIN)
        distance_s = at > now ? INT64_MAX : -INT64_MAX;
    jt_times_span(distance_s < 0 ? -distance_s : distance_s, span, sizeof(span));
    if (distance_s == 0)
        (void)snprintf(ret_text, text_size, "now");
    else
        (void)snprintf(ret_text, text_size, distance_s > 0 ? "in %s" : "%s ago", span);
}

void jt_times_full(int64_t at, int64_t now, char *ret_text, size_t text_size)
{
    char relative[JT_TIMES_SIZE], date[JT_TIMES_SIZE];
    time_t seconds = (time_t)at;
    struct tm utc;

    jt_times_relative(at, now, relative, sizeof(relative));
    /* gmtime fails if the year does not fit an int; then only the distance is given. */
    if (gmtime_r(&seconds, &utc) == NULL || strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S UTC", &utc) == 0)
        (void)snprintf(ret_text, text_size, "%s", relative);
    else
        (void)snprintf(ret_text, text_size, "%s, %s", date, relative);
}
