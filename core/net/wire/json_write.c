/* SPDX-License-Identifier: MIT */
/* JSON out: compact text into a buffer that is wiped, and values put at pointers. It never sorts and never escapes a
 * slash, since signatures are made over its bytes. */
#include "net/wire/json.h"
#include <string.h>

#define WRITE_TOKEN_MAX 512u

void jt_json_add_string(struct jt_buf *buf, const char *text, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    size_t run = 0;

    jt_buf_add(buf, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
        const char *name = c != '\0' ? strchr(named, c) : NULL;

        if (c >= 0x20 && c != 0x7f && name == NULL)
            continue;
        jt_buf_add(buf, text + run, i - run);
        if (name != NULL)
            jt_buf_add(buf, (const char[2]){'\\', names[name - named]}, 2);
        else
            jt_buf_add(buf, (const char[6]){'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]}, 6);
        run = i + 1;
    }
    jt_buf_add(buf, text + run, len - run);
    jt_buf_add(buf, "\"", 1);
}

static void write_object(struct jt_buf *buf, struct json_object *value)
{
    const char *comma = "";

    jt_buf_add(buf, "{", 1);
    json_object_object_foreach(value, name, member)
    {
        jt_buf_puts(buf, comma);
        jt_json_add_string(buf, name, strlen(name));
        jt_buf_add(buf, ":", 1);
        jt_json_add(buf, member);
        comma = ",";
    }
    jt_buf_add(buf, "}", 1);
}

void jt_json_add(struct jt_buf *buf, struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_object:
        write_object(buf, value);
        break;
    case json_type_array:
        jt_buf_add(buf, "[", 1);
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            if (i > 0)
                jt_buf_add(buf, ",", 1);
            jt_json_add(buf, json_object_array_get_idx(value, i));
        }
        jt_buf_add(buf, "]", 1);
        break;
    case json_type_string:
        jt_json_add_string(buf, json_object_get_string(value), (size_t)json_object_get_string_len(value));
        break;
    default:
        jt_buf_puts(buf, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
    }
}

/* The member or element that a token names in a container, made as an object where it is missing and more follows. */
static bool write_step(struct json_object *at, const char *token, struct json_object *value, bool last,
                       struct json_object **ret_next)
{
    struct json_object *next = NULL;
    size_t index = 0;
    bool found;

    if (json_object_is_type(at, json_type_array)) {
        size_t len = json_object_array_length(at);

        if (strcmp(token, "-") == 0)
            index = len;
        else if (!jt_json_pointer_index(token, &index) || index > len)
            return false;
        found = index < len;
        next = found ? json_object_array_get_idx(at, index) : NULL;
    } else if (json_object_is_type(at, json_type_object)) {
        found = json_object_object_get_ex(at, token, &next);
    } else {
        return false;
    }
    if (!last && found) {
        *ret_next = next;
        return true;
    }
    next = last ? json_object_get(value) : json_object_new_object();
    if (!last && next == NULL)
        return false;
    if (json_object_is_type(at, json_type_array) ? json_object_array_put_idx(at, index, next) != 0
                                                 : json_object_object_add(at, token, next) != 0) {
        (void)json_object_put(next);
        return false;
    }
    *ret_next = next;
    return true;
}

bool jt_json_put(struct json_object **root, const char *pointer, struct json_object *value)
{
    JT_AUTO_JSON struct json_object *own = value;
    char token[WRITE_TOKEN_MAX];
    struct json_object *at, *next;
    bool bad;

    if (*pointer == '\0') {
        jt_json_free(root);
        *root = jt_take(&own);
        return true;
    }
    if (*root == NULL)
        *root = json_object_new_object();
    at = *root;
    while ((pointer = jt_json_pointer_next(pointer, token, sizeof token, &bad)) != NULL) {
        if (at == NULL || !write_step(at, token, value, *pointer == '\0', &next))
            return false;
        at = next;
        if (*pointer == '\0') {
            own = NULL; /* the tree holds a reference of its own now */
            (void)json_object_put(value);
            return true;
        }
    }
    return false;
}
