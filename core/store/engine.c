/* SPDX-License-Identifier: MIT */
/* Loads a store engine. An engine is a plugin under the same rules of trust as a provider, and its table is checked
 * against <jeton/store.h> before any function in it is called. */
#include "store/engine.h"
#include "plugin/plugin.h"
#include "store/store.h"
#include "token/token.h"

#include <string.h>

/* The size of the table in minor version 0. */
#define ENGINE_SIZE_MIN   (offsetof(struct jeton_store_engine, rewrite) + sizeof(void *))
#define ENGINE_CAPS_KNOWN (JETON_STORE_CAP_LOCAL | JETON_STORE_CAP_HOLDS)
#define ENGINE_CAPS_HARD  UINT64_C(0xffffffff00000000)

static const char *engine_missing_member(const struct jeton_store_engine *engine)
{
    const struct {
        const char *name;
        bool there;
    } members[] = {{"version", engine->version != NULL},
                   {"summary", engine->summary != NULL},
                   {"open", engine->open != NULL},
                   {"close", engine->close != NULL},
                   {"place", engine->place != NULL},
                   {"exists", engine->exists != NULL},
                   {"create", engine->create != NULL},
                   {"get", engine->get != NULL},
                   {"write", engine->write != NULL},
                   {"scan", engine->scan != NULL},
                   {"due", engine->due != NULL},
                   {"claim", engine->claim != NULL},
                   {"lease", engine->lease != NULL},
                   {"release", engine->release != NULL},
                   {"prove_writable", engine->prove_writable != NULL},
                   {"keep (or JETON_STORE_CAP_HOLDS)",
                    engine->keep != NULL || (engine->capabilities & JETON_STORE_CAP_HOLDS) != 0}};

    for (size_t i = 0; i < JT_LEN(members); i++)
        if (!members[i].there)
            return members[i].name;
    return NULL;
}

static int engine_check_settings(const struct jeton_store_engine *engine, const char *place, jeton_error **ret_error)
{
    size_t count = 0;

    if (engine->settings == NULL)
        return JETON_OK;
    if (engine->setting_size != sizeof(struct jeton_setting))
        return jt_error_set(ret_error, JETON_CONFIG,
                            "%s: its settings are %u bytes long, and this jeton's are %zu: build the store engine "
                            "against this jeton's <jeton/store.h>",
                            place, engine->setting_size, sizeof(struct jeton_setting));
    for (const struct jeton_setting *row = engine->settings; row->name != NULL; row++)
        if (++count * sizeof(*row) > JT_TABLE_MAX || row->type < JETON_STRING || row->type > JETON_PATH ||
            strcmp(row->name, "engine") == 0 || strcmp(row->name, "key") == 0 || strncmp(row->name, "key_", 4) == 0)
            return jt_error_set(ret_error, JETON_CONFIG,
                                "%s: its setting \"%.64s\" is of no known type, or has a name that is jeton's own",
                                place, row->name);
    return JETON_OK;
}

int jt_store_engine_accept(const struct jeton_store_engine *theirs, const char *name, const char *place,
                           struct jeton_store_engine *ret_engine, jeton_error **ret_error)
{
    struct jeton_store_engine mine = {0};
    const char *missing;
    int status;

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
    if (mine.needs_minor > JETON_STORE_ABI_MINOR)
        return jt_error_set(ret_error, JETON_CONFIG,
                            "%s needs version 1.%u of the store interface, and this jeton has 1.%u: install a newer "
                            "jeton",
                            place, mine.needs_minor, JETON_STORE_ABI_MINOR);
    if ((mine.capabilities & ENGINE_CAPS_HARD & ~ENGINE_CAPS_KNOWN) != 0)
        return jt_error_set(ret_error, JETON_CONFIG,
                            "%s has a capability that this jeton does not know (%#llx): install a newer jeton", place,
                            (unsigned long long)(mine.capabilities & ENGINE_CAPS_HARD));
    if ((missing = engine_missing_member(&mine)) != NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "%s: its table lacks %s, which every store engine must have",
                            place, missing);
    status = engine_check_settings(&mine, place, ret_error);
    if (status != JETON_OK)
        return status;
    mine.struct_size = sizeof(mine);
    *ret_engine = mine;
    return JETON_OK;
}

static int engine_check_there(const char *plugindir, const char *file, const char *name, jeton_error **ret_error)
{
    JT_AUTO_STR char *path = jt_printf("%s/%s", plugindir, file);

    if (path == NULL)
        return jt_error_no_memory(ret_error);
    if (jt_object_is_there(path))
        return JETON_OK;
    return jt_error_set(ret_error, JETON_CONFIG,
                        "there is no store engine \"%s\" (%s): correct `store.engine` in jeton.conf, or install the "
                        "engine",
                        name, path);
}

/* An engine that comes with jeton is one of jeton's modules; any other is in the configured plugin directory. */
static int engine_open(const char *plugindir, const char *file, const char *name, jt_module_entry **ret_entry,
                       jeton_error **ret_error)
{
    void *address = NULL;
    int status;

    if (jt_module_exists(file))
        return jt_module_open(file, JETON_STORE_SYMBOL, ret_entry, ret_error);
    status = engine_check_there(plugindir, file, name, ret_error);
    if (status != JETON_OK)
        return status;
    status = jt_plugin_open_symbol(plugindir, file, JETON_STORE_SYMBOL, &address, ret_error);
    if (status == JETON_OK)
        memcpy(ret_entry, &address, sizeof(*ret_entry)); /* POSIX's way from a data to a function pointer */
    return status;
}

int jt_store_engine_load(const char *plugindir, const char *name, struct jeton_store_engine *ret_engine,
                         jeton_error **ret_error)
{
    JT_AUTO_STR char *file = NULL;
    jt_module_entry *entry = NULL;
    int status;

    if (!jt_name_is_bare(name))
        return jt_error_set(
            ret_error, JETON_CONFIG,
            "`store.engine` is \"%s\", which cannot be the name of one: small letters, digits, - and _ only", name);
    file = jt_printf("jeton_store_%s.so", name);
    if (file == NULL)
        return jt_error_no_memory(ret_error);
    status = engine_open(plugindir, file, name, &entry, ret_error);
    if (status != JETON_OK)
        return status;
    return jt_store_engine_accept(((const struct jeton_store_engine *(*)(void))entry)(), name, file, ret_engine,
                                  ret_error);
}
