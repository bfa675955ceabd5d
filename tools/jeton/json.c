/* SPDX-License-Identifier: MIT */
/* Builds, reads and prints JSON with json-c, and wipes the strings of a tree before freeing it. */
#include "json.h"
#include "output.h"
#include <stdlib.h>
#include <string.h>

#define JSON_DEPTH_MAX 64 /* the library's answers wrap a provider's, which may have 32 */

static struct json_object *json_or_die(struct json_object *object)
{
    if (object == NULL)
        jt_output_no_memory();
    return object;
}

static void json_wipe(struct json_object *object)
{
    if (json_object_is_type(object, json_type_string)) {
        char *text = (char *)(uintptr_t)json_object_get_string(object);

        explicit_bzero(text, (size_t)json_object_get_string_len(object));
    } else if (json_object_is_type(object, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(object); i++)
            json_wipe(json_object_array_get_idx(object, i));
    } else if (json_object_is_type(object, json_type_object)) {
        json_object_object_foreach(object, key, value)
        {
            (void)key;
            json_wipe(value);
        }
    }
}

void jt_json_free(struct json_object **object)
{
    if (*object != NULL) {
        json_wipe(*object);
        (void)json_object_put(*object);
    }
    *object = NULL;
}

struct json_object *jt_json_new(void)
{
    return json_or_die(json_object_new_object());
}

void jt_json_add_object(struct json_object *object, const char *key, struct json_object *value)
{
    if (json_object_object_add(object, key, value) != 0)
        jt_output_no_memory();
}

/* The length of the well-formed UTF-8 character at `at` (RFC 3629 4), else 0. Does not read beyond a NUL. */
static size_t json_utf8_len(const unsigned char *at)
{
    static const struct {
        unsigned char from, to, second_from, second_to;
        size_t len;
    } forms[] = {{0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
                 {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
                 {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};

    for (size_t i = 0; i < JT_LEN(forms); i++) {
        size_t len = forms[i].len;

        if (at[0] < forms[i].from || at[0] > forms[i].to)
            continue;
        if (len > 1 && (at[1] < forms[i].second_from || at[1] > forms[i].second_to))
            return 0;
        for (size_t tail = 2; tail < len; tail++)
            if ((at[tail] & 0xc0) != 0x80)
                return 0;
        return len;
    }
    return 0;
}

static struct json_object *json_string_new(const char *value)
{
    static const char replacement[] = "\xef\xbf\xbd";
    const unsigned char *at = (const unsigned char *)value;
    struct json_object *string;
    size_t size = strlen(value), len = 0;
    char *clean = malloc(size * (sizeof(replacement) - 1) + 1);

    if (clean == NULL)
        jt_output_no_memory();
    while (*at != '\0') {
        size_t step = json_utf8_len(at);

        memcpy(clean + len, step > 0 ? (const char *)at : replacement, step > 0 ? step : sizeof(replacement) - 1);
        len += step > 0 ? step : sizeof(replacement) - 1;
        at += step > 0 ? step : 1;
    }
    string = json_or_die(json_object_new_string_len(clean, (int)len));
    explicit_bzero(clean, len);
    free(clean);
    return string;
}

void jt_json_add_string(struct json_object *object, const char *key, const char *value)
{
    if (value != NULL)
        jt_json_add_object(object, key, json_string_new(value));
}

void jt_json_append_string(struct json_object *array, const char *value)
{
    if (json_object_array_add(array, json_string_new(value)) != 0)
        jt_output_no_memory();
}

void jt_json_add_string_or_null(struct json_object *object, const char *key, const char *value)
{
    jt_json_add_object(object, key, value != NULL ? json_string_new(value) : NULL);
}

void jt_json_add_integer(struct json_object *object, const char *key, int64_t value)
{
    jt_json_add_object(object, key, json_or_die(json_object_new_int64(value)));
}

void jt_json_add_boolean(struct json_object *object, const char *key, bool value)
{
    jt_json_add_object(object, key, json_or_die(json_object_new_boolean(value)));
}

void jt_json_add_time(struct json_object *object, const char *key, int64_t at)
{
    jt_json_add_object(object, key, at == INT64_MAX ? NULL : json_or_die(json_object_new_int64(at)));
}

static void json_free_tokener(struct json_tokener **tokener)
{
    if (*tokener != NULL)
        json_tokener_free(*tokener);
}

struct json_object *jt_json_parse(const char *text)
{
    struct json_tokener *tokener JT_CLEANUP(json_free_tokener) = json_tokener_new_ex(JSON_DEPTH_MAX);
    struct json_object *object JT_AUTO_JSON = NULL;
    size_t len = text == NULL ? 0 : strlen(text);

    if (tokener == NULL)
        jt_output_no_memory();
    if (len >= INT32_MAX)
        return NULL;
    /* The NUL is passed too, so that a number or word that ends the text is complete. */
    object = json_tokener_parse_ex(tokener, text == NULL ? "" : text, (int)len + 1);
    if (json_tokener_get_error(tokener) != json_tokener_success || !json_object_is_type(object, json_type_object))
        return NULL;
    return jt_take(&object);
}

const char *jt_json_string(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_string))
        return NULL;
    return json_object_get_string(value);
}

int64_t jt_json_integer(struct json_object *object, const char *key, int64_t otherwise)
{
    struct json_object *value = NULL;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_int))
        return otherwise;
    return json_object_get_int64(value);
}

bool jt_json_boolean(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    return json_object_object_get_ex(object, key, &value) && json_object_is_type(value, json_type_boolean) &&
           json_object_get_boolean(value);
}

struct json_object *jt_json_array(struct json_object *object, const char *key, size_t *ret_len)
{
    struct json_object *value = NULL;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_array))
        return NULL;
    *ret_len = json_object_array_length(value);
    return value;
}

void jt_json_print(struct json_object *object)
{
    size_t len = 0;
    const char *text =
        json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);

    if (text == NULL)
        jt_output_no_memory();
    jt_output_write(text, len);
    jt_output_puts("\n");
    explicit_bzero((char *)(uintptr_t)text, len);
}

struct json_object *jt_json_token(const char *name, const jeton_token *token, bool with_secret)
{
    struct json_object *object JT_AUTO_JSON = jt_json_new();

    jt_json_add_string(object, "name", name);
    if (with_secret)
        jt_json_add_string(object, "access_token", jeton_token_access_token(token));
    jt_json_add_string(object, "token_type", jeton_token_type(token));
    jt_json_add_time(object, "expires_at", jeton_token_expires_at(token));
    if (jeton_token_issued_at(token) > 0)
        jt_json_add_integer(object, "issued_at", jeton_token_issued_at(token));
    jt_json_add_string(object, "scope", jeton_token_scope(token));
    jt_json_add_string(object, "key_id", jeton_token_key_id(token));
    if (jeton_token_extra(token) != NULL) {
        struct json_object *extra = jt_json_parse(jeton_token_extra(token));

        if (extra == NULL)
            return NULL;
        jt_json_add_object(object, "extra", extra);
    }
    return jt_take(&object);
}
