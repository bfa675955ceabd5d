/* SPDX-License-Identifier: MIT */
/* The options that a store is opened with, made from jeton.conf: the engine, its settings, the source of the key. */
#ifndef JT_STORE_SETUP_H
#define JT_STORE_SETUP_H

#include "config/config.h"
#include "store/store.h"

struct jt_store_setup {
    struct jeton_store_engine engine;
    struct jt_fields settings;
    struct jt_store_options options; /* points into the two above */
};

/* Loads the engine and holds the settings of the store against its table. The struct's address must not change until it
 * is done with; config and log are borrowed until the store is freed. JETON_CONFIG with file and line. */
int JT_MUST_CHECK jt_store_setup_init(struct jt_store_setup *setup, const struct jt_config *config, struct jt_log *log,
                                      jeton_error **ret_error);
void jt_store_setup_done(struct jt_store_setup *setup);
#define JT_AUTO_STORE_SETUP JT_CLEANUP(jt_store_setup_done)

/* Adds what is wrong with the store's settings, for `jeton check`. */
int JT_MUST_CHECK jt_store_setup_check(const struct jt_config *config, struct jt_findings *findings,
                                       jeton_error **ret_error);

/* Opens the store that jeton.conf names. */
int JT_MUST_CHECK jt_store_setup_open(const struct jt_config *config, struct jt_log *log, struct jt_store **ret_store,
                                      jeton_error **ret_error);

#endif
