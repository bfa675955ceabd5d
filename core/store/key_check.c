/* SPDX-License-Identifier: MIT */
/* Reads and writes the row in which a store says which key it is sealed with. */
#include "store/key_check.h"

#include <stdio.h>
#include <string.h>

struct jeton_row_key jt_store_key_check_key(void)
{
    return (struct jeton_row_key){.kind = JETON_KIND_STORE,
                                  .shard = jt_name_shard(jt_name_hash("key_check", "")),
                                  .name = "key_check",
                                  .variant = ""};
}

struct check_read {
    struct jt_key_check check;
    size_t blob_len;
    bool other; /* the engine gave another row, or none */
};

static int check_visit(void *data, size_t index, const struct jeton_row *row)
{
    struct check_read *read = data;

    (void)index;
    if (row == NULL || row->key.kind != JETON_KIND_STORE || row->key.name == NULL ||
        strcmp(row->key.name, jt_store_key_check_key().name) != 0) {
        read->other = true;
        return 1;
    }
    if (row->version <= 0 || row->blob == NULL)
        return 0;
    read->check.version = row->version;
    read->blob_len = row->blob_len;
    if (row->blob_len <= JT_KEY_CHECK_LEN)
        memcpy(read->check.text, row->blob, row->blob_len);
    return 0;
}

int jt_store_key_check_read(struct jt_store *store, struct jt_key_check *ret_check, jeton_error **ret_error)
{
    const struct jeton_row_key key = jt_store_key_check_key();
    struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
    struct check_read read = {0};
    int status = store->engine.get(store->opened, &call, &key, 1, JETON_STORE_BLOBS, check_visit, &read);

    status = jt_store_call_end(&call, status, store->engine.name, ret_error);
    if (status != JETON_OK)
        return status;
    if (read.other)
        return jt_store_blame(store, "gives another row than the one that it was asked for", ret_error);
    if (read.check.version > 0 && (read.blob_len != JT_KEY_CHECK_LEN || strlen(read.check.text) != JT_KEY_CHECK_LEN))
        return jt_error_set(ret_error, JETON_CONFIG,
                            "%s is damaged: its row \"key_check\" is not the id of a key: restore it from a backup",
                            jt_store_place(store));
    *ret_check = read.check;
    return JETON_OK;
}

void jt_store_key_check_text(const struct jt_seal *seal, char ret_text[JT_KEY_CHECK_LEN + 1])
{
    (void)snprintf(ret_text, JT_KEY_CHECK_LEN + 1, "%016llx", (unsigned long long)jt_seal_key_id(seal));
}

struct jeton_store_change jt_store_key_check_change(const char *text, int64_t expected_version)
{
    return (struct jeton_store_change){.struct_size = sizeof(struct jeton_store_change),
                                       .what = JETON_STORE_PUT,
                                       .expected_version = expected_version,
                                       .row = {.struct_size = sizeof(struct jeton_row),
                                               .key = jt_store_key_check_key(),
                                               .expires_at = JETON_STORE_NEVER,
                                               .due_at = JETON_STORE_NEVER,
                                               .blob = text,
                                               .blob_len = strlen(text)}};
}

struct check_write {
    const struct jeton_store_change *change; /* NULL: the engine has taken it */
};

static int check_next(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    struct check_write *write = data;

    *ret_more = write->change != NULL;
    if (write->change != NULL)
        *ret_change = *write->change;
    write->change = NULL;
    return JETON_OK;
}

int jt_store_key_check_write(struct jt_store *store, const char *text, int64_t expected_version, bool *ret_done,
                             jeton_error **ret_error)
{
    const struct jeton_store_change change = jt_store_key_check_change(text, expected_version);
    struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
    struct check_write write = {&change};
    int done = 0;
    int status = store->engine.write(store->opened, &call, JETON_STORE_DURABLE, check_next, &write, &done);

    status = jt_store_call_end(&call, status, store->engine.name, ret_error);
    if (status == JETON_OK)
        *ret_done = done != 0;
    return status;
}
