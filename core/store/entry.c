/* SPDX-License-Identifier: MIT */
/* Converts between the engine's rows and the broker's entries. Some columns of a row are plain; the blob is sealed.
 *
 * The blob contains the words of the last failure, which a provider may have chosen, and the token set: first the
 * length of the words (4 bytes, little-endian), then the words, then the token set, if there is one. Blobs of an
 * earlier jeton (JT_SEAL_FORMAT_TOKENS) contain the token set alone. */
#include "store/entry.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* Room for the longest token set (a provider's whole response, and the tokens) and a failure. */
#define ENTRY_PLAIN_MAX (3u * 1024u * 1024u)

void jt_entry_done(struct jt_entry *entry)
{
    jt_tokenset_done(&entry->token);
    jt_str_free(&entry->failure);
    *entry = JT_ENTRY_INIT;
}

void jt_store_entry_fill(const struct jeton_row *row, struct jt_entry *ret_entry)
{
    *ret_entry = JT_ENTRY_INIT;
    ret_entry->state = row->state;
    ret_entry->version = row->version;
    ret_entry->fence = row->fence;
    ret_entry->due_at = row->due_at;
    ret_entry->failed_at = row->failed_at;
    ret_entry->retry_at = row->retry_at;
    ret_entry->failures = row->failures;
    ret_entry->failure_status = row->failure_status;
    ret_entry->config_digest = row->config_digest;
    ret_entry->token.expires_at = row->expires_at;
}

static bool entry_knows_state(uint32_t state)
{
    return state >= JT_ROW_TOKEN && state <= JT_ROW_INVALID;
}

static bool entry_has_token(const struct jt_entry *entry)
{
    return entry->state != JT_ROW_EMPTY && (entry->token.access_token != NULL || entry->token.refresh_token != NULL);
}

static struct jt_seal_place entry_place(const struct jeton_row *row)
{
    return (struct jt_seal_place){.kind = row->key.kind,
                                  .name = row->key.name,
                                  .variant = row->key.variant,
                                  .version = row->version,
                                  .state = row->state,
                                  .expires_at = row->expires_at};
}

/* Reads the words of the failure, and moves *at and *len behind them. */
static int entry_read_failure(const char **at, size_t *len, struct jt_entry *entry, jeton_error **ret_error)
{
    uint32_t failure_len;

    if (*len < sizeof(failure_len))
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "its sealed part is cut short");
    memcpy(&failure_len, *at, sizeof(failure_len));
    failure_len = le32toh(failure_len);
    *at += sizeof(failure_len);
    *len -= sizeof(failure_len);
    if (failure_len > *len || memchr(*at, '\0', failure_len) != NULL)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "its sealed part is not whole");
    if (failure_len > 0 && (entry->failure = strndup(*at, failure_len)) == NULL)
        return jt_error_no_memory(ret_error);
    *at += failure_len;
    *len -= failure_len;
    return JETON_OK;
}

static int entry_decode(const struct jt_buf *plain, unsigned format, struct jt_entry *entry, jeton_error **ret_error)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = JT_TOKENSET_INIT;
    const char *at = jt_buf_str(plain);
    size_t len = plain->len;
    int status = format == JT_SEAL_FORMAT_TOKENS ? JETON_OK : entry_read_failure(&at, &len, entry, ret_error);

    if (status != JETON_OK || (len == 0 && format != JT_SEAL_FORMAT_TOKENS))
        return status;
    status = jt_tokenset_decode(at, len, &set, ret_error);
    if (status != JETON_OK)
        return status;
    entry->token = set;
    set = JT_TOKENSET_INIT;
    return JETON_OK;
}

int jt_store_entry_open(struct jt_seal *seal, const struct jeton_row *row, struct jt_entry *ret_entry,
                        jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry entry;
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(2 * ENTRY_PLAIN_MAX);
    const struct jt_seal_place place = entry_place(row);
    unsigned format = 0;
    int status = JETON_OK;

    jt_store_entry_fill(row, &entry);
    if (!entry_knows_state(row->state))
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "its state is %u, which this jeton does not know", row->state);
    if (row->blob == NULL && row->state == JT_ROW_TOKEN)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "its sealed part is gone");
    if (row->blob != NULL)
        status = jt_seal_open(seal, &place, row->blob, row->blob_len, &plain, &format, ret_error);
    if (status == JETON_OK && row->blob != NULL)
        status = entry_decode(&plain, format, &entry, ret_error);
    if (status != JETON_OK)
        return status;
    *ret_entry = entry;
    entry = JT_ENTRY_INIT;
    return JETON_OK;
}

static int entry_encode(const struct jt_entry *entry, struct jt_buf *plain, jeton_error **ret_error)
{
    const size_t len = entry->failure != NULL ? strlen(entry->failure) : 0;
    const uint32_t failure_len = htole32((uint32_t)len);

    jt_buf_add(plain, &failure_len, sizeof(failure_len));
    jt_buf_add(plain, entry->failure, len);
    if (entry_has_token(entry))
        return jt_tokenset_encode(&entry->token, plain, ret_error);
    return plain->failed ? jt_error_no_memory(ret_error) : JETON_OK;
}

int jt_store_entry_seal(struct jt_seal *seal, const struct jeton_row_key *key, const struct jt_entry *entry,
                        int64_t version, struct jt_buf *blob, struct jeton_row *ret_row, jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(ENTRY_PLAIN_MAX);
    const bool has_token = entry_has_token(entry);
    struct jeton_row row = {
        .struct_size = sizeof(row),
        .state = entry->state,
        .key = *key,
        .version = version,
        .fence = entry->fence,
        .expires_at = has_token ? entry->token.expires_at : JETON_STORE_NEVER,
        .due_at = entry->due_at,
        .failed_at = entry->failed_at,
        .retry_at = entry->retry_at,
        .failures = entry->failures,
        .failure_status = entry->failure_status,
        .config_digest = entry->config_digest,
        .flags = has_token && entry->token.refresh_token != NULL ? JT_ROW_REFRESHABLE_FLAG : 0,
    };
    const struct jt_seal_place place = entry_place(&row);
    int status;

    if (!entry_knows_state(entry->state) || (entry->state == JT_ROW_TOKEN && !has_token))
        return jt_error_set(ret_error, JETON_INTERNAL, "%s: a row in state %u%s cannot be stored", key->name,
                            entry->state, has_token ? "" : " without a token");
    status = entry_encode(entry, &plain, ret_error);
    if (status == JETON_OK)
        status = jt_seal_close(seal, &place, jt_buf_str(&plain), plain.len, blob, ret_error);
    if (status != JETON_OK)
        return status;
    row.blob = blob->data;
    row.blob_len = blob->len;
    *ret_row = row;
    return JETON_OK;
}

int jt_store_entry_reseal(struct jt_seal *old_seal, struct jt_seal *new_seal, const struct jeton_row *row,
                          struct jt_buf *ret_blob, jeton_error **ret_error)
{
    static const uint32_t no_failure;
    JT_AUTO_BUF struct jt_buf opened = JT_BUF_INIT(2 * ENTRY_PLAIN_MAX);
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(2 * ENTRY_PLAIN_MAX);
    const struct jt_seal_place place = entry_place(row);
    unsigned format = 0;
    int status = jt_seal_open(old_seal, &place, row->blob, row->blob_len, &opened, &format, ret_error);

    if (status != JETON_OK)
        return status;
    if (format == JT_SEAL_FORMAT_TOKENS)
        jt_buf_add(&plain, &no_failure, sizeof(no_failure));
    jt_buf_add(&plain, opened.data, opened.len);
    if (plain.failed)
        return jt_error_no_memory(ret_error);
    return jt_seal_close(new_seal, &place, jt_buf_str(&plain), plain.len, ret_blob, ret_error);
}
