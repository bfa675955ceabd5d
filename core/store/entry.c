/* SPDX-License-Identifier: MIT */
/* Between the engine's rows and the broker's entries: what is sealed, what stands open beside it, what a damaged row
 * becomes. It never lets one damaged row stop anything but itself. */
#include "token/name.h"
#include "store/parts.h"

#include <stdlib.h>
#include <string.h>

#define ENTRY_PLAIN_MAX                                                                                                \
    (3u * 1024u * 1024u) /* the longest token set: the provider's whole response, and the tokens                       \
                          */

void jt_entry_done(struct jt_entry *entry)
{
    jt_tokenset_done(&entry->token);
    jt_str_free(&entry->failure);
    *entry = JT_ENTRY_INIT;
}

int jt_store_entry_fill(const struct jeton_row *row, struct jt_entry *ret_entry, jeton_error **ret_error)
{
    struct jt_entry entry = JT_ENTRY_INIT;

    entry.state = row->state;
    entry.version = row->version;
    entry.fence = row->fence;
    entry.due_at = row->due_at;
    entry.failed_at = row->failed_at;
    entry.retry_at = row->retry_at;
    entry.failures = row->failures;
    entry.failure_status = row->failure_status;
    entry.config_digest = row->config_digest;
    entry.token.expires_at = row->expires_at;
    if (row->failure != NULL && (entry.failure = jt_strdup(row->failure)) == NULL)
        return jt_error_no_memory(ret_error);
    *ret_entry = entry;
    return JETON_OK;
}

static bool is_known_state(uint32_t state)
{
    return state >= JETON_ROW_TOKEN && state <= JETON_ROW_INVALID;
}

/* JETON_BAD_ANSWER: the row is damaged, and why. */
static int entry_unseal(struct jt_seal *seal, const struct jeton_row *row, struct jt_tokenset *ret_set,
                        jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(2 * ENTRY_PLAIN_MAX);
    int status;

    if (!is_known_state(row->state))
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "its state is %u, which this jeton does not know", row->state);
    if (row->blob == NULL && row->state == JETON_ROW_TOKEN)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "its sealed part is gone");
    if (row->blob == NULL)
        return JETON_OK;
    status = jt_seal_open(seal, row->name, row->variant, row->version, row->state, row->blob, row->blob_len, &plain,
                          ret_error);
    if (status == JETON_OK)
        status = jt_tokenset_decode(plain.data, plain.len, ret_set, ret_error);
    return status;
}

int jt_store_entry_open(const struct jt_store *store, struct jt_seal *seal, const struct jeton_row *row,
                        struct jt_entry *ret_entry, jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    JT_AUTO_TOKENSET struct jt_tokenset set = JT_TOKENSET_INIT;
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status = jt_store_entry_fill(row, &entry, ret_error);

    if (status != JETON_OK)
        return status;
    status = entry_unseal(seal, row, &set, &error);
    if (status == JETON_BAD_ANSWER) {
        jt_str_free(&entry.failure);
        entry.unreadable = true;
        entry.failure_status = JETON_BAD_ANSWER;
        entry.failure = jt_printf("what %s holds for %s cannot be used: %s; a new token can be acquired in its place",
                                  store->config->store_path, row->name, jeton_error_message(error));
        if (entry.failure == NULL)
            return jt_error_no_memory(ret_error);
    } else if (status != JETON_OK) {
        return jt_error_give(ret_error, &error);
    }
    entry.token = set;
    set = JT_TOKENSET_INIT;
    *ret_entry = entry;
    entry = JT_ENTRY_INIT;
    return JETON_OK;
}

int jt_store_entry_seal(struct jt_seal *seal, const char *name, const char *variant, const struct jt_entry *entry,
                        int64_t version, struct jt_buf *blob, struct jeton_row *ret_row, jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(ENTRY_PLAIN_MAX);
    const bool has_token =
        entry->state != JETON_ROW_EMPTY && (entry->token.access_token != NULL || entry->token.refresh_token != NULL);
    int status;

    if (!is_known_state(entry->state) || (entry->state == JETON_ROW_TOKEN && !has_token))
        return jt_error_set(ret_error, JETON_INTERNAL, "%s: a row in state %u%s cannot be stored", name, entry->state,
                            has_token ? "" : " without a token");
    if (has_token) {
        status = jt_tokenset_encode(&entry->token, &plain, ret_error);
        if (status == JETON_OK)
            status = jt_seal_close(seal, name, variant, version, entry->state, plain.data, plain.len, blob, ret_error);
        if (status != JETON_OK)
            return status;
    }
    *ret_row = (struct jeton_row){
        .struct_size = sizeof(*ret_row),
        .state = entry->state,
        .name = name,
        .variant = variant,
        .shard = jt_name_shard(jt_name_hash(name, variant)),
        .flags = has_token && entry->token.refresh_token != NULL ? JETON_ROW_REFRESHABLE_FLAG : 0,
        .version = version,
        .fence = entry->fence,
        .expires_at = has_token ? entry->token.expires_at : JETON_STORE_NEVER,
        .due_at = entry->due_at,
        .failed_at = entry->failed_at,
        .retry_at = entry->retry_at,
        .failures = entry->failures,
        .failure_status = entry->failure_status,
        .failure = entry->failure,
        .config_digest = entry->config_digest,
        .blob = has_token ? blob->data : NULL,
        .blob_len = has_token ? blob->len : 0,
    };
    return JETON_OK;
}

void jt_entry_fence(struct jt_entry *entry, int64_t fence)
{
    if (fence > 0)
        entry->fence = fence;
    else if (entry->fence < INT64_MAX)
        entry->fence++;
}
