/* SPDX-License-Identifier: MIT */
/* `jeton rekey`: the whole store sealed anew with another key, in one transaction. At no moment does it leave a store
 * that neither the former key nor the new one opens, and it never keeps the former key. */
#include "base/guarded.h"
#include "store/parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define REKEY_WHAT_MAX  (64u * 1024u)
#define REKEY_PLAIN_MAX (16u * 1024u * 1024u)
#define REKEY_NAMES_MAX 20u /* damaged rows that are named */

struct rekey {
    const struct jt_main_config *config;
    struct jt_store *store;
    const char *new_key_file; /* NULL: a fresh key */
    char *hex;                /* the new key, guarded */
    struct jt_seal *old_seal;
    struct jt_seal *new_seal;
    char old_check[JT_KEY_CHECK_LEN + 1];
    char new_check[JT_KEY_CHECK_LEN + 1];
    struct jt_key_paths paths; /* where the key comes from key_file */
    struct jt_buf plain;
    struct jt_buf blob;
    struct jt_buf damaged; /* names, for the report */
    size_t rows_len;
    size_t damaged_len;
    jeton_error *error; /* of the visit */
};

static void rekey_done(struct rekey *rekey)
{
    jt_store_free(&rekey->store);
    jt_secret_free(&rekey->hex);
    jt_seal_free(&rekey->old_seal);
    jt_seal_free(&rekey->new_seal);
    jt_key_paths_done(&rekey->paths);
    jt_buf_done(&rekey->plain);
    jt_buf_done(&rekey->blob);
    jt_buf_done(&rekey->damaged);
    jeton_error_free(&rekey->error);
}

static bool rekey_is_file(const struct rekey *rekey)
{
    return rekey->config->store_key->source == JT_SECRET_FILE;
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
        jt_store_key_say(rekey->new_seal, rekey->new_check);
    return status;
}

/* A fresh key must end where the next process looks for it, and only a file can be written there. */
static int rekey_check_source(const struct rekey *rekey, jeton_error **ret_error)
{
    JT_AUTO_STR char *source = NULL;

    if (rekey_is_file(rekey) || rekey->new_key_file != NULL)
        return JETON_OK;
    source = jt_store_key_source(rekey->config);
    return jt_error_set(
        ret_error, JETON_CONFIG,
        "the store key comes from the %s, where no new one can be put: write 64 hexadecimal digits to a "
        "file (openssl rand -hex 32), run `jeton rekey --new-key-file` with it, and then give the "
        "new key where the former one was",
        source != NULL ? source : "configuration");
}

static int rekey_open(struct rekey *rekey, jeton_error **ret_error)
{
    int status = jt_store_engine_open(rekey->config, false, &rekey->store, ret_error);

    if (status != JETON_OK)
        return status;
    if (jt_store_missing(rekey->store))
        return jt_store_fail_missing(rekey->store, ret_error);
    if (rekey->store->engine.rewrite == NULL)
        return jt_error_set(ret_error, JETON_NOT_SUPPORTED,
                            "the store engine %s cannot seal all of its rows anew in one step",
                            rekey->config->store_engine);
    return rekey_is_file(rekey) ? jt_store_key_next_paths(rekey->config, &rekey->paths, ret_error) : JETON_OK;
}

/* *ret_already: the store is sealed with the new key. */
static int rekey_old_key(struct rekey *rekey, bool *ret_already, jeton_error **ret_error)
{
    char stored[JT_KEY_CHECK_LEN + 1];
    int status = jt_store_key_stored(rekey->store, stored, ret_error);

    if (status != JETON_OK)
        return status;
    *ret_already = strcmp(stored, rekey->new_check) == 0;
    if (*ret_already)
        return JETON_OK;
    status = jt_store_key_stamp(rekey->store, &rekey->old_seal, ret_error);
    if (status == JETON_OK)
        jt_store_key_say(rekey->old_seal, rekey->old_check);
    return status;
}

/* A row that the former key does not open would not be opened by it tomorrow either: it stays as it is. */
static int rekey_keep(struct rekey *rekey, const struct jeton_row *row)
{
    if (rekey->damaged_len++ < REKEY_NAMES_MAX)
        jt_buf_printf(&rekey->damaged, "%s%s", rekey->damaged_len > 1 ? ", " : "", row->name);
    return JETON_OK;
}

static int rekey_visit(void *data, const struct jeton_row *row, const void **ret_blob, size_t *ret_blob_len)
{
    struct rekey *rekey = data;
    int status;

    jt_buf_reset(&rekey->plain);
    jt_buf_reset(&rekey->blob);
    jeton_error_free(&rekey->error);
    status = jt_seal_open(rekey->old_seal, row->name, row->variant, row->version, row->state, row->blob, row->blob_len,
                          &rekey->plain, &rekey->error);
    if (status == JETON_BAD_ANSWER)
        return rekey_keep(rekey, row);
    if (status == JETON_OK)
        status = jt_seal_close(rekey->new_seal, row->name, row->variant, row->version, row->state,
                               jt_buf_str(&rekey->plain), rekey->plain.len, &rekey->blob, &rekey->error);
    if (status != JETON_OK)
        return status;
    rekey->rows_len++;
    *ret_blob = rekey->blob.data;
    *ret_blob_len = rekey->blob.len;
    return JETON_OK;
}

static int rekey_rewrite(struct rekey *rekey, jeton_error **ret_error)
{
    char why[JT_STORE_WHY_LEN] = "";
    int done = 0;
    int status = rekey->store->engine.rewrite(rekey->store->opened, rekey->old_check, rekey->new_check, rekey_visit,
                                              rekey, &done, why, sizeof(why));

    if (status != JETON_OK && why[0] == '\0' && rekey->error != NULL)
        return jt_error_give(ret_error, &rekey->error);
    if (status != JETON_OK)
        return jt_error_set(ret_error, status, "%s", why);
    if (done == 0)
        return jt_error_set(ret_error, JETON_TRY_LATER,
                            "%s was given another key by somebody else at this moment; this one was not used",
                            rekey->config->store_path);
    return JETON_OK;
}

/* From here until the new key has the former one's place, both are on disk. */
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

/* What is left to be done by hand. */
static void rekey_tell_source(const struct rekey *rekey, struct jt_buf *what)
{
    JT_AUTO_STR char *source = jt_store_key_source(rekey->config);

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

static void rekey_tell(const struct rekey *rekey, bool already, struct jt_buf *what)
{
    if (already)
        jt_buf_printf(what, "the store %s is sealed with this key already (id %s): nothing was changed\n",
                      rekey->config->store_path, rekey->new_check);
    else
        jt_buf_printf(what, "sealed %zu row%s of the store %s with a new key (id %s, before %s)\n", rekey->rows_len,
                      rekey->rows_len == 1 ? "" : "s", rekey->config->store_path, rekey->new_check, rekey->old_check);
    if (rekey->damaged_len > 0)
        jt_buf_printf(what, "left %zu damaged row%s as %s, unreadable before and after: %s%s\n", rekey->damaged_len,
                      rekey->damaged_len == 1 ? "" : "s", rekey->damaged_len == 1 ? "it is" : "they are",
                      jt_buf_str(&rekey->damaged), rekey->damaged_len > REKEY_NAMES_MAX ? ", …" : "");
    if (!already || !rekey_is_file(rekey))
        rekey_tell_source(rekey, what);
}

int jt_store_rekey(const struct jt_main_config *config, const char *new_key_file, char **ret_what,
                   jeton_error **ret_error)
{
    JT_CLEANUP(rekey_done)
    struct rekey rekey = {.config = config,
                          .new_key_file = new_key_file,
                          .plain = JT_BUF_INIT(REKEY_PLAIN_MAX),
                          .blob = JT_BUF_INIT(2 * REKEY_PLAIN_MAX),
                          .damaged = JT_BUF_INIT(REKEY_WHAT_MAX)};
    JT_AUTO_BUF struct jt_buf what = JT_BUF_INIT(REKEY_WHAT_MAX);
    bool already = false;
    char *text;
    int status = rekey_check_source(&rekey, ret_error);

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
    rekey_tell(&rekey, already, &what);
    if ((text = jt_buf_take(&what)) == NULL)
        return jt_error_no_memory(ret_error);
    *ret_what = text;
    return JETON_OK;
}
