/* SPDX-License-Identifier: MIT */
/* `jeton rekey`: seals every row anew with another key, in one transaction. At every moment either the former or the
 * new key, each in its file, opens the store. The former key is not kept. */
#include "store/entry.h"
#include "store/key.h"
#include "store/key_next.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define REKEY_WHAT_MAX  (64u * 1024u)
#define REKEY_PLAIN_MAX (16u * 1024u * 1024u)
#define REKEY_NAMES_MAX 20u /* damaged rows that the report names */

struct rekey {
    struct jt_store *store;
    const char *new_key_file; /* NULL: a fresh key */
    char *hex;                /* the new key, guarded */
    struct jt_seal *old_seal;
    struct jt_seal *new_seal;
    struct jt_key_check old_check;
    char new_check[JT_KEY_CHECK_LEN + 1];
    struct jt_key_paths paths; /* set if the key comes from key_file */
    struct jt_buf blob;
    struct jt_buf damaged; /* names, for the report */
    size_t rows_len;
    size_t damaged_len;
    jeton_error *error; /* of the callback */
};

static void rekey_done(struct rekey *rekey)
{
    jt_store_free(&rekey->store);
    jt_guarded_free(&rekey->hex);
    jt_seal_free(&rekey->old_seal);
    jt_seal_free(&rekey->new_seal);
    jt_key_paths_done(&rekey->paths);
    jt_buf_done(&rekey->blob);
    jt_buf_done(&rekey->damaged);
    jeton_error_free(&rekey->error);
}

static bool rekey_is_file(const struct rekey *rekey)
{
    return rekey->store->key.source == JT_SECRET_FILE;
}

static int rekey_new_key(struct rekey *rekey, jeton_error **ret_error)
{
    JT_AUTO_STR char *path = NULL;
    size_t len = 0;
    int status;

    if (rekey->new_key_file == NULL) {
        status = jt_seal_make_key(&rekey->hex, ret_error);
        len = status == JETON_OK ? strlen(rekey->hex) : 0;
    } else {
        if ((path = realpath(rekey->new_key_file, NULL)) == NULL)
            return jt_error_set(ret_error, JETON_CONFIG, "the new store key cannot be found: %s: %m",
                                rekey->new_key_file);
        const struct jt_secret_spec spec = {.source = JT_SECRET_FILE, .name = "the new store key", .text = path};

        status = jt_secret_resolve(&spec, &rekey->hex, &len, ret_error);
    }
    if (status == JETON_OK)
        status = jt_seal_new(rekey->hex, len, &rekey->new_seal, ret_error);
    if (status != JETON_OK && rekey->new_key_file != NULL && ret_error != NULL)
        jt_error_prefix(ret_error, "the new store key (%s)", rekey->new_key_file);
    if (status == JETON_OK)
        jt_store_key_check_text(rekey->new_seal, rekey->new_check);
    return status;
}

/* A fresh key must be written where the next process looks for it, so the store key must come from a file. */
static int rekey_check_source(const struct rekey *rekey, jeton_error **ret_error)
{
    JT_AUTO_STR char *source = NULL;

    if (rekey_is_file(rekey) || rekey->new_key_file != NULL)
        return JETON_OK;
    source = jt_secret_describe(&rekey->store->key, rekey->store->key_written_in);
    return jt_error_set(
        ret_error, JETON_CONFIG,
        "the store key comes from the %s, where no new one can be put: write 64 hexadecimal digits to a "
        "file (openssl rand -hex 32), run `jeton rekey --new-key-file` with it, and then give the "
        "new key where the former one was",
        source != NULL ? source : "configuration");
}

static int rekey_open(struct rekey *rekey, jeton_error **ret_error)
{
    int status = jt_store_require(rekey->store, ret_error);

    if (status != JETON_OK)
        return status;
    if (rekey->store->engine.rewrite == NULL)
        return jt_error_set(ret_error, JETON_NOT_SUPPORTED,
                            "the store engine %s cannot seal all of its rows anew in one step",
                            rekey->store->engine.name);
    return rekey_is_file(rekey) ? jt_store_key_next_paths(rekey->store, &rekey->paths, ret_error) : JETON_OK;
}

/* Fetches the former key. *ret_already: the store is sealed with the new key already. */
static int rekey_old_key(struct rekey *rekey, bool *ret_already, jeton_error **ret_error)
{
    int status = jt_store_key_check_read(rekey->store, &rekey->old_check, ret_error);

    if (status != JETON_OK)
        return status;
    *ret_already = strcmp(rekey->old_check.text, rekey->new_check) == 0;
    if (*ret_already)
        return JETON_OK;
    status = jt_store_key_claim(rekey->store, &rekey->old_seal, ret_error);
    return status == JETON_OK ? jt_store_key_check_read(rekey->store, &rekey->old_check, ret_error) : status;
}

/* A row that the former key does not open is damaged: it is counted and stays as it is. */
static int rekey_keep(struct rekey *rekey, const struct jeton_row *row)
{
    if (rekey->damaged_len++ < REKEY_NAMES_MAX)
        jt_buf_printf(&rekey->damaged, "%s%s", rekey->damaged_len > 1 ? ", " : "", row->key.name);
    return JETON_OK;
}

static int rekey_reseal(void *data, const struct jeton_row *row, const void **ret_blob, size_t *ret_blob_len)
{
    struct rekey *rekey = data;
    int status;

    jt_buf_reset(&rekey->blob);
    jeton_error_free(&rekey->error);
    status = jt_store_entry_reseal(rekey->old_seal, rekey->new_seal, row, &rekey->blob, &rekey->error);
    if (status == JETON_BAD_ANSWER)
        return rekey_keep(rekey, row);
    if (status != JETON_OK)
        return status;
    rekey->rows_len++;
    *ret_blob = rekey->blob.data;
    *ret_blob_len = rekey->blob.len;
    return JETON_OK;
}

static int rekey_rewrite(struct rekey *rekey, jeton_error **ret_error)
{
    const struct jeton_store_change value = jt_store_key_check_change(rekey->new_check, rekey->old_check.version);
    struct jeton_store_call call = jt_store_call_new(-1); /* it takes as long as the store is large */
    int done = 0;
    int status = rekey->store->engine.rewrite(rekey->store->opened, &call, &value, rekey_reseal, rekey, &done);

    if (status != JETON_OK && call.error == NULL && rekey->error != NULL)
        return jt_error_give(ret_error, &rekey->error);
    status = jt_store_call_end(&call, status, rekey->store->engine.name, ret_error);
    if (status == JETON_OK && done == 0)
        return jt_error_set(ret_error, JETON_TRY_LATER,
                            "%s was given another key by somebody else at this moment; this one was not used",
                            jt_store_place(rekey->store));
    return status;
}

/* Both keys are on disk until the new one has replaced the former. */
static int rekey_run(struct rekey *rekey, jeton_error **ret_error)
{
    JT_AUTO_FD int held_fd = -1;
    int status = JETON_OK;

    if (rekey_is_file(rekey))
        status = jt_store_key_next_make(rekey->store, &rekey->paths, rekey->hex, &held_fd, ret_error);
    if (status != JETON_OK)
        return status;
    status = rekey_rewrite(rekey, ret_error);
    if (!rekey_is_file(rekey))
        return status;
    if (status == JETON_OK)
        return jt_store_key_next_place(&rekey->paths, ret_error);
    jt_store_key_next_drop(rekey->store, &rekey->paths);
    return status;
}

/* Adds to the report what must still be done by hand. */
static void rekey_add_next_step(const struct rekey *rekey, struct jt_buf *what)
{
    JT_AUTO_STR char *source = jt_secret_describe(&rekey->store->key, rekey->store->key_written_in);

    if (rekey_is_file(rekey))
        jt_buf_printf(
            what,
            "put the new key into %s: keep a copy of it, what is stored cannot be read without; copies of the "
            "store from before open with the former key only, which is not kept here\n",
            rekey->paths.key);
    else
        jt_buf_printf(what,
                      "now give the new key (%s) in the %s: until then the store does not open; then restart what has "
                      "it open\n",
                      rekey->new_key_file, source != NULL ? source : "configuration");
}

static void rekey_report(const struct rekey *rekey, bool already, struct jt_buf *what)
{
    if (already)
        jt_buf_printf(what, "the store %s is sealed with this key already (id %s): nothing was changed\n",
                      jt_store_place(rekey->store), rekey->new_check);
    else
        jt_buf_printf(what, "sealed %zu row%s of the store %s with a new key (id %s, before %s)\n", rekey->rows_len,
                      rekey->rows_len == 1 ? "" : "s", jt_store_place(rekey->store), rekey->new_check,
                      rekey->old_check.text);
    if (rekey->damaged_len > 0)
        jt_buf_printf(what, "left %zu damaged row%s as %s, unreadable before and after: %s%s\n", rekey->damaged_len,
                      rekey->damaged_len == 1 ? "" : "s", rekey->damaged_len == 1 ? "it is" : "they are",
                      jt_buf_str(&rekey->damaged), rekey->damaged_len > REKEY_NAMES_MAX ? ", …" : "");
    if (!already || !rekey_is_file(rekey))
        rekey_add_next_step(rekey, what);
}

int jt_store_rekey(const struct jt_store_options *options, const char *new_key_file, char **ret_what,
                   jeton_error **ret_error)
{
    JT_CLEANUP(rekey_done)
    struct rekey rekey = {
        .new_key_file = new_key_file, .blob = JT_BUF_INIT(2 * REKEY_PLAIN_MAX), .damaged = JT_BUF_INIT(REKEY_WHAT_MAX)};
    JT_AUTO_BUF struct jt_buf what = JT_BUF_INIT(REKEY_WHAT_MAX);
    bool already = false;
    char *text;
    int status = jt_store_opened_new(options, &rekey.store, ret_error);

    if (status == JETON_OK)
        status = rekey_check_source(&rekey, ret_error);
    if (status == JETON_OK)
        status = rekey_new_key(&rekey, ret_error);
    if (status == JETON_OK)
        status = rekey_open(&rekey, ret_error);
    if (status == JETON_OK)
        status = rekey_old_key(&rekey, &already, ret_error);
    if (status == JETON_OK && !already)
        status = rekey_run(&rekey, ret_error);
    if (status != JETON_OK)
        return status;
    rekey_report(&rekey, already, &what);
    if ((text = jt_buf_take(&what)) == NULL)
        return jt_error_no_memory(ret_error);
    *ret_what = text;
    return JETON_OK;
}
