/* SPDX-License-Identifier: MIT */
/* One pass over JSON text before json-c parses it: checks the limits, and refuses what json-c accepts although RFC 8259
 * forbids it. The grammar of objects and arrays is left to json-c. */
#include "net/wire/json_scan.h"
#include "net/wire/text.h"
#include <stdio.h>
#include <string.h>

static bool scan_refuse(char *why, size_t why_size, const char *what, size_t at)
{
    (void)snprintf(why, why_size, "%s at byte %zu", what, at);
    return false;
}

static size_t scan_digits(const char *text, size_t len, size_t i)
{
    while (i < len && text[i] >= '0' && text[i] <= '9')
        i++;
    return i;
}

/* RFC 8259 6. Returns where the number at i ends, or i if there is none. */
static size_t scan_number(const char *text, size_t len, size_t i)
{
    size_t start = i, digits;

    i += text[i] == '-';
    digits = scan_digits(text, len, i);
    if (digits == i || (text[i] == '0' && digits - i > 1))
        return start;
    i = digits;
    if (i < len && text[i] == '.') {
        digits = scan_digits(text, len, i + 1);
        if (digits == i + 1)
            return start;
        i = digits;
    }
    if (i < len && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        i += i < len && (text[i] == '+' || text[i] == '-');
        digits = scan_digits(text, len, i);
        if (digits == i)
            return start;
        i = digits;
    }
    return i;
}

/* Whether the text ends in the middle of a number. */
static bool scan_runs_out(const char *text, size_t len, size_t i)
{
    while (i < len && (strchr("-+.eE", text[i]) != NULL || (text[i] >= '0' && text[i] <= '9')))
        i++;
    return i == len;
}

/* Scans a string; i is behind the opening quote. Returns the place of the closing quote, or len, and then *ret_what
 * says what is wrong. */
static size_t scan_string(const char *text, size_t len, size_t i, const char **ret_what)
{
    for (; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '"')
            return i;
        if (c < 0x20) {
            *ret_what = "holds a control character in a string";
            return len;
        }
        if (c == '\\') {
            i++;
            if (i + 4 < len && strncmp(text + i, "u0000", 5) == 0) {
                *ret_what = "holds a NUL in a string";
                return len;
            }
        }
    }
    *ret_what = NULL;
    return len;
}

bool jt_json_scan(const char *text, size_t len, size_t *ret_members, char *why, size_t why_size)
{
    size_t members = 0, depth = 0, i = 0, end;
    const char *what = NULL;

    if (len > JT_RESPONSE_MAX) {
        (void)snprintf(why, why_size, "is longer than %u bytes", JT_RESPONSE_MAX);
        return false;
    }
    if (!jt_utf8_is_valid(text, len)) {
        (void)snprintf(why, why_size, "is not UTF-8");
        return false;
    }
    while (i < len && text[i] != '\0' && strchr(" \t\r\n", text[i]) != NULL)
        i++;
    if (i == len) {
        (void)snprintf(why, why_size, "is empty");
        return false;
    }
    for (; i < len; i++) {
        char c = text[i];

        if (c == '"') {
            end = scan_string(text, len, i + 1, &what);
            if (end == len && what != NULL)
                return scan_refuse(why, why_size, what, i);
            if (end == len)
                break;
            i = end;
        } else if (c == '{' || c == '[') {
            if (++depth > JT_JSON_DEPTH) {
                (void)snprintf(why, why_size, "is nested deeper than %d levels", JT_JSON_DEPTH);
                return false;
            }
        } else if (c == '}' || c == ']') {
            if (depth-- == 0)
                return scan_refuse(why, why_size, "is not JSON: a bracket too many", i);
        } else if (c == ':') {
            members++;
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            end = scan_number(text, len, i);
            if (end == i && depth > 0 && scan_runs_out(text, len, i))
                break;
            if (end == i)
                return scan_refuse(why, why_size, "is not JSON: a malformed number", i);
            i = end - 1;
        } else if (c == '\0' || strchr(", \t\r\ntruefalsn", c) == NULL) {
            return scan_refuse(why, why_size, "is not JSON: an unexpected character", i);
        }
    }
    if (i < len || depth > 0) {
        (void)snprintf(why, why_size, "is cut short");
        return false;
    }
    *ret_members = members;
    return true;
}
