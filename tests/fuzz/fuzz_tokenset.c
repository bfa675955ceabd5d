/* SPDX-License-Identifier: MIT */
/* Feeds hostile bytes to the reader of stored token sets, as somebody could who knows the store key. It asserts that
 * what was read can be written, and is read as the same again. */
#include "fuzz.h"
#include "token/tokenset.h"

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void again(const struct jt_tokenset *set)
{
    JT_AUTO_BUF struct jt_buf bytes = JT_BUF_INIT(4u * 1024u * 1024u);
    JT_AUTO_TOKENSET struct jt_tokenset back = JT_TOKENSET_INIT;

    FUZZ_CHECK(jt_tokenset_encode(set, &bytes, NULL) == JETON_OK);
    FUZZ_CHECK(jt_tokenset_decode(bytes.data, bytes.len, &back, NULL) == JETON_OK);
    FUZZ_CHECK(same(set->access_token, back.access_token) && same(set->token_type, back.token_type));
    FUZZ_CHECK(same(set->refresh_token, back.refresh_token) && same(set->scope, back.scope));
    FUZZ_CHECK(same(set->key_id, back.key_id) && same(set->extra, back.extra) && back.note == NULL);
    FUZZ_CHECK(set->issued_at == back.issued_at && set->expires_at == back.expires_at);
    FUZZ_CHECK(set->refresh_expires_at == back.refresh_expires_at && set->seen_at == back.seen_at);
    FUZZ_CHECK(set->seen_boot_ms == back.seen_boot_ms && set->boot_id == back.boot_id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JT_AUTO_TOKENSET struct jt_tokenset set = JT_TOKENSET_INIT;
    JT_AUTO_ERROR jeton_error *error = NULL;
    void *bytes = fuzz_bytes(data, size);
    int status = jt_tokenset_decode(bytes, size, &set, &error);

    fuzz_check_error(status, error);
    if (status == JETON_OK) {
        jeton_token *token = set.access_token != NULL ? jt_token_new(&set) : NULL;

        again(&set);
        FUZZ_CHECK(token == NULL || strcmp(jeton_token_access_token(token), set.access_token) == 0);
        jeton_token_free(&token);
    }
    free(bytes);
    return 0;
}
