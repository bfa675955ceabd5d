/* SPDX-License-Identifier: MIT */
/* Bytes as text and back. */
#include "net/wire/text.h"
#include "tests/lib/check.h"
#include <string.h>

static void rfc_7515_2_base64url_is_strict(void)
{
    static const char *const bad[] = {"A", "AAAAA", "AA==", "A+AA", "A/AA", "AB", "AAB", "AA A", "AA\nA"};

    for (size_t i = 0; i < JT_LEN(bad); i++) {
        JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(100);

        check_true(!jt_text_decode_base64url(bad[i], strlen(bad[i]), &buf), bad[i], __FILE__, __LINE__);
    }
    for (size_t len = 0; len < 40; len++) {
        JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(100), back = JT_BUF_INIT(100);
        unsigned char bytes[40];

        for (size_t i = 0; i < len; i++)
            bytes[i] = (unsigned char)(i * 37 + len * 11);
        jt_text_add_base64url(&text, bytes, len);
        CHECK_TRUE(jt_text_decode_base64url(jt_buf_str(&text), text.len, &back));
        CHECK_MEM(back.data, back.len, bytes, len);
    }
}

static const struct check_case cases[] = {
    {"RFC 7515 2: base64url is strict", rfc_7515_2_base64url_is_strict},
};

CHECK_MAIN("text", cases)
