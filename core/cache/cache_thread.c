/* SPDX-License-Identifier: MIT */
/* The tables of the threads. A slot's token is a copy whose count only this thread raises, and for many gets at once,
 * so that threads which use the same token do not pass its cache line back and forth. It never waits for anybody on the
 * way of a get. */
#include "cache/cache_thread.h"
#include "token/tokenset.h"
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SLOTS_FIRST 64u
#define SLOTS_MAX   4096u /* a thread that goes through more names than that is at the shared cache for them */
#define KEY_ROOM    64u   /* longer keys stay with the shared cache */
#define COUNTED     4096u

/* ThreadSanitizer knows atomics, but neither fences nor the kernel's. */
#ifdef __SANITIZE_THREAD__
#define FENCE_ALWAYS true
#else
#define FENCE_ALWAYS false
#endif
#define WAIT_SPINS   100
#define WAIT_NAP     20000   /* ns */
#define WAIT_ARRIVAL 1000000 /* ns */

struct slot {
    uint32_t quick; /* of the name that was asked for last */
    unsigned epoch;
    struct jt_cache_times times;
    jeton_token *token; /* NULL: the name was seen once */
    unsigned counted;   /* of the token's owners: the slot itself, and those who will get it */
    unsigned key_len;
    char key[KEY_ROOM];
};

struct jt_cache_table {
    struct jt_cache_table *next;
    struct jt_cache_threads *threads;
    pthread_t thread;
    atomic_uint reads; /* 1: entries of the shared cache, at this moment */
    uint32_t slots_len;
    uint32_t crowded; /* how often a name had to go for another one, since the table has this size */
    struct slot *slots;
};

struct jt_cache_threads {
    pthread_key_t key;
    bool kernel_fences; /* writers make the kernel order what readers did, who so need no fence of their own */
};

/* Of all caches: a thread that ends must find out whether its table is still there, and the cache may be gone. Nothing
 * is freed under the mutex, which is held across a fork: the arena has one that is, too. */
static pthread_mutex_t tables_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct jt_cache_table *tables_all;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void tables_lock(void)
{
    (void)pthread_mutex_lock(&tables_mutex);
}

static void tables_unlock(void)
{
    (void)pthread_mutex_unlock(&tables_mutex);
}

static void tables_watch_forks(void)
{
    (void)pthread_atfork(tables_lock, tables_unlock, tables_unlock);
}

static int membarrier(int command)
{
    return (int)syscall(SYS_membarrier, command, 0, 0);
}

static void slot_drop(struct slot *slot)
{
    jt_token_free_many(&slot->token, slot->counted);
}

static void table_wipe(struct jt_cache_table *table)
{
    for (size_t i = 0; i < table->slots_len; i++)
        slot_drop(&table->slots[i]);
    free(table->slots);
    free(table);
}

/* The cache may have been freed just now, and another one's table be in the same place: that is another thread's. */
static void table_thread_ends(void *data)
{
    struct jt_cache_table **link = &tables_all, *table = data;

    tables_lock();
    while (*link != NULL && *link != table)
        link = &(*link)->next;
    if (*link != NULL && pthread_equal(table->thread, pthread_self()))
        *link = table->next;
    else
        table = NULL;
    tables_unlock();
    if (table != NULL)
        table_wipe(table);
}

struct jt_cache_threads *jt_cache_threads_new(void)
{
    struct jt_cache_threads *threads = calloc(1, sizeof *threads);

    (void)pthread_once(&tables_once, tables_watch_forks);
    if (threads != NULL)
        threads->kernel_fences = !FENCE_ALWAYS && membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
    if (threads != NULL && pthread_key_create(&threads->key, table_thread_ends) != 0) {
        free(threads);
        threads = NULL;
    }
    return threads;
}

void jt_cache_threads_free(struct jt_cache_threads **threads)
{
    struct jt_cache_table **link = &tables_all, *gone = NULL;

    if (*threads == NULL)
        return;
    (void)pthread_key_delete((*threads)->key);
    tables_lock();
    while (*link != NULL) {
        struct jt_cache_table *table = *link;

        if (table->threads != *threads) {
            link = &table->next;
            continue;
        }
        *link = table->next;
        table->next = gone;
        gone = table;
    }
    tables_unlock();
    while (gone != NULL) {
        struct jt_cache_table *table = gone;

        gone = table->next;
        table_wipe(table);
    }
    free(*threads);
    *threads = NULL;
}

/* A name has its place in one of two slots that lie side by side: the one that holds it, else the first. */
static struct slot *table_slot(struct jt_cache_table *table, uint32_t quick)
{
    struct slot *pair = &table->slots[quick % table->slots_len & ~UINT32_C(1)];

    return pair[1].quick == quick ? &pair[1] : &pair[0];
}

/* The slot for a name that has none: an empty one, else that of one or the other by turns. */
static struct slot *table_victim(struct jt_cache_table *table, uint32_t quick)
{
    struct slot *pair = &table->slots[quick % table->slots_len & ~UINT32_C(1)];

    return pair[0].quick == 0 ? &pair[0] : pair[1].quick == 0 ? &pair[1] : &pair[table->crowded & 1u];
}

enum jt_cache_state jt_cache_thread_get(struct jt_cache_threads *threads, const char *name, size_t len, uint32_t quick,
                                        unsigned epoch, const struct jt_cache_view *view, jeton_token **ret_token)
{
    struct jt_cache_table *table = pthread_getspecific(threads->key);
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

static struct jt_cache_table *table_new(struct jt_cache_threads *threads)
{
    struct jt_cache_table *table = calloc(1, sizeof *table);

    if (table == NULL)
        return NULL;
    table->slots = calloc(SLOTS_FIRST, sizeof *table->slots);
    if (table->slots == NULL || pthread_setspecific(threads->key, table) != 0) {
        free(table->slots);
        free(table);
        return NULL;
    }
    table->slots_len = SLOTS_FIRST;
    table->threads = threads;
    table->thread = pthread_self();
    tables_lock();
    table->next = tables_all;
    tables_all = table;
    tables_unlock();
    return table;
}

/* The two of a pair stay together, or get a pair each. */
static void table_grow(struct jt_cache_table *table)
{
    const uint32_t len = table->slots_len * 2;
    struct slot *slots = table->slots_len < SLOTS_MAX ? calloc(len, sizeof *slots) : NULL;

    table->crowded = 0;
    if (slots == NULL)
        return;
    for (uint32_t i = 0; i < table->slots_len; i++) {
        struct slot *pair = &slots[table->slots[i].quick % len & ~UINT32_C(1)];

        if (table->slots[i].quick != 0)
            pair[pair[0].quick != 0] = table->slots[i];
    }
    jt_wipe(table->slots, table->slots_len * sizeof *slots);
    free(table->slots);
    table->slots = slots;
    table->slots_len = len;
}

void jt_cache_thread_put(struct jt_cache_threads *threads, const struct jt_cache_key *key, unsigned epoch,
                         const struct jt_cache_times *times, const jeton_token *token)
{
    struct jt_cache_table *table = pthread_getspecific(threads->key);
    struct slot *slot;

    /* 0 is an empty slot's. */
    if (key->len >= KEY_ROOM || key->quick == 0 || (table == NULL && (table = table_new(threads)) == NULL))
        return;
    slot = table_slot(table, key->quick);
    if (slot->quick != key->quick) {
        slot = table_victim(table, key->quick);
        if (slot->quick != 0 && ++table->crowded > table->slots_len) {
            table_grow(table);
            slot = table_victim(table, key->quick);
        }
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

struct jt_cache_table *jt_cache_thread_enter(struct jt_cache_threads *threads)
{
    struct jt_cache_table *table = pthread_getspecific(threads->key);

    if (table == NULL && (table = table_new(threads)) == NULL)
        return NULL;
    /* What is read below must not be read before this is seen by those who wait. */
    if (threads->kernel_fences) {
        atomic_store_explicit(&table->reads, 1, memory_order_relaxed);
        atomic_signal_fence(memory_order_seq_cst);
    } else {
        (void)atomic_exchange(&table->reads, 1);
    }
    return table;
}

void jt_cache_thread_leave(struct jt_cache_table *table)
{
    atomic_store_explicit(&table->reads, 0, memory_order_release);
}

/* A thread may be stopped for a while between its enter and its leave, and more urgent than it must let it run. */
static void table_wait(struct jt_cache_table *table)
{
    static const struct timespec nap = {0, WAIT_NAP};

    /* Written to, and not only read: whoever enters later sees what was done before this. */
    for (unsigned i = 0; atomic_fetch_or(&table->reads, 0) != 0; i++)
        if (i >= WAIT_SPINS)
            (void)nanosleep(&nap, NULL);
}

void jt_cache_threads_wait(struct jt_cache_threads *threads)
{
    static const struct timespec arrival = {0, WAIT_ARRIVAL};

    /* What the kernel granted at first may be forbidden by now (seccomp). No processor keeps to itself for that long
     * what a reader wrote. */
    if (threads->kernel_fences && membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0)
        (void)nanosleep(&arrival, NULL);
    tables_lock();
    for (struct jt_cache_table *table = tables_all; table != NULL; table = table->next)
        if (table->threads == threads)
            table_wait(table);
    tables_unlock();
}
