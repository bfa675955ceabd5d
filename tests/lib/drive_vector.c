/* SPDX-License-Identifier: MIT */
/* Reading recorded exchanges and holding a prepared request against one. It never changes a recording. */
#include "drive_vector.h"
#include "drive.h"
#include "net/wire/wire.h"
#include "net/wire/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VECTOR_FILES_MAX 8u

static struct {
    char name[32];
    struct json_object *list;
} vector_files[VECTOR_FILES_MAX];

static void vector_release(void)
{
    for (size_t i = 0; i < VECTOR_FILES_MAX; i++)
        (void)json_object_put(vector_files[i].list);
}

static struct json_object *vector_file(const char *vector)
{
    size_t name_len = strcspn(vector, "."), i = 0;
    char path[96], *text;

    if (name_len >= sizeof(vector_files[0].name))
        abort();
    for (; i < VECTOR_FILES_MAX && vector_files[i].list != NULL; i++)
        if (strlen(vector_files[i].name) == name_len && strncmp(vector_files[i].name, vector, name_len) == 0)
            return vector_files[i].list;
    if (i == VECTOR_FILES_MAX)
        abort();
    if (i == 0)
        (void)atexit(vector_release);
    (void)snprintf(path, sizeof(path), "tests/vectors/%.*s.json", (int)name_len, vector);
    text = check_read_file(path, NULL);
    memcpy(vector_files[i].name, vector, name_len);
    vector_files[i].list = json_tokener_parse(text);
    free(text);
    if (vector_files[i].list == NULL)
        abort();
    return vector_files[i].list;
}

static struct json_object *vector_find(const char *vector)
{
    struct json_object *list = vector_file(vector), *name;

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *item = json_object_array_get_idx(list, i);

        if (json_object_object_get_ex(item, "name", &name) && strcmp(json_object_get_string(name), vector) == 0)
            return item;
    }
    fprintf(stderr, "no vector is called \"%s\"\n", vector);
    abort();
}

struct json_object *drive_vector_object(const char *vector, const char *pointer)
{
    struct json_object *value;

    if (!jt_json_find(vector_find(vector), pointer, &value)) {
        fprintf(stderr, "the vector %s has nothing at %s\n", vector, pointer);
        abort();
    }
    return value;
}

const char *drive_vector_text(const char *vector, const char *pointer)
{
    struct json_object *value;

    return jt_json_find(vector_find(vector), pointer, &value) && value != NULL ? json_object_get_string(value) : NULL;
}

int drive_vector_status(const char *vector)
{
    return json_object_get_int(drive_vector_object(vector, "/response/status"));
}

void drive_vector_response(const char *vector, struct jt_buf *headers, struct jt_buf *body)
{
    struct json_object *value;

    if (jt_json_find(vector_find(vector), "/response/headers", &value) &&
        json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, text)
        {
            jt_buf_printf(headers, "%s: %s\n", name, json_object_get_string(text));
        }
    }
    value = drive_vector_object(vector, "/response/body");
    if (json_object_is_type(value, json_type_string))
        jt_buf_puts(body, json_object_get_string(value));
    else if (value != NULL)
        jt_buf_puts(body, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
}

/* The next pair of a=b&c=d, decoded; false at the end. */
static bool vector_next_pair(const char **pairs, char **ret_name, char **ret_value)
{
    size_t len = strcspn(*pairs, "&"), name_len = strcspn(*pairs, "=&");

    if (**pairs == '\0')
        return false;
    if (jt_text_decode_form(*pairs, name_len, ret_name) != JETON_OK ||
        jt_text_decode_form(*pairs + name_len + (name_len < len), len - name_len - (name_len < len), ret_value) !=
            JETON_OK)
        abort();
    *pairs += len + ((*pairs)[len] == '&');
    return true;
}

char *drive_vector_pair(const char *pairs, const char *name)
{
    char *found_name, *found_value;

    while (vector_next_pair(&pairs, &found_name, &found_value)) {
        bool found = strcmp(found_name, name) == 0;

        free(found_name);
        if (found)
            return found_value;
        free(found_value);
    }
    return NULL;
}

static bool vector_same_pairs(const char *what, const char *actual, const char *expected)
{
    char label[200], *name, *value, *expected_name, *expected_value;
    bool same = true, more, expected_more;

    for (;;) {
        more = vector_next_pair(&actual, &name, &value);
        expected_more = vector_next_pair(&expected, &expected_name, &expected_value);
        if (!more || !expected_more)
            break;
        (void)snprintf(label, sizeof(label), "%s %s", what, expected_name);
        same = check_str(name, expected_name, label, __FILE__, __LINE__) && same;
        same = check_str(value, expected_value, label, __FILE__, __LINE__) && same;
        free(name), free(value), free(expected_name), free(expected_value);
    }
    if (more || expected_more) {
        (void)snprintf(label, sizeof(label), "%s field %s is in both", what, more ? name : expected_name);
        same = check_true(false, label, __FILE__, __LINE__);
        free(more ? name : expected_name), free(more ? value : expected_value);
    }
    return same;
}

static const char *vector_request_header(const struct jt_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->headers.len; i++)
        if (strcasecmp(request->headers.items[i].name, name) == 0)
            return request->headers.items[i].value;
    return NULL;
}

static bool vector_same_headers(const char *vector, const struct jt_http_request *request, bool has_body)
{
    static const char *const names[] = {"authorization", "x-app-id", "x-app-token", "content-type", "accept"};
    bool same = true;

    for (size_t i = 0; i < JT_LEN(names); i++) {
        char pointer[64], label[160];
        const char *expected, *actual = vector_request_header(request, names[i]);

        (void)snprintf(pointer, sizeof(pointer), "/request/headers/%s", names[i]);
        (void)snprintf(label, sizeof(label), "%s: the header %s", vector, names[i]);
        expected = drive_vector_text(vector, pointer);
        /* A content type says nothing about a body that is not there, and what ends in "*" asks for nothing. */
        if (strcmp(names[i], "content-type") == 0 && !has_body)
            continue;
        if (strcmp(names[i], "accept") == 0 && expected != NULL && strstr(expected, "*/*") != NULL)
            expected = NULL;
        same = check_str(actual, expected, label, __FILE__, __LINE__) && same;
    }
    return same;
}

bool drive_vector_matches(const char *vector, const struct jt_http_request *request, const char *path)
{
    const char *query = strchr(request->url, '?'), *body = drive_vector_text(vector, "/request/body_raw");
    const char *recorded_query = drive_vector_text(vector, "/request/query_raw");
    bool same;

    same =
        check_true(strncmp(drive_vector_text(vector, "/request/method"), request->method, strlen(request->method)) == 0,
                   "the method is the recorded one", __FILE__, __LINE__);
    same = check_str(path, drive_vector_text(vector, "/request/path"), "the path", __FILE__, __LINE__) && same;
    same = vector_same_pairs("query", query != NULL ? query + 1 : "", recorded_query != NULL ? recorded_query : "") &&
           same;
    same = vector_same_pairs("form", jt_buf_str(&request->body), body != NULL ? body : "") && same;
    same = vector_same_headers(vector, request, body != NULL && *body != '\0') && same;
    if (!same)
        printf("the request differs from the recorded one of %s\n", vector);
    return same;
}

const char *drive_vector_text_of(const char *json, const char *pointer, struct jt_buf *buf)
{
    struct json_object *root = json != NULL ? json_tokener_parse(json) : NULL, *value;
    const char *text = NULL;

    if (jt_json_find(root, pointer, &value) && value != NULL) {
        jt_buf_reset(buf);
        jt_buf_puts(buf, json_object_get_string(value));
        text = jt_buf_str(buf);
    }
    (void)json_object_put(root);
    return text;
}
