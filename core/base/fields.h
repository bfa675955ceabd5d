/* SPDX-License-Identifier: MIT */
/* A short ordered list of named values: settings, parameters, or what a plugin keeps from one step to the next. */
#ifndef JT_BASE_FIELDS_H
#define JT_BASE_FIELDS_H

#include "base/error.h"

#define JT_FIELD_SECRET 1u /* redacted in logs, value in guarded memory */
#define JT_FIELD_KEY    2u /* a private key: never handed to a plugin */

struct jt_field {
    char *name;
    char *value; /* NUL-terminated */
    size_t len;
    uint32_t flags;
    char *file; /* where the value was configured, or NULL */
    int line;
};

struct jt_fields {
    struct jt_field *items;
    size_t len;
    size_t size;
};

void jt_fields_done(struct jt_fields *fields);
/* Adds a field or replaces the one of that name. All strings are copied. */
int JT_MUST_CHECK jt_fields_set(struct jt_fields *fields, const char *name, const char *value, uint32_t flags,
                                jeton_error **ret_error);
int JT_MUST_CHECK jt_fields_set_at(struct jt_fields *fields, const char *name, const char *value, uint32_t flags,
                                   const char *file, int line, jeton_error **ret_error);
void jt_fields_remove(struct jt_fields *fields, const char *name);
const struct jt_field *jt_fields_find(const struct jt_fields *fields, const char *name);
const char *jt_fields_get(const struct jt_fields *fields, const char *name); /* value or NULL */

#define JT_AUTO_FIELDS JT_CLEANUP(jt_fields_done)

#endif
