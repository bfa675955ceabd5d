/* SPDX-License-Identifier: MIT */
/* Seals entries and writes them.
 *
 * The last change of every transaction is a check that the row key_check still has the version that this process has
 * seen. So a row that was sealed with a former key is never written to a store that another process has given a new
 * key. */
#include "store/entry.h"
#include "store/key.h"
#include "store/opened.h"

#define WRITE_BLOB_MAX (4u * JT_RESPONSE_MAX)
/* How often one call starts again because the store has a new key. */
#define WRITE_TRIES 8u

struct store_write {
    int (*next)(void *data, const char **ret_name, const char **ret_variant, struct jt_entry *ret_entry,
                int64_t *ret_expected_version, jeton_error **ret_error);
    void *data;
    bool borrowed;                            /* the entries belong to the caller */
    const struct jeton_store_change *removal; /* made with the entries; NULL: none */
    struct jt_seal *seal;
    int64_t key_check_version;
    struct jt_entry entry;
    struct jt_buf blob;
    bool ended; /* the engine was given the check, the last change */
    jeton_error *error;
};

static void write_done(struct store_write *write)
{
    jt_seal_free(&write->seal);
    if (!write->borrowed)
        jt_entry_done(&write->entry);
    jt_buf_done(&write->blob);
    jeton_error_free(&write->error);
}

static void write_check_key(struct store_write *write, struct jeton_store_change *ret_change)
{
    *ret_change =
        (struct jeton_store_change){.struct_size = sizeof(*ret_change),
                                    .what = JETON_STORE_CHECK,
                                    .expected_version = write->key_check_version,
                                    .row = {.struct_size = sizeof(ret_change->row), .key = jt_store_key_check_key()}};
    write->ended = true;
}

static int write_next(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    struct store_write *write = data;
    const char *name = NULL, *variant = "";
    struct jeton_row_key key;
    int64_t expected = 0;
    int status;

    *ret_more = !write->ended;
    if (write->ended)
        return JETON_OK;
    if (!write->borrowed)
        jt_entry_done(&write->entry);
    jt_buf_reset(&write->blob);
    status = write->next(write->data, &name, &variant, &write->entry, &expected, &write->error);
    if (status != JETON_OK)
        return status;
    if (name == NULL && write->removal != NULL) {
        *ret_change = *write->removal;
        write->removal = NULL;
        return JETON_OK;
    }
    if (name == NULL) {
        write_check_key(write, ret_change);
        return JETON_OK;
    }
    if (expected < 0 || expected == INT64_MAX)
        return jt_error_set(&write->error, JETON_INTERNAL, "%s: version %lld of a row cannot be", name,
                            (long long)expected);
    *ret_change = (struct jeton_store_change){
        .struct_size = sizeof(*ret_change), .what = JETON_STORE_PUT, .expected_version = expected};
    key = jt_store_token_key(name, variant);
    return jt_store_entry_seal(write->seal, &key, &write->entry, expected + 1, &write->blob, &ret_change->row,
                               &write->error);
}

/* Makes one transaction. *ret_key_changed: it was not made, since the store has another key by now. */
static int write_once(struct jt_store *store, struct store_write *write, bool durable, bool *ret_done,
                      bool *ret_key_changed, jeton_error **ret_error)
{
    struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
    int done = 0;
    int status = jt_store_key_claim(store, &write->seal, ret_error);

    *ret_key_changed = false;
    if (status != JETON_OK)
        return status;
    write->key_check_version = atomic_load(&store->key_check_version);
    status = store->engine.write(store->opened, &call, durable ? JETON_STORE_DURABLE : 0, write_next, write, &done);
    if (status != JETON_OK && write->error != NULL) {
        jeton_error_free(&call.error);
        return jt_error_give(ret_error, &write->error);
    }
    status = jt_store_call_end(&call, status, store->engine.name, ret_error);
    if (status != JETON_OK)
        return status;
    if (done != 0 && !write->ended)
        return jt_store_blame(store, "made a transaction before it had all of its changes", ret_error);
    *ret_done = done != 0;
    return done != 0 ? JETON_OK : jt_store_key_reload(store, write->seal, ret_key_changed, ret_error);
}

struct write_one {
    const char *name, *variant;
    const struct jt_entry *entry;
    int64_t expected_version;
};

static int write_next_one(void *data, const char **ret_name, const char **ret_variant, struct jt_entry *ret_entry,
                          int64_t *ret_expected_version, jeton_error **ret_error)
{
    struct write_one *one = data;

    (void)ret_error;
    *ret_name = one->name;
    *ret_variant = one->variant;
    *ret_entry = *one->entry;
    *ret_expected_version = one->expected_version;
    one->name = NULL;
    return JETON_OK;
}

static int write_entry(struct jt_store *store, const char *name, const char *variant, struct jt_entry *entry,
                       int64_t expected_version, const struct jeton_store_change *removal, bool durable, bool *ret_done,
                       jeton_error **ret_error)
{
    bool done = false, key_changed = true;

    for (unsigned tries = 0; !done && key_changed && tries < WRITE_TRIES; tries++) {
        struct write_one one = {name, variant, entry, expected_version};
        JT_CLEANUP(write_done)
        struct store_write write = {.next = write_next_one,
                                    .data = &one,
                                    .borrowed = true,
                                    .removal = removal,
                                    .blob = JT_BUF_INIT(WRITE_BLOB_MAX)};
        int status = write_once(store, &write, durable, &done, &key_changed, ret_error);

        if (status != JETON_OK)
            return status;
    }
    if (done)
        entry->version = expected_version + 1;
    *ret_done = done;
    return JETON_OK;
}

int jt_store_put(struct jt_store *store, const char *name, const char *variant, struct jt_entry *entry,
                 int64_t expected_version, bool durable, bool *ret_done, jeton_error **ret_error)
{
    return write_entry(store, name, variant, entry, expected_version, NULL, durable, ret_done, ret_error);
}

static struct jeton_store_change removal_of(const char *name, const char *variant, int64_t expected_version)
{
    return (struct jeton_store_change){
        .struct_size = sizeof(struct jeton_store_change),
        .what = JETON_STORE_REMOVE,
        .expected_version = expected_version,
        .row = {.struct_size = sizeof(struct jeton_row), .key = jt_store_token_key(name, variant)}};
}

int jt_store_move(struct jt_store *store, const char *name, const char *from_variant, const char *to_variant,
                  struct jt_entry *entry, int64_t expected_version, bool *ret_done, jeton_error **ret_error)
{
    const struct jeton_store_change removal = removal_of(name, from_variant, entry->version);

    return write_entry(store, name, to_variant, entry, expected_version, &removal, true, ret_done, ret_error);
}

int jt_store_put_all(struct jt_store *store,
                     int (*next)(void *data, const char **ret_name, const char **ret_variant,
                                 struct jt_entry *ret_entry, int64_t *ret_expected_version, jeton_error **ret_error),
                     void *data, bool durable, bool *ret_done, jeton_error **ret_error)
{
    JT_CLEANUP(write_done)
    struct store_write write = {
        .next = next, .data = data, .entry = JT_ENTRY_INIT, .blob = JT_BUF_INIT(WRITE_BLOB_MAX)};
    bool key_changed;

    /* If the key has changed, the transaction was not made; the caller tries again, with the new key. */
    return write_once(store, &write, durable, ret_done, &key_changed, ret_error);
}

struct write_remove {
    struct jeton_store_change change;
    bool given;
};

static int write_next_remove(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    struct write_remove *remove = data;

    *ret_more = !remove->given;
    if (!remove->given)
        *ret_change = remove->change;
    remove->given = true;
    return JETON_OK;
}

/* Always durable: after a loss of power, a token that its owner believes gone must not be handed out. */
int jt_store_remove(struct jt_store *store, const char *name, const char *variant, int64_t expected_version,
                    bool *ret_done, jeton_error **ret_error)
{
    struct write_remove remove = {.change = removal_of(name, variant, expected_version)};
    struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
    int done = 0;
    int status = store->engine.write(store->opened, &call, JETON_STORE_DURABLE, write_next_remove, &remove, &done);

    status = jt_store_call_end(&call, status, store->engine.name, ret_error);
    if (status == JETON_OK)
        *ret_done = done != 0;
    return status;
}
