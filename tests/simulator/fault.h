/* SPDX-License-Identifier: MIT */
/* Owns the faults that tests have ordered and which request each one hits.
   It never invents one. */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "answer.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

enum fault_kind {
    FAULT_STATUS,
    FAULT_DELAY,
    FAULT_CLOSE,
    FAULT_CLOSE_AFTER,
    FAULT_TRUNCATE,
    FAULT_GARBAGE,
    FAULT_HTML,
    FAULT_EMPTY,
    FAULT_HUGE,
    FAULT_BODY,
};

struct fault {
    char *provider; /* "*": all */
    char *path;     /* a prefix; NULL: all */
    int64_t times;  /* how often still; -1: until cleared */
    int64_t after;  /* how many to let pass first */
    enum fault_kind kind;
    bool process; /* whether the provider handles the request all the same */
    unsigned status;
    unsigned delay_ms;
    char *retry_after;
    char *body;
    char *content_type;
    struct fault *next;
};

/* Adds one from its JSON form; -1 with a message for people in `problem`. */
int fault_add(json_object *spec, char *problem, size_t size);
void fault_clear(void);
json_object *fault_json(void);

/* The fault that hits this request, with its times already counted down, or NULL.
   The result belongs to the caller. */
struct fault *fault_take(const char *provider, const char *path);
/* Writes the fault into the answer, which the provider has filled in already if
   fault->process. */
void fault_apply(const struct fault *fault, struct answer *answer);
void fault_free(struct fault *fault);

#endif
