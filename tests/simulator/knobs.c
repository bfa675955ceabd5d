/* SPDX-License-Identifier: MIT */
/* Owns the table form of settings that tests may change: checking, setting and showing them.
   It never knows what a setting is for. */
#include "knobs.h"

#include "text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const struct knob *knob_find(const struct knob *table, const char *name)
{
    for (; table && table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

static int choice_index(const struct knob *knob, const char *word)
{
    for (int i = 0; knob->choices[i]; i++)
        if (text_equal(knob->choices[i], word))
            return i;
    return -1;
}

static int check_choice(const struct knob *knob, json_object *value, char *problem, size_t size)
{
    if (json_object_is_type(value, json_type_string) && choice_index(knob, json_object_get_string(value)) >= 0)
        return 0;

    int used = snprintf(problem, size, "%s must be one of:", knob->name);

    for (int i = 0; knob->choices[i] && used > 0 && (size_t)used < size; i++)
        used += snprintf(problem + used, size - (size_t)used, " %s", knob->choices[i]);
    return -1;
}

int knob_check(const struct knob *knob, json_object *value, char *problem, size_t size)
{
    switch (knob->type) {
    case KNOB_INT:
        if (json_object_is_type(value, json_type_int) && json_object_get_int64(value) >= knob->min &&
            json_object_get_int64(value) <= knob->max)
            return 0;
        snprintf(problem, size, "%s must be an integer from %" PRId64 " to %" PRId64, knob->name, knob->min, knob->max);
        return -1;
    case KNOB_BOOL:
        if (json_object_is_type(value, json_type_boolean))
            return 0;
        snprintf(problem, size, "%s must be true or false", knob->name);
        return -1;
    case KNOB_STRING:
        if (json_object_is_type(value, json_type_string) && json_object_get_string_len(value) < KNOB_STRING_MAX)
            return 0;
        snprintf(problem, size, "%s must be a string below %d bytes", knob->name, KNOB_STRING_MAX);
        return -1;
    case KNOB_CHOICE:
        return check_choice(knob, value, problem, size);
    case KNOB_OBJECT:
        if (!value || json_object_is_type(value, json_type_object))
            return 0;
        snprintf(problem, size, "%s must be an object or null", knob->name);
        return -1;
    }
    return -1;
}

void knob_set(const struct knob *knob, json_object *value)
{
    switch (knob->type) {
    case KNOB_INT:
        *(int64_t *)knob->target = json_object_get_int64(value);
        break;
    case KNOB_BOOL:
        *(int64_t *)knob->target = json_object_get_boolean(value);
        break;
    case KNOB_STRING:
        snprintf(knob->target, KNOB_STRING_MAX, "%s", json_object_get_string(value));
        break;
    case KNOB_CHOICE:
        *(int64_t *)knob->target = choice_index(knob, json_object_get_string(value));
        break;
    case KNOB_OBJECT:
        json_object_put(*(json_object **)knob->target);
        *(json_object **)knob->target = json_object_get(value);
        break;
    }
}

json_object *knob_json(const struct knob *knob)
{
    switch (knob->type) {
    case KNOB_INT:
        return json_object_new_int64(*(int64_t *)knob->target);
    case KNOB_BOOL:
        return json_object_new_boolean(*(int64_t *)knob->target != 0);
    case KNOB_STRING:
        return text_json(knob->target);
    case KNOB_CHOICE:
        return json_object_new_string(knob->choices[*(int64_t *)knob->target]);
    case KNOB_OBJECT:
        return json_object_get(*(json_object **)knob->target);
    }
    return NULL;
}
