/* SPDX-License-Identifier: MIT */
/* Gives a plugin its inputs. A private key is not among them: the host signs with it. */
#include "net/host/host_input.h"
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_RANDOM_MAX 256u

static const struct jeton_setting *input_declared(const struct jeton_setting *table, const char *name, size_t len)
{
    for (; table != NULL && table->name != NULL; table++)
        if (strlen(table->name) == len && strncmp(table->name, name, len) == 0)
            return table;
    return NULL;
}

/* Whether the field is a private key, or the passphrase of one. */
static bool input_is_key(const struct jt_flow *flow, const struct jt_field *field)
{
    static const char suffix[] = "_passphrase";
    size_t len = strlen(field->name), suffix_len = sizeof(suffix) - 1;
    const struct jeton_setting *declared;

    if ((field->flags & JT_FIELD_KEY) != 0)
        return true;
    if (len <= suffix_len || strcmp(field->name + len - suffix_len, suffix) != 0)
        return false;
    declared = input_declared(flow->spec.plugin->settings, field->name, len - suffix_len);
    return declared != NULL && declared->type == JETON_KEY;
}

const char *jt_host_setting(jeton_flow *lent, const char *name)
{
    const struct jt_flow *flow = jt_state_of(lent);
    const struct jt_field *field = jt_state_find(flow->spec.settings, name);

    return field != NULL && !input_is_key(flow, field) ? field->value : NULL;
}

int jt_host_setting_integer(jeton_flow *lent, const char *name, int64_t *ret)
{
    const char *text = jt_host_setting(lent, name);
    long long value;
    char *end;

    if (text == NULL || *text == '\0')
        return 0;
    errno = 0;
    value = strtoll(text, &end, 10);
    if (*end != '\0' || errno != 0) {
        jt_fault_stick(jt_state_of(lent), JETON_CONFIG, "the setting %s is not a whole number", name);
        return 0;
    }
    *ret = value;
    return 1;
}

int jt_host_has_setting(jeton_flow *lent, const char *name)
{
    return jt_state_find(jt_state_of(lent)->spec.settings, name) != NULL;
}

const char *jt_host_param(jeton_flow *lent, const char *name)
{
    struct jt_flow *flow = jt_state_of(lent);
    const struct jt_field *field = jt_state_find(flow->spec.params, name);
    const struct jeton_setting *declared;

    if (field == NULL)
        return jt_host_setting(lent, name);
    declared = input_declared(flow->spec.plugin->parameters, name, strlen(name));
    if (declared != NULL && (declared->flags & JETON_ONE_TIME) != 0)
        flow->one_time_read = true;
    return field->value;
}

static const char *input_print_at(jeton_flow *lent, int64_t at)
{
    return at == JT_NEVER ? NULL : jt_host_print(lent, "%lld", (long long)at);
}

/* A field of the stored token that the provider sent in addition to those that RFC 6749 names. */
static const char *input_extra(jeton_flow *lent, const char *field)
{
    struct jt_flow *flow = jt_state_of(lent);
    struct json_object *value;
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(JT_RESPONSE_MAX);
    char why[JT_JSON_WHY], *text;

    if (flow->stored_extra == NULL && flow->spec.token->extra != NULL &&
        jt_json_parse(flow->spec.token->extra, strlen(flow->spec.token->extra), &flow->stored_extra, why,
                      sizeof(why)) != JETON_OK)
        return NULL;
    if (!json_object_is_type(flow->stored_extra, json_type_object) ||
        !json_object_object_get_ex(flow->stored_extra, field, &value) || !jt_json_is_scalar(value))
        return NULL;
    jt_json_add_scalar(&buf, value);
    text = jt_scratch_copy(&flow->scratch, jt_buf_str(&buf), buf.len);
    if (text == NULL)
        jt_state_no_memory(flow);
    return text;
}

const char *jt_host_token(jeton_flow *lent, const char *field)
{
    const struct jt_tokenset *token = jt_state_of(lent)->spec.token;

    if (token == NULL || field == NULL)
        return NULL;
    if (strcmp(field, "access_token") == 0)
        return token->access_token;
    if (strcmp(field, "refresh_token") == 0)
        return token->refresh_token;
    if (strcmp(field, "token_type") == 0)
        return token->token_type;
    if (strcmp(field, "scope") == 0)
        return token->scope;
    if (strcmp(field, "key_id") == 0)
        return token->key_id;
    if (strcmp(field, "issued_at") == 0)
        return input_print_at(lent, token->issued_at);
    if (strcmp(field, "expires_at") == 0)
        return input_print_at(lent, token->expires_at);
    if (strcmp(field, "refresh_expires_at") == 0)
        return input_print_at(lent, token->refresh_expires_at);
    return input_extra(lent, field);
}

const char *jt_host_subject(jeton_flow *lent)
{
    const char *subject = jt_state_of(lent)->spec.subject;

    return subject != NULL && *subject != '\0' ? subject : NULL;
}

const char *jt_host_reply(jeton_flow *lent, const char *name)
{
    const struct jt_field *field = jt_state_find(&jt_state_of(lent)->answers, name);

    return field != NULL ? field->value : NULL;
}

int64_t jt_host_now(jeton_flow *lent)
{
    return jt_state_now(jt_state_of(lent));
}

int jt_host_random(jeton_flow *lent, void *out, size_t len)
{
    struct jt_flow *flow = jt_state_of(lent);

    return flow->clock_random(flow->clock_data, out, len) != 0;
}

const char *jt_host_print(jeton_flow *lent, const char *format, ...)
{
    struct jt_flow *flow = jt_state_of(lent);
    const char *text;
    va_list args;

    va_start(args, format);
    text = jt_scratch_vprintf(&flow->scratch, format, args);
    va_end(args);
    if (text != NULL)
        return text;
    jt_fault_contract(flow, "it uses over %u bytes of scratch memory in one call", JT_SCRATCH_MAX);
    return "";
}

void *jt_host_scratch(jeton_flow *lent, size_t len)
{
    struct jt_flow *flow = jt_state_of(lent);
    void *memory = jt_scratch_alloc(&flow->scratch, len);

    if (memory == NULL)
        jt_fault_contract(flow, "it uses over %u bytes of scratch memory in one call", JT_SCRATCH_MAX);
    return memory;
}

static const char *input_base64url(struct jt_flow *flow, const void *data, size_t len)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(INPUT_RANDOM_MAX * 2);
    const char *text;

    jt_text_add_base64url(&buf, data, len);
    text = buf.failed ? NULL : jt_scratch_copy(&flow->scratch, jt_buf_str(&buf), buf.len);
    if (text == NULL)
        jt_state_no_memory(flow);
    return text;
}

const char *jt_host_random_token(jeton_flow *lent, size_t bytes)
{
    struct jt_flow *flow = jt_state_of(lent);
    unsigned char random[INPUT_RANDOM_MAX];
    const char *text;

    if (bytes == 0 || bytes > sizeof(random)) {
        jt_fault_contract(flow, "it wants a random token of %zu bytes; 1 to %zu can be had", bytes, sizeof(random));
        return NULL;
    }
    if (!jt_host_random(lent, random, bytes)) {
        jt_fault_stick(flow, JETON_TRY_LATER, "the system gave no random bytes");
        return NULL;
    }
    text = input_base64url(flow, random, bytes);
    jt_wipe(random, sizeof(random));
    return text;
}

const char *jt_host_sha256_base64url(jeton_flow *lent, const char *text)
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    if (text == NULL)
        return NULL;
    (void)crypto_hash_sha256(digest, (const unsigned char *)text, strlen(text));
    return input_base64url(jt_state_of(lent), digest, sizeof(digest));
}
