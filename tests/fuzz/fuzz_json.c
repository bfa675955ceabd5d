/* SPDX-License-Identifier: MIT */
/* Feeds hostile texts to the reader of JSON. It asserts that what was let in is written as text that is let in again
 * and says the same, and that any pointer into it is answered. The first line is a pointer, the rest the text. */
#include "fuzz.h"
#include "net/wire/wire.h"

static struct json_object *again(struct json_object *value, struct jt_buf *text)
{
    struct json_object *back = NULL;
    char why[JT_JSON_WHY] = "";

    jt_json_add(text, value);
    FUZZ_CHECK(!text->failed);
    FUZZ_CHECK(jt_json_parse(text->data, text->len, &back, why, sizeof(why)) == JETON_OK);
    return back;
}

static void look(struct json_object *root, const char *pointer)
{
    JT_AUTO_BUF struct jt_buf scalar = JT_BUF_INIT(8u * JT_RESPONSE_MAX);
    struct json_object *value = NULL;
    int64_t number;

    if (!jt_json_find(root, pointer, &value))
        return;
    /* Only a number or text can be a number. */
    FUZZ_CHECK(!jt_json_integer(value, &number) || jt_json_is_scalar(value));
    FUZZ_CHECK(jt_json_string(value) == NULL || jt_json_is_scalar(value));
    if (jt_json_is_scalar(value))
        jt_json_add_scalar(&scalar, value);
    FUZZ_CHECK(!scalar.failed);
}

/* A value put at a pointer is found there. */
static void put(struct json_object **root, const char *pointer)
{
    struct json_object *value = NULL;
    size_t len = strlen(pointer);

    if (jt_json_put(root, pointer, json_object_new_int(7)) && (len == 0 || pointer[len - 1] != '-')) {
        int64_t number = 0;

        FUZZ_CHECK(jt_json_find(*root, pointer, &value));
        FUZZ_CHECK(jt_json_integer(value, &number) && number == 7);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JT_AUTO_BUF struct jt_buf first = JT_BUF_INIT(8u * JT_RESPONSE_MAX), second = JT_BUF_INIT(8u * JT_RESPONSE_MAX);
    JT_AUTO_JSON struct json_object *value = NULL, *back = NULL;
    const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t head = newline != NULL ? (size_t)(newline - data) + 1 : 0;
    JT_AUTO_STR char *pointer = fuzz_text(data, head > 0 ? head - 1 : 0);
    char *text = fuzz_bytes(data + head, size - head);
    char why[JT_JSON_WHY] = "";
    int status = jt_json_parse(text, size - head, &value, why, sizeof(why));

    FUZZ_CHECK(status == JETON_OK || *why != '\0');
    if (status == JETON_OK) {
        back = again(value, &first);
        jt_json_add(&second, back);
        FUZZ_CHECK(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
        look(value, pointer);
        put(&value, pointer);
    }
    fuzz_check_line(why);
    free(text);
    return 0;
}
