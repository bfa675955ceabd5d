/* SPDX-License-Identifier: MIT */
/* Writes JSON as compact text into a buffer. Signatures are made over these bytes, so members keep their order and
 * slashes are not escaped. */
#include "net/wire/json_write.h"
#include <json-c/linkhash.h>
#include <string.h>

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

void jt_json_add_scalar(struct jt_buf *buf, struct json_object *value)
{
    if (json_object_is_type(value, json_type_string))
        jt_buf_add(buf, json_object_get_string(value), (size_t)json_object_get_string_len(value));
    else
        jt_json_add(buf, value);
}
