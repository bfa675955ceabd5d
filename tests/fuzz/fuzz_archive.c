/* SPDX-License-Identifier: MIT */
/* Feeds hostile bytes to the reader of an archive's rows, as somebody could who knows the passphrase, in the shape that
 * libFuzzer calls. It asserts that a row that was read can be written, and is read as the same again. */
#include "fuzz.h"
#include "archive/archive.h"

static void again(const char *name, const char *variant, const struct jt_entry *entry)
{
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(JT_ARCHIVE_MESSAGE_MAX);
    JT_AUTO_ENTRY struct jt_entry back = JT_ENTRY_INIT;
    const char *name_back = NULL, *variant_back = NULL;

    if (jt_archive_row_encode(name, variant, entry, &plain, NULL) != JETON_OK ||
        jt_archive_row_decode(plain.data, plain.len, &name_back, &variant_back, &back, NULL) != JETON_OK ||
        strcmp(name, name_back) != 0 || strcmp(variant, variant_back) != 0 || back.state != entry->state ||
        back.due_at != entry->due_at || back.token.expires_at != entry->token.expires_at)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
    JT_AUTO_ERROR jeton_error *error = NULL;
    const char *name = NULL, *variant = NULL;
    char *copy = fuzz_bytes(data, size);
    int status;

    status = jt_archive_row_decode(copy, size, &name, &variant, &entry, &error);
    fuzz_check_error(status, error);
    if (status == JETON_OK)
        again(name, variant, &entry);
    free(copy);
    return 0;
}
