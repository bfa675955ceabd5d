/* SPDX-License-Identifier: MIT */
/* Import: writes the rows of an archive to the store, all or none. The whole archive is read and checked first. */
#include "archive/report.h"
#include "archive/row.h"
#include "archive/stream.h"
#include "broker/broker.h"
#include "token/token.h"

#include <stdlib.h>
#include <string.h>

#define IMPORT_TRIES 5u /* again if another process has written one of the rows */

/* A message of the archive, and the decision about it. */
struct import_row {
    void *plain; /* in the arena, one byte longer than plain_len */
    size_t plain_len;
    const char *name; /* in plain */
    const char *variant;
    int64_t expected_version;
    int64_t fence;
    bool replaces;
    const char *kept_because; /* why the stored row stays; NULL: this one is written */
};

struct import_run {
    struct jt_store *store;
    unsigned flags;
    struct import_row *rows;
    size_t len, size;
    size_t at; /* the next row to be written */
    struct jt_archive_report report;
};

static void import_done(struct import_run *run)
{
    for (size_t i = 0; i < run->len; i++)
        jt_token_arena_free(run->rows[i].plain, run->rows[i].plain_len + 1);
    free(run->rows);
    jt_archive_report_done(&run->report);
}

static int import_decode(const struct import_row *row, const char **ret_name, const char **ret_variant,
                         struct jt_entry *ret_entry, jeton_error **ret_error)
{
    return jt_archive_row_decode(row->plain, row->plain_len, ret_name, ret_variant, ret_entry, ret_error);
}

/* Checks the message and adds it to the rows. */
static int import_add(struct import_run *run, const struct jt_buf *plain, jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    struct import_row *row;

    if (run->len == run->size) {
        const size_t size = run->size == 0 ? 64 : 2 * run->size;
        struct import_row *rows = reallocarray(run->rows, size, sizeof(*rows));

        if (rows == NULL)
            return jt_error_no_memory(ret_error);
        run->rows = rows;
        run->size = size;
    }
    row = &run->rows[run->len];
    *row = (struct import_row){.plain = jt_token_arena_alloc(plain->len + 1), .plain_len = plain->len};
    if (row->plain == NULL)
        return jt_error_no_memory(ret_error);
    run->len++;
    memcpy(row->plain, jt_buf_str(plain), plain->len);
    return import_decode(row, &row->name, &row->variant, &entry, ret_error);
}

static int import_compare(const void *a, const void *b)
{
    const struct import_row *one = a, *other = b;
    const int order = strcmp(one->name, other->name);

    return order != 0 ? order : strcmp(one->variant, other->variant);
}

static int import_read(struct import_run *run, struct jt_archive *archive, jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(JT_ARCHIVE_MESSAGE_MAX);
    bool end = false;

    for (;;) {
        int status = jt_archive_next(archive, &plain, &end, ret_error);

        if (status != JETON_OK)
            return status;
        if (end)
            break;
        status = import_add(run, &plain, ret_error);
        if (status != JETON_OK)
            return status;
    }
    if (run->len > 1)
        qsort(run->rows, run->len, sizeof(run->rows[0]), import_compare);
    for (size_t i = 1; i < run->len; i++)
        if (import_compare(&run->rows[i - 1], &run->rows[i]) == 0)
            return jt_error_set(ret_error, JETON_BAD_ANSWER, "the archive holds a row of %s twice", run->rows[i].name);
    return JETON_OK;
}

/* *ret_queued: the same token waits in the store to be revoked. */
static int import_is_revoked(const struct import_run *run, const struct import_row *row, const struct jt_entry *entry,
                             bool *ret_queued, jeton_error **ret_error)
{
    JT_AUTO_STR char *variant = NULL;
    JT_AUTO_ENTRY struct jt_entry queued = JT_ENTRY_INIT;
    int status;

    if (entry->token.access_token == NULL || entry->state == JT_ROW_REVOKING)
        return JETON_OK;
    if ((variant = jt_revoke_variant(row->variant, entry->token.access_token)) == NULL)
        return jt_error_no_memory(ret_error);
    status = jt_store_get(run->store, row->name, variant, &queued, ret_error);
    if (status == JETON_OK)
        *ret_queued = queued.state == JT_ROW_REVOKING;
    return status;
}

/* Why the stored row is kept; NULL: it is replaced. */
static const char *import_keep(const struct import_run *run, const struct jt_entry *stored,
                               const struct jt_entry *entry)
{
    if (stored->state == 0 || stored->state == JT_ROW_EMPTY || stored->unreadable)
        return NULL;
    if ((run->flags & JETON_IMPORT_REPLACE) != 0)
        return NULL;
    if (stored->state == JT_ROW_REVOKING)
        return "its revocation is queued here";
    if (stored->token.access_token == NULL && stored->token.refresh_token == NULL)
        return "a token is being acquired here";
    if (entry->state == JT_ROW_REVOKING)
        return "a token is stored here";
    return entry->token.expires_at > stored->token.expires_at ? NULL : "the stored one expires no earlier";
}

static int import_decide(const struct import_run *run, struct import_row *row, jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    JT_AUTO_ENTRY struct jt_entry stored = JT_ENTRY_INIT;
    const char *name, *variant;
    bool queued = false;
    int status = import_decode(row, &name, &variant, &entry, ret_error);

    if (status == JETON_OK)
        status = jt_store_get(run->store, name, variant, &stored, ret_error);
    if (status == JETON_OK)
        status = import_is_revoked(run, row, &entry, &queued, ret_error);
    if (status != JETON_OK)
        return status;
    row->expected_version = stored.version;
    row->fence = stored.fence;
    row->replaces = stored.token.access_token != NULL || stored.token.refresh_token != NULL || stored.unreadable;
    row->kept_because = queued ? "its revocation is queued here" : import_keep(run, &stored, &entry);
    return JETON_OK;
}

static int import_next(void *data, const char **ret_name, const char **ret_variant, struct jt_entry *ret_entry,
                       int64_t *ret_expected_version, jeton_error **ret_error)
{
    struct import_run *run = data;
    const struct import_row *row;
    int status;

    while (run->at < run->len && run->rows[run->at].kept_because != NULL)
        run->at++;
    if (run->at == run->len)
        return JETON_OK;
    row = &run->rows[run->at++];
    status = import_decode(row, ret_name, ret_variant, ret_entry, ret_error);
    if (status == JETON_OK) {
        ret_entry->fence = row->fence;
        *ret_expected_version = row->expected_version;
    }
    return status;
}

/* Decides about every row, then writes those that are to be written. Does so again if another process has written one
 * of them in between. */
static int import_write(struct import_run *run, jeton_error **ret_error)
{
    for (unsigned tries = 0; tries < IMPORT_TRIES; tries++) {
        bool done = false;
        int status = JETON_OK;

        for (size_t i = 0; i < run->len && status == JETON_OK; i++)
            status = import_decide(run, &run->rows[i], ret_error);
        run->at = 0;
        if (status == JETON_OK)
            status = jt_store_put_all(run->store, import_next, run, true, &done, ret_error);
        if (status != JETON_OK || done)
            return status;
    }
    return jt_error_set(ret_error, JETON_TRY_LATER,
                        "%s: other processes keep changing the rows that are to be imported",
                        jt_store_place(run->store));
}

static int import_report(struct import_run *run, jeton_answer **ret_answer, jeton_error **ret_error)
{
    size_t imported = 0, replaced = 0, kept = 0;

    for (size_t i = 0; i < run->len; i++) {
        const struct import_row *row = &run->rows[i];
        int status;

        kept += row->kept_because != NULL;
        replaced += row->kept_because == NULL && row->replaces;
        imported += row->kept_because == NULL && !row->replaces;
        status = jt_archive_report_add(&run->report, row->name, row->variant,
                                       row->kept_because != NULL ? "kept"
                                       : row->replaces           ? "replaced"
                                                                 : "imported",
                                       row->kept_because, ret_error);
        if (status != JETON_OK)
            return status;
    }
    return jt_archive_report_answer(
        &run->report, (const struct jt_archive_count[]){{"imported", imported}, {"replaced", replaced}, {"kept", kept}},
        3, ret_answer, ret_error);
}

int jeton_import(jeton *ctx, const char *passphrase, unsigned flags,
                 int (*read)(void *data, void *bytes, size_t size, size_t *ret_len), void *data,
                 jeton_answer **ret_answer, jeton_error **ret_error)
{
    JT_UNCANCELLED;
    JT_CLEANUP(import_done) struct import_run run = {.flags = flags};
    JT_AUTO_ARCHIVE struct jt_archive *archive = NULL;
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status = jt_context_store(ctx, &run.store, ret_error);

    if (status != JETON_OK)
        return status;
    if ((flags & ~JETON_IMPORT_REPLACE) != 0)
        return jt_error_set(ret_error, JETON_USAGE, "jeton_import does not know the flags %#x", flags);
    status = jt_store_require(run.store, ret_error);
    if (status != JETON_OK)
        return status;
    status = jt_archive_open(passphrase, read, data, &archive, &error);
    if (status == JETON_OK)
        status = import_read(&run, archive, &error);
    if (status == JETON_OK)
        status = import_write(&run, &error);
    if (status != JETON_OK) {
        jt_error_set_hint(&error, "nothing was imported");
        return jt_error_give(ret_error, &error);
    }
    /* The rows are committed: lack of memory for the report does not undo that. */
    return ret_answer != NULL ? import_report(&run, ret_answer, ret_error) : JETON_OK;
}
