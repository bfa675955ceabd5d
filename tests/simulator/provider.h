/* SPDX-License-Identifier: MIT */
/* Owns the shape of a simulated provider: routes, refusals, knobs, and what all providers share.
   It never holds a provider's own rules; those are one file each. */
#ifndef SIM_PROVIDER_H
#define SIM_PROVIDER_H

#include "answer.h"
#include "knobs.h"
#include "request.h"

#include <stdbool.h>
#include <stdint.h>

/* Why a request is turned away before it reaches a route. */
enum refusal {
    REFUSE_PATH,
    REFUSE_METHOD,
    REFUSE_CONTENT_TYPE,
    REFUSE_TOO_LARGE,
    REFUSE_RATE,
};

struct route {
    const char *method; /* NULL ends the table */
    const char *path;   /* below the provider's prefix */
    void (*handle)(const struct request *request, struct answer *answer);
};

/* How a token answer spells its lifetime. */
enum expires_in_form { EXPIRES_NUMBER, EXPIRES_STRING, EXPIRES_ABSOLUTE, EXPIRES_OMIT };

/* Knobs that every provider has. */
struct common_settings {
    int64_t expires_in_form;
    int64_t rate_limit; /* requests in a window, 0: unlimited */
    int64_t rate_window_s;
    json_object *extra; /* members merged into token answers */

    int64_t window_started_at;
    int64_t window_requests;
};

struct provider {
    const char *name; /* the path prefix too */
    const struct route *routes;
    const struct knob *knobs;
    const struct knob *credentials;
    enum expires_in_form expires_in_form; /* the provider's own */
    void (*reset)(void);                  /* knobs and credentials back to built-in values */
    void (*refuse)(enum refusal refusal, struct answer *answer);
    void (*decorate)(struct answer *answer); /* headers on every answer; may be NULL */
    /* A fresh one-time code for tests; `spec` is the control request. NULL: has no codes.
       Returns NULL with *ret_problem set if spec makes no sense. */
    char *(*new_code)(json_object *spec, const char **ret_problem);
    struct common_settings common;
};

extern struct provider *const providers[]; /* ends with NULL */

struct provider *provider_find(const char *name);
void provider_reset(struct provider *provider);

/* Answers 200 with the object and its lifetime in the provider's form, merged with the `extra`
   knob. A lifetime of 0 or less says nothing about it. Takes `object`. */
void provider_token_answer(const struct provider *provider, struct answer *answer, json_object *object,
                           int64_t expires_in_s);

/* Every provider of this simulator; providers.c lists them. */
extern struct provider provider_voucherify;
extern struct provider provider_line;
extern struct provider provider_oauth2;
extern struct provider provider_qiwi;
extern struct provider provider_yoomoney;
extern struct provider provider_waves;

#endif
