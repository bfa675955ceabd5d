/* SPDX-License-Identifier: MIT */
/* The places of the recent rows in their file, and a row's form there. It never decides whether a copy counts, and
 * takes what it reads for hostile. */
#include "recent.h"
#include "token/name.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define SLOT_FIRST 4096u /* behind the header */
#define SLOT_COUNT 256u
#define SLOT_LEN   8192u

/* This, then name, variant, failure and blob; the strings with their NUL. */
struct recent_slot {
    uint64_t sum; /* of all that follows, up to the end of the blob */
    uint64_t epoch;
    uint32_t name_len;
    uint32_t variant_len;
    uint32_t failure_len; /* 0: none */
    uint32_t has_blob;
    struct jeton_row row; /* without its pointers */
};

union recent_block {
    struct recent_slot slot;
    char bytes[SLOT_LEN];
};

const uint32_t jt_store_recent_slot_format = sizeof(struct recent_slot);

/* Two rows may have the same place; the one that was written later has it. */
static off_t slot_place(const char *name, const char *variant)
{
    return (off_t)(SLOT_FIRST + jt_name_hash(name, variant) % SLOT_COUNT * SLOT_LEN);
}

uint64_t jt_store_recent_sum(const void *data, size_t len)
{
    static const unsigned char key[crypto_shorthash_KEYBYTES] = "jeton -recent";
    uint64_t sum;

    (void)crypto_shorthash((unsigned char *)&sum, data, len, key);
    return sum;
}

static uint64_t slot_sum(const union recent_block *block, size_t end)
{
    const size_t head = sizeof(block->slot.sum);

    return jt_store_recent_sum(block->bytes + head, end - head);
}

/* The next string, or NULL where there is none. */
static const char *slot_text(const union recent_block *block, size_t *at, uint32_t len)
{
    const char *text = block->bytes + *at;

    if (len == 0 || len > sizeof(block->bytes) - *at || memchr(text, '\0', len) != text + len - 1)
        return NULL;
    *at += len;
    return text;
}

static bool slot_unpack(const union recent_block *block, uint64_t epoch, struct jeton_row *ret_row)
{
    const struct recent_slot *slot = &block->slot;
    struct jeton_row row = slot->row;
    size_t at = sizeof(*slot);

    row.name = slot_text(block, &at, slot->name_len);
    row.variant = row.name != NULL ? slot_text(block, &at, slot->variant_len) : NULL;
    row.failure = row.key_check = NULL;
    if (slot->epoch != epoch || row.variant == NULL)
        return false;
    if (slot->failure_len > 0 && (row.failure = slot_text(block, &at, slot->failure_len)) == NULL)
        return false;
    if (row.blob_len > sizeof(block->bytes) - at)
        return false;
    row.blob = slot->has_blob != 0 ? block->bytes + at : NULL;
    row.blob_len = slot->has_blob != 0 ? row.blob_len : 0;
    if (slot->sum != slot_sum(block, at + row.blob_len))
        return false;
    *ret_row = row;
    return true;
}

bool jt_store_recent_slot_read(int fd, uint64_t epoch, const char *name, const char *variant, struct jeton_row *ret_row)
{
    union recent_block block;
    struct jeton_row row;
    ssize_t len = pread(fd, &block, sizeof(block), slot_place(name, variant));

    if (len < (ssize_t)sizeof(block.slot))
        return false;
    memset(block.bytes + len, 0, sizeof(block.bytes) - (size_t)len);
    return slot_unpack(&block, epoch, &row) && strcmp(row.name, name) == 0 && strcmp(row.variant, variant) == 0 &&
           jt_store_rows_pack(&row, ret_row) == 0;
}

static void slot_add(union recent_block *block, size_t *at, const void *data, size_t len)
{
    if (len > 0)
        memcpy(block->bytes + *at, data, len);
    *at += len;
}

bool jt_store_recent_slot_write(int fd, uint64_t epoch, const char *name, const char *variant,
                                const struct jeton_row *row)
{
    union recent_block block = {.slot = {0}};
    size_t at = sizeof(block.slot);
    const size_t name_len = strlen(name) + 1, variant_len = strlen(variant) + 1;
    const size_t failure_len = row != NULL && row->failure != NULL ? strlen(row->failure) + 1 : 0;
    const size_t blob_len = row != NULL && row->blob != NULL ? row->blob_len : 0;

    if (row != NULL && blob_len < SLOT_LEN && name_len + variant_len + failure_len + blob_len <= SLOT_LEN - at) {
        block.slot.epoch = epoch;
        block.slot.name_len = (uint32_t)name_len;
        block.slot.variant_len = (uint32_t)variant_len;
        block.slot.failure_len = (uint32_t)failure_len;
        block.slot.has_blob = row->blob != NULL;
        block.slot.row = *row;
        block.slot.row.name = block.slot.row.variant = block.slot.row.failure = NULL;
        block.slot.row.blob = NULL;
        slot_add(&block, &at, name, name_len);
        slot_add(&block, &at, variant, variant_len);
        slot_add(&block, &at, row->failure, failure_len);
        slot_add(&block, &at, row->blob, blob_len);
        block.slot.sum = slot_sum(&block, at);
    }
    return pwrite(fd, &block, at, slot_place(name, variant)) == (ssize_t)at;
}
