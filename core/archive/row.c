/* SPDX-License-Identifier: MIT */
/* Converts a row to a message of an archive and back. Messages are untrusted when they are read. */
#include "archive/row.h"
#include "token/token.h"

#include <string.h>

#define VARIANT_MAX (4u * JT_SETTING_MAX)
#define PLAIN_MAX   (3u * 1024u * 1024u) /* of a token set */

/* Archives contain these numbers: a tag never changes its meaning. */
enum { TAG_NAME = 1, TAG_VARIANT = 2, TAG_STATE = 3, TAG_DUE_AT = 4, TAG_TOKENS = 5, TAGS_END };

int jt_archive_row_encode(const char *name, const char *variant, const struct jt_entry *entry, struct jt_buf *plain,
                          jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf tokens = JT_BUF_INIT(PLAIN_MAX);
    int status = jt_tokenset_encode(&entry->token, &tokens, ret_error);

    if (status != JETON_OK)
        return status;
    jt_buf_add_field(plain, TAG_NAME, name, strlen(name) + 1);
    jt_buf_add_field(plain, TAG_VARIANT, variant, strlen(variant) + 1);
    jt_buf_add_field_i64(plain, TAG_STATE, entry->state);
    jt_buf_add_field_i64(plain, TAG_DUE_AT, entry->due_at);
    jt_buf_add_field(plain, TAG_TOKENS, tokens.data, tokens.len);
    return plain->failed ? jt_error_no_memory(ret_error) : JETON_OK;
}

/* Splits a message into members by tag. A member's value is NULL if it is absent. */
static int row_split(struct jt_reader reader, struct jt_field_view *members, jeton_error **ret_error)
{
    while (reader.left > 0) {
        struct jt_field_view field;
        int status = jt_reader_field(&reader, "a row of the archive", &field, ret_error);

        if (status != JETON_OK)
            return status;
        if (field.tag >= TAGS_END)
            continue;
        if (members[field.tag].value != NULL)
            return jt_error_set(ret_error, JETON_BAD_ANSWER, "a row of the archive holds its member %u twice",
                                field.tag);
        members[field.tag] = field;
    }
    return JETON_OK;
}

static bool row_is_string(const struct jt_field_view *member, size_t max_len)
{
    return member->value != NULL && member->len > 0 && member->len <= max_len + 1 &&
           memchr(member->value, '\0', member->len) == member->value + member->len - 1;
}

static bool row_read_number(const struct jt_field_view *member, int64_t *ret_number)
{
    return member->value != NULL && jt_field_view_i64(member, ret_number);
}

static bool row_is_portable(int64_t state)
{
    return state == JT_ROW_TOKEN || state == JT_ROW_INTENT || state == JT_ROW_REVOKING || state == JT_ROW_INVALID;
}

static int row_read_entry(const char *name, const struct jt_field_view *members, struct jt_entry *ret_entry,
                          jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    int64_t state = 0;
    int status;

    if (!row_read_number(&members[TAG_STATE], &state) || !row_is_portable(state))
        return jt_error_set(ret_error, JETON_BAD_ANSWER,
                            "%s: the archive's row has a state that this jeton does not "
                            "know (%lld): a newer one may",
                            name, (long long)state);
    if (!row_read_number(&members[TAG_DUE_AT], &entry.due_at) || members[TAG_TOKENS].value == NULL)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "%s: the archive's row is not whole", name);
    entry.state = (uint32_t)state;
    status = jt_tokenset_decode(members[TAG_TOKENS].value, members[TAG_TOKENS].len, &entry.token, ret_error);
    if (status != JETON_OK) {
        jt_error_prefix(ret_error, "%s, from the archive", name);
        return status;
    }
    if (entry.token.access_token == NULL && entry.token.refresh_token == NULL)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "%s: the archive's row holds no token", name);
    *ret_entry = entry;
    entry = JT_ENTRY_INIT;
    return JETON_OK;
}

int jt_archive_row_decode(const void *plain, size_t len, const char **ret_name, const char **ret_variant,
                          struct jt_entry *ret_entry, jeton_error **ret_error)
{
    struct jt_field_view members[TAGS_END] = {{0}};
    struct jt_name name;
    int status = row_split(JT_READER_INIT(plain, len), members, ret_error);

    if (status != JETON_OK)
        return status;
    if (!row_is_string(&members[TAG_NAME], JT_NAME_MAX) ||
        jt_name_parse((const char *)members[TAG_NAME].value, &name, NULL) != JETON_OK)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "a row of the archive has no name that one can have");
    if (!row_is_string(&members[TAG_VARIANT], VARIANT_MAX))
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "%s: the archive's row says no variant that one can have",
                            name.full);
    status = row_read_entry(name.full, members, ret_entry, ret_error);
    if (status != JETON_OK)
        return status;
    *ret_name = (const char *)members[TAG_NAME].value;
    *ret_variant = (const char *)members[TAG_VARIANT].value;
    return JETON_OK;
}
