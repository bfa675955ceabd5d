/* SPDX-License-Identifier: MIT */
/* Owns the table form of settings that tests may change: checking, setting and showing them.
   It never knows what a setting is for. */
#ifndef SIM_KNOBS_H
#define SIM_KNOBS_H

#include <json-c/json.h>
#include <stdint.h>

#define KNOB_STRING_MAX 4096

enum knob_type {
    KNOB_INT,    /* int64_t */
    KNOB_BOOL,   /* int64_t, 0 or 1 */
    KNOB_STRING, /* char[KNOB_STRING_MAX] */
    KNOB_CHOICE, /* int64_t, an index into choices */
    KNOB_OBJECT, /* json_object * */
};

struct knob {
    const char *name; /* NULL ends the table */
    enum knob_type type;
    void *target;
    int64_t min, max;
    const char *const *choices;
};

/* Returns 0, or -1 with a message for people in `problem`; nothing is changed then. */
int knob_check(const struct knob *knob, json_object *value, char *problem, size_t size);
/* Only after knob_check. */
void knob_set(const struct knob *knob, json_object *value);
json_object *knob_json(const struct knob *knob);
const struct knob *knob_find(const struct knob *table, const char *name);

#endif
