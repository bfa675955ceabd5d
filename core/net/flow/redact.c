/* SPDX-License-Identifier: MIT */
/* Replaces secrets in text. Known secrets are found by their value, plain or form-encoded. In text of unknown origin,
 * what looks like a secret (redact_shape.c) is hidden too. */
#include "net/flow/redact.h"
#include "net/flow/redact_shape.h"
#include "net/wire/wire.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REDACT_SHORTEST      4u
#define REDACT_SHORTEST_KEPT 8u
#define REDACT_LONG_RUN      32u
#define REDACT_LEARN_LEN     (16u * 1024u) /* more than is shown of any text */

/* A value that must not be shown, plain and form-encoded. */
struct redact_item {
    const char *name;
    const char *value;
    size_t name_len, value_len;
    char *encoded;
    size_t encoded_len;
};

struct redact_list {
    struct redact_item *items;
    size_t len, size;
    bool incomplete; /* there was no memory for one of them */
};

static void redact_list_done(struct redact_list *list)
{
    for (size_t i = 0; i < list->len; i++)
        jt_str_wipe(&list->items[i].encoded);
    free(list->items);
}

static struct redact_item *redact_list_grow(struct redact_list *list)
{
    if (list->len == list->size) {
        size_t size = list->size == 0 ? 16 : list->size * 2;
        struct redact_item *items = reallocarray(list->items, size, sizeof(*items));

        if (items == NULL) {
            list->incomplete = true;
            return NULL;
        }
        list->items = items;
        list->size = size;
    }
    list->items[list->len] = (struct redact_item){0};
    return &list->items[list->len++];
}

static void redact_list_add(struct redact_list *list, const char *name, const char *value)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(JT_RESPONSE_MAX);
    struct redact_item *item;

    if (value == NULL || strlen(value) < REDACT_SHORTEST)
        return;
    jt_text_add_form(&buf, value);
    item = redact_list_grow(list);
    if (buf.failed || item == NULL) {
        list->incomplete = true;
        return;
    }
    item->name = name;
    item->name_len = strlen(name);
    item->value = value;
    item->value_len = strlen(value);
    if (strcmp(jt_buf_str(&buf), value) == 0)
        return;
    item->encoded_len = buf.len;
    item->encoded = jt_buf_take(&buf);
    list->incomplete = list->incomplete || item->encoded == NULL;
}

static bool redact_is_declared_secret(const struct jeton_setting *table, const char *name)
{
    for (; table != NULL && table->name != NULL; table++)
        if (strcmp(table->name, name) == 0)
            return table->type == JETON_KEY || (table->flags & (JETON_SECRET | JETON_ONE_TIME)) != 0;
    return false;
}

static void redact_list_add_fields(struct redact_list *list, const struct jt_fields *fields,
                                   const struct jeton_setting *table, bool all)
{
    for (size_t i = 0; fields != NULL && i < fields->len; i++)
        if (all || (fields->items[i].flags & (JT_FIELD_SECRET | JT_FIELD_KEY)) != 0 ||
            redact_is_declared_secret(table, fields->items[i].name))
            redact_list_add(list, fields->items[i].name, fields->items[i].value);
}

static void redact_list_fill(struct redact_list *list, const struct jt_flow *flow)
{
    const struct jt_plugin *plugin = flow->spec.plugin;

    redact_list_add_fields(list, flow->spec.settings, plugin->settings, false);
    redact_list_add_fields(list, flow->spec.params, plugin->parameters, false);
    if (flow->spec.token != NULL) {
        redact_list_add(list, "access_token", flow->spec.token->access_token);
        redact_list_add(list, "refresh_token", flow->spec.token->refresh_token);
    }
    redact_list_add(list, "access_token", flow->result.token.access_token);
    redact_list_add(list, "refresh_token", flow->result.token.refresh_token);
    redact_list_add_fields(list, &flow->signed_texts, NULL, true);
    /* A kept value may be a secret, but a short one is rather a counter or a name, and would hide harmless words. */
    for (size_t i = 0; i < flow->kept.len; i++)
        if (flow->kept.items[i].len >= REDACT_SHORTEST_KEPT)
            redact_list_add(list, flow->kept.items[i].name, flow->kept.items[i].value);
    redact_list_add(list, "code", jt_fields_get(&flow->answers, "code"));
    redact_list_add_fields(list, &flow->answers, NULL, false);
}

/* The longest known secret at the beginning of the text, or NULL. */
static const struct redact_item *redact_match(const struct redact_list *list, const char *text, size_t len,
                                              size_t *ret_len)
{
    const struct redact_item *found = NULL;

    *ret_len = 0;
    for (size_t i = 0; i < list->len; i++) {
        const struct redact_item *item = &list->items[i];
        const struct {
            const char *text;
            size_t len;
        } forms[] = {{item->value, item->value_len}, {item->encoded, item->encoded_len}};

        for (size_t form = 0; form < JT_LEN(forms); form++)
            if (forms[form].text != NULL && forms[form].len > *ret_len && forms[form].len <= len &&
                forms[form].text[0] == text[0] && memcmp(text, forms[form].text, forms[form].len) == 0) {
                *ret_len = forms[form].len;
                found = item;
            }
    }
    return found;
}

/* Extends a part that is to be hidden: if a secret begins before `end` and goes on behind it, the part ends with that
 * secret. */
static size_t redact_whole_end(const struct redact_list *list, const char *text, size_t len, size_t end)
{
    for (size_t i = 1; i < end; i++) {
        size_t taken;

        if (redact_match(list, text + i, len - i, &taken) != NULL && taken > end - i)
            end = i + taken;
    }
    return end;
}

static bool redact_holds_a_secret(const struct redact_list *list, const char *text, size_t len, size_t word)
{
    size_t taken;

    for (size_t i = 0; i < word; i++)
        if (redact_match(list, text + i, len - i, &taken) != NULL)
            return true;
    return false;
}

/* Adds the values of members that are named like secrets, so that the same values are hidden elsewhere in the text
 * too. */
static void redact_list_learn(struct redact_list *list, const char *text, size_t len)
{
    for (size_t i = 0; i < len && i < REDACT_LEARN_LEN; i++) {
        size_t word = 0, value, end;
        struct redact_item *item;
        size_t taken;
        char quote;

        /* Skips known secrets: their characters are no names. */
        if (redact_match(list, text + i, len - i, &taken) != NULL) {
            i += redact_whole_end(list, text + i, len - i, taken) - 1;
            continue;
        }
        while (i + word < len && jt_shape_is_word(text[i + word]) &&
               redact_match(list, text + i + word, len - i - word, &taken) == NULL)
            word++;
        if (word == 0)
            continue;
        value = jt_shape_names_secret(text + i, word) ? jt_shape_value_at(text + i, len - i, word, &quote) : 0;
        end = value > 0 ? jt_shape_value_end(text + i, len - i, value, quote) : 0;
        end = redact_whole_end(list, text + i, len - i, end);
        /* Short values are left out: elsewhere they are ordinary numbers and words. */
        if (end >= value + REDACT_SHORTEST_KEPT && strchr("{[", text[i + value]) == NULL &&
            (item = redact_list_grow(list)) != NULL)
            *item = (struct redact_item){
                .name = text + i, .name_len = word, .value = text + i + value, .value_len = end - value};
        i += end > word ? end - 1 : word - 1;
    }
}

struct redact_out {
    struct jt_buf *buf;
    size_t chars, max;
};

static void redact_put(struct redact_out *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        /* Counts characters: continuation bytes of UTF-8 do not count. */
        if ((c & 0xc0) != 0x80 && out->chars++ >= out->max)
            return;
        if (out->chars <= out->max)
            jt_buf_add(out->buf, c < 0x20 || c == 0x7f ? " " : &text[i], 1);
    }
}

static void redact_put_name(struct redact_out *out, const char *name, size_t len)
{
    if (out->chars < out->max) {
        jt_buf_puts(out->buf, "‹");
        jt_buf_add(out->buf, name, len);
        jt_buf_puts(out->buf, "›");
    }
    out->chars += len + 2;
}

/* Writes the name of a member and everything up to its value. Returns how much of the text that took: more than `value`
 * if a secret begins before the value and goes on into it. */
static size_t redact_put_head(struct redact_out *out, const struct redact_list *list, const char *text, size_t len,
                              size_t value)
{
    size_t i = 0;

    while (i < value) {
        size_t taken;
        const struct redact_item *item = redact_match(list, text + i, len - i, &taken);

        if (item != NULL)
            redact_put_name(out, item->name, item->name_len);
        else
            redact_put(out, text + i, taken = 1);
        i += taken;
    }
    return i;
}

/* Hides a member that is named like a secret, or a long run, at the beginning of the text. Returns how much of the text
 * that took; 0: there is neither. */
static size_t redact_shape(struct redact_out *out, const struct redact_list *list, const char *text, size_t len,
                           bool at_word)
{
    size_t word = 0, value, end, run;
    char quote;

    while (word < len && jt_shape_is_word(text[word]))
        word++;
    if (!at_word || word == 0)
        return 0;
    if (jt_shape_names_secret(text, word) && (value = jt_shape_value_at(text, len, word, &quote)) > 0) {
        end = jt_shape_value_end(text, len, value, quote);
        value = redact_put_head(out, list, text, len, value);
        if (redact_holds_a_secret(list, text, len, word))
            redact_put_name(out, "hidden", 6);
        else
            redact_put_name(out, text, word);
        return end > value ? end : value;
    }
    run = jt_shape_run(text, len);
    if (run < REDACT_LONG_RUN)
        return 0;
    redact_put_name(out, "hidden", 6);
    return run;
}

void jt_redact_add(struct jt_buf *buf, const struct jt_flow *flow, const char *text, size_t len, size_t max,
                   bool shapes)
{
    JT_CLEANUP(redact_list_done) struct redact_list list = {.len = 0};
    struct redact_out out = {.buf = buf, .max = max};
    bool utf8 = jt_utf8_is_valid(text, len);
    bool at_word = true;
    size_t i = 0;

    redact_list_fill(&list, flow);
    if (shapes)
        redact_list_learn(&list, text, len);
    if (list.incomplete) {
        jt_buf_puts(buf, "‹hidden›");
        return;
    }
    while (i < len && out.chars <= max) {
        size_t taken;
        const struct redact_item *item = redact_match(&list, text + i, len - i, &taken);

        if (item != NULL) {
            redact_put_name(&out, item->name, item->name_len);
            taken = redact_whole_end(&list, text + i, len - i, taken);
        } else if (shapes && (taken = redact_shape(&out, &list, text + i, len - i, at_word)) > 0) {
            taken = redact_whole_end(&list, text + i, len - i, taken);
        } else {
            /* Bytes that are not UTF-8 would garble the line. */
            redact_put(&out, utf8 || (unsigned char)text[i] < 0x80 ? text + i : "?", 1);
            taken = 1;
        }
        i += taken;
        at_word = i > 0 && !jt_shape_is_word(text[i - 1]);
    }
    if (i < len || out.chars > max)
        jt_buf_puts(buf, "…");
}

void jt_redact_vprintf(struct jt_buf *buf, const struct jt_flow *flow, size_t max, const char *format, va_list args)
{
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(JT_RESPONSE_MAX);

    jt_buf_vprintf(&text, format, args);
    jt_redact_add(buf, flow, jt_buf_str(&text), text.len, max, false);
}
