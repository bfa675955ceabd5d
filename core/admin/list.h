/* SPDX-License-Identifier: MIT */
/* The list object that callers hold, and filling it from rows. It holds no secrets. */
#ifndef JT_ADMIN_LIST_H
#define JT_ADMIN_LIST_H

#include "broker/broker.h"

struct jt_list_item {
    char *name;
    const char *state;
    int64_t expires_at;
    int64_t renew_at;
    char *last_error;
    struct jt_fields fields;
};

struct jeton_list {
    struct jt_list_item *items;
    size_t len, size;
};

/* Appends an item with the state "none". NULL: out of memory. */
struct jt_list_item *jt_list_add(jeton_list *list, const char *name) JT_MUST_CHECK;
/* Fills in state, times and last error from a row. False: out of memory. */
bool JT_MUST_CHECK jt_list_fill(struct jt_list_item *item, const struct jt_entry *entry);

#endif
