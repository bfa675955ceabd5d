/* SPDX-License-Identifier: MIT */
/* Loading of jeton-sqlite.so, once a process, under the rules for plugins. It lies where this library's own plugin
 * directory is, whatever directory the configuration names for those of others. */
#include "plugin/plugin.h"
#include "calls.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define SQLITE_FILE "jeton-sqlite.so"

const struct jt_sqlite *jt_sqlite;

static atomic_bool loaded;
static pthread_mutex_t load_mutex = PTHREAD_MUTEX_INITIALIZER;

/* Beside this library, wherever it was installed or built, else where it was to be installed. NULL: out of memory. */
static char *sqlite_dir(void)
{
    Dl_info info;
    const char *slash = NULL;

    if (dladdr(&jt_sqlite, &info) != 0 && info.dli_fname != NULL && info.dli_fname[0] == '/')
        slash = strrchr(info.dli_fname, '/');
    if (slash != NULL) {
        JT_AUTO_STR char *file = jt_printf("%.*s/jeton/" SQLITE_FILE, (int)(slash - info.dli_fname), info.dli_fname);

        if (file != NULL && access(file, F_OK) == 0)
            return jt_printf("%.*s/jeton", (int)(slash - info.dli_fname), info.dli_fname);
    }
    return jt_strdup(JETON_PLUGINDIR);
}

/* Called with the mutex held. */
static int sqlite_open_module(jeton_error **ret_error)
{
    JT_AUTO_STR char *dir = sqlite_dir();
    const struct jt_sqlite *(*entry)(void);
    const struct jt_sqlite *calls;
    void *address;
    int status;

    if (dir == NULL)
        return jt_error_no_memory(ret_error);
    status = jt_plugin_open_symbol(dir, SQLITE_FILE, JT_SQLITE_SYMBOL, &address, ret_error);
    if (status != JETON_OK)
        return status;
    memcpy(&entry, &address, sizeof(entry)); /* POSIX's way from a data to a function pointer */
    calls = entry();
    if (calls == NULL || calls->struct_size != sizeof(*calls) || strcmp(calls->version, JETON_VERSION) != 0)
        return jt_error_set(ret_error, JETON_CONFIG,
                            "%s/" SQLITE_FILE
                            " is of another jeton than this library (%s): install both from one package",
                            dir, JETON_VERSION);
    if (calls->threadsafe() == 0)
        return jt_error_set(ret_error, JETON_CONFIG,
                            "this SQLite library was built without threads: install the distribution's");
    jt_sqlite_use(calls);
    return JETON_OK;
}

void jt_sqlite_use(const struct jt_sqlite *calls)
{
    jt_sqlite = calls;
    atomic_store_explicit(&loaded, true, memory_order_release);
}

int jt_sqlite_load(jeton_error **ret_error)
{
    int status = JETON_OK;

    if (atomic_load_explicit(&loaded, memory_order_acquire))
        return JETON_OK;
    (void)pthread_mutex_lock(&load_mutex);
    if (!atomic_load(&loaded))
        status = sqlite_open_module(ret_error);
    (void)pthread_mutex_unlock(&load_mutex);
    return status;
}
