/* SPDX-License-Identifier: MIT */
/* Shows the entries of one name in detail. Opens the sealed rows, and shows everything in them but the secrets. */
#include "admin/list.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOW_PAGE 256u

/* Some of the name's variants. They are collected first and the rows opened later, since the database is kept busy
 * during a scan. */
struct show {
    const char *name;
    char *variants[SHOW_PAGE];
    size_t len;
    bool failed;
};

static void show_done(struct show *show)
{
    for (size_t i = 0; i < show->len; i++)
        free(show->variants[i]);
    show->len = 0;
}

static int show_visit(void *data, const char *name, const char *variant, uint32_t flags, const struct jt_entry *entry)
{
    struct show *show = data;

    (void)flags;
    (void)entry;
    if (strcmp(name, show->name) != 0)
        return 1;
    show->variants[show->len] = jt_strdup(variant);
    show->failed = show->variants[show->len] == NULL;
    if (!show->failed)
        show->len++;
    return show->failed || show->len == SHOW_PAGE;
}

static int show_field(struct jt_list_item *item, const char *name, const char *value, jeton_error **ret_error)
{
    return value != NULL ? jt_fields_set(&item->fields, name, value, 0, ret_error) : JETON_OK;
}

static int show_time(struct jt_list_item *item, const char *name, int64_t at, jeton_error **ret_error)
{
    char text[24];

    if (at == JT_NEVER || at == 0)
        return JETON_OK;
    (void)snprintf(text, sizeof(text), "%lld", (long long)at);
    return show_field(item, name, text, ret_error);
}

static int show_variant(struct jt_list_item *item, const char *variant, jeton_error **ret_error)
{
    static const char *const parts[] = {"scope", "audience", "resource"};
    int status = JETON_OK;

    for (size_t i = 0; i < JT_LEN(parts) && status == JETON_OK; i++) {
        JT_AUTO_STR char *value = jt_variant_part(variant, parts[i]);

        status = show_field(item, parts[i], value, ret_error);
    }
    return status;
}

static int show_entry(struct jt_list_item *item, const struct jt_call *call, const char *variant,
                      const struct jt_entry *entry, jeton_error **ret_error)
{
    const struct jt_tokenset *set = &entry->token;
    int status;

    if (!jt_list_fill(item, entry))
        return jt_error_no_memory(ret_error);
    status = show_variant(item, variant, ret_error);
    if (status == JETON_OK && set->scope != NULL)
        status = show_field(item, "scope", set->scope, ret_error);
    if (status == JETON_OK)
        status = show_field(item, "token_type", set->token_type, ret_error);
    if (status == JETON_OK)
        status = show_field(item, "key_id", set->key_id, ret_error);
    if (status == JETON_OK)
        status = show_field(item, "refresh_token", set->refresh_token != NULL ? "yes" : NULL, ret_error);
    if (status == JETON_OK && set->access_token != NULL)
        status = show_time(item, "issued_at", set->issued_at, ret_error);
    if (status == JETON_OK)
        status = show_time(item, "refresh_expires_at", set->refresh_expires_at, ret_error);
    if (status == JETON_OK)
        status = show_time(item, "failed_at", entry->failed_at, ret_error);
    if (status == JETON_OK)
        status = show_time(item, "retry_at", entry->retry_at, ret_error);
    if (status == JETON_OK && call->account != NULL)
        status = show_field(item, "plugin", call->account->plugin, ret_error);
    return status;
}

static int show_row(const struct jt_call *call, const char *variant, bool always, jeton_list *list,
                    jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    struct jt_list_item *item;
    int status = jt_store_get(call->store, call->name.full, variant, &entry, ret_error);

    if (status != JETON_OK || (entry.state == 0 && !always))
        return status;
    item = jt_list_add(list, call->name.full);
    return item == NULL ? jt_error_no_memory(ret_error) : show_entry(item, call, variant, &entry, ret_error);
}

static int show_scan(const struct jt_call *call, const char *after, struct show *show, jeton_error **ret_error)
{
    int status = jt_store_scan(call->store, show->name, after, SHOW_PAGE, false, show_visit, show, ret_error);

    return status == JETON_OK && show->failed ? jt_error_no_memory(ret_error) : status;
}

/* The account's own row (without a variant) comes first. It is read separately, since a scan starts behind a key, and
 * shown even if it does not exist when there is no other. */
static int show_rows(const struct jt_call *call, jeton_list *list, jeton_error **ret_error)
{
    JT_AUTO_STR char *after = jt_strdup("");
    bool first = true, more = true;

    while (more) {
        JT_CLEANUP(show_done) struct show show = {.name = call->name.full};
        int status = after != NULL ? show_scan(call, after, &show, ret_error) : jt_error_no_memory(ret_error);

        if (status == JETON_OK && first)
            status = show_row(call, "", show.len == 0, list, ret_error);
        for (size_t i = 0; i < show.len && status == JETON_OK; i++)
            status = show_row(call, show.variants[i], false, list, ret_error);
        if (status != JETON_OK)
            return status;
        first = false;
        more = show.len == SHOW_PAGE;
        jt_str_free(&after);
        if (more)
            after = jt_take(&show.variants[SHOW_PAGE - 1]);
    }
    return JETON_OK;
}

int jeton_show(jeton *ctx, const char *name, jeton_list **ret_list, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    JT_AUTO_CALL struct jt_call *call = NULL;
    jeton_list *list;
    int status = jt_call_new_stored(ctx, name, NULL, &call, ret_error);

    if (status != JETON_OK)
        return status;
    list = calloc(1, sizeof(*list));
    if (list == NULL)
        return jt_error_no_memory(ret_error);
    status = show_rows(call, list, ret_error);
    if (status == JETON_OK)
        *ret_list = jt_take(&list);
    jeton_list_free(&list);
    if (status != JETON_OK)
        jt_error_set_name(ret_error, name);
    return status;
}
