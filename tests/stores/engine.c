/* SPDX-License-Identifier: MIT */
/* The engine under test: which file it is, and whether its table can be used at all. */
#include "engine.h"
#include "check.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HIGH_BITS UINT64_C(0xffffffff00000000)

static const char *file, *refused;

const char *engine_file(void)
{
    return file;
}

const char *engine_refused(void)
{
    return refused;
}

const char *engine_path(const char *engine)
{
    static char path[4096];
    const char *dir = getenv("JETON_PLUGINDIR");

    if (strchr(engine, '/') != NULL)
        return engine;
    (void)snprintf(path, sizeof(path), "%s/jeton_store_%s.so", dir != NULL ? dir : JETON_PLUGINDIR, engine);
    return path;
}

/* The smaller of both sizes, and zeros behind it. */
static void table_copy(const struct jeton_store_engine *from, struct jeton_store_engine *to)
{
    memset(to, 0, sizeof(*to));
    memcpy(to, from, from->struct_size < sizeof(*to) ? from->struct_size : sizeof(*to));
}

static const char *missing_function(const struct jeton_store_engine *table)
{
    const struct {
        bool there;
        const char *name;
    } mandatory[] = {
        {table->open != NULL, "open"},       {table->close != NULL, "close"},
        {table->place != NULL, "place"},     {table->exists != NULL, "exists"},
        {table->create != NULL, "create"},   {table->get != NULL, "get"},
        {table->write != NULL, "write"},     {table->scan != NULL, "scan"},
        {table->due != NULL, "due"},         {table->claim != NULL, "claim"},
        {table->lease != NULL, "lease"},     {table->prove_writable != NULL, "prove_writable"},
        {table->release != NULL, "release"},
    };

    for (size_t i = 0; i < sizeof(mandatory) / sizeof(mandatory[0]); i++)
        if (!mandatory[i].there)
            return mandatory[i].name;
    return NULL;
}

static const char *missing_text(const struct jeton_store_engine *table)
{
    if (table->name == NULL || table->name[0] == '\0')
        return "name";
    if (table->version == NULL || table->version[0] == '\0')
        return "version";
    return table->summary == NULL || table->summary[0] == '\0' ? "summary" : NULL;
}

static bool name_is_the_files(const char *name)
{
    const char *slash = strrchr(file, '/');
    char wanted[512];

    (void)snprintf(wanted, sizeof(wanted), "jeton_store_%s.so", name);
    return strcmp(slash != NULL ? slash + 1 : file, wanted) == 0;
}

static const char *said(const char *format, const char *what)
{
    static char text[1024];

    (void)snprintf(text, sizeof(text), format, what);
    return text;
}

/* All that stands before the first function tells how to read the rest. */
static const char *table_wrong(const struct jeton_store_engine *table)
{
    if (table->struct_size < offsetof(struct jeton_store_engine, open))
        return "its table ends before its functions";
    if (table->needs_minor > JETON_STORE_ABI_MINOR)
        return "it needs a later minor version of the interface";
    if (missing_text(table) != NULL)
        return said("its table has no %s", missing_text(table));
    if (!name_is_the_files(table->name))
        return said("its table has the name \"%s\", which is not that of its file", table->name);
    if ((table->capabilities & HIGH_BITS) != 0)
        return "it has a capability that this version of the interface does not know";
    if (table->settings != NULL && table->setting_size != sizeof(struct jeton_setting))
        return "its settings have another size";
    if (missing_function(table) != NULL)
        return said("its table has no function %s", missing_function(table));
    return NULL;
}

bool engine_load(const char *path, struct jeton_store_engine *ret_table)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct jeton_store_engine *(*entry)(void) = NULL;
    const struct jeton_store_engine *table = NULL;

    file = path;
    if (object == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return false;
    }
    *(void **)&entry = dlsym(object, JETON_STORE_SYMBOL);
    if (entry != NULL)
        table = entry();
    if (table == NULL) {
        refused = entry == NULL ? "it has no " JETON_STORE_SYMBOL : JETON_STORE_SYMBOL " returned no table";
        return true;
    }
    table_copy(table, ret_table);
    refused = table_wrong(ret_table);
    return true;
}
