/* SPDX-License-Identifier: MIT */
/* The configuration as one object: its directory, jeton.conf, and the providers' files. A provider's file is read when
 * it is first needed, and again when it has changed. */
#include "config/config.h"
#include "config/file.h"
#include "config/main.h"
#include "config/place.h"
#include "config/provider.h"
#include "token/token.h"
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct jt_config {
    struct jt_config_place place;
    struct jt_main_config main;
    char *providers_dir;
    pthread_mutex_t lock; /* protects the members below */
    struct jt_provider_file **files;
    size_t files_len;
};

static void directory_unlock(pthread_mutex_t **lock)
{
    (void)pthread_mutex_unlock(*lock);
}
#define LOCKED(config)                                                                                                 \
    JT_CLEANUP(directory_unlock) pthread_mutex_t *held = (pthread_mutex_lock(&(config)->lock), &(config)->lock)

static void directory_free(struct jt_config **config)
{
    struct jt_config *last = jt_take(config);

    for (size_t i = 0; last != NULL && i < last->files_len; i++)
        jt_provider_file_free(&last->files[i]);
    if (last == NULL)
        return;
    free(last->files);
    free(last->providers_dir);
    jt_main_config_done(&last->main);
    jt_config_place_done(&last->place);
    (void)pthread_mutex_destroy(&last->lock);
    free(last);
}

static int directory_open(const char *dir, bool may_be_missing, struct jt_findings *findings,
                          struct jt_config **ret_config, jeton_error **ret_error)
{
    JT_CLEANUP(directory_free) struct jt_config *config = calloc(1, sizeof(*config));
    int status;

    if (config == NULL)
        return jt_error_no_memory(ret_error);
    (void)pthread_mutex_init(&config->lock, NULL);
    status = jt_config_place_choose(dir, &config->place, ret_error);
    if (status == JETON_OK)
        status = jt_config_file_check_dir(config->place.dir, config->place.must_exist && !may_be_missing, ret_error);
    if (status == JETON_OK)
        status = jt_main_config_read(&config->place, findings, &config->main, ret_error);
    if (status != JETON_OK)
        return status;
    config->providers_dir = jt_printf("%s/providers.d", config->place.dir);
    if (config->providers_dir == NULL)
        return jt_error_no_memory(ret_error);
    *ret_config = jt_take(&config);
    return JETON_OK;
}

static const char *directory_path(const struct jt_config *config)
{
    return config->place.dir;
}

static const struct jt_main_config *directory_main(const struct jt_config *config)
{
    return &config->main;
}

static struct jt_provider_file **directory_slot(struct jt_config *config, const char *provider)
{
    struct jt_provider_file **files;

    for (size_t i = 0; i < config->files_len; i++)
        if (strcmp(config->files[i]->provider, provider) == 0)
            return &config->files[i];
    files = reallocarray(config->files, config->files_len + 1, sizeof(*files));
    if (files == NULL)
        return NULL;
    config->files = files;
    files[config->files_len] = NULL;
    return &files[config->files_len];
}

static void directory_forget(struct jt_config *config, const char *provider)
{
    for (size_t i = 0; i < config->files_len; i++)
        if (strcmp(config->files[i]->provider, provider) == 0) {
            jt_provider_file_free(&config->files[i]);
            config->files[i] = config->files[--config->files_len];
            return;
        }
}

/* The provider's file as it is now; *ret_file NULL: there is none. The caller holds the lock. A file that cannot be
 * read or parsed is not kept, so the next call reads it again. */
static int directory_file(struct jt_config *config, const char *provider, const struct jt_provider_file **ret_file,
                          jeton_error **ret_error)
{
    struct jt_provider_file **slot = directory_slot(config, provider);
    struct jt_provider_file *fresh = NULL;
    int status;

    if (slot == NULL)
        return jt_error_no_memory(ret_error);
    if (*slot != NULL && jt_file_stamp_at((*slot)->path) == (*slot)->stamp) {
        *ret_file = *slot;
        return JETON_OK;
    }
    status = jt_config_file_check_dir(config->providers_dir, false, ret_error);
    if (status == JETON_OK)
        status = jt_provider_file_read(config->place.dir, provider, &fresh, ret_error);
    if (status != JETON_OK || fresh == NULL) {
        directory_forget(config, provider);
        *ret_file = NULL;
        return status;
    }
    if (*slot == NULL)
        config->files_len++;
    else
        jt_provider_file_free(slot);
    *slot = fresh;
    *ret_file = fresh;
    return JETON_OK;
}

static int directory_filter(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

/* Not alphasort(3): its order depends on the program's locale. */
static int directory_compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

struct names {
    char **items; /* without .conf */
    size_t len;
};

static void names_done(struct names *names)
{
    for (size_t i = 0; i < names->len; i++)
        free(names->items[i]);
    free(names->items);
}

static int directory_list(const struct jt_config *config, struct names *names, jeton_error **ret_error)
{
    struct dirent **entries = NULL;
    int count = scandir(config->providers_dir, &entries, directory_filter, directory_compare);

    if (count < 0 && errno == ENOENT)
        return JETON_OK;
    if (count < 0)
        return jt_error_errno(ret_error, errno, "%s cannot be read", config->providers_dir);
    names->items = calloc((size_t)count + 1, sizeof(*names->items));
    for (int i = 0; i < count; i++) {
        if (names->items != NULL)
            names->items[names->len] = strndup(entries[i]->d_name, strlen(entries[i]->d_name) - 5);
        if (names->items != NULL && names->items[names->len] != NULL)
            names->len++;
        free(entries[i]);
    }
    free(entries);
    return names->items != NULL && names->len == (size_t)count ? JETON_OK : jt_error_no_memory(ret_error);
}

static int directory_unknown(const struct jt_config *config, const char *provider, jeton_error **ret_error)
{
    JT_CLEANUP(names_done) struct names names = {NULL, 0};
    JT_AUTO_BUF struct jt_buf sentence = JT_BUF_INIT(JT_RESPONSE_MAX);
    int status = directory_list(config, &names, ret_error);

    if (status != JETON_OK)
        return status;
    if (names.len == 0)
        return jt_error_set(
            ret_error, JETON_USAGE,
            "there is no provider \"%s\", and none at all: %s holds no .conf file; copy an example there", provider,
            config->providers_dir);
    jt_buf_printf(&sentence, "there is no provider \"%s\" in %s", provider, config->providers_dir);
    jt_suggest_list(&sentence, provider, (const char *const *)names.items, names.len);
    return jt_error_set(ret_error, JETON_USAGE, "%s", jt_buf_str(&sentence));
}

static int directory_account(struct jt_config *config, const char *provider, const char *account,
                             struct jt_account **ret_account, jeton_error **ret_error)
{
    LOCKED(config);
    const struct jt_provider_file *file = NULL;
    int status;

    (void)held;
    /* The name becomes part of a path, so it must be a bare one. */
    if (!jt_name_is_bare(provider))
        return directory_unknown(config, provider, ret_error);
    status = directory_file(config, provider, &file, ret_error);
    if (status != JETON_OK)
        return status;
    if (file == NULL)
        return directory_unknown(config, provider, ret_error);
    return jt_provider_file_account(file, account, ret_account, ret_error);
}

/* References to the accounts of one file, so that visit can be called without the lock. */
struct view {
    struct jt_account **accounts;
    size_t accounts_len;
    jeton_error *error;
};

static void view_done(struct view *view)
{
    for (size_t i = 0; i < view->accounts_len; i++)
        jt_account_free(&view->accounts[i]);
    free(view->accounts);
    jeton_error_free(&view->error);
}

/* An error in the file becomes part of the view; the function itself fails only for lack of memory. */
static int directory_view(struct jt_config *config, const char *provider, struct view *view, bool *ret_gone,
                          jeton_error **ret_error)
{
    LOCKED(config);
    const struct jt_provider_file *file = NULL;

    (void)held;
    if (!jt_name_is_bare(provider)) {
        (void)jt_error_set(
            &view->error, JETON_CONFIG,
            "%s/%s.conf: the file's name is the provider's, and must be [a-z0-9][a-z0-9_-]* of at most 64 bytes",
            config->providers_dir, provider);
        return JETON_OK;
    }
    if (directory_file(config, provider, &file, &view->error) != JETON_OK)
        return JETON_OK;
    *ret_gone = file == NULL;
    if (file == NULL)
        return JETON_OK;
    (void)(jt_findings_error(&file->findings, NULL, &view->error) == JETON_OK); /* the view has the error */
    view->accounts = calloc(file->accounts_len + 1, sizeof(*view->accounts));
    if (view->accounts == NULL)
        return jt_error_no_memory(ret_error);
    for (size_t i = 0; i < file->accounts_len; i++)
        view->accounts[view->accounts_len++] = jt_account_ref(file->accounts[i]);
    return JETON_OK;
}

static int directory_each(struct jt_config *config,
                          int (*visit)(void *data, const char *provider, const char *file,
                                       struct jt_account *const *accounts, size_t accounts_len,
                                       const jeton_error *error),
                          void *data, jeton_error **ret_error)
{
    JT_CLEANUP(names_done) struct names names = {NULL, 0};
    int status = directory_list(config, &names, ret_error);

    for (size_t i = 0; i < names.len && status == JETON_OK; i++) {
        JT_CLEANUP(view_done) struct view view = {NULL, 0, NULL};
        JT_AUTO_STR char *path = jt_printf("%s/%s.conf", config->providers_dir, names.items[i]);
        bool gone = false;

        if (path == NULL)
            return jt_error_no_memory(ret_error);
        status = directory_view(config, names.items[i], &view, &gone, ret_error);
        if (status == JETON_OK && !gone &&
            visit(data, names.items[i], path, view.accounts, view.accounts_len, view.error) != 0)
            break;
    }
    return status;
}

static int directory_findings(struct jt_config *config, const char *provider, struct jt_findings *findings,
                              jeton_error **ret_error)
{
    LOCKED(config);
    const struct jt_provider_file *file = NULL;
    int status = directory_file(config, provider, &file, ret_error);

    (void)held;
    for (size_t i = 0; status == JETON_OK && file != NULL && i < file->findings.len; i++) {
        const struct jt_finding *finding = &file->findings.items[i];

        status = jt_findings_add(findings, finding->account, finding->file, finding->line, ret_error, "%s",
                                 finding->message);
    }
    return status;
}

const struct jt_config_functions jt_config_functions = {
    .open = directory_open,
    .free = directory_free,
    .dir = directory_path,
    .main = directory_main,
    .account = directory_account,
    .each = directory_each,
    .findings = directory_findings,
};
