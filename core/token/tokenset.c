/* SPDX-License-Identifier: MIT */
/* The token set, and its form as bytes in the store. Decoding treats the bytes as untrusted. */
#include "token/tokenset.h"

#include <stdlib.h>
#include <string.h>

#define SET_FORMAT 1u

/* Stored rows contain these numbers: a tag never changes its meaning. */
enum {
    TAG_ACCESS_TOKEN = 1,
    TAG_TOKEN_TYPE = 2,
    TAG_REFRESH_TOKEN = 3,
    TAG_SCOPE = 4,
    TAG_KEY_ID = 5,
    TAG_EXTRA = 6,
    TAG_ISSUED_AT = 7,
    TAG_EXPIRES_AT = 8,
    TAG_REFRESH_EXPIRES_AT = 9,
    TAG_SEEN_AT = 10, /* this and the next two are written only if they are not 0 */
    TAG_SEEN_BOOT_MS = 11,
    TAG_BOOT_ID = 12
};

struct set_member {
    uint8_t tag;
    bool is_time;
    size_t offset;
    size_t max_len; /* strings */
    const char *what;
};

static const struct set_member set_members[] = {
    {TAG_ACCESS_TOKEN, false, offsetof(struct jt_tokenset, access_token), JT_TOKEN_MAX, "access token"},
    {TAG_TOKEN_TYPE, false, offsetof(struct jt_tokenset, token_type), JT_TOKEN_MAX, "token type"},
    {TAG_REFRESH_TOKEN, false, offsetof(struct jt_tokenset, refresh_token), JT_TOKEN_MAX, "refresh token"},
    {TAG_SCOPE, false, offsetof(struct jt_tokenset, scope), JT_TOKEN_MAX, "scope"},
    {TAG_KEY_ID, false, offsetof(struct jt_tokenset, key_id), JT_TOKEN_MAX, "key id"},
    {TAG_EXTRA, false, offsetof(struct jt_tokenset, extra), 2 * JT_RESPONSE_MAX, "set of further fields"},
    {TAG_ISSUED_AT, true, offsetof(struct jt_tokenset, issued_at), 0, "time of issue"},
    {TAG_EXPIRES_AT, true, offsetof(struct jt_tokenset, expires_at), 0, "expiry"},
    {TAG_REFRESH_EXPIRES_AT, true, offsetof(struct jt_tokenset, refresh_expires_at), 0, "expiry of the refresh token"},
    {TAG_SEEN_AT, true, offsetof(struct jt_tokenset, seen_at), 0, "time of arrival"},
    {TAG_SEEN_BOOT_MS, true, offsetof(struct jt_tokenset, seen_boot_ms), 0, "time of arrival since boot"},
    {TAG_BOOT_ID, true, offsetof(struct jt_tokenset, boot_id), 0, "identity of the boot"},
};

void jt_tokenset_done(struct jt_tokenset *set)
{
    jt_str_wipe(&set->access_token);
    jt_str_wipe(&set->token_type);
    jt_str_wipe(&set->refresh_token);
    jt_str_wipe(&set->scope);
    jt_str_wipe(&set->key_id);
    jt_str_wipe(&set->extra);
    jt_str_wipe(&set->note);
    *set = JT_TOKENSET_INIT;
}

int jt_tokenset_encode(const struct jt_tokenset *set, struct jt_buf *buf, jeton_error **ret_error)
{
    static const uint8_t format = SET_FORMAT;

    jt_buf_add(buf, &format, sizeof(format));
    for (size_t i = 0; i < JT_LEN(set_members); i++) {
        const struct set_member *member = &set_members[i];
        const void *place = (const char *)set + member->offset;

        if (member->is_time) {
            const int64_t time = *(const int64_t *)place;

            if (time != 0 || member->tag < TAG_SEEN_AT)
                jt_buf_add_field_i64(buf, member->tag, time);
            continue;
        }
        const char *string = *(char *const *)place;
        size_t len = string != NULL ? strlen(string) : 0;

        if (len > member->max_len)
            return jt_error_set(ret_error, JETON_BAD_ANSWER, "the %s is %zu bytes long; at most %zu can be stored",
                                member->what, len, member->max_len);
        if (string != NULL)
            jt_buf_add_field(buf, member->tag, string, len);
    }
    return buf->failed ? jt_error_set(ret_error, JETON_TRY_LATER, "there is no room to encode the token set")
                       : JETON_OK;
}

static int decode_string(const struct set_member *member, const struct jt_field_view *field, struct jt_tokenset *set,
                         jeton_error **ret_error)
{
    char **place = (char **)(void *)((char *)set + member->offset);

    if (field->len > member->max_len)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "the stored %s is %zu bytes long, over the limit of %zu",
                            member->what, field->len, member->max_len);
    if (memchr(field->value, '\0', field->len) != NULL)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "the stored %s has a NUL byte in it", member->what);
    if ((*place = malloc(field->len + 1)) == NULL)
        return jt_error_no_memory(ret_error);
    memcpy(*place, field->value, field->len);
    (*place)[field->len] = '\0';
    return JETON_OK;
}

static int decode_time(const struct set_member *member, const struct jt_field_view *field, struct jt_tokenset *set,
                       jeton_error **ret_error)
{
    if (!jt_field_view_i64(field, (int64_t *)(void *)((char *)set + member->offset)))
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "the stored %s is %zu bytes long instead of %zu", member->what,
                            field->len, sizeof(int64_t));
    return JETON_OK;
}

/* A tag that a newer jeton has added is skipped. */
static int decode_field(const struct jt_field_view *field, uint32_t *seen, struct jt_tokenset *set,
                        jeton_error **ret_error)
{
    for (size_t i = 0; i < JT_LEN(set_members); i++) {
        const struct set_member *member = &set_members[i];

        if (member->tag != field->tag)
            continue;
        if ((*seen & (1u << i)) != 0)
            return jt_error_set(ret_error, JETON_BAD_ANSWER, "the stored token set holds its %s twice", member->what);
        *seen |= 1u << i;
        return member->is_time ? decode_time(member, field, set, ret_error)
                               : decode_string(member, field, set, ret_error);
    }
    return JETON_OK;
}

int jt_tokenset_decode(const void *data, size_t len, struct jt_tokenset *ret_set, jeton_error **ret_error)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = JT_TOKENSET_INIT;
    struct jt_reader reader = JT_READER_INIT(data, len);
    uint32_t seen = 0;
    uint8_t format;

    if (!jt_reader_u8(&reader, &format))
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "the stored token set is empty");
    if (format != SET_FORMAT)
        return jt_error_set(ret_error, JETON_BAD_ANSWER,
                            "the stored token set has format %u, which this jeton does not know", (unsigned)format);
    while (reader.left > 0) {
        struct jt_field_view field;
        int status = jt_reader_field(&reader, "the stored token set", &field, ret_error);

        if (status == JETON_OK)
            status = decode_field(&field, &seen, &set, ret_error);
        if (status != JETON_OK)
            return status;
    }
    *ret_set = set;
    set = JT_TOKENSET_INIT;
    return JETON_OK;
}
