/* SPDX-License-Identifier: MIT */
/* Rows: made, copied out of visits, and compared member by member. */
#include "rows.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rows_free(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        free((void *)(uintptr_t)rows->at[i].key.name);
        free((void *)(uintptr_t)rows->at[i].key.variant);
        free((void *)(uintptr_t)rows->at[i].blob);
    }
    free(rows->at);
    rows->at = NULL;
    rows->count = 0;
}

static void *copy_of(const void *bytes, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy == NULL)
        abort();
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

static const char *visit_breach(const struct rows *rows, size_t index, const struct jeton_row *row)
{
    if (!pthread_equal(rows->caller, pthread_self()))
        return "a visit came from another thread";
    if (index != rows->count)
        return "the index of a visit is not how many came before it";
    if (rows->stop_behind > 0 && rows->count >= rows->stop_behind)
        return "a visit came after one that said stop";
    if (row->struct_size < sizeof(struct jeton_row))
        return "a row has a struct_size that is too small";
    if (row->key.name == NULL || row->key.variant == NULL)
        return "a row has no name or no variant";
    if (row->blob == NULL && row->blob_len != 0)
        return "a row without a blob has a blob_len";
    return row->reserved != 0 ? "a row's reserved is not 0" : NULL;
}

int rows_visit(void *data, size_t index, const struct jeton_row *row)
{
    struct rows *rows = data;
    struct jeton_row *copy;

    if (rows->breach == NULL)
        rows->breach = visit_breach(rows, index, row);
    if ((rows->count & (rows->count + 1)) == 0) /* one below a power of two: the room is used up */
        rows->at = realloc(rows->at, (rows->count + 1) * 2 * sizeof(*rows->at));
    if (rows->at == NULL)
        abort();
    copy = &rows->at[rows->count++];
    *copy = *row;
    copy->key.name = copy_of(row->key.name, strlen(row->key.name));
    copy->key.variant = copy_of(row->key.variant, strlen(row->key.variant));
    copy->blob = row->blob != NULL ? copy_of(row->blob, row->blob_len) : NULL;
    if (rows->stop_behind == 0 || rows->count < rows->stop_behind)
        return 0;
    return rows->count % 2 == 0 ? 1 : -1; /* any other number than 0 says stop */
}

/* FNV-1a over both, with a byte between them that is in neither. */
uint32_t row_shard(const char *name, const char *variant)
{
    uint32_t hash = 2166136261u;

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    hash *= 16777619u;
    for (; *variant != '\0'; variant++)
        hash = (hash ^ (unsigned char)*variant) * 16777619u;
    return (hash ^ hash >> 16) % JETON_STORE_SHARDS;
}

struct jeton_row_key row_key(uint32_t kind, const char *name, const char *variant)
{
    return (struct jeton_row_key){.kind = kind, .shard = row_shard(name, variant), .name = name, .variant = variant};
}

struct jeton_row row_make(uint32_t kind, const char *name, const char *variant, const char *text)
{
    return (struct jeton_row){.struct_size = sizeof(struct jeton_row),
                              .key = row_key(kind, name, variant),
                              .expires_at = JETON_STORE_NEVER,
                              .due_at = JETON_STORE_NEVER,
                              .blob = text,
                              .blob_len = text != NULL ? strlen(text) : 0};
}

struct jeton_store_change change_put(struct jeton_row row, int64_t expected_version)
{
    return (struct jeton_store_change){.struct_size = sizeof(struct jeton_store_change),
                                       .what = JETON_STORE_PUT,
                                       .expected_version = expected_version,
                                       .row = row};
}

struct jeton_store_change change_remove(struct jeton_row_key key, int64_t expected_version)
{
    struct jeton_store_change change = change_put(row_make(key.kind, key.name, key.variant, NULL), expected_version);

    change.what = JETON_STORE_REMOVE;
    return change;
}

struct jeton_store_change change_check(struct jeton_row_key key, int64_t expected_version)
{
    struct jeton_store_change change = change_remove(key, expected_version);

    change.what = JETON_STORE_CHECK;
    return change;
}

bool row_key_is(const struct jeton_row *row, const struct jeton_row_key *key)
{
    return row->key.kind == key->kind && strcmp(row->key.name, key->name) == 0 &&
           strcmp(row->key.variant, key->variant) == 0;
}

bool row_blob_is(const struct jeton_row *row, const char *text)
{
    return row->blob != NULL && row->blob_len == strlen(text) && memcmp(row->blob, text, row->blob_len) == 0;
}

void check_row(const struct jeton_row *actual, const struct jeton_row *expected, bool blob_too, const char *file,
               unsigned line)
{
    check_int(actual->key.kind, expected->key.kind, "the kind", file, line);
    check_int(actual->key.shard, expected->key.shard, "the shard", file, line);
    check_str(actual->key.name, expected->key.name, "the name", file, line);
    check_str(actual->key.variant, expected->key.variant, "the variant", file, line);
    check_int(actual->state, expected->state, "state", file, line);
    check_int(actual->version, expected->version, "version", file, line);
    check_int(actual->fence, expected->fence, "fence", file, line);
    check_int(actual->expires_at, expected->expires_at, "expires_at", file, line);
    check_int(actual->due_at, expected->due_at, "due_at", file, line);
    check_int(actual->failed_at, expected->failed_at, "failed_at", file, line);
    check_int(actual->retry_at, expected->retry_at, "retry_at", file, line);
    check_int(actual->failures, expected->failures, "failures", file, line);
    check_int(actual->failure_status, expected->failure_status, "failure_status", file, line);
    check_int((intmax_t)actual->config_digest, (intmax_t)expected->config_digest, "config_digest", file, line);
    check_int(actual->flags, expected->flags, "flags", file, line);
    if (!blob_too)
        return;
    check_int(actual->blob != NULL, expected->blob != NULL, "whether there is a blob", file, line);
    check_mem(actual->blob, actual->blob_len, expected->blob, expected->blob_len, "the blob", file, line);
}

void check_names(const struct rows *rows, const char *const *names, const char *file, unsigned line)
{
    size_t count = 0;

    while (names[count] != NULL)
        count++;
    check_int((intmax_t)rows->count, (intmax_t)count, "how many rows came", file, line);
    for (size_t i = 0; i < count && i < rows->count; i++)
        check_str(rows->at[i].key.name, names[i], "the name at this place", file, line);
}
