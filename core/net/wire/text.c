/* SPDX-License-Identifier: MIT */
/* The text encodings that HTTP requests and responses use. Decoded text may be a secret, so it is wiped. */
#include "net/wire/text.h"
#include <stdlib.h>
#include <string.h>

static const char hex_digits[] = "0123456789ABCDEF";
static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool text_is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

/* A run of unreserved characters is added at once: most values are a single run. */
static void text_add_encoded(struct jt_buf *buf, const char *text, const char *space)
{
    const char *run = text;

    for (;; text++) {
        unsigned char c = (unsigned char)*text;

        if (text_is_unreserved(c))
            continue;
        jt_buf_add(buf, run, (size_t)(text - run));
        if (c == '\0')
            return;
        if (c == ' ')
            jt_buf_puts(buf, space);
        else
            jt_buf_add(buf, (const char[3]){'%', hex_digits[c >> 4], hex_digits[c & 15]}, 3);
        run = text + 1;
    }
}

void jt_text_add_form(struct jt_buf *buf, const char *text)
{
    text_add_encoded(buf, text, "+");
}

void jt_text_add_segment(struct jt_buf *buf, const char *text)
{
    text_add_encoded(buf, text, "%20");
}

static int text_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

int jt_text_decode_form(const char *text, size_t len, char **ret_text)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(len);
    char *taken;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < len ? text_hex_value(text[i + 1]) : -1;
            int low = i + 2 < len ? text_hex_value(text[i + 2]) : -1;

            if (high < 0 || low < 0)
                return JETON_BAD_ANSWER;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0')
            return JETON_BAD_ANSWER;
        jt_buf_add(&buf, &c, 1);
    }
    if (!jt_utf8_is_valid(jt_buf_str(&buf), buf.len))
        return JETON_BAD_ANSWER;
    taken = jt_buf_take(&buf);
    if (taken == NULL)
        return JETON_TRY_LATER;
    *ret_text = taken;
    return JETON_OK;
}

static void text_add_base64(struct jt_buf *buf, const unsigned char *data, size_t len, const char *digits, bool padded)
{
    while (len > 0) {
        size_t take = len < 3 ? len : 3;
        uint32_t bits = (uint32_t)data[0] << 16;
        char quad[4];

        if (take > 1)
            bits |= (uint32_t)data[1] << 8;
        if (take > 2)
            bits |= data[2];
        for (unsigned i = 0; i < 4; i++)
            quad[i] = i <= take ? digits[(bits >> (18u - 6u * i)) & 63u] : '=';
        jt_buf_add(buf, quad, padded ? 4 : take + 1);
        data += take;
        len -= take;
    }
}

void jt_text_add_base64(struct jt_buf *buf, const void *data, size_t len)
{
    text_add_base64(buf, data, len, base64_digits, true);
}

void jt_text_add_base64url(struct jt_buf *buf, const void *data, size_t len)
{
    text_add_base64(buf, data, len, base64url_digits, false);
}

bool jt_text_decode_base64url(const char *text, size_t len, struct jt_buf *buf)
{
    uint32_t bits = 0;
    unsigned count = 0;

    for (size_t i = 0; i < len; i++) {
        const char *digit = text[i] != '\0' ? strchr(base64url_digits, text[i]) : NULL;

        if (digit == NULL)
            return false;
        bits = (bits << 6) | (uint32_t)(digit - base64url_digits);
        count += 6;
        if (count >= 8) {
            count -= 8;
            jt_buf_add(buf, &(char){(char)(unsigned char)(bits >> count)}, 1);
            bits &= (1u << count) - 1u;
        }
    }
    /* Six leftover bits are no byte. Leftover bits must be 0, or two texts would stand for the same bytes. */
    return count < 6 && bits == 0 && !buf->failed;
}

bool jt_text_is_visible(const char *text, bool spaces)
{
    for (; *text != '\0'; text++)
        if (((unsigned char)*text < 0x21 || (unsigned char)*text > 0x7e) && !(spaces && *text == ' '))
            return false;
    return true;
}
