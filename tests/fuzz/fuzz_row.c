/* SPDX-License-Identifier: MIT */
/* Feeds hostile blobs to the reader of stored rows: as they are, as an attacker who can write the store would leave
 * them; and sealed, as one who knows the key would. A blob with a changed bit must not open, and a row must be either
 * read, or unreadable with a reason. */
#include "fuzz.h"
#include "store/entry.h"
#include <sodium.h>

#define BLOB_MAX (4u * 1024u * 1024u)

static struct jt_seal *key(void)
{
    static const char hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    static struct jt_seal *seal;

    if (seal == NULL)
        FUZZ_CHECK(sodium_init() >= 0 && jt_seal_new(hex, strlen(hex), &seal, NULL) == JETON_OK);
    return seal;
}

static void open_row(const struct jeton_row *row)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status = jt_store_entry_open(key(), row, &entry, &error);

    fuzz_check_error(status, error);
    FUZZ_CHECK(status == JETON_OK || status == JETON_BAD_ANSWER);
    if (status != JETON_OK)
        FUZZ_CHECK(entry.token.access_token == NULL && entry.token.refresh_token == NULL && entry.failure == NULL);
}

/* The first byte gives the state, the second which bit is changed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JT_AUTO_BUF struct jt_buf sealed = JT_BUF_INIT(BLOB_MAX), plain = JT_BUF_INIT(BLOB_MAX);
    struct jeton_row row = {.struct_size = sizeof(row),
                            .key = {.kind = JETON_KIND_TOKEN, .name = "a/b", .variant = ""},
                            .version = 7};
    struct jt_seal_place place = {.kind = JETON_KIND_TOKEN, .name = "a/b", .variant = "", .version = 7};
    unsigned format;
    void *blob;
    size_t at;

    if (size < 2)
        return 0;
    row.state = place.state = data[0];
    blob = fuzz_bytes(data + 2, size - 2);
    row.blob = blob;
    row.blob_len = size - 2;
    open_row(&row);

    FUZZ_CHECK(jt_seal_close(key(), &place, blob, size - 2, &sealed, NULL) == JETON_OK);
    row.blob = sealed.data;
    row.blob_len = sealed.len;
    open_row(&row);
    at = data[1] * sealed.len / 256;
    sealed.data[at] = (char)(sealed.data[at] ^ (1 << data[1] % 8));
    FUZZ_CHECK(jt_seal_open(key(), &place, sealed.data, sealed.len, &plain, &format, NULL) == JETON_BAD_ANSWER);
    FUZZ_CHECK(plain.len == 0);
    free(blob);
    return 0;
}
