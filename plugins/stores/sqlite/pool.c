/* SPDX-License-Identifier: MIT */
/* The connections that a process keeps for its next read or write. SQLite's locks belong to the process that opened a
 * connection: it never lets a forked child use one of its parent's, or SQLite's belief that it holds their locks. */
#include "sqlite.h"

#include <string.h>

#define POOL_IDLE_MAX 8u

/* Of all stores, and held across a fork: the child finds every list whole. */
static pthread_mutex_t pool_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct jt_store_sqlite *pool_stores;
static atomic_bool pool_is_inherited; /* what is idle belongs to the process that forked this one */
static pthread_once_t pool_once = PTHREAD_ONCE_INIT;

static void fork_begin(void)
{
    (void)pthread_mutex_lock(&pool_mutex);
}

static void fork_in_parent(void)
{
    (void)pthread_mutex_unlock(&pool_mutex);
}

/* Most children only become another program: closing waits for one that does not. */
static void fork_in_child(void)
{
    atomic_store(&pool_is_inherited, true);
    (void)pthread_mutex_unlock(&pool_mutex);
}

static void fork_watch(void)
{
    (void)pthread_atfork(fork_begin, fork_in_parent, fork_in_child);
}

/* Called with the mutex held. */
static struct jt_store_conn *pool_pop(struct jt_store_sqlite *store)
{
    struct jt_store_conn *conn = store->idle;

    if (conn != NULL) {
        store->idle = conn->next;
        store->idle_len--;
        conn->next = NULL;
    }
    return conn;
}

void jt_store_pool_close_inherited(void)
{
    if (!atomic_load(&pool_is_inherited))
        return;
    (void)pthread_mutex_lock(&pool_mutex);
    for (struct jt_store_sqlite *store = pool_stores; store != NULL; store = store->next)
        while (store->idle != NULL) {
            struct jt_store_conn *conn = pool_pop(store);

            conn->foreign = true;
            jt_store_conn_close(&conn);
        }
    atomic_store(&pool_is_inherited, false);
    (void)pthread_mutex_unlock(&pool_mutex);
}

void jt_store_pool_init(struct jt_store_sqlite *store)
{
    (void)pthread_once(&pool_once, fork_watch);
    (void)pthread_mutex_lock(&pool_mutex);
    store->next = pool_stores;
    pool_stores = store;
    (void)pthread_mutex_unlock(&pool_mutex);
}

void jt_store_pool_done(struct jt_store_sqlite *store)
{
    struct jt_store_sqlite **link = &pool_stores;

    (void)pthread_mutex_lock(&pool_mutex);
    while (*link != store)
        link = &(*link)->next;
    *link = store->next;
    (void)pthread_mutex_unlock(&pool_mutex);
}

/* An idle connection that still belongs to the file at the path, or NULL. */
static struct jt_store_conn *pool_take(struct jt_store_sqlite *store)
{
    for (;;) {
        JT_CLEANUP(jt_store_conn_close) struct jt_store_conn *conn = NULL;
        int moved = 0;

        (void)pthread_mutex_lock(&pool_mutex);
        conn = pool_pop(store);
        (void)pthread_mutex_unlock(&pool_mutex);
        if (conn == NULL)
            return NULL;
        (void)sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
        if (moved == 0)
            return jt_take(&conn);
        conn->foreign = true;
    }
}

int jt_store_conn_take(struct jt_store_sqlite *store, bool create, struct jt_store_conn **ret_conn, struct jt_why *why)
{
    struct jt_store_conn *conn;
    const char *path = jt_store_conn_path(store);
    bool there = false;
    int status = JETON_OK;

    jt_store_pool_close_inherited();
    conn = pool_take(store);
    if (conn == NULL && path == NULL) {
        JT_AUTO_STR char *unused = NULL;

        /* Not there, or not to be reached: said once more for the sentence. */
        status = jt_store_files_locate(store->location, &unused, why);
    } else if (conn == NULL) {
        status = jt_store_files_check(path, &there, why);
        if (status == JETON_OK && !there && create)
            status = jt_store_files_make(path, why);
        if (status == JETON_OK && (there || create))
            status = jt_store_conn_open(store, path, create, &conn, why);
    }
    if (status == JETON_OK)
        *ret_conn = conn;
    return status;
}

void jt_store_conn_give(struct jt_store_conn **conn)
{
    struct jt_store_conn *mine = jt_take(conn);
    struct jt_store_sqlite *store = mine != NULL ? mine->store : NULL;

    if (mine == NULL)
        return;
    (void)pthread_mutex_lock(&pool_mutex);
    if (store->idle_len < POOL_IDLE_MAX) {
        mine->next = store->idle;
        store->idle = jt_take(&mine);
        store->idle_len++;
    }
    (void)pthread_mutex_unlock(&pool_mutex);
    jt_store_conn_close(&mine);
}

void jt_store_conn_close_all(struct jt_store_sqlite *store)
{
    while (store->idle != NULL) {
        struct jt_store_conn *conn = pool_pop(store);

        jt_store_conn_close(&conn);
    }
}
