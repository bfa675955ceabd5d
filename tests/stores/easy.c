/* SPDX-License-Identifier: MIT */
/* Reads and writes of one row. */
#include "easy.h"
#include <string.h>

int easy_write(struct store *store, const struct jeton_store_change *changes, size_t count)
{
    int done = -1;

    if (!CHECK_INT(store_write(store, PATIENT, 0, changes, count, &done), JETON_OK))
        return -1;
    return done;
}

int easy_write_one(struct store *store, struct jeton_store_change change)
{
    return easy_write(store, &change, 1);
}

int easy_put(struct store *store, const char *name, int64_t expected_version, const char *text)
{
    return easy_write_one(store, change_put(row_make(JETON_KIND_TOKEN, name, "", text), expected_version));
}

int easy_put_fenced(struct store *store, const char *name, int64_t expected_version, int64_t fence)
{
    struct jeton_row row = row_make(JETON_KIND_TOKEN, name, "", "fenced");

    row.fence = fence;
    return easy_write_one(store, change_put(row, expected_version));
}

int easy_remove(struct store *store, const char *name, int64_t expected_version)
{
    return easy_write_one(store, change_remove(row_key(JETON_KIND_TOKEN, name, ""), expected_version));
}

int easy_check(struct store *store, const char *name, int64_t expected_version)
{
    return easy_write_one(store, change_check(row_key(JETON_KIND_TOKEN, name, ""), expected_version));
}

static const struct jeton_row no_row = {.struct_size = sizeof(struct jeton_row), .version = -1, .fence = -1};

void easy_read(struct store *store, struct jeton_row_key key, struct rows *ret_rows)
{
    CHECK_INT(store_get(store, PATIENT, &key, 1, JETON_STORE_BLOBS, ret_rows), JETON_OK);
    CHECK_INT(ret_rows->count, 1);
    if (ret_rows->count > 0)
        CHECK_TRUE(row_key_is(&ret_rows->at[0], &key));
}

static const struct jeton_row *first_of(const struct rows *rows)
{
    return rows->count > 0 ? &rows->at[0] : &no_row;
}

int64_t easy_version_of(struct store *store, struct jeton_row_key key)
{
    ROWS rows = ROWS_NONE;

    easy_read(store, key, &rows);
    return first_of(&rows)->version;
}

int64_t easy_version(struct store *store, const char *name)
{
    return easy_version_of(store, row_key(JETON_KIND_TOKEN, name, ""));
}

int64_t easy_fence(struct store *store, const char *name)
{
    ROWS rows = ROWS_NONE;

    easy_read(store, row_key(JETON_KIND_TOKEN, name, ""), &rows);
    return first_of(&rows)->fence;
}

void easy_check_blob(struct store *store, const char *name, const char *text, const char *file, unsigned line)
{
    ROWS rows = ROWS_NONE;

    easy_read(store, row_key(JETON_KIND_TOKEN, name, ""), &rows);
    check_mem(first_of(&rows)->blob, first_of(&rows)->blob_len, text, strlen(text), "the stored blob", file, line);
}
