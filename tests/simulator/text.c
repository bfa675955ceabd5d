/* SPDX-License-Identifier: MIT */
/* Owns small string work: percent-decoding, base64url, random strings, JSON-safe strings.
   It never looks at requests or tokens. */
#include "text.h"

#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *text_alloc(size_t size)
{
    void *memory = calloc(1, size ? size : 1);

    if (!memory) {
        fputs("jeton-simulator: out of memory\n", stderr);
        exit(70);
    }
    return memory;
}

char *text_copy_n(const char *bytes, size_t len)
{
    char *copy = text_alloc(len + 1);

    if (len)
        memcpy(copy, bytes, len);
    return copy;
}

char *text_copy(const char *text)
{
    return text ? text_copy_n(text, strlen(text)) : NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool text_percent_decode(char *text, bool plus_is_space)
{
    bool clean = true;
    char *out = text;

    for (const char *in = text; *in; in++) {
        if (*in == '+' && plus_is_space) {
            *out++ = ' ';
            continue;
        }
        if (*in != '%') {
            *out++ = *in;
            continue;
        }
        int high = hex_digit(in[1]);
        int low = high < 0 ? -1 : hex_digit(in[2]);

        if (low < 0 || (high == 0 && low == 0)) {
            clean = false;
            *out++ = *in;
            continue;
        }
        *out++ = (char)(high << 4 | low);
        in += 2;
    }
    *out = 0;
    return clean;
}

long text_base64url_decode(const char *text, size_t len, unsigned char *out)
{
    uint32_t bits = 0;
    unsigned have = 0;
    long written = 0;

    if (len % 4 == 1)
        return -1;
    for (size_t i = 0; i < len; i++) {
        const char *found = text[i] ? strchr(TEXT_BASE64URL, text[i]) : NULL;

        if (!found)
            return -1;
        bits = bits << 6 | (uint32_t)(found - TEXT_BASE64URL);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[written++] = (unsigned char)(bits >> have);
        }
    }
    return written;
}

char *text_base64url_encode(const char *bytes, size_t len)
{
    static const char digits[] = TEXT_BASE64URL;
    const unsigned char *in = (const unsigned char *)bytes;
    char *text = text_alloc(len * 4 / 3 + 4);
    size_t out = 0;
    uint32_t bits = 0;
    unsigned have = 0;

    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | in[i];
        for (have += 8; have >= 6; have -= 6)
            text[out++] = digits[bits >> (have - 6) & 63];
    }
    if (have)
        text[out++] = digits[bits << (6 - have) & 63];
    return text;
}

void text_random_bytes(unsigned char *out, size_t len)
{
    if (RAND_bytes(out, (int)len) != 1) {
        fputs("jeton-simulator: no random bytes\n", stderr);
        exit(70);
    }
}

void text_random(char *out, size_t len, const char *alphabet)
{
    size_t size = strlen(alphabet);
    unsigned char bytes[256];

    for (size_t done = 0; done < len;) {
        size_t part = len - done < sizeof(bytes) ? len - done : sizeof(bytes);

        text_random_bytes(bytes, part);
        for (size_t i = 0; i < part; i++)
            out[done + i] = alphabet[bytes[i] % size];
        done += part;
    }
    out[len] = 0;
}

void text_uuid(char out[37])
{
    text_random(out, 36, TEXT_HEX);
    out[8] = out[13] = out[18] = out[23] = '-';
    out[14] = '4';
    out[19] = "89ab"[(unsigned char)out[19] % 4];
}

/* Length of the valid UTF-8 sequence at `p`, or 0. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    size_t need;
    uint32_t code;

    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        need = 2;
        code = p[0] & 0x1fu;
    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        need = 3;
        code = p[0] & 0x0fu;
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        need = 4;
        code = p[0] & 0x07u;
    } else {
        return 0;
    }
    if (left < need)
        return 0;
    for (size_t i = 1; i < need; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3fu);
    }
    if ((need == 3 && code < 0x800) || (need == 4 && (code < 0x10000 || code > 0x10ffff)) ||
        (code >= 0xd800 && code <= 0xdfff))
        return 0;
    return need;
}

json_object *text_json_n(const char *bytes, size_t len)
{
    const unsigned char *in = (const unsigned char *)bytes;
    size_t valid = 0;

    while (valid < len) {
        size_t step = utf8_length(in + valid, len - valid);

        if (!step)
            break;
        valid += step;
    }
    if (valid == len)
        return json_object_new_string_len(bytes, (int)len);

    char *clean = text_alloc(len * 3 + 1);
    size_t out = valid;

    memcpy(clean, bytes, valid);
    for (size_t i = valid; i < len;) {
        size_t step = utf8_length(in + i, len - i);

        if (step) {
            memcpy(clean + out, in + i, step);
            out += step;
            i += step;
        } else {
            memcpy(clean + out, "\xef\xbf\xbd", 3);
            out += 3;
            i++;
        }
    }

    json_object *result = json_object_new_string_len(clean, (int)out);

    free(clean);
    return result;
}

json_object *text_json(const char *text)
{
    return text ? text_json_n(text, strlen(text)) : NULL;
}

bool text_equal(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}
