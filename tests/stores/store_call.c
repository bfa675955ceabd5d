/* SPDX-License-Identifier: MIT */
/* The functions of the store under test. What a call passes in is overwritten when it ends: an engine that keeps a
 * pointer to it is found out. */
#include "store_call.h"
#include <stdlib.h>
#include <string.h>

#define CALL(store, wait_ms) host_call(&(store)->host, (wait_ms))

static char *text_lent(const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        abort();
    return copy;
}

static void text_taken(const char *text)
{
    char *copy = (char *)(uintptr_t)text;

    memset(copy, '#', strlen(copy));
    free(copy);
}

static struct jeton_row_key key_lent(const struct jeton_row_key *key)
{
    struct jeton_row_key copy = *key;

    copy.name = text_lent(key->name);
    copy.variant = text_lent(key->variant);
    return copy;
}

static void key_taken(struct jeton_row_key *key)
{
    text_taken(key->name);
    text_taken(key->variant);
}

int store_exists(struct store *store, int64_t wait_ms, int *ret_exists)
{
    struct jeton_store_call call = CALL(store, wait_ms);

    return store_called(&call, store, "exists", NULL, engine.exists(store->store, &call, ret_exists));
}

int store_create(struct store *store, int64_t wait_ms)
{
    struct jeton_store_call call = CALL(store, wait_ms);

    return store_called(&call, store, "create", NULL, engine.create(store->store, &call));
}

int store_get(struct store *store, int64_t wait_ms, const struct jeton_row_key *keys, size_t count, uint32_t flags,
              struct rows *ret_rows)
{
    struct jeton_store_call call = CALL(store, wait_ms);
    struct jeton_row_key *lent = calloc(count + 1, sizeof(*lent));
    int status;

    if (lent == NULL)
        abort();
    for (size_t i = 0; i < count; i++)
        lent[i] = key_lent(&keys[i]);
    status = engine.get(store->store, &call, lent, count, flags, rows_visit, ret_rows);
    for (size_t i = 0; i < count; i++)
        key_taken(&lent[i]);
    free(lent);
    return store_called(&call, store, "get", ret_rows, status);
}

/* The changes of an array, one after the other, each in the same memory. */
struct change_list {
    const struct jeton_store_change *changes;
    size_t count, passed;
    struct jeton_row_key lent;
    void *blob;
    pthread_t caller;
    bool other_thread;
};

static void change_taken(struct change_list *list)
{
    if (list->lent.name != NULL)
        key_taken(&list->lent);
    list->lent.name = NULL;
    free(list->blob);
    list->blob = NULL;
}

static int change_next(void *data, struct jeton_store_change *ret_change, int *ret_more)
{
    struct change_list *list = data;
    const struct jeton_store_change *change = &list->changes[list->passed];

    change_taken(list);
    list->other_thread = list->other_thread || !pthread_equal(list->caller, pthread_self());
    *ret_more = list->passed < list->count;
    if (*ret_more == 0)
        return JETON_OK;
    list->passed++;
    *ret_change = *change;
    ret_change->row.key = list->lent = key_lent(&change->row.key);
    if (change->row.blob != NULL) {
        ret_change->row.blob = list->blob = malloc(change->row.blob_len + 1);
        if (list->blob == NULL)
            abort();
        memcpy(list->blob, change->row.blob, change->row.blob_len);
    }
    return JETON_OK;
}

int store_write(struct store *store, int64_t wait_ms, uint32_t flags, const struct jeton_store_change *changes,
                size_t count, int *ret_done)
{
    struct jeton_store_call call = CALL(store, wait_ms);
    struct change_list list = {.changes = changes, .count = count, .caller = pthread_self()};
    int status = engine.write(store->store, &call, flags, change_next, &list, ret_done);

    change_taken(&list);
    CHECK_TRUE(!list.other_thread);
    return store_called(&call, store, "write", NULL, status);
}

int store_write_next(struct store *store, int64_t wait_ms, jeton_store_next next, void *data, int *ret_done)
{
    struct jeton_store_call call = CALL(store, wait_ms);
    int status = engine.write(store->store, &call, 0, next, data, ret_done);

    if (status != JETON_OK && call.sentence[0] == '\0') { /* what next said */
        host_call_done(&call);
        return status;
    }
    return store_called(&call, store, "write", NULL, status);
}

int store_scan(struct store *store, int64_t wait_ms, uint32_t kind, const char *after_name, const char *after_variant,
               size_t limit, uint32_t flags, struct rows *ret_rows)
{
    struct jeton_store_call call = CALL(store, wait_ms);
    char *name = text_lent(after_name), *variant = text_lent(after_variant);
    int status = engine.scan(store->store, &call, kind, name, variant, limit, flags, rows_visit, ret_rows);

    text_taken(name);
    text_taken(variant);
    return store_called(&call, store, "scan", ret_rows, status);
}

int store_due(struct store *store, int64_t wait_ms, uint32_t kind, int64_t now, size_t limit, uint32_t flags,
              struct rows *ret_rows)
{
    struct jeton_store_call call = CALL(store, wait_ms);

    return store_called(&call, store, "due", ret_rows,
                        engine.due(store->store, &call, kind, now, limit, flags, rows_visit, ret_rows));
}

int store_claim(struct store *store, int64_t wait_ms, uint32_t kind, int64_t now, int64_t until, size_t limit,
                uint32_t flags, struct rows *ret_rows)
{
    struct jeton_store_call call = CALL(store, wait_ms);

    return store_called(&call, store, "claim", ret_rows,
                        engine.claim(store->store, &call, kind, now, until, limit, flags, rows_visit, ret_rows));
}

int store_seems_writable(struct store *store, int64_t wait_ms)
{
    struct jeton_store_call call = CALL(store, wait_ms);

    return store_called(&call, store, "seems_writable", NULL, engine.seems_writable(store->store, &call));
}

int store_prove_writable(struct store *store, int64_t wait_ms)
{
    struct jeton_store_call call = CALL(store, wait_ms);

    return store_called(&call, store, "prove_writable", NULL, engine.prove_writable(store->store, &call));
}

int store_lease(struct store *store, int64_t wait_ms, struct jeton_row_key key, void **ret_lease, int64_t *ret_fence)
{
    struct jeton_store_call call = CALL(store, wait_ms);
    struct jeton_row_key lent = key_lent(&key);
    int status = engine.lease(store->store, &call, &lent, ret_lease, ret_fence);

    key_taken(&lent);
    return store_called(&call, store, "lease", NULL, status);
}

void store_release(struct store *store, void *lease)
{
    engine.release(store->store, lease);
}

int store_keep(struct store *store, int64_t wait_ms, void *lease, int64_t *ret_until_ms)
{
    struct jeton_store_call call = CALL(store, wait_ms);

    return store_called(&call, store, "keep", NULL, engine.keep(store->store, &call, lease, ret_until_ms));
}

int store_rewrite(struct store *store, int64_t wait_ms, const struct jeton_store_change *value,
                  jeton_store_reseal reseal, void *data, int *ret_done)
{
    struct jeton_store_call call = CALL(store, wait_ms);
    int status = engine.rewrite(store->store, &call, value, reseal, data, ret_done);

    if (status != JETON_OK && call.sentence[0] == '\0') { /* what reseal said */
        host_call_done(&call);
        return status;
    }
    return store_called(&call, store, "rewrite", NULL, status);
}
