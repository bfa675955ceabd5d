/* SPDX-License-Identifier: MIT */
/* Finds the modules that belong to this library and remembers those that are open. */
#include "plugin/module.h"
#include "plugin/object.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODULES_MAX 8u

static struct open_module {
    char *file;
    jt_module_entry *entry;
} open_modules[MODULES_MAX];
static pthread_mutex_t open_modules_lock = PTHREAD_MUTEX_INITIALIZER;

static jt_module_entry *module_find(const char *file)
{
    jt_module_entry *entry = NULL;

    (void)pthread_mutex_lock(&open_modules_lock);
    for (size_t i = 0; i < MODULES_MAX && open_modules[i].file != NULL && entry == NULL; i++)
        if (strcmp(open_modules[i].file, file) == 0)
            entry = open_modules[i].entry;
    (void)pthread_mutex_unlock(&open_modules_lock);
    return entry;
}

/* Stores the entry in the file's own place or the first free one. If all are taken, the module is opened anew each
 * time, which only costs time. */
static void module_remember(const char *file, jt_module_entry *entry)
{
    size_t i = 0;

    (void)pthread_mutex_lock(&open_modules_lock);
    while (i < MODULES_MAX && open_modules[i].file != NULL && strcmp(open_modules[i].file, file) != 0)
        i++;
    if (i < MODULES_MAX && open_modules[i].file == NULL)
        open_modules[i].file = jt_strdup(file);
    if (i < MODULES_MAX)
        open_modules[i].entry = entry;
    (void)pthread_mutex_unlock(&open_modules_lock);
}

void jt_module_hand_in(const char *file, jt_module_entry *entry)
{
    module_remember(file, entry);
}

/* NULL: out of memory. */
static char *module_dir(const char *file)
{
    Dl_info info;
    const char *slash = NULL;

    if (dladdr(open_modules, &info) != 0 && info.dli_fname != NULL && info.dli_fname[0] == '/')
        slash = strrchr(info.dli_fname, '/');
    if (slash != NULL) {
        JT_AUTO_STR char *dir = jt_printf("%.*s/jeton", (int)(slash - info.dli_fname), info.dli_fname);
        JT_AUTO_STR char *path = dir != NULL ? jt_printf("%s/%s", dir, file) : NULL;

        if (path != NULL && access(path, F_OK) == 0)
            return jt_take(&dir);
    }
    return jt_strdup(JETON_PLUGINDIR);
}

bool jt_module_exists(const char *file)
{
    JT_AUTO_STR char *dir = module_dir(file);
    JT_AUTO_STR char *path = dir != NULL ? jt_printf("%s/%s", dir, file) : NULL;

    return module_find(file) != NULL || (path != NULL && access(path, F_OK) == 0);
}

static int module_load(const char *file, const char *symbol, jt_module_entry **ret_entry, jeton_error **ret_error)
{
    JT_AUTO_STR char *dir = module_dir(file);
    void *address;
    int status;

    if (dir == NULL)
        return jt_error_no_memory(ret_error);
    status = jt_plugin_open_symbol(dir, file, symbol, &address, ret_error);
    if (status == JETON_OK)
        memcpy(ret_entry, &address, sizeof(*ret_entry)); /* POSIX's way from a data to a function pointer */
    return status;
}

int jt_module_open(const char *file, const char *symbol, jt_module_entry **ret_entry, jeton_error **ret_error)
{
    jt_module_entry *entry = module_find(file);

    if (entry == NULL) {
        int status = module_load(file, symbol, &entry, ret_error);

        if (status != JETON_OK)
            return status;
        module_remember(file, entry);
    }
    *ret_entry = entry;
    return JETON_OK;
}

int jt_module_open_table(const char *file, const char *symbol, size_t struct_size,
                         const struct jt_module_head **ret_table, jeton_error **ret_error)
{
    const struct jt_module_head *table;
    jt_module_entry *entry;
    int status = jt_module_open(file, symbol, &entry, ret_error);

    if (status != JETON_OK)
        return status;
    table = ((const struct jt_module_head *(*)(void))entry)();
    if (table == NULL || table->struct_size != struct_size || table->version == NULL ||
        strcmp(table->version, JETON_VERSION) != 0) {
        JT_AUTO_STR char *dir = module_dir(file);

        return jt_error_set(ret_error, JETON_CONFIG,
                            "%s/%s belongs to jeton %s, and this is jeton %s: install both from one package",
                            dir != NULL ? dir : "…", file,
                            table != NULL && table->version != NULL ? table->version : "?", JETON_VERSION);
    }
    *ret_table = table;
    return JETON_OK;
}
