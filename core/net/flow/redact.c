/* SPDX-License-Identifier: MIT */
/* Secrets are found by value, as they are and as they stand in a form; and by their looks, in text of unknown making.
 */
#include "net/flow/redact.h"
#include "net/wire/wire.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REDACT_SHORTEST      4u
#define REDACT_SHORTEST_KEPT 8u
#define REDACT_LONG_RUN      32u
#define REDACT_LEARN_LEN     (16u * 1024u) /* more than is ever shown of a text */

/* The values that must not be shown, as they are and as they stand in a form. */
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
    bool incomplete; /* no memory for one of them */
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
    /* Not everything that is kept is secret: short values are counters and names, and would hide words. */
    for (size_t i = 0; i < flow->kept.len; i++)
        if (flow->kept.items[i].len >= REDACT_SHORTEST_KEPT)
            redact_list_add(list, flow->kept.items[i].name, flow->kept.items[i].value);
    redact_list_add(list, "code", jt_fields_get(&flow->answers, "code"));
    redact_list_add_fields(list, &flow->answers, NULL, false);
}

/* The longest secret that text starts with, or NULL. */
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

/* Where a hidden part ends that would end at `end`: a secret may begin in it and go on behind it. */
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

static bool redact_is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool redact_names_a_secret(const char *word, size_t len)
{
    static const char *const parts[] = {"token",         "secret",    "passw",    "passphrase", "assertion",
                                        "authorization", "signature", "private",  "api_key",    "apikey",
                                        "app_id",        "seed",      "verifier", "cookie"};
    static const char *const whole[] = {"code",  "device_code", "auth_code", "authorization_code",
                                        "nonce", "d",           "p",         "q"};
    static const char *const harmless[] = {
        "token_type",     "token_endpoint", "invalid_token",     "unsupported_token_type",
        "token_lifetime", "token_exp",      "issued_token_type", "client_assertion_type"};

    for (size_t i = 0; i < JT_LEN(harmless); i++)
        if (strlen(harmless[i]) == len && strncasecmp(word, harmless[i], len) == 0)
            return false;
    for (size_t i = 0; i < JT_LEN(whole); i++)
        if (strlen(whole[i]) == len && strncasecmp(word, whole[i], len) == 0)
            return true;
    for (size_t i = 0; i < JT_LEN(parts); i++)
        for (size_t at = 0; at + strlen(parts[i]) <= len; at++)
            if (strncasecmp(word + at, parts[i], strlen(parts[i])) == 0)
                return true;
    return false;
}

/* At the start of a word: where its value starts, when it is a name in JSON ("a": "b"), in a form (a=b) or of a field
 * in HTML (name="a" value="b"); else 0. */
static size_t redact_value_at(const char *text, size_t len, size_t word_len, char *ret_quote)
{
    size_t i = word_len;

    if (i < len && (text[i] == '"' || text[i] == '\''))
        i++;
    while (i < len && text[i] == ' ')
        i++;
    if (len - i > 5 && strncasecmp(text + i, "value", 5) == 0)
        for (i += 5; i < len && text[i] == ' ';)
            i++;
    if (i == len || (text[i] != ':' && text[i] != '='))
        return 0;
    i++;
    while (i < len && text[i] == ' ')
        i++;
    *ret_quote = i < len && (text[i] == '"' || text[i] == '\'') ? text[i] : '\0';
    return *ret_quote != '\0' ? i + 1 : i;
}

/* Behind the object or array that starts at i, whatever it holds. */
static size_t redact_nested_end(const char *text, size_t len, size_t i)
{
    size_t depth = 0;
    bool quoted = false;

    for (; i < len; i++) {
        if (text[i] == '\\')
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text[i] == '{' || text[i] == '['))
            depth++;
        else if (!quoted && (text[i] == '}' || text[i] == ']') && --depth == 0)
            return i + 1;
    }
    return len;
}

static size_t redact_value_end(const char *text, size_t len, size_t i, char quote)
{
    if (quote == '\0' && i < len && (text[i] == '{' || text[i] == '['))
        return redact_nested_end(text, len, i);
    for (; i < len; i++) {
        if (quote != '\0' ? text[i] == quote : strchr("&,; \r\n\t}<", text[i]) != NULL && text[i] != '\0')
            break;
        if (quote != '\0' && text[i] == '\\')
            i++;
    }
    return i < len ? i : len;
}

/* How long a run of characters that tokens are made of starts here; one of letters only is a word or two. */
static size_t redact_run(const char *text, size_t len)
{
    bool digit = false, letter = false;
    size_t i = 0;

    for (; i < len && (redact_is_word(text[i]) || strchr(".~+%", text[i]) != NULL) && text[i] != '\0'; i++) {
        digit = digit || (text[i] >= '0' && text[i] <= '9');
        letter = letter || (text[i] > '9' && text[i] != '_');
    }
    return digit && letter ? i : 0;
}

/* The values of members that are named like secrets: what is hidden there must not stand elsewhere in the text. */
static void redact_list_learn(struct redact_list *list, const char *text, size_t len)
{
    for (size_t i = 0; i < len && i < REDACT_LEARN_LEN; i++) {
        size_t word = 0, value, end;
        struct redact_item *item;
        size_t taken;
        char quote;

        /* The end of a secret is no name. */
        if (redact_match(list, text + i, len - i, &taken) != NULL) {
            i += redact_whole_end(list, text + i, len - i, taken) - 1;
            continue;
        }
        while (i + word < len && redact_is_word(text[i + word]) &&
               redact_match(list, text + i + word, len - i - word, &taken) == NULL)
            word++;
        if (word == 0)
            continue;
        value = redact_names_a_secret(text + i, word) ? redact_value_at(text + i, len - i, word, &quote) : 0;
        end = value > 0 ? redact_value_end(text + i, len - i, value, quote) : 0;
        end = redact_whole_end(list, text + i, len - i, end);
        /* Short values are numbers and words that mean something elsewhere. */
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

        /* Bytes that go on a character count nothing. */
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

/* The name of a member, and what stands before its value; returns how much of text that took, which is more where a
 * secret begins there. */
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

/* Hides a member that is named like a secret, or a long run; returns how much of text that took, 0 for nothing. */
static size_t redact_shape(struct redact_out *out, const struct redact_list *list, const char *text, size_t len,
                           bool at_word)
{
    size_t word = 0, value, end, run;
    char quote;

    while (word < len && redact_is_word(text[word]))
        word++;
    if (!at_word || word == 0)
        return 0;
    if (redact_names_a_secret(text, word) && (value = redact_value_at(text, len, word, &quote)) > 0) {
        end = redact_value_end(text, len, value, quote);
        value = redact_put_head(out, list, text, len, value);
        if (redact_holds_a_secret(list, text, len, word))
            redact_put_name(out, "hidden", 6);
        else
            redact_put_name(out, text, word);
        return end > value ? end : value;
    }
    run = redact_run(text, len);
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
            /* Latin-1 and binary would garble the line. */
            redact_put(&out, utf8 || (unsigned char)text[i] < 0x80 ? text + i : "?", 1);
            taken = 1;
        }
        i += taken;
        at_word = i > 0 && !redact_is_word(text[i - 1]);
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
