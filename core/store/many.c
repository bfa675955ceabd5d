/* SPDX-License-Identifier: MIT */
/* Many entries out of the store as of one moment, and into it, all or none. It never writes one of them without the
 * others. */
#include "store/parts.h"

#define MANY_BLOB_MAX (4u * JT_RESPONSE_MAX)

struct store_many {
    int (*next)(void *data, const char **ret_name, const char **ret_variant, struct jt_entry *ret_entry,
                int64_t *ret_expected_version, jeton_error **ret_error);
    void *data;
    struct jt_seal *seal;
    char key_check[JT_KEY_CHECK_LEN + 1];
    struct jt_entry entry;
    struct jt_buf blob;
    jeton_error *error;
};

static void many_done(struct store_many *many)
{
    jt_seal_free(&many->seal);
    jt_entry_done(&many->entry);
    jt_buf_done(&many->blob);
    jeton_error_free(&many->error);
}

static int many_next(void *data, struct jeton_row *ret_row, int64_t *ret_expected_version)
{
    struct store_many *many = data;
    const char *name = NULL, *variant = "";
    int64_t expected = 0;
    int status;

    jt_entry_done(&many->entry);
    jt_buf_reset(&many->blob);
    status = many->next(many->data, &name, &variant, &many->entry, &expected, &many->error);
    if (status != JETON_OK || name == NULL)
        return status;
    if (expected < 0 || expected == INT64_MAX)
        return jt_error_set(&many->error, JETON_INTERNAL, "%s: version %lld of a row cannot be", name,
                            (long long)expected);
    status =
        jt_store_entry_seal(many->seal, name, variant, &many->entry, expected + 1, &many->blob, ret_row, &many->error);
    if (status != JETON_OK)
        return status;
    ret_row->key_check = many->key_check;
    *ret_expected_version = expected;
    return JETON_OK;
}

int jt_store_put_all(struct jt_store *store,
                     int (*next)(void *data, const char **ret_name, const char **ret_variant,
                                 struct jt_entry *ret_entry, int64_t *ret_expected_version, jeton_error **ret_error),
                     void *data, bool durable, bool *ret_done, jeton_error **ret_error)
{
    JT_CLEANUP(many_done)
    struct store_many many = {.next = next, .data = data, .entry = JT_ENTRY_INIT, .blob = JT_BUF_INIT(MANY_BLOB_MAX)};
    char why[JT_STORE_WHY_LEN] = "";
    bool changed = false;
    int done = 0;
    int status;

    if (jt_store_missing(store))
        return jt_store_fail_missing(store, ret_error);
    if (store->engine.put_all == NULL)
        return jt_error_set(ret_error, JETON_NOT_SUPPORTED, "the store engine %s cannot write many rows in one step",
                            store->config->store_engine);
    status = jt_store_key_stamp(store, &many.seal, ret_error);
    if (status != JETON_OK)
        return status;
    jt_store_key_say(many.seal, many.key_check);
    status =
        store->engine.put_all(store->opened, many_next, &many, durable ? JETON_DURABLE : 0, &done, why, sizeof(why));
    if (status != JETON_OK && many.error != NULL)
        return jt_error_give(ret_error, &many.error);
    if (status != JETON_OK)
        return jt_error_set(ret_error, status, "%s", why);
    /* Whoever tries again does so with the key that the store has by now. */
    if (done == 0)
        status = jt_store_key_renew(store, many.seal, &changed, ret_error);
    if (status == JETON_OK)
        *ret_done = done != 0;
    return status;
}

struct store_read {
    struct jt_store *store;
    const struct jeton_row_key *keys;
    struct jt_entry *entries;
    struct jt_seal *seal;
    size_t read, count;
    int status;
    jeton_error *error;
};

static int read_fail_order(struct store_read *read)
{
    return jt_error_set(&read->error, JETON_INTERNAL,
                        "the store engine %s does not give the rows that it was asked for, in their order",
                        read->store->config->store_engine);
}

static void read_done(struct store_read *read)
{
    jt_seal_free(&read->seal);
    jeton_error_free(&read->error);
    while (read->read > 0)
        jt_entry_done(&read->entries[--read->read]);
}

static int read_row(void *data, size_t index, const struct jeton_row *row)
{
    struct store_read *read = data;
    struct jeton_row asked = *row;

    /* Also after an error: an engine may not have listened. */
    if (read->status != JETON_OK)
        return 1;
    if (index != read->read || index >= read->count) {
        read->status = read_fail_order(read);
        return 1;
    }
    read->entries[index] = JT_ENTRY_INIT;
    asked.name = read->keys[index].name;
    asked.variant = read->keys[index].variant;
    if (row->version > 0 && jt_seal_fits(read->seal, row->blob, row->blob_len))
        read->status = jt_store_entry_open(read->store, read->seal, &asked, &read->entries[index], &read->error);
    else if (row->version > 0) /* the store has another key by now, and there is more to be found out */
        read->status = jt_store_get(read->store, asked.name, asked.variant, &read->entries[index], &read->error);
    if (read->status == JETON_OK)
        read->read = index + 1;
    return read->status != JETON_OK;
}

int jt_store_get_many(struct jt_store *store, const struct jeton_row_key *keys, size_t count,
                      struct jt_entry *ret_entries, jeton_error **ret_error)
{
    JT_CLEANUP(read_done)
    struct store_read read = {.store = store, .keys = keys, .count = count, .entries = ret_entries};
    char why[JT_STORE_WHY_LEN] = "";
    int status = JETON_OK;

    if (store->engine.get_many == NULL || jt_store_missing(store)) {
        for (size_t i = 0; i < count && status == JETON_OK; i++) {
            ret_entries[i] = JT_ENTRY_INIT;
            status = jt_store_get(store, keys[i].name, keys[i].variant, &ret_entries[i], &read.error);
            read.read = i + 1;
        }
    } else {
        status = jt_store_key_need(store, &read.seal, &read.error);
        if (status == JETON_OK)
            status = store->engine.get_many(store->opened, keys, count, read_row, &read, why, sizeof(why));
        if (status != JETON_OK && read.error == NULL)
            return jt_error_set(ret_error, status, "%s", why);
        if (status == JETON_OK)
            status = read.status;
        if (status == JETON_OK && read.read != count)
            status = read_fail_order(&read);
    }
    if (status != JETON_OK)
        return jt_error_give(ret_error, &read.error);
    read.read = 0;
    return JETON_OK;
}
