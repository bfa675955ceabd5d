/* SPDX-License-Identifier: MIT */
/* The tables of the threads. A slot's token is a copy whose count only this thread raises, and for many gets at once,
 * so that threads which use the same token do not pass its cache line back and forth. It never waits for anybody on the
 * way of a get. */
#include "cache_thread.h"
#include "tokenset.h"
#include <stdlib.h>
#include <string.h>

#define SLOTS    128u
#define KEY_ROOM 64u /* longer keys stay with the shared cache */
#define COUNTED  4096u

struct slot {
    uint32_t quick; /* of the name that was asked for last */
    unsigned epoch;
    struct jt_cache_times times;
    jeton_token *token; /* NULL: the name was seen once */
    unsigned counted;   /* of the token's owners: the slot itself, and those who will get it */
    unsigned key_len;
    char key[KEY_ROOM];
};

struct table {
    struct table *next;
    struct jt_cache_threads *threads;
    struct slot slots[SLOTS];
};

struct jt_cache_threads {
    pthread_key_t key;
    struct table *tables; /* under the mutex */
};

/* Of all caches: a thread that ends must find out whether its table is still there, and the cache may be gone. */
static pthread_mutex_t tables_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct table *tables_all;

static void slot_drop(struct slot *slot)
{
    jt_token_free_many(&slot->token, slot->counted);
}

static void table_wipe(struct table *table)
{
    for (size_t i = 0; i < SLOTS; i++)
        slot_drop(&table->slots[i]);
    free(table);
}

static void table_unlink(struct table *table)
{
    struct table **link = &tables_all;

    while (*link != NULL && *link != table)
        link = &(*link)->next;
    if (*link == table)
        *link = table->next;
}

static void table_thread_ends(void *data)
{
    struct table *table = data, *found;

    (void)pthread_mutex_lock(&tables_mutex);
    found = tables_all;
    while (found != NULL && found != table)
        found = found->next;
    if (found != NULL)
        table_unlink(found);
    (void)pthread_mutex_unlock(&tables_mutex);
    if (found != NULL)
        table_wipe(found);
}

struct jt_cache_threads *jt_cache_threads_new(void)
{
    struct jt_cache_threads *threads = calloc(1, sizeof *threads);

    if (threads != NULL && pthread_key_create(&threads->key, table_thread_ends) != 0) {
        free(threads);
        threads = NULL;
    }
    return threads;
}

void jt_cache_threads_free(struct jt_cache_threads **threads)
{
    struct table **link;

    if (*threads == NULL)
        return;
    (void)pthread_key_delete((*threads)->key);
    (void)pthread_mutex_lock(&tables_mutex);
    link = &tables_all;
    while (*link != NULL) {
        struct table *table = *link;

        if (table->threads != *threads) {
            link = &table->next;
            continue;
        }
        *link = table->next;
        table_wipe(table);
    }
    (void)pthread_mutex_unlock(&tables_mutex);
    free(*threads);
    *threads = NULL;
}

static struct slot *table_slot(struct table *table, uint32_t quick)
{
    return &table->slots[quick % SLOTS];
}

enum jt_cache_state jt_cache_thread_get(struct jt_cache_threads *threads, const char *name, size_t len, uint32_t quick,
                                        unsigned epoch, const struct jt_cache_view *view, jeton_token **ret_token)
{
    struct table *table = pthread_getspecific(threads->key);
    enum jt_cache_state state;
    struct slot *slot;

    if (table == NULL)
        return JT_CACHE_MISS;
    slot = table_slot(table, quick);
    if (slot->quick != quick || slot->token == NULL || slot->epoch != epoch || slot->key_len != len ||
        memcmp(slot->key, name, len) != 0)
        return JT_CACHE_MISS;
    state = jt_cache_judge(&slot->times, view);
    if (state == JT_CACHE_MISS)
        return state;
    if (slot->counted == 1) {
        jt_token_ref_many(slot->token, COUNTED);
        slot->counted += COUNTED;
    }
    slot->counted--;
    *ret_token = slot->token;
    return state;
}

static struct table *table_new(struct jt_cache_threads *threads)
{
    struct table *table = calloc(1, sizeof *table);

    if (table == NULL)
        return NULL;
    if (pthread_setspecific(threads->key, table) != 0) {
        free(table);
        return NULL;
    }
    table->threads = threads;
    (void)pthread_mutex_lock(&tables_mutex);
    table->next = tables_all;
    tables_all = table;
    (void)pthread_mutex_unlock(&tables_mutex);
    return table;
}

void jt_cache_thread_put(struct jt_cache_threads *threads, const struct jt_cache_key *key, unsigned epoch,
                         const struct jt_cache_times *times, const jeton_token *token)
{
    struct table *table = pthread_getspecific(threads->key);
    struct slot *slot;

    if (key->len >= KEY_ROOM || (table == NULL && (table = table_new(threads)) == NULL))
        return;
    slot = table_slot(table, key->quick);
    if (slot->quick != key->quick) {
        slot_drop(slot);
        slot->quick = key->quick;
        return;
    }
    slot_drop(slot);
    slot->token = jt_token_copy(token);
    slot->counted = 1;
    slot->epoch = epoch;
    slot->times = *times;
    slot->key_len = (unsigned)key->len;
    memcpy(slot->key, key->text, key->len);
}
