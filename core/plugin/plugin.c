/* SPDX-License-Identifier: MIT */
/* Finds and loads provider plugins. A plugin that was loaded stays loaded for the life of the process. */
#include "plugin/plugin.h"
#include "token/token.h"
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct loaded {
    struct loaded *next;
    struct jt_plugin plugin;
    char *dir;
    char *name;
    char *file;
};

#define PLUGIN_NAME_SIZE 65u   /* a bare name and its NUL */
#define PLUGIN_KNOWN_MAX 4096u /* bytes of names in a message */

static pthread_mutex_t plugin_lock = PTHREAD_MUTEX_INITIALIZER;
static struct loaded *plugin_list;

static void loaded_free(struct loaded **loaded)
{
    if (*loaded == NULL)
        return;
    jt_plugin_table_done(&(*loaded)->plugin);
    free((*loaded)->plugin.path);
    free((*loaded)->dir);
    free((*loaded)->name);
    free((*loaded)->file);
    free(*loaded);
    *loaded = NULL;
}

static void plugin_unlock(pthread_mutex_t **lock)
{
    (void)pthread_mutex_unlock(*lock);
}

static struct loaded *plugin_find(const char *dir, const char *name)
{
    for (struct loaded *at = plugin_list; at != NULL; at = at->next)
        if (strcmp(at->name, name) == 0 && strcmp(at->dir, dir) == 0)
            return at;
    return NULL;
}

/* jeton_<name>.so, but neither a store engine nor one of jeton's own modules. */
static bool plugin_name_of_file(const char *file, char ret_name[PLUGIN_NAME_SIZE])
{
    size_t len = strlen(file);

    if (len < 10 || len - 9 >= PLUGIN_NAME_SIZE || strncmp(file, "jeton_", 6) != 0 ||
        strcmp(file + len - 3, ".so") != 0)
        return false;
    memcpy(ret_name, file + 6, len - 9);
    ret_name[len - 9] = '\0';
    return jt_name_is_bare(ret_name) && strcmp(ret_name, "net") != 0 && strcmp(ret_name, "config") != 0 &&
           strncmp(ret_name, "store_", 6) != 0;
}

struct plugin_names {
    char **items;
    size_t len;
};

static void plugin_names_done(struct plugin_names *names)
{
    for (size_t i = 0; i < names->len; i++)
        free(names->items[i]);
    free(names->items);
}

/* strcmp, not strcoll: the order must not depend on the program's locale. */
static int plugin_names_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void directory_close(DIR **directory)
{
    if (*directory != NULL)
        (void)closedir(*directory);
}

static bool plugin_names_add(struct plugin_names *names, const char *name)
{
    char **items = reallocarray(names->items, names->len + 1, sizeof(*items));

    if (items == NULL)
        return false;
    names->items = items;
    names->items[names->len] = jt_strdup(name);
    return names->items[names->len++] != NULL;
}

static int plugin_names_read(const char *dir, struct plugin_names *names, jeton_error **ret_error)
{
    JT_CLEANUP(directory_close) DIR *directory = opendir(dir);
    const struct dirent *entry;
    char name[PLUGIN_NAME_SIZE];

    if (directory == NULL)
        return jt_error_errno(ret_error, errno, "the plugin directory %s cannot be read", dir);
    while ((errno = 0, entry = readdir(directory)) != NULL)
        if (plugin_name_of_file(entry->d_name, name) && !plugin_names_add(names, name))
            return jt_error_no_memory(ret_error);
    if (errno != 0)
        return jt_error_errno(ret_error, errno, "the plugin directory %s cannot be read", dir);
    if (names->len > 0)
        qsort(names->items, names->len, sizeof(*names->items), plugin_names_compare);
    return JETON_OK;
}

int jt_plugin_each(const char *dir, int (*visit)(void *data, const char *name, const char *path), void *data,
                   jeton_error **ret_error)
{
    JT_CLEANUP(plugin_names_done) struct plugin_names names = {NULL, 0};
    int status = plugin_names_read(dir, &names, ret_error);

    if (status != JETON_OK)
        return status;
    for (size_t i = 0; i < names.len; i++) {
        JT_AUTO_STR char *path = jt_printf("%s/jeton_%s.so", dir, names.items[i]);

        if (path == NULL)
            return jt_error_no_memory(ret_error);
        if (visit(data, names.items[i], path) != 0)
            break;
    }
    return JETON_OK;
}

static int plugin_missing(const char *real, const char *name, jeton_error **ret_error)
{
    JT_CLEANUP(plugin_names_done) struct plugin_names names = {NULL, 0};
    JT_AUTO_BUF struct jt_buf known = JT_BUF_INIT(PLUGIN_KNOWN_MAX);
    int status = plugin_names_read(real, &names, ret_error);

    if (status != JETON_OK)
        return status;
    jt_suggest_list(&known, name, (const char *const *)names.items, names.len);
    return jt_error_set(ret_error, JETON_CONFIG, "there is no plugin \"%s\" (%s/jeton_%s.so)%s", name, real, name,
                        names.len == 0 ? "; there is none at all" : jt_buf_str(&known));
}

static int plugin_read_table(const char *real, const struct jeton_host *host, struct loaded *loaded,
                             jeton_error **ret_error)
{
    const struct jeton_provider *(*entry)(const struct jeton_host *) = NULL;
    void *address = NULL;
    int status = jt_object_open(real, loaded->file, JETON_PROVIDER_SYMBOL, &address, ret_error);

    if (status != JETON_OK)
        return status;
    /* ISO C has no conversion from an object pointer to a function pointer; POSIX promises that the bytes are the same.
     */
    memcpy(&entry, &address, sizeof(entry));
    return jt_plugin_table_copy(entry(host), loaded->name, &loaded->plugin, ret_error);
}

static int plugin_load_new(const char *dir, const char *name, const struct jeton_host *host, struct loaded **ret_loaded,
                           jeton_error **ret_error)
{
    JT_CLEANUP(loaded_free) struct loaded *loaded = calloc(1, sizeof(*loaded));
    JT_AUTO_ERROR jeton_error *error = NULL;
    JT_AUTO_STR char *real = NULL;
    int status;

    if (loaded == NULL || (loaded->dir = jt_strdup(dir)) == NULL || (loaded->name = jt_strdup(name)) == NULL ||
        (loaded->file = jt_printf("jeton_%s.so", name)) == NULL)
        return jt_error_no_memory(ret_error);
    status = jt_trust_resolve(dir, &real, &error);
    if (status == JETON_OK) {
        loaded->plugin.path = jt_printf("%s/%s", real[1] != '\0' ? real : "", loaded->file);
        if (loaded->plugin.path == NULL)
            return jt_error_no_memory(ret_error);
        if (!jt_object_is_there(loaded->plugin.path))
            return plugin_missing(real, name, ret_error);
        status = plugin_read_table(real, host, loaded, &error);
    }
    if (status != JETON_OK) {
        jt_object_prefix(&error, name, real != NULL ? real : dir, loaded->file);
        return jt_error_give(ret_error, &error);
    }
    *ret_loaded = jt_take(&loaded);
    return JETON_OK;
}

int jt_plugin_load(const char *dir, const char *name, const struct jeton_host *host,
                   const struct jt_plugin **ret_plugin, jeton_error **ret_error)
{
    JT_CLEANUP(plugin_unlock) pthread_mutex_t *lock = &plugin_lock;
    struct loaded *loaded;
    int status;

    (void)pthread_mutex_lock(lock);
    if (!jt_name_is_bare(name))
        return jt_error_set(
            ret_error, JETON_CONFIG,
            "\"%.80s\" is not the name of a plugin: it must be a bare name, [a-z0-9][a-z0-9_-]* of at most 64 "
            "bytes, and not a path",
            name);
    loaded = plugin_find(dir, name);
    if (loaded == NULL) {
        status = plugin_load_new(dir, name, host, &loaded, ret_error);
        if (status != JETON_OK)
            return status;
        loaded->next = plugin_list;
        plugin_list = loaded;
    }
    *ret_plugin = &loaded->plugin;
    return JETON_OK;
}
