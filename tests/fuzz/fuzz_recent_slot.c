/* SPDX-License-Identifier: MIT */
/* Feeds hostile bytes to the reader of the copies of recent rows, where such a copy lies in its file, with the sum that
 * belongs to them. It asserts that what comes out is a row of the name that was asked for, whole in its own memory, and
 * that nothing comes out with another sum. */
#include "fuzz.h"
#include "plugins/stores/sqlite/recent.h"
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define EPOCH    1u
#define SLOT_LEN 8192u

/* The file, empty but for the length that tells where the copy of this row lies. */
static int slot_file(const char *name, const char *variant, off_t *ret_at)
{
    struct stat st;
    int fd = memfd_create("slots", MFD_CLOEXEC);

    FUZZ_CHECK(fd >= 0 && jt_store_recent_slot_write(fd, EPOCH, name, variant, NULL) && fstat(fd, &st) == 0);
    *ret_at = st.st_size - (off_t)jt_store_recent_slot_format;
    return fd;
}

/* Where the copy says that it ends: behind head, strings and blob. What is out of its place counts as nothing. */
static size_t slot_end(const char *block)
{
    const size_t row_at = jt_store_recent_slot_format - sizeof(struct jeton_row);
    struct jeton_row row;
    uint32_t lens[4]; /* name, variant, failure, whether there is a blob */
    size_t end = jt_store_recent_slot_format;

    memcpy(&row, block + row_at, sizeof row);
    memcpy(lens, block + row_at - sizeof lens, sizeof lens);
    for (size_t i = 0; i < 3; i++)
        end += lens[i];
    if (lens[3] != 0)
        end = row.blob_len <= SLOT_LEN ? end + row.blob_len : SLOT_LEN;
    return end < SLOT_LEN ? end : SLOT_LEN;
}

static void again(int fd, const char *name, const char *variant, const struct jeton_row *row)
{
    struct jeton_row back = {0};

    FUZZ_CHECK(jt_store_recent_slot_write(fd, EPOCH, name, variant, row));
    FUZZ_CHECK(jt_store_recent_slot_read(fd, EPOCH, name, variant, &back));
    FUZZ_CHECK(back.version == row->version && back.state == row->state && back.blob_len == row->blob_len);
    FUZZ_CHECK(row->blob_len == 0 || memcmp(back.blob, row->blob, row->blob_len) == 0);
    jt_store_rows_free(NULL, &back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char name[] = "a/b", variant[] = "scope=x";
    static int fd = -1;
    static off_t at;
    /* Short, or with no NUL up to the end of its place. */
    const bool is_short = size % 2 == 0;
    char block[SLOT_LEN];
    struct jeton_row row = {0};
    uint64_t sum;
    size_t len;

    if (fd < 0)
        fd = slot_file(name, variant, &at);
    if (size > sizeof block - sizeof sum)
        return 0;
    memset(block, is_short ? 0 : 'x', sizeof block);
    if (size > 0)
        memcpy(block + sizeof sum, data, size);
    sum = jt_store_recent_sum(block + sizeof sum, slot_end(block) - sizeof sum) + 1;
    memcpy(block, &sum, sizeof sum);
    len = is_short ? sizeof sum + size : sizeof block;
    FUZZ_CHECK(ftruncate(fd, at) == 0 && pwrite(fd, block, len, at) == (ssize_t)len);
    FUZZ_CHECK(!jt_store_recent_slot_read(fd, EPOCH, name, variant, &row));
    sum--;
    FUZZ_CHECK(pwrite(fd, &sum, sizeof sum, at) == (ssize_t)sizeof sum);
    if (!jt_store_recent_slot_read(fd, EPOCH, name, variant, &row))
        return 0;
    FUZZ_CHECK(strcmp(row.name, name) == 0 && strcmp(row.variant, variant) == 0 && row.key_check == NULL);
    FUZZ_CHECK((row.blob != NULL || row.blob_len == 0) && (row.failure == NULL || strlen(row.failure) < size));
    again(fd, name, variant, &row);
    jt_store_rows_free(NULL, &row);
    return 0;
}
