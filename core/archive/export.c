/* SPDX-License-Identifier: MIT */
/* Export: writes the rows of some names, or of all, into an archive. The store is not changed. */
#include "archive/report.h"
#include "archive/row.h"
#include "archive/stream.h"
#include "broker/broker.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT_PAGE    256u
#define EXPORT_WAIT_MS 30000

/* The names of one page of rows. They are collected first and the rows read later, since the database is kept busy
 * during a scan. */
struct export_page {
    struct {
        char *name;
        char *variant;
    } rows[EXPORT_PAGE];
    size_t len;
    const char *only; /* collects rows of this name only; NULL: of any name */
    bool failed;
};

struct export_run {
    jeton *ctx;
    struct jt_store *store;
    const char *passphrase;
    int (*write)(void *data, const void *bytes, size_t len);
    void *data;
    struct jt_archive *archive; /* NULL: no row was found yet */
    struct jt_buf plain;
    struct jt_archive_report report;
    size_t exported, revocations, intents, skipped;
};

static void export_page_done(struct export_page *page)
{
    for (size_t i = 0; i < page->len; i++) {
        free(page->rows[i].name);
        free(page->rows[i].variant);
    }
    page->len = 0;
}

static void export_done(struct export_run *run)
{
    jt_archive_free(&run->archive);
    jt_buf_done(&run->plain);
    jt_archive_report_done(&run->report);
}

static int export_visit(void *data, const char *name, const char *variant, uint32_t flags, const struct jt_entry *entry)
{
    struct export_page *page = data;

    (void)flags;
    (void)entry;
    if (page->only != NULL && strcmp(page->only, name) != 0)
        return 1;
    page->rows[page->len].name = jt_strdup(name);
    page->rows[page->len].variant = jt_strdup(variant);
    page->failed = page->rows[page->len].name == NULL || page->rows[page->len].variant == NULL;
    page->len++;
    return page->failed || page->len == EXPORT_PAGE;
}

/* For a row that is an intent: waits for the lease and reads the row again. If a renewal was under way, it is over by
 * then; if the row is still an intent, the renewal's answer was lost, and the intent is exported. */
static int export_wait_and_read(const struct export_run *run, const char *name, const char *variant,
                                struct jt_entry *entry, jeton_error **ret_error)
{
    struct jt_entry again = JT_ENTRY_INIT;
    struct jt_store_lease *lease = NULL;
    int64_t fence;
    int status = jt_store_lease(run->store, name, variant, EXPORT_WAIT_MS, &lease, &fence, ret_error);

    if (status == JETON_OK && lease == NULL)
        return jt_error_set(ret_error, JETON_TRY_LATER,
                            "%s: its token is being renewed at this moment, and has been for %d s: export it when that "
                            "is done",
                            name, EXPORT_WAIT_MS / 1000);
    if (status == JETON_OK)
        status = jt_store_get(run->store, name, variant, &again, ret_error);
    jt_store_release(run->store, &lease);
    if (status != JETON_OK)
        return status;
    jt_entry_done(entry);
    *entry = again;
    return JETON_OK;
}

static int export_skip(struct export_run *run, const char *name, const char *variant, const char *message,
                       jeton_error **ret_error)
{
    run->skipped++;
    return jt_archive_report_add(&run->report, name, variant, "skipped", message, ret_error);
}

/* The archive is created with its first row: deriving the key from the passphrase takes a second. */
static int export_write(struct export_run *run, const char *name, const char *variant, const struct jt_entry *entry,
                        jeton_error **ret_error)
{
    const struct jt_archive_cost cost = JT_ARCHIVE_COST;
    int status = JETON_OK;

    jt_buf_reset(&run->plain);
    if (run->archive == NULL)
        status = jt_archive_create(run->passphrase, &cost, run->write, run->data, &run->archive, ret_error);
    if (status == JETON_OK)
        status = jt_archive_row_encode(name, variant, entry, &run->plain, ret_error);
    if (status == JETON_OK)
        status = jt_archive_add(run->archive, run->plain.data, run->plain.len, ret_error);
    if (status != JETON_OK)
        return status;
    run->exported++;
    run->revocations += entry->state == JT_ROW_REVOKING;
    run->intents += entry->state == JT_ROW_INTENT;
    return jt_archive_report_add(&run->report, name, variant, "exported",
                                 entry->state == JT_ROW_REVOKING ? "a queued revocation"
                                 : entry->state == JT_ROW_INTENT ? "the answer to its last renewal was lost"
                                                                 : NULL,
                                 ret_error);
}

static int export_row(struct export_run *run, const char *name, const char *variant, jeton_error **ret_error)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    int status = jt_store_get(run->store, name, variant, &entry, ret_error);

    if (status == JETON_OK && entry.state == JT_ROW_INTENT && !entry.unreadable)
        status = export_wait_and_read(run, name, variant, &entry, ret_error);
    if (status != JETON_OK)
        return status;
    if (entry.unreadable)
        return export_skip(run, name, variant, "the stored row is damaged", ret_error);
    if (entry.token.access_token == NULL && entry.token.refresh_token == NULL)
        return JETON_OK; /* removed meanwhile, or only a failure */
    return export_write(run, name, variant, &entry, ret_error);
}

static int export_rows(struct export_run *run, const char *only, jeton_error **ret_error)
{
    JT_AUTO_STR char *after_name = jt_strdup(only != NULL ? only : "");
    JT_AUTO_STR char *after_variant = jt_strdup("");
    bool more = true;

    while (more) {
        JT_CLEANUP(export_page_done) struct export_page page = {.only = only};
        int status;

        if (after_name == NULL || after_variant == NULL)
            return jt_error_no_memory(ret_error);
        status =
            jt_store_scan(run->store, after_name, after_variant, EXPORT_PAGE, false, export_visit, &page, ret_error);
        if (status == JETON_OK && page.failed)
            status = jt_error_no_memory(ret_error);
        for (size_t i = 0; i < page.len && status == JETON_OK; i++)
            status = export_row(run, page.rows[i].name, page.rows[i].variant, ret_error);
        if (status != JETON_OK)
            return status;
        more = page.len == EXPORT_PAGE;
        if (more) {
            jt_str_free(&after_name);
            jt_str_free(&after_variant);
            after_name = jt_take(&page.rows[EXPORT_PAGE - 1].name);
            after_variant = jt_take(&page.rows[EXPORT_PAGE - 1].variant);
        }
    }
    return JETON_OK;
}

/* A scan begins behind a key, so it leaves out the name's own row, which is read separately. */
static int export_name(struct export_run *run, const char *name, jeton_error **ret_error)
{
    const size_t before = run->exported + run->skipped;
    struct jt_name parsed;
    int status = jt_name_parse(name, &parsed, ret_error);

    if (status == JETON_OK)
        status = export_row(run, name, "", ret_error);
    if (status == JETON_OK)
        status = export_rows(run, name, ret_error);
    if (status == JETON_OK && run->exported + run->skipped == before)
        status =
            jt_error_set(ret_error, JETON_USAGE, "%s: nothing is stored for this name that could be exported", name);
    if (status != JETON_OK)
        jt_error_set_name(ret_error, name);
    return status;
}

static bool export_is_repeated(const char *const *names, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(names[i], names[index]) == 0)
            return true;
    return false;
}

static int export_all(struct export_run *run, const char *const *names, size_t names_len, jeton_error **ret_error)
{
    int status = names_len == 0 ? export_rows(run, NULL, ret_error) : JETON_OK;

    for (size_t i = 0; i < names_len && status == JETON_OK; i++)
        if (!export_is_repeated(names, i))
            status = export_name(run, names[i], ret_error);
    if (status == JETON_OK && run->archive == NULL)
        status = jt_error_set(ret_error, JETON_USAGE, "%s holds no token that could be exported",
                              jt_store_place(run->store));
    if (status == JETON_OK)
        status = jt_archive_end(run->archive, ret_error);
    return status;
}

int jeton_export(jeton *ctx, const char *const *names, size_t names_len, const char *passphrase,
                 int (*write)(void *data, const void *bytes, size_t len), void *data, jeton_answer **ret_answer,
                 jeton_error **ret_error)
{
    JT_UNCANCELLED;
    JT_CLEANUP(export_done)
    struct export_run run = {.ctx = ctx,
                             .passphrase = passphrase,
                             .write = write,
                             .data = data,
                             .plain = JT_BUF_INIT(JT_ARCHIVE_MESSAGE_MAX)};
    int status = jt_context_store(ctx, &run.store, ret_error);

    if (status == JETON_OK)
        status = jt_store_require(run.store, ret_error);
    if (status == JETON_OK)
        status = export_all(&run, names, names_len, ret_error);
    if (status != JETON_OK || ret_answer == NULL)
        return status;
    return jt_archive_report_answer(&run.report,
                                    (const struct jt_archive_count[]){{"exported", run.exported},
                                                                      {"revocations", run.revocations},
                                                                      {"intents", run.intents},
                                                                      {"skipped", run.skipped}},
                                    4, ret_answer, ret_error);
}
