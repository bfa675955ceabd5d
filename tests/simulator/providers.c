/* SPDX-License-Identifier: MIT */
/* Owns the table of providers and what they share: lookup, reset, the form of a token answer.
   It never knows one provider from another. */
#include "clock.h"
#include "provider.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
struct provider *const providers[] = {
    &provider_voucherify,
    &provider_line,
    &provider_oauth2,
    &provider_qiwi,
    &provider_yoomoney,
    &provider_waves,
    NULL,
};
/* clang-format on */

struct provider *provider_find(const char *name)
{
    for (size_t i = 0; providers[i]; i++)
        if (text_equal(providers[i]->name, name))
            return providers[i];
    return NULL;
}

void provider_reset(struct provider *provider)
{
    json_object_put(provider->common.extra);
    provider->common = (struct common_settings){
        .expires_in_form = provider->expires_in_form,
        .rate_window_s = 60,
    };
    provider->reset();
}

static void add_expires_in(const struct provider *provider, json_object *object, int64_t lifetime_s)
{
    char text[24];

    switch ((enum expires_in_form)provider->common.expires_in_form) {
    case EXPIRES_NUMBER:
        json_object_object_add(object, "expires_in", json_object_new_int64(lifetime_s));
        break;
    case EXPIRES_STRING:
        snprintf(text, sizeof(text), "%" PRId64, lifetime_s);
        json_object_object_add(object, "expires_in", json_object_new_string(text));
        break;
    case EXPIRES_ABSOLUTE:
        json_object_object_add(object, "expires_in", json_object_new_int64(clock_now() + lifetime_s));
        break;
    case EXPIRES_OMIT:
        break;
    }
}

void provider_token_answer(const struct provider *provider, struct answer *answer, json_object *object,
                           int64_t expires_in_s)
{
    if (expires_in_s > 0)
        add_expires_in(provider, object, expires_in_s);
    if (provider->common.extra) {
        json_object_object_foreach(provider->common.extra, name, value)
            json_object_object_add(object, name, json_object_get(value));
    }
    answer_header(answer, "Cache-Control", "no-store");
    answer_json(answer, 200, object);
}
