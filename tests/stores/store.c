/* SPDX-License-Identifier: MIT */
/* Openings of the store, and what is checked behind every call of it. */
#include "store_call.h"
#include "process.h"
#include "settings.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jeton_store_engine engine;

static _Thread_local char sentence[4096];

const char *store_sentence(void)
{
    return sentence;
}

static void broken(const char *what, const char *how, const char *detail)
{
    printf("%s: %s%s\n", what, how, detail);
    (void)check_note(false, how, __FILE__, __LINE__);
}

static void check_failure(const struct jeton_store_call *call, const char *place, const char *what, int status)
{
    if (call->sentence[0] == '\0') {
        broken(what, "it failed without a sentence", "");
        return;
    }
    if (status != call->status)
        broken(what, "it returned another status than it gave to fail, with ", call->sentence);
    if (place != NULL && strstr(call->sentence, place) == NULL)
        broken(what, "its sentence does not name the place: ", call->sentence);
}

int store_called(struct jeton_store_call *call, struct store *store, const char *what, const struct rows *rows,
                 int status)
{
    if (call->breach[0] != '\0')
        broken(what, call->breach, "");
    if (rows != NULL && rows->breach != NULL)
        broken(what, rows->breach, "");
    if (status != JETON_OK)
        check_failure(call, store != NULL ? engine.place(store->store) : NULL, what, status);
    if (strstr(call->sentence, STORE_MARK) != NULL)
        broken(what, "its sentence tells what is in a row: ", call->sentence);
    (void)snprintf(sentence, sizeof(sentence), "%s", status != JETON_OK ? call->sentence : "");
    host_call_done(call);
    return status;
}

/* A store with its host, not opened yet. */
static struct store *store_alloc(int64_t boot_ahead_ms)
{
    struct store *store = calloc(1, sizeof(*store));

    if (store == NULL)
        abort();
    host_init(&store->host, boot_ahead_ms);
    return store;
}

static int open_alloced(struct store *store, int64_t wait_ms, struct store **ret_store)
{
    struct jeton_store_call call = host_call(&store->host, wait_ms);
    int status;

    call.opening = true;
    status = store_called(&call, NULL, "open", NULL, engine.open(&store->host.table, &call, &store->store));
    if (status == JETON_OK)
        *ret_store = store;
    else
        free(store);
    return status;
}

static struct store *opened(struct store *store)
{
    struct store *ret = NULL;

    if (open_alloced(store, PATIENT, &ret) != JETON_OK)
        process_give_up("the store cannot be opened", sentence);
    return ret;
}

int store_try_open(int64_t wait_ms, struct store **ret_store)
{
    return open_alloced(store_alloc(0), wait_ms, ret_store);
}

struct store *store_open_ahead(int64_t boot_ahead_ms)
{
    return opened(store_alloc(boot_ahead_ms));
}

struct store *store_open(void)
{
    return opened(store_alloc(0));
}

struct store *store_open_later(void)
{
    struct store *store = store_alloc(0);

    store->host.table.struct_size += 64; /* what follows is the host's own */
    store->host.table.abi_minor++;
    return opened(store);
}

struct store *store_new(void)
{
    struct store *store;

    settings_fresh();
    store = store_open();
    if (store_create(store, PATIENT) != JETON_OK)
        process_give_up("the store cannot be created", sentence);
    return store;
}

void store_close(struct store **store)
{
    if (*store == NULL)
        return;
    engine.close((*store)->store);
    memset(*store, '#', sizeof(**store)); /* the host is gone with its store */
    free(*store);
    *store = NULL;
}
