/* SPDX-License-Identifier: MIT */
/* Feeds hostile texts to the readers of base64url and of form encoding. It asserts that each text that is read as
 * base64url is the one that its bytes are written as, and that what was written is read as the same. */
#include "fuzz.h"
#include "net/wire/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JT_AUTO_BUF struct jt_buf bytes = JT_BUF_INIT(JT_RESPONSE_MAX), back = JT_BUF_INIT(4u * JT_RESPONSE_MAX);
    JT_AUTO_BUF struct jt_buf form = JT_BUF_INIT(4u * JT_RESPONSE_MAX);
    JT_AUTO_SECRET char *decoded = NULL, *again = NULL;
    char *text = fuzz_bytes(data, size);

    if (jt_text_decode_base64url(text, size, &bytes)) {
        jt_text_add_base64url(&back, bytes.data, bytes.len);
        FUZZ_CHECK(back.len == size && (size == 0 || memcmp(back.data, text, size) == 0));
    }
    jt_buf_reset(&back);
    jt_buf_reset(&bytes);
    jt_text_add_base64url(&back, text, size);
    FUZZ_CHECK(jt_text_decode_base64url(jt_buf_str(&back), back.len, &bytes));
    FUZZ_CHECK(bytes.len == size && (size == 0 || memcmp(bytes.data, text, size) == 0));

    if (jt_text_decode_form(text, size, &decoded) == JETON_OK) {
        FUZZ_CHECK(jt_utf8_is_valid(decoded, strlen(decoded)));
        jt_text_add_form(&form, decoded);
        FUZZ_CHECK(jt_text_decode_form(jt_buf_str(&form), form.len, &again) == JETON_OK);
        FUZZ_CHECK(strcmp(again, decoded) == 0);
    }
    free(text);
    return 0;
}
