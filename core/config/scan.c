/* SPDX-License-Identifier: MIT */
/* Scans a configuration file before libconfig parses it, for what libconfig would accept and misread: numbers that
 * overflow, bytes that would end a string early, included files, and far too many groups. */
#include "config/scan.h"
#include <string.h>

/* Several groups for each account that a file may have. libconfig's time grows with the square of their number, so a
 * file with more is refused before it is parsed. */
#define SCAN_GROUPS_MAX (4u * JT_CONFIG_ACCOUNTS_MAX)

struct scan {
    const char *at;
    const char *end;
    int line;
};

static bool scan_starts(const struct scan *scan, const char *text)
{
    size_t len = strlen(text);

    return (size_t)(scan->end - scan->at) >= len && memcmp(scan->at, text, len) == 0;
}

static void scan_skip_line(struct scan *scan)
{
    const char *newline = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));

    scan->at = newline != NULL ? newline : scan->end;
}

/* Called with scan->at at the comment's opening characters. Returns what is wrong with the comment; NULL: nothing. */
static const char *scan_comment(struct scan *scan)
{
    const int line = scan->line;

    for (scan->at += 2; scan->at < scan->end && !scan_starts(scan, "*/"); scan->at++)
        if (*scan->at == '\n')
            scan->line++;
    if (scan->at < scan->end) {
        scan->at += 2;
        return NULL;
    }
    /* libconfig would take the rest of the file for the comment. */
    scan->line = line;
    return "the comment that begins here has no end";
}

/* Called with scan->at behind the opening quote. Returns what is wrong with the string; NULL: nothing. */
static const char *scan_string(struct scan *scan)
{
    const int line = scan->line;

    for (; scan->at < scan->end && *scan->at != '"'; scan->at++) {
        if (*scan->at == '\n')
            scan->line++;
        if (*scan->at != '\\')
            continue;
        if (scan_starts(scan, "\\x00"))
            return "\\x00 would end the text there; take it out";
        if (scan->at + 1 < scan->end && scan->at[1] != '\n')
            scan->at++;
    }
    if (scan->at < scan->end) {
        scan->at++;
        return NULL;
    }
    /* libconfig would report the end of the file instead, and leave the string, which may be a secret, in memory. */
    scan->line = line;
    return "the text that begins here has no closing quote";
}

static bool scan_is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '-' || byte == '*';
}

/* libconfig reads an integer into an int unless it ends in L. One that does not fit wraps around silently. */
static bool scan_number_fits(const char *number, size_t len)
{
    bool hex = len > 2 && number[0] == '0' && (number[1] == 'x' || number[1] == 'X');
    bool wide = number[len - 1] == 'L';
    uint64_t value = 0, limit = wide ? INT64_MAX : INT32_MAX;
    unsigned base = hex ? 16 : 10;

    for (size_t i = hex ? 2 : 0; i < len; i++) {
        char byte = number[i];
        unsigned digit;

        if (byte >= '0' && byte <= '9')
            digit = (unsigned)(byte - '0');
        else if (hex && strchr("abcdefABCDEF", byte) != NULL)
            digit = (unsigned)((byte | 0x20) - 'a') + 10;
        else
            return true;
        if (value > (limit - digit) / base)
            return false;
        value = value * base + digit;
    }
    return true;
}

/* Scans a name, a number or a word. False: a number that does not fit. */
static bool scan_word(struct scan *scan)
{
    const char *start = scan->at;

    while (scan->at < scan->end && scan_is_name_byte(*scan->at))
        scan->at++;
    if (*start == '-' && scan->at - start > 1)
        start++;
    if (*start < '0' || *start > '9')
        return true;
    /* With a fraction or an exponent it is a float, which is refused later: no setting takes one. */
    if (scan->at < scan->end && *scan->at == '.')
        return true;
    return scan_number_fits(start, (size_t)(scan->at - start));
}

static int scan_check_includes(const char *path, const char *text, size_t len, jeton_error **ret_error)
{
    int line = 1;

    for (const char *at = text; at < text + len; line++) {
        const char *end = memchr(at, '\n', (size_t)(text + len - at));
        size_t blank = strspn(at, " \t");

        if (strncmp(at + blank, "@include", 8) == 0)
            return jt_error_set(
                ret_error, JETON_CONFIG,
                "%s:%d: @include is not allowed in jeton's configuration; put the settings into this file", path, line);
        if (end == NULL)
            break;
        at = end + 1;
    }
    return JETON_OK;
}

int jt_config_scan(const char *path, const char *text, size_t len, jeton_error **ret_error)
{
    struct scan scan = {text, text + len, 1};
    unsigned groups = 0;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        return jt_error_set(ret_error, JETON_CONFIG,
                            "%s:1: the file begins with a byte order mark (U+FEFF), which cannot be seen: save it as "
                            "UTF-8 without one",
                            path);
    if (memchr(text, '\0', len) != NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "%s: the file holds a NUL byte, so it is not a text file", path);
    while (scan.at < scan.end) {
        int line = scan.line;
        const char *wrong = NULL;

        if (*scan.at == '#' || (*scan.at == '/' && scan_starts(&scan, "//"))) {
            scan_skip_line(&scan);
        } else if (*scan.at == '/' && scan_starts(&scan, "/*")) {
            wrong = scan_comment(&scan);
        } else if (*scan.at == '"') {
            scan.at++;
            wrong = scan_string(&scan);
        } else if (scan_is_name_byte(*scan.at)) {
            if (!scan_word(&scan))
                return jt_error_set(
                    ret_error, JETON_CONFIG,
                    "%s:%d: this number is too large: put it in quotes if it is an id, or write L behind it "
                    "if it is an amount",
                    path, line);
        } else {
            if (*scan.at == '{' && ++groups > SCAN_GROUPS_MAX)
                return jt_error_set(
                    ret_error, JETON_CONFIG,
                    "%s:%d: this is group number %u, too many for one file, which may have %d accounts: "
                    "put them into several files, or use subjects",
                    path, line, groups, JT_CONFIG_ACCOUNTS_MAX);
            if (*scan.at == '\n')
                scan.line++;
            scan.at++;
        }
        if (wrong != NULL)
            return jt_error_set(ret_error, JETON_CONFIG, "%s:%d: %s", path, scan.line, wrong);
    }
    return scan_check_includes(path, text, len, ret_error);
}
