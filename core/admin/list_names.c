/* SPDX-License-Identifier: MIT */
/* Lists what is configured and what is stored, merged by name, one page at a time. */
#include "admin/list.h"
#include <stdlib.h>
#include <string.h>

#define SCAN_ROWS  256u
#define BEHIND_ALL "\xff" /* sorts behind every variant */
#define LIST_MAX   100000u

/* The configured names behind `after`, sorted. Of each file no more are collected than fit on a page: a file may have
 * thousands, and a long list thousands of pages. */
struct list_names {
    struct jt_log *log;
    const char *after;
    size_t limit;
    char **names;
    size_t len, size;
    bool failed;
};

static void list_names_done(struct list_names *names)
{
    for (size_t i = 0; i < names->len; i++)
        free(names->names[i]);
    free(names->names);
}

static bool list_names_add(struct list_names *names, char *name)
{
    if (name == NULL)
        return false;
    if (names->len == names->size) {
        size_t size = names->size == 0 ? 64 : names->size * 2;
        char **grown = reallocarray(names->names, size, sizeof(*grown));

        if (grown == NULL) {
            free(name);
            return false;
        }
        names->names = grown;
        names->size = size;
    }
    names->names[names->len++] = name;
    return true;
}

/* The index of the first account whose name is behind `after`. The accounts are in order. */
static size_t list_names_first(const struct list_names *names, const char *provider, struct jt_account *const *accounts,
                               size_t accounts_len)
{
    const size_t provider_len = strlen(provider);
    int order = strncmp(names->after, provider, provider_len);
    size_t low = 0, high = accounts_len;

    if (order == 0)
        order = (unsigned char)names->after[provider_len] - '/';
    if (order != 0)
        return order < 0 ? 0 : accounts_len;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(accounts[middle]->account, names->after + provider_len + 1) > 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static int list_names_visit(void *data, const char *provider, const char *file, struct jt_account *const *accounts,
                            size_t accounts_len, const jeton_error *error)
{
    struct list_names *names = data;
    const size_t first = list_names_first(names, provider, accounts, accounts_len);

    (void)file;
    /* A faulty file does not end the listing: stored names are listed, and configured ones as far as they can be read.
     * Logged for the first page only. */
    if (error != NULL && names->after[0] == '\0')
        jt_log_write(names->log, LOG_WARNING, "the provider %s is not configured right: %s", provider,
                     jeton_error_message(error));
    for (size_t i = first; i < accounts_len && i - first < names->limit; i++)
        if (!list_names_add(names, jt_printf("%s/%s", provider, accounts[i]->account))) {
            names->failed = true;
            return 1;
        }
    return 0;
}

static int list_names_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The state of merging rows, in order of name, with the configured names into the list. */
struct list_merge {
    jeton_list *list;
    struct list_names *names;
    size_t next; /* the next of the configured names */
    size_t limit;
    size_t rows;                    /* rows in the current scan */
    char *last_name, *last_variant; /* of the last row */
    bool full;                      /* a row of the next page has come */
    bool failed;
};

static bool list_merge_configured(struct list_merge *merge, const char *before)
{
    while (merge->next < merge->names->len && merge->list->len < merge->limit &&
           (before == NULL || strcmp(merge->names->names[merge->next], before) < 0))
        if (jt_list_add(merge->list, merge->names->names[merge->next++]) == NULL)
            return false;
    return true;
}

static bool list_merge_note_key(struct list_merge *merge, const char *name, const char *variant)
{
    free(merge->last_name);
    free(merge->last_variant);
    merge->last_name = jt_strdup(name);
    merge->last_variant = jt_strdup(variant);
    return merge->last_name != NULL && merge->last_variant != NULL;
}

static int list_merge_row(void *data, const char *name, const char *variant, uint32_t flags,
                          const struct jt_entry *entry)
{
    struct list_merge *merge = data;
    struct jt_list_item *item;

    (void)flags;
    merge->rows++;
    if (!list_merge_note_key(merge, name, variant) || !list_merge_configured(merge, name)) {
        merge->failed = true;
        return 1;
    }
    item = merge->list->len > 0 ? &merge->list->items[merge->list->len - 1] : NULL;
    if (item != NULL &&
        strcmp(item->name, name) == 0) { /* another row of the name: only a queued revocation adds anything */
        if (entry->state == JT_ROW_REVOKING && strcmp(item->state, "none") == 0 && !jt_list_fill(item, entry))
            merge->failed = true;
        return merge->failed;
    }
    merge->full = merge->list->len >= merge->limit;
    if (merge->full)
        return 1;
    if (merge->next < merge->names->len && strcmp(merge->names->names[merge->next], name) == 0)
        merge->next++;
    item = jt_list_add(merge->list, name);
    merge->failed = item == NULL || !jt_list_fill(item, entry);
    return merge->failed;
}

/* Scans until a row of the next page comes, since the last name of this page may have further rows. */
static int list_collect(jeton *ctx, struct list_merge *merge, const char *after, jeton_error **ret_error)
{
    struct jt_store *store;
    int status = jt_context_store(ctx, &store, ret_error);

    if (status == JETON_OK && !list_merge_note_key(merge, after, BEHIND_ALL))
        return jt_error_no_memory(ret_error);
    while (status == JETON_OK && !merge->full) {
        JT_AUTO_STR char *from_name = jt_take(&merge->last_name), *from_variant = jt_take(&merge->last_variant);

        merge->rows = 0;
        status = jt_store_scan(store, from_name, from_variant, SCAN_ROWS, true, list_merge_row, merge, ret_error);
        if (status == JETON_OK && merge->failed)
            status = jt_error_no_memory(ret_error);
        if (merge->rows < SCAN_ROWS)
            break;
    }
    if (status == JETON_OK && !list_merge_configured(merge, NULL))
        status = jt_error_no_memory(ret_error);
    return status;
}

int jeton_list_names(jeton *ctx, const char *after, size_t limit, jeton_list **ret_list, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    struct list_names names = {
        .log = ctx->log, .after = after != NULL ? after : "", .limit = limit < LIST_MAX ? limit : LIST_MAX};
    struct list_merge merge = {.names = &names, .limit = names.limit};
    int status;

    if (strlen(names.after) > JT_NAME_MAX)
        return jt_error_set(ret_error, JETON_USAGE, "the name to list from has over %u bytes", JT_NAME_MAX);
    merge.list = calloc(1, sizeof(*merge.list));
    if (merge.list == NULL)
        return jt_error_no_memory(ret_error);
    status = jt_config_each(ctx->config, list_names_visit, &names, ret_error);
    if (status == JETON_OK && names.failed)
        status = jt_error_no_memory(ret_error);
    if (status == JETON_OK) {
        if (names.len > 0)
            qsort(names.names, names.len, sizeof(names.names[0]), list_names_compare);
        status = list_collect(ctx, &merge, names.after, ret_error);
    }
    list_names_done(&names);
    free(merge.last_name);
    free(merge.last_variant);
    if (status == JETON_OK)
        *ret_list = jt_take(&merge.list);
    jeton_list_free(&merge.list);
    return status;
}
