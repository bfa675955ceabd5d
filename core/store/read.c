/* SPDX-License-Identifier: MIT */
/* Reads rows. Each is opened inside the engine's callback, while the engine's memory is valid.
 *
 * Another process may give the store a new key at any time. If a row does not fit the key in use, the key and the row
 * are read again. The row is damaged only if it does not fit although neither has changed. */
#include "store/entry.h"
#include "store/key.h"
#include "store/opened.h"

#include <stdlib.h>
#include <string.h>

/* How often one call starts again because the store has a new key. */
#define READ_TRIES 8u

struct store_read {
    struct jt_store *store;
    struct jt_seal *seal; /* NULL: not fetched, since there was no store */
    bool last_try;        /* a row that does not fit the key now is damaged */
    bool misfit;          /* a row does not fit the key: try again */
    int status;
    jeton_error *error;
    /* get */
    const struct jt_store_name *names;
    struct jt_entry *entries;
    size_t len, count;
    /* scan */
    bool opened;
    const char *after_name, *after_variant; /* NULL: in another order than that of the names */
    jt_store_visit visit;
    void *data;
    struct jt_buf last_name, last_variant; /* of the last row that was visited, while rows are opened */
    bool stopped;
};

static void read_done(struct store_read *read)
{
    jt_seal_free(&read->seal);
    jeton_error_free(&read->error);
    while (read->len > 0)
        jt_entry_done(&read->entries[--read->len]);
    jt_buf_done(&read->last_name);
    jt_buf_done(&read->last_variant);
}

static int read_blame(struct store_read *read, const char *what)
{
    read->status = jt_store_blame(read->store, what, &read->error);
    return 1;
}

/* Whether the blob opens as version + 1. Then the row is not damaged: the engine wrote the blob without raising the
 * row's version. */
static bool read_is_one_behind(struct store_read *read, const struct jeton_row *row)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    struct jeton_row next = *row;

    next.version++;
    return jt_store_entry_open(read->seal, &next, &entry, NULL) == JETON_OK;
}

/* Opens one row. A damaged one becomes an entry that is `unreadable`, and the call goes on. */
static int read_open(struct store_read *read, const struct jeton_row *row, struct jt_entry *ret_entry)
{
    JT_AUTO_ERROR jeton_error *error = NULL;

    if (!read->last_try && (read->seal == NULL || !jt_seal_fits(read->seal, row->blob, row->blob_len))) {
        read->misfit = true;
        return 1;
    }
    read->status = jt_store_entry_open(read->seal, row, ret_entry, &error);
    if (read->status == JETON_OK)
        return 0;
    if (read->status != JETON_BAD_ANSWER) {
        read->error = jt_take(&error);
        return 1;
    }
    if (row->blob != NULL && row->version < INT64_MAX && read_is_one_behind(read, row))
        return read_blame(read, "does not raise a row's version when it is written");
    read->status = JETON_OK;
    jt_store_entry_fill(row, ret_entry);
    ret_entry->unreadable = true;
    ret_entry->failure_status = JETON_BAD_ANSWER;
    ret_entry->failure = jt_printf("what %s holds for %s cannot be used: %s; a new token can be acquired in its place",
                                   jt_store_place(read->store), row->key.name, jeton_error_message(error));
    if (ret_entry->failure != NULL)
        return 0;
    read->status = jt_error_no_memory(&read->error);
    return 1;
}

/* After a row did not fit the key: fetches the key again if the store has a new one. *ret_again: the rows must be read
 * once more. */
static int read_prepare_retry(struct store_read *read, unsigned tries, bool *ret_again, jeton_error **ret_error)
{
    struct jt_seal *used = read->seal;
    bool changed = true;
    int status = JETON_OK;

    *ret_again = read->misfit;
    if (!read->misfit)
        return JETON_OK;
    read->misfit = false;
    if (used != NULL)
        status = jt_store_key_reload(read->store, used, &changed, ret_error);
    /* With the same key too, one more try: the row may have been sealed anew meanwhile. */
    read->last_try = (!changed && tries > 0) || tries + 1 >= READ_TRIES;
    jt_seal_free(&read->seal);
    return status == JETON_OK ? jt_store_key_get(read->store, &read->seal, ret_error) : status;
}

static bool read_is_row(const struct jeton_row *row, uint32_t kind)
{
    return row != NULL && row->struct_size >= sizeof(*row) && row->key.kind == kind && row->key.name != NULL &&
           row->key.variant != NULL && row->version >= 0 && (row->blob != NULL || row->blob_len == 0);
}

static int get_row(void *data, size_t index, const struct jeton_row *row)
{
    struct store_read *read = data;
    struct jt_entry *entry = &read->entries[read->len];

    /* An engine may call again although it was told to stop. */
    if (read->status != JETON_OK || read->misfit)
        return 1;
    if (index != read->len || index >= read->count || !read_is_row(row, JETON_KIND_TOKEN) ||
        strcmp(row->key.name, read->names[index].name) != 0 ||
        strcmp(row->key.variant, read->names[index].variant) != 0)
        return read_blame(read, "gives another row than the one that it was asked for");
    *entry = JT_ENTRY_INIT;
    if (row->version > 0 && read_open(read, row, entry) != 0)
        return 1;
    read->len++;
    return 0;
}

static int get_rows(struct store_read *read, const struct jeton_row_key *keys, jeton_error **ret_error)
{
    struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
    const struct jeton_store_engine *engine = &read->store->engine;
    int status = engine->get(read->store->opened, &call, keys, read->count, JETON_STORE_BLOBS, get_row, read);

    status = jt_store_call_end(&call, status, engine->name, ret_error);
    if (status == JETON_OK && read->status != JETON_OK)
        return jt_error_give(ret_error, &read->error);
    if (status == JETON_OK && !read->misfit && read->len < read->count)
        return jt_store_blame(read->store, "leaves out rows that it was asked for", ret_error);
    return status;
}

static void get_keys_free(struct jeton_row_key **keys)
{
    free(*keys);
}

int jt_store_get_many(struct jt_store *store, const struct jt_store_name *names, size_t count,
                      struct jt_entry *ret_entries, jeton_error **ret_error)
{
    JT_CLEANUP(read_done)
    struct store_read read = {.store = store, .names = names, .entries = ret_entries, .count = count};
    struct jeton_row_key one;
    JT_CLEANUP(get_keys_free) struct jeton_row_key *many = NULL;
    struct jeton_row_key *keys = &one;
    bool again = true;
    int status = JETON_OK;

    if (count > 1 && (keys = many = calloc(count, sizeof(*many))) == NULL)
        return jt_error_no_memory(ret_error);
    for (size_t i = 0; i < count; i++)
        keys[i] = jt_store_token_key(names[i].name, names[i].variant);
    read.seal = jt_store_key_loaded(store);
    for (unsigned tries = 0; status == JETON_OK && again; tries++) {
        while (read.len > 0)
            jt_entry_done(&ret_entries[--read.len]);
        status = get_rows(&read, keys, ret_error);
        if (status == JETON_OK)
            status = read_prepare_retry(&read, tries, &again, ret_error);
    }
    if (status == JETON_OK)
        read.len = 0; /* the entries are the caller's now */
    return status;
}

int jt_store_get(struct jt_store *store, const char *name, const char *variant, struct jt_entry *ret_entry,
                 jeton_error **ret_error)
{
    const struct jt_store_name one = {name, variant};

    return jt_store_get_many(store, &one, 1, ret_entry, ret_error);
}

static bool scan_is_behind(const struct store_read *read, const struct jeton_row *row)
{
    const int names = read->after_name != NULL ? strcmp(row->key.name, read->after_name) : 1;

    return names > 0 || (names == 0 && strcmp(row->key.variant, read->after_variant) > 0);
}

/* Remembers the row as the last one that was visited. False: out of memory. */
static bool scan_note(struct store_read *read, const struct jeton_row *row)
{
    jt_buf_reset(&read->last_name);
    jt_buf_reset(&read->last_variant);
    jt_buf_puts(&read->last_name, row->key.name);
    jt_buf_puts(&read->last_variant, row->key.variant);
    return !read->last_name.failed && !read->last_variant.failed;
}

static int scan_row(void *data, size_t index, const struct jeton_row *row)
{
    struct store_read *read = data;
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;

    (void)index;
    if (read->status != JETON_OK || read->misfit || read->stopped)
        return 1;
    if (!read_is_row(row, JETON_KIND_TOKEN) || row->version == 0 || read->len == read->count ||
        !scan_is_behind(read, row))
        return read_blame(read, "gives rows that it was not asked for");
    if (!read->opened) {
        jt_store_entry_fill(row, &entry);
    } else {
        if (read_open(read, row, &entry) != 0)
            return 1;
        if (!scan_note(read, row)) {
            read->status = jt_error_no_memory(&read->error);
            return 1;
        }
    }
    read->len++;
    read->stopped = read->visit(read->data, row->key.name, row->key.variant, row->flags, &entry) != 0;
    return read->stopped;
}

static int scan_end(struct store_read *read, struct jeton_store_call *call, int status, jeton_error **ret_error)
{
    status = jt_store_call_end(call, status, read->store->engine.name, ret_error);
    if (status == JETON_OK && read->status != JETON_OK)
        return jt_error_give(ret_error, &read->error);
    return status;
}

/* If the store gets another key during the scan, the scan goes on behind the last row that was visited. */
int jt_store_scan(struct jt_store *store, const char *after_name, const char *after_variant, size_t limit, bool opened,
                  jt_store_visit visit, void *data, jeton_error **ret_error)
{
    struct store_read read = {.store = store,
                              .opened = opened,
                              .visit = visit,
                              .data = data,
                              .count = limit,
                              .last_name = JT_BUF_INIT(JT_RESPONSE_MAX),
                              .last_variant = JT_BUF_INIT(JT_RESPONSE_MAX)};
    bool again = true;
    int status = JETON_OK;

    jt_buf_puts(&read.last_name, after_name != NULL ? after_name : "");
    jt_buf_puts(&read.last_variant, after_variant != NULL ? after_variant : "");
    if (read.last_name.failed || read.last_variant.failed)
        status = jt_error_no_memory(ret_error);
    read.seal = opened ? jt_store_key_loaded(store) : NULL;
    for (unsigned tries = 0; status == JETON_OK && again; tries++) {
        struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
        JT_AUTO_STR char *name = jt_strdup(jt_buf_str(&read.last_name));
        JT_AUTO_STR char *variant = jt_strdup(jt_buf_str(&read.last_variant));

        if (name == NULL || variant == NULL) {
            status = jt_error_no_memory(ret_error);
            break;
        }
        read.after_name = name;
        read.after_variant = variant;
        status = store->engine.scan(store->opened, &call, JETON_KIND_TOKEN, name, variant, limit - read.len,
                                    opened ? JETON_STORE_BLOBS : 0, scan_row, &read);
        status = scan_end(&read, &call, status, ret_error);
        if (status == JETON_OK)
            status = read_prepare_retry(&read, tries, &again, ret_error);
    }
    read.len = 0; /* there are no entries of ours */
    read_done(&read);
    return status;
}

int jt_store_scan_due(struct jt_store *store, int64_t now, size_t limit, jt_store_visit visit, void *data,
                      jeton_error **ret_error)
{
    struct store_read read = {.store = store, .visit = visit, .data = data, .count = limit};
    struct jeton_store_call call = jt_store_call_new(JT_STORE_WAIT_MS);
    int status = store->engine.due(store->opened, &call, JETON_KIND_TOKEN, now, limit, 0, scan_row, &read);

    status = scan_end(&read, &call, status, ret_error);
    read.len = 0;
    read_done(&read);
    return status;
}
