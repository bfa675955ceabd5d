/* SPDX-License-Identifier: MIT */
/* A list of named values. The value of a secret field is kept in guarded memory. */
#include "base/fields.h"
#include "base/buf.h"
#include "base/guarded.h"
#include <stdlib.h>
#include <string.h>

static bool field_is_guarded(uint32_t flags)
{
    return (flags & (JT_FIELD_SECRET | JT_FIELD_KEY)) != 0;
}

static void field_drop_value(struct jt_field *field)
{
    if (field_is_guarded(field->flags))
        jt_guarded_free(&field->value);
    else
        jt_str_free(&field->value);
}

static void field_done(struct jt_field *field)
{
    field_drop_value(field);
    free(field->name);
    free(field->file);
}

void jt_fields_done(struct jt_fields *fields)
{
    for (size_t i = 0; i < fields->len; i++)
        field_done(&fields->items[i]);
    free(fields->items);
    *fields = (struct jt_fields){0};
}

static struct jt_field *fields_find(const struct jt_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->len; i++)
        if (strcmp(fields->items[i].name, name) == 0)
            return &fields->items[i];
    return NULL;
}

static struct jt_field *fields_append(struct jt_fields *fields, const char *name)
{
    struct jt_field *field;

    if (fields->len == fields->size) {
        size_t size = fields->size == 0 ? 8 : fields->size * 2;
        struct jt_field *items = reallocarray(fields->items, size, sizeof(*items));

        if (items == NULL)
            return NULL;
        fields->items = items;
        fields->size = size;
    }
    field = &fields->items[fields->len];
    *field = (struct jt_field){.name = strdup(name)};
    if (field->name == NULL)
        return NULL;
    fields->len++;
    return field;
}

int jt_fields_set(struct jt_fields *fields, const char *name, const char *value, uint32_t flags,
                  jeton_error **ret_error)
{
    size_t len = strlen(value);
    char *copy = field_is_guarded(flags) ? jt_guarded_dup(value, len) : strdup(value);
    struct jt_field *field;

    if (copy == NULL)
        return jt_error_no_memory(ret_error);
    field = fields_find(fields, name);
    if (field == NULL)
        field = fields_append(fields, name);
    if (field == NULL) {
        struct jt_field lost = {.value = copy, .flags = flags};

        field_drop_value(&lost);
        return jt_error_no_memory(ret_error);
    }
    field_drop_value(field);
    field->value = copy;
    field->len = len;
    field->flags = flags;
    return JETON_OK;
}

int jt_fields_set_at(struct jt_fields *fields, const char *name, const char *value, uint32_t flags, const char *file,
                     int line, jeton_error **ret_error)
{
    JT_AUTO_STR char *copy = jt_strdup(file);
    struct jt_field *field;
    int status;

    if (file != NULL && copy == NULL)
        return jt_error_no_memory(ret_error);
    status = jt_fields_set(fields, name, value, flags, ret_error);
    if (status != JETON_OK)
        return status;
    field = fields_find(fields, name);
    free(field->file);
    field->file = jt_take(&copy);
    field->line = line;
    return JETON_OK;
}

void jt_fields_remove(struct jt_fields *fields, const char *name)
{
    struct jt_field *field = fields_find(fields, name);
    size_t index;

    if (field == NULL)
        return;
    field_done(field);
    index = (size_t)(field - fields->items);
    memmove(field, field + 1, (fields->len - index - 1) * sizeof(*field));
    fields->len--;
}

const struct jt_field *jt_fields_find(const struct jt_fields *fields, const char *name)
{
    return fields_find(fields, name);
}

const char *jt_fields_get(const struct jt_fields *fields, const char *name)
{
    const struct jt_field *field = fields_find(fields, name);

    return field != NULL ? field->value : NULL;
}
