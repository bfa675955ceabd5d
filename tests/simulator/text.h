/* SPDX-License-Identifier: MIT */
/* Owns small string work: percent-decoding, base64url, random strings, JSON-safe strings.
   It never looks at requests or tokens. */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

/* Allocation that ends the program when memory is gone: a test server has nothing better to do. */
void *text_alloc(size_t size);
char *text_copy(const char *text); /* NULL stays NULL */
char *text_copy_n(const char *bytes, size_t len);

/* Decodes %XX and, where plus_is_space, '+' in place. False if an escape is broken or the
   result would hold a NUL byte. */
bool text_percent_decode(char *text, bool plus_is_space);

/* Decodes unpadded base64url; returns the length written or -1. `out` needs len * 3 / 4 + 3. */
long text_base64url_decode(const char *text, size_t len, unsigned char *out);

/* Unpadded; the caller's to free. */
char *text_base64url_encode(const char *bytes, size_t len);

#define TEXT_ALNUM     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define TEXT_BASE64    TEXT_ALNUM "+/"
#define TEXT_BASE64URL TEXT_ALNUM "-_"
#define TEXT_HEX       "0123456789abcdef"
#define TEXT_HEX_UPPER "0123456789ABCDEF"
#define TEXT_UPPER     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define TEXT_DIGITS    "0123456789"

/* Writes len random characters of the alphabet and a NUL: out needs len + 1 bytes. */
void text_random(char *out, size_t len, const char *alphabet);
void text_random_bytes(unsigned char *out, size_t len);
void text_uuid(char out[37]);

/* A JSON string; bytes that are no UTF-8 become U+FFFD, so that answers stay valid JSON. */
json_object *text_json(const char *text);
json_object *text_json_n(const char *bytes, size_t len);

bool text_equal(const char *a, const char *b); /* NULL equals nothing */

#endif
