/* SPDX-License-Identifier: MIT */
/* Feeds hostile blobs to the reader of stored rows: as they are, as one who can write the store would leave them; and
 * sealed, as one who knows the key would. It asserts that a blob with a changed bit never opens, and that a row is
 * either read or unreadable with a reason. */
#include "fuzz.h"
#include "config/config.h"
#include <sodium.h>
#include "store/parts.h"

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
    static char place[] = "/var/lib/jeton/tokens.db";
    static const struct jt_main_config config = {.store_path = place};
    static const struct jt_store store = {.config = &config};
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status = jt_store_entry_open(&store, key(), row, &entry, &error);

    fuzz_check_error(status, error);
    FUZZ_CHECK(status == JETON_OK);
    if (entry.unreadable) {
        FUZZ_CHECK(entry.failure != NULL && entry.token.access_token == NULL && entry.token.refresh_token == NULL);
        fuzz_check_line(entry.failure);
    }
}

/* The first byte gives the state, the second which bit is changed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JT_AUTO_BUF struct jt_buf sealed = JT_BUF_INIT(BLOB_MAX), plain = JT_BUF_INIT(BLOB_MAX);
    struct jeton_row row = {.struct_size = sizeof row, .name = "a/b", .variant = "", .version = 7};
    void *blob;
    size_t at;

    if (size < 2)
        return 0;
    row.state = data[0];
    blob = fuzz_bytes(data + 2, size - 2);
    row.blob = blob;
    row.blob_len = size - 2;
    open_row(&row);

    FUZZ_CHECK(jt_seal_close(key(), row.name, row.variant, row.version, row.state, blob, size - 2, &sealed, NULL) ==
               JETON_OK);
    row.blob = sealed.data;
    row.blob_len = sealed.len;
    open_row(&row);
    at = data[1] * sealed.len / 256;
    sealed.data[at] = (char)(sealed.data[at] ^ (1 << data[1] % 8));
    FUZZ_CHECK(jt_seal_open(key(), row.name, row.variant, row.version, row.state, sealed.data, sealed.len, &plain,
                            NULL) == JETON_BAD_ANSWER);
    FUZZ_CHECK(plain.len == 0);
    free(blob);
    return 0;
}
