/* SPDX-License-Identifier: MIT */
/* The token object that callers hold: immutable, reference-counted, one piece of memory. The refresh token is not in
 * it. */
#include "token/arena.h"
#include "token/tokenset.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The texts that may follow the header, in this order. The access token is first, so that it is found at once. */
enum { TEXT_ACCESS_TOKEN, TEXT_TYPE, TEXT_SCOPE, TEXT_KEY_ID, TEXT_EXTRA, TEXT_NOTE, TEXTS };

/* Nearly every token has this type. It is kept as one bit, since there may be a million tokens. */
#define TYPE_BEARER     "Bearer"
#define TYPE_BEARER_BIT (1u << TEXTS)

struct jeton_token {
    atomic_uint refs;
    uint32_t size;     /* of the piece of memory */
    int64_t issued_at; /* the image begins here */
    int64_t expires_at;
    uint8_t present; /* a bit for each text that is there */
    char texts[];    /* NUL-terminated, one behind the other */
};
#define IMAGE_AT offsetof(struct jeton_token, issued_at)
_Static_assert(TYPE_BEARER_BIT <= UINT8_MAX, "a bit for each text, and one for the usual type");

static bool is_bearer(int index, const char *text)
{
    return index == TEXT_TYPE && text != NULL && strcmp(text, TYPE_BEARER) == 0;
}

jeton_token *jt_token_new(const struct jt_tokenset *set)
{
    const char *const texts[TEXTS] = {
        [TEXT_ACCESS_TOKEN] = set->access_token,
        [TEXT_TYPE] = set->token_type,
        [TEXT_SCOPE] = set->scope,
        [TEXT_KEY_ID] = set->key_id,
        [TEXT_EXTRA] = set->extra,
        [TEXT_NOTE] = set->note,
    };
    size_t lens[TEXTS] = {0};
    size_t size = offsetof(struct jeton_token, texts);
    jeton_token *token;
    char *at;

    for (int i = 0; i < TEXTS; i++) {
        if (texts[i] == NULL || is_bearer(i, texts[i]))
            continue;
        lens[i] = strlen(texts[i]) + 1;
        size += lens[i];
    }
    if (size > UINT32_MAX || (token = jt_token_arena_alloc(size)) == NULL)
        return NULL;
    token->issued_at = set->issued_at;
    token->expires_at = set->expires_at;
    atomic_init(&token->refs, 1);
    token->size = (uint32_t)size;
    at = token->texts;
    for (int i = 0; i < TEXTS; i++) {
        if (is_bearer(i, texts[i]))
            token->present |= (uint8_t)TYPE_BEARER_BIT;
        if (lens[i] == 0)
            continue;
        token->present |= (uint8_t)(1u << i);
        memcpy(at, texts[i], lens[i]);
        at += lens[i];
    }
    return token;
}

const void *jt_token_image(const jeton_token *token, size_t *ret_len)
{
    *ret_len = token->size - IMAGE_AT;
    return &token->issued_at;
}

jeton_token *jt_token_of_image(size_t len, void **ret_image)
{
    const size_t size = len + IMAGE_AT;
    jeton_token *token = len <= UINT32_MAX - IMAGE_AT ? jt_token_arena_alloc(size) : NULL;

    if (token == NULL)
        return NULL;
    atomic_init(&token->refs, 1);
    token->size = (uint32_t)size;
    *ret_image = &token->issued_at;
    return token;
}

jeton_token *jt_token_copy(const jeton_token *token)
{
    size_t len;
    const void *image = jt_token_image(token, &len);
    void *image_of_copy;
    jeton_token *copy = jt_token_of_image(len, &image_of_copy);

    if (copy != NULL)
        memcpy(image_of_copy, image, len);
    return copy;
}

static const char *token_text(const jeton_token *token, int index)
{
    const char *at;

    if (token == NULL || (token->present & (1u << index)) == 0)
        return NULL;
    at = token->texts;
    for (int i = 0; i < index; i++)
        if ((token->present & (1u << i)) != 0)
            at += strlen(at) + 1;
    return at;
}

jeton_token *jeton_token_ref(jeton_token *token)
{
    if (token != NULL)
        (void)atomic_fetch_add_explicit(&token->refs, 1, memory_order_relaxed);
    return token;
}

/* Whether the caller is the only owner. That cannot change meanwhile: only an owner can add another. */
static bool token_is_mine_alone(jeton_token *token)
{
    return atomic_load_explicit(&token->refs, memory_order_acquire) == 1;
}

void jeton_token_free(jeton_token **token)
{
    jeton_token *mine = token != NULL ? jt_take(token) : NULL;

    /* acq_rel: the other owners' reads come before the wiping. */
    if (mine != NULL &&
        (token_is_mine_alone(mine) || atomic_fetch_sub_explicit(&mine->refs, 1, memory_order_acq_rel) == 1))
        jt_token_arena_free(mine, mine->size);
}

const char *jeton_token_access_token(const jeton_token *token)
{
    return token_text(token, TEXT_ACCESS_TOKEN);
}

const char *jeton_token_type(const jeton_token *token)
{
    if (token != NULL && (token->present & TYPE_BEARER_BIT) != 0)
        return TYPE_BEARER;
    return token_text(token, TEXT_TYPE);
}

int64_t jeton_token_expires_at(const jeton_token *token)
{
    return token != NULL ? token->expires_at : 0;
}

int64_t jeton_token_issued_at(const jeton_token *token)
{
    return token != NULL ? token->issued_at : 0;
}

const char *jeton_token_scope(const jeton_token *token)
{
    return token_text(token, TEXT_SCOPE);
}

const char *jeton_token_key_id(const jeton_token *token)
{
    return token_text(token, TEXT_KEY_ID);
}

const char *jeton_token_extra(const jeton_token *token)
{
    return token_text(token, TEXT_EXTRA);
}

const char *jeton_token_note(const jeton_token *token)
{
    return token_text(token, TEXT_NOTE);
}
