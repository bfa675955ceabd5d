/* SPDX-License-Identifier: MIT */
/* Loads one shared object. Its file is checked and read first, since loading runs its constructors. */
#include "plugin/object.h"
#include "plugin/elf.h"
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* The error for an object without the entry symbol. If it has another symbol (`other`, may be NULL) that differs only
 * in the number at its end, the object is for another major version. prefix_len is the length without that number. */
static int object_no_symbol(const char *symbol, const char *other, size_t prefix_len, jeton_error **ret_error)
{
    const char *version = other != NULL ? other + prefix_len : "";
    size_t digits = strspn(version, "0123456789");

    if (digits > 0 && digits < 10 && version[digits] == '\0')
        return jt_error_set(
            ret_error, JETON_CONFIG,
            "it is written for version %s of the plugin interface, and this jeton has version %s: install a "
            "plugin that was built for this jeton",
            version, symbol + prefix_len);
    return jt_error_set(ret_error, JETON_CONFIG,
                        "it does not export %s, so it is no plugin of this kind; it was not loaded", symbol);
}

int jt_object_open(const char *real, const char *file, const char *symbol, void **ret_address, jeton_error **ret_error)
{
    JT_AUTO_STR char *path = jt_printf("%s/%s", real[1] != '\0' ? real : "", file);
    JT_AUTO_STR char *prefix = strndup(symbol, strcspn(symbol, "0123456789"));
    JT_AUTO_STR char *other = NULL;
    JT_AUTO_FD int fd = -1;
    bool found = false;
    void *object;
    int status;

    if (path == NULL || prefix == NULL)
        return jt_error_no_memory(ret_error);
    status = jt_trust_open_code(real, file, &fd, ret_error);
    if (status != JETON_OK)
        return status;
    status = jt_elf_exports(fd, symbol, prefix, &found, &other, ret_error);
    if (status != JETON_OK)
        return status;
    if (!found)
        return object_no_symbol(symbol, other, strlen(prefix), ret_error);
    object = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (object == NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "it cannot be loaded: %s", dlerror());
    *ret_address = dlsym(object, symbol);
    if (*ret_address == NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "it does not export %s", symbol);
    return JETON_OK;
}

void jt_object_prefix(jeton_error **error, const char *name, const char *dir, const char *file)
{
    if (strstr(jeton_error_message(*error), dir) != NULL)
        jt_error_prefix(error, "the plugin \"%s\"", name);
    else
        jt_error_prefix(error, "the plugin \"%s\" (%s/%s)", name, dir, file);
}

bool jt_object_is_there(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 || errno != ENOENT;
}

int jt_plugin_open_symbol(const char *dir, const char *file, const char *symbol, void **ret_address,
                          jeton_error **ret_error)
{
    JT_AUTO_STR char *real = NULL;
    JT_AUTO_ERROR jeton_error *error = NULL;
    void *address = NULL;
    int status = jt_trust_resolve(dir, &real, ret_error);

    if (status != JETON_OK)
        return status;
    status = jt_object_open(real, file, symbol, &address, &error);
    if (status != JETON_OK) {
        jt_object_prefix(&error, file, real, file);
        return jt_error_give(ret_error, &error);
    }
    *ret_address = address;
    return JETON_OK;
}
