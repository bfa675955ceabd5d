/* SPDX-License-Identifier: MIT */
/* Which engine keeps the rows: SQLite, which is built in, or a plugin held to the same rules as a provider. It never
 * calls an engine that does not keep the contract. */
#include "token/name.h"
#include "plugin/plugin.h"
#include "store/parts.h"
#include "plugins/stores/sqlite/sqlite.h"

#include <stdlib.h>
#include <string.h>

/* Version 1.0 of the table ends with meta_put; later members may be missing. */
#define ENGINE_SIZE_MIN (offsetof(struct jeton_store_engine, meta_put) + sizeof(void *))

int jt_store_engine_accept(const struct jeton_store_engine *theirs, const char *name, const char *place,
                           struct jeton_store_engine *ret_engine, jeton_error **ret_error)
{
    struct jeton_store_engine mine = {0};

    if (theirs == NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "%s: %s returned no table: the store engine is broken", place,
                            JETON_STORE_SYMBOL);
    if (theirs->struct_size < ENGINE_SIZE_MIN || theirs->struct_size > JT_TABLE_MAX)
        return jt_error_set(
            ret_error, JETON_CONFIG,
            "%s: its table is %u bytes long, outside of %zu to %u: build the store engine against this jeton's "
            "<jeton/store.h>",
            place, theirs->struct_size, ENGINE_SIZE_MIN, JT_TABLE_MAX);
    memcpy(&mine, theirs, theirs->struct_size < sizeof(mine) ? theirs->struct_size : sizeof(mine));
    if (mine.name == NULL || strcmp(mine.name, name) != 0)
        return jt_error_set(ret_error, JETON_CONFIG,
                            "%s calls itself \"%s\", not \"%s\": name the engine as its file is named", place,
                            mine.name != NULL ? mine.name : "", name);
    if (mine.open == NULL || mine.close == NULL || mine.get == NULL || mine.free_row == NULL || mine.put == NULL ||
        mine.remove == NULL || mine.scan == NULL || mine.scan_due == NULL || mine.probe == NULL || mine.lease == NULL ||
        mine.release == NULL || mine.meta_get == NULL || mine.meta_put == NULL)
        return jt_error_set(ret_error, JETON_CONFIG,
                            "%s: its table lacks a function that every store engine must have (all but generation)",
                            place);
    mine.struct_size = sizeof(mine);
    *ret_engine = mine;
    return JETON_OK;
}

int jt_store_engine_find(const struct jt_main_config *config, struct jeton_store_engine *ret_engine,
                         jeton_error **ret_error)
{
    const struct jeton_store_engine *(*entry)(void);
    JT_AUTO_STR char *file = NULL;
    JT_AUTO_STR char *place = NULL;
    void *address = NULL;
    int status;

    if (strcmp(config->store_engine, "sqlite") == 0) {
        *ret_engine = *jt_store_sqlite_engine();
        return JETON_OK;
    }
    if (!jt_name_is_bare(config->store_engine))
        return jt_error_set(
            ret_error, JETON_CONFIG,
            "`store.engine` is \"%s\", which cannot be the name of one: small letters, digits, - and _ only",
            config->store_engine);
    file = jt_printf("jeton_store_%s.so", config->store_engine);
    place = jt_printf("%s/jeton_store_%s.so", config->plugindir, config->store_engine);
    if (file == NULL || place == NULL)
        return jt_error_no_memory(ret_error);
    status = jt_plugin_open_symbol(config->plugindir, file, JETON_STORE_SYMBOL, &address, ret_error);
    if (status != JETON_OK)
        return status;
    memcpy(&entry, &address, sizeof(entry));
    return jt_store_engine_accept(entry(), config->store_engine, place, ret_engine, ret_error);
}

int jt_store_engine_open(const struct jt_main_config *config, bool create, struct jt_store **ret_store,
                         jeton_error **ret_error)
{
    struct jt_store *store = calloc(1, sizeof(*store));
    char why[JT_STORE_WHY_LEN] = "";
    int status;

    if (store == NULL)
        return jt_error_no_memory(ret_error);
    store->config = config;
    status = jt_store_engine_find(config, &store->engine, ret_error);
    if (status == JETON_OK) {
        status = store->engine.open(config->store_path, create, &store->opened, why, sizeof(why));
        if (status != JETON_OK)
            (void)jt_error_set(ret_error, status, "%s", why);
    }
    if (status != JETON_OK) {
        free(store);
        return status;
    }
    (void)pthread_mutex_init(&store->key_mutex, NULL);
    store->is_sqlite = store->engine.open == jt_store_sqlite_engine()->open;
    *ret_store = store;
    return JETON_OK;
}
