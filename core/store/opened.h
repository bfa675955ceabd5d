/* SPDX-License-Identifier: MIT */
/* The object of an open store: its engine, the engine's own object, the key, and the leases that are held. */
#ifndef JT_STORE_OPENED_H
#define JT_STORE_OPENED_H

#include "store/call.h"
#include "store/seal.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

struct jt_store {
    struct jeton_store_engine engine; /* a copy; every member may be called */
    struct jt_store_host host;
    struct jt_secret_spec key;
    const char *key_written_in;
    void *opened;
    pthread_mutex_t key_mutex;
    struct jt_seal *seal;                  /* under the mutex; NULL until the key is fetched */
    atomic_int_fast64_t key_check_version; /* version of the row key_check that fits this key; 0: not known */
    pthread_mutex_t lease_mutex;
    struct jt_store_lease *leases; /* under the mutex: those that are held */
};

/* Opens the engine's store, without its key. */
int JT_MUST_CHECK jt_store_opened_new(const struct jt_store_options *options, struct jt_store **ret_store,
                                      jeton_error **ret_error);
int JT_MUST_CHECK jt_store_exists(struct jt_store *store, bool *ret_exists, jeton_error **ret_error);

/* The key of a token's row. */
struct jeton_row_key jt_store_token_key(const char *name, const char *variant);

/* The error for an engine that breaks its contract: JETON_INTERNAL, with the engine's name. */
int jt_store_blame(const struct jt_store *store, const char *what, jeton_error **ret_error);

#endif
