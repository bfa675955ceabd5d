/* SPDX-License-Identifier: MIT */
/* The list object: fills it from rows, and reads it. */
#include "admin/list.h"
#include <stdlib.h>

void jeton_list_free(jeton_list **list)
{
    if (list == NULL || *list == NULL)
        return;
    for (size_t i = 0; i < (*list)->len; i++) {
        free((*list)->items[i].name);
        free((*list)->items[i].last_error);
        jt_fields_done(&(*list)->items[i].fields);
    }
    free((*list)->items);
    free(*list);
    *list = NULL;
}

struct jt_list_item *jt_list_add(jeton_list *list, const char *name)
{
    struct jt_list_item *item;

    if (list->len == list->size) {
        size_t size = list->size == 0 ? 64 : list->size * 2;
        struct jt_list_item *items = reallocarray(list->items, size, sizeof(*items));

        if (items == NULL)
            return NULL;
        list->items = items;
        list->size = size;
    }
    item = &list->items[list->len];
    *item =
        (struct jt_list_item){.name = jt_strdup(name), .state = "none", .expires_at = JT_NEVER, .renew_at = JT_NEVER};
    if (item->name == NULL)
        return NULL;
    list->len++;
    return item;
}

static const char *list_state_of(const struct jt_entry *entry, int64_t now)
{
    /* due_at is 0 for an intent without a token: see intent.c. */
    bool has_token = entry->state == JT_ROW_TOKEN || (entry->state == JT_ROW_INTENT && entry->due_at != 0);

    if (entry->unreadable)
        return "unreadable";
    if (entry->state == JT_ROW_REVOKING)
        return "revoking";
    if (has_token && now < entry->token.expires_at)
        return now >= entry->due_at ? "due" : "valid";
    if (entry->failures > 0)
        return entry->failure_status == JETON_LOGIN_NEEDED ? "login needed" : "failing";
    if (entry->state == JT_ROW_INVALID)
        return "invalidated";
    return has_token ? "expired" : "none";
}

bool jt_list_fill(struct jt_list_item *item, const struct jt_entry *entry)
{
    item->state = list_state_of(entry, jt_now());
    item->expires_at = entry->token.expires_at;
    item->renew_at =
        entry->state == JT_ROW_REVOKING ? (entry->failures > 0 ? entry->retry_at : jt_now()) : entry->due_at;
    if (entry->failure != NULL && item->last_error == NULL)
        item->last_error = entry->unreadable ? jt_strdup(entry->failure) : jt_failure_message(entry->failure);
    return entry->failure == NULL || item->last_error != NULL;
}

size_t jeton_list_len(const jeton_list *list)
{
    return list != NULL ? list->len : 0;
}

static const struct jt_list_item *list_item_at(const jeton_list *list, size_t index)
{
    return list != NULL && index < list->len ? &list->items[index] : NULL;
}

const char *jeton_list_name(const jeton_list *list, size_t index)
{
    const struct jt_list_item *item = list_item_at(list, index);

    return item != NULL ? item->name : NULL;
}

const char *jeton_list_state(const jeton_list *list, size_t index)
{
    const struct jt_list_item *item = list_item_at(list, index);

    return item != NULL ? item->state : NULL;
}

int64_t jeton_list_expires_at(const jeton_list *list, size_t index)
{
    const struct jt_list_item *item = list_item_at(list, index);

    return item != NULL ? item->expires_at : JT_NEVER;
}

int64_t jeton_list_renew_at(const jeton_list *list, size_t index)
{
    const struct jt_list_item *item = list_item_at(list, index);

    return item != NULL ? item->renew_at : JT_NEVER;
}

const char *jeton_list_last_error(const jeton_list *list, size_t index)
{
    const struct jt_list_item *item = list_item_at(list, index);

    return item != NULL ? item->last_error : NULL;
}

const char *jeton_list_field(const jeton_list *list, size_t index, const char *field)
{
    const struct jt_list_item *item = list_item_at(list, index);

    return item != NULL ? jt_fields_get(&item->fields, field) : NULL;
}
