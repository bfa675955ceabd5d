/* SPDX-License-Identifier: MIT */
/* Failures kept in memory. Few are expected; if there is no room for another, the oldest is dropped. */
#include "broker/failure_memory.h"
#include "token/token.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_MAX 64u

struct kept {
    char *key;
    int failures;
    int64_t retry_ms; /* jt_boot_ms */
    jeton_error *error;
};

struct jt_failure_memory {
    pthread_mutex_t mutex;
    atomic_uint len; /* read without the mutex: nearly always 0 */
    unsigned next;
    struct kept kept[KEPT_MAX];
};

int jt_failure_memory_new(struct jt_failure_memory **ret_memory, jeton_error **ret_error)
{
    struct jt_failure_memory *memory = calloc(1, sizeof(*memory));

    if (memory == NULL)
        return jt_error_no_memory(ret_error);
    (void)pthread_mutex_init(&memory->mutex, NULL);
    *ret_memory = memory;
    return JETON_OK;
}

static void kept_done(struct kept *kept)
{
    free(kept->key);
    jeton_error_free(&kept->error);
    *kept = (struct kept){0};
}

void jt_failure_memory_free(struct jt_failure_memory **memory)
{
    if (*memory == NULL)
        return;
    for (size_t i = 0; i < KEPT_MAX; i++)
        kept_done(&(*memory)->kept[i]);
    (void)pthread_mutex_destroy(&(*memory)->mutex);
    free(*memory);
    *memory = NULL;
}

static struct kept *memory_find(struct jt_failure_memory *memory, const char *key)
{
    for (size_t i = 0; i < KEPT_MAX; i++)
        if (memory->kept[i].key != NULL && strcmp(memory->kept[i].key, key) == 0)
            return &memory->kept[i];
    return NULL;
}

void jt_failure_memory_add(struct jt_failure_memory *memory, const char *key, uint64_t hash, const jeton_error *error)
{
    struct kept *kept;

    (void)pthread_mutex_lock(&memory->mutex);
    kept = memory_find(memory, key);
    if (kept == NULL) {
        kept = &memory->kept[memory->next++ % KEPT_MAX];
        if (kept->key == NULL)
            atomic_fetch_add(&memory->len, 1);
        kept_done(kept);
        kept->key = jt_strdup(key);
    }
    if (kept->failures < 100)
        kept->failures++;
    jeton_error_free(&kept->error);
    kept->error = jt_error_copy(error);
    kept->retry_ms = jt_boot_ms() + jt_lifetime_backoff_s(kept->failures, jeton_error_retry_after(error), hash) * 1000;
    (void)pthread_mutex_unlock(&memory->mutex);
}

void jt_failure_memory_forget(struct jt_failure_memory *memory, const char *key)
{
    struct kept *kept;

    if (atomic_load(&memory->len) == 0)
        return;
    (void)pthread_mutex_lock(&memory->mutex);
    kept = memory_find(memory, key);
    if (kept != NULL) {
        kept_done(kept);
        atomic_fetch_sub(&memory->len, 1);
    }
    (void)pthread_mutex_unlock(&memory->mutex);
}

int jt_failure_memory_blocks(struct jt_failure_memory *memory, const char *key, jeton_error **ret_error)
{
    const struct kept *kept;
    int64_t now_ms = jt_boot_ms();
    int status = JETON_OK;

    if (atomic_load(&memory->len) == 0)
        return JETON_OK;
    (void)pthread_mutex_lock(&memory->mutex);
    kept = memory_find(memory, key);
    if (kept != NULL && now_ms < kept->retry_ms)
        status = jeton_error_status(kept->error);
    if (status != JETON_OK && ret_error != NULL) {
        *ret_error = jt_error_copy(kept->error);
        jt_error_set_retry_after(ret_error, (kept->retry_ms - now_ms + 999) / 1000);
    }
    (void)pthread_mutex_unlock(&memory->mutex);
    return status;
}
