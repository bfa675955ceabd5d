/* SPDX-License-Identifier: MIT */
/* RFC 6901 pointers. A pointer is a sequence of tokens; each names the member or element to step to. */
#include "net/wire/json_pointer.h"
#include "net/wire/json.h"
#include <string.h>

#define POINTER_TOKEN_MAX 512u /* longest member name that a pointer can name */

/* Copies the next token of a pointer to `token`, unescaped. NULL at the end; also, with *ret_bad, if the token is
 * malformed or too long. */
static const char *pointer_next(const char *pointer, char *token, size_t token_size, bool *ret_bad)
{
    size_t len = 0;

    *ret_bad = false;
    if (*pointer == '\0')
        return NULL;
    *ret_bad = true;
    if (*pointer++ != '/')
        return NULL;
    for (; *pointer != '\0' && *pointer != '/'; pointer++) {
        char c = *pointer;

        if (c == '~') {
            pointer++;
            if (*pointer != '0' && *pointer != '1')
                return NULL;
            c = *pointer == '0' ? '~' : '/';
        }
        if (len + 1 >= token_size)
            return NULL;
        token[len++] = c;
    }
    token[len] = '\0';
    *ret_bad = false;
    return pointer;
}

/* Reads an array index, without leading zeros (RFC 6901 4). */
static bool pointer_index(const char *token, size_t *ret_index)
{
    size_t index = 0;

    if (*token == '\0' || strlen(token) > 9 || (token[0] == '0' && token[1] != '\0'))
        return false;
    for (; *token != '\0'; token++) {
        if (*token < '0' || *token > '9')
            return false;
        index = index * 10 + (size_t)(*token - '0');
    }
    *ret_index = index;
    return true;
}

bool jt_json_find(struct json_object *root, const char *pointer, struct json_object **ret_value)
{
    char token[POINTER_TOKEN_MAX];
    bool bad;

    /* The usual case: a plainly named member of the top object. */
    if (pointer[0] == '/' && pointer[1] != '\0' && strpbrk(pointer + 1, "/~") == NULL &&
        json_object_is_type(root, json_type_object))
        return json_object_object_get_ex(root, pointer + 1, ret_value);
    for (const char *rest = pointer; (rest = pointer_next(rest, token, sizeof(token), &bad)) != NULL;) {
        size_t index;

        if (json_object_is_type(root, json_type_object)) {
            if (!json_object_object_get_ex(root, token, &root))
                return false;
        } else if (json_object_is_type(root, json_type_array)) {
            if (!pointer_index(token, &index) || index >= json_object_array_length(root))
                return false;
            root = json_object_array_get_idx(root, index);
        } else {
            return false;
        }
    }
    if (bad)
        return false;
    *ret_value = root;
    return true;
}

/* Steps from a container to the member or element that the token names. A missing one is made: the value itself at the
 * last step, else an object. */
static bool pointer_step(struct json_object *at, const char *token, struct json_object *value, bool last,
                         struct json_object **ret_next)
{
    struct json_object *next = NULL;
    size_t index = 0;
    bool found;

    if (json_object_is_type(at, json_type_array)) {
        size_t len = json_object_array_length(at);

        if (strcmp(token, "-") == 0)
            index = len;
        else if (!pointer_index(token, &index) || index > len)
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
    char token[POINTER_TOKEN_MAX];
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
    while ((pointer = pointer_next(pointer, token, sizeof(token), &bad)) != NULL) {
        if (at == NULL || !pointer_step(at, token, value, *pointer == '\0', &next))
            return false;
        at = next;
        if (*pointer == '\0') {
            own = NULL; /* the tree has its own reference now */
            (void)json_object_put(value);
            return true;
        }
    }
    return false;
}
