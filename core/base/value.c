/* SPDX-License-Identifier: MIT */
/* Checks one value against its row in a table of settings. Messages do not repeat the value, which may be a secret. */
#include "base/value.h"
#include "base/buf.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VALUE_CHOICES_MAX 32u
#define VALUE_CHOICES_LEN 1024u /* of the choices in one row */

bool jt_value_integer(const char *text, int64_t *ret_value)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    long long value;

    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return false;
    errno = 0;
    value = strtoll(text, NULL, 10);
    if (errno != 0)
        return false;
    *ret_value = value;
    return true;
}

const char *jt_value_text_problem(const char *text, bool multiline)
{
    if (!jt_utf8_is_valid(text, strlen(text)))
        return "is not UTF-8 text";
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;

        if (c == '\r' && !multiline)
            return "holds a carriage return (was the file written on Windows?)";
        if (c == '\n' && !multiline)
            return "has more than one line";
        if ((c < 0x20 && !(multiline && strchr("\r\n\t", c) != NULL)) || c == 0x7f)
            return "holds a control character";
    }
    return NULL;
}

static bool value_has_only_url_bytes(const char *url)
{
    for (; *url != '\0'; url++)
        if ((unsigned char)*url <= 0x20 || (unsigned char)*url >= 0x7f || strchr("\"<>\\^`{|}", *url) != NULL)
            return false;
    return true;
}

/* host[:port], the host in brackets where it is an IPv6 address. */
static bool value_is_authority(const char *authority, size_t len, const char **ret_host, size_t *ret_host_len)
{
    const char *end = authority + len;
    const char *host_end = len > 0 && authority[0] == '[' ? memchr(authority, ']', len) : memchr(authority, ':', len);
    unsigned long port = 1;

    if (len > 0 && authority[0] == '[' && host_end == NULL)
        return false;
    if (host_end == NULL)
        host_end = end;
    else if (*host_end == ']')
        host_end++;
    if (host_end < end) {
        char *port_end = NULL;

        if (*host_end != ':' || end - host_end < 2 || end - host_end > 6 || host_end[1] < '0' || host_end[1] > '9')
            return false;
        port = strtoul(host_end + 1, &port_end, 10);
        if (port_end != end)
            return false;
    }
    *ret_host = authority;
    *ret_host_len = (size_t)(host_end - authority);
    return *ret_host_len > 0 && port > 0 && port <= 65535;
}

/* An address in 127.0.0.0/8, ::1, or localhost (RFC 6761 6.3); not 127.example.org, which is a name. */
static bool value_is_loopback(const char *host, size_t len)
{
    static const char ipv6[] = "[::1]";
    static const char name[] = "localhost";
    int dots = 0;

    if (len == strlen(name) && strncasecmp(host, name, len) == 0)
        return true;
    if (len == strlen(ipv6) && memcmp(host, ipv6, len) == 0)
        return true;
    if (len < 9 || memcmp(host, "127.", 4) != 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (host[i] == '.' && (i + 1 == len || host[i + 1] == '.'))
            return false;
        if (host[i] == '.')
            dots++;
        else if (host[i] < '0' || host[i] > '9')
            return false;
    }
    return dots == 3;
}

const char *jt_value_url_problem(const char *url)
{
    static const char must[] = "must be an absolute https:// URL (http:// only to a loopback address)";
    bool tls = strncasecmp(url, "https://", 8) == 0;
    const char *authority, *host;
    size_t len, host_len;

    if (!tls && strncasecmp(url, "http://", 7) != 0)
        return must;
    authority = url + (tls ? 8 : 7);
    len = strcspn(authority, "/?#");
    if (!value_has_only_url_bytes(url) || strchr(url, '#') != NULL)
        return "must be a URL without spaces, fragment (#) and unencoded characters";
    if (memchr(authority, '@', len) != NULL)
        return "must be a URL without a user name or password in it";
    if (!value_is_authority(authority, len, &host, &host_len))
        return must;
    return tls || value_is_loopback(host, host_len) ? NULL : must;
}

const char *jt_value_proxy_problem(const char *url)
{
    static const char must[] = "must be a proxy's URL: http://, https://, socks5:// or socks5h://, a host and a port";
    static const char *const schemes[] = {"http://", "https://", "socks4://", "socks4a://", "socks5://", "socks5h://"};

    for (size_t i = 0; i < JT_LEN(schemes); i++) {
        size_t scheme_len = strlen(schemes[i]);
        const char *authority = url + scheme_len, *host, *at;
        size_t len, host_len;

        if (strncasecmp(url, schemes[i], scheme_len) != 0)
            continue;
        len = strcspn(authority, "/?#");
        at = memrchr(authority, '@', len);
        if (at != NULL) {
            len -= (size_t)(at + 1 - authority);
            authority = at + 1;
        }
        return value_has_only_url_bytes(url) && value_is_authority(authority, len, &host, &host_len) ? NULL : must;
    }
    return must;
}

static int value_check_choice(const struct jeton_setting *row, const char *text, jeton_error **ret_error)
{
    const char *names[VALUE_CHOICES_MAX];
    char copy[VALUE_CHOICES_LEN], *rest = copy, *name;
    size_t count = 0;

    (void)snprintf(copy, sizeof(copy), "%s", row->choices);
    while ((name = strsep(&rest, " ")) != NULL && count < JT_LEN(names)) {
        if (name[0] != '\0' && strcmp(name, text) == 0)
            return JETON_OK;
        names[count++] = name;
    }
    return jt_error_set(ret_error, JETON_CONFIG, "must be one of: %s%s", row->choices,
                        jt_suggest_words(text, names, count).text);
}

static int value_check_integer(const struct jeton_setting *row, const char *text, jeton_error **ret_error)
{
    int64_t value = 0;
    bool number = jt_value_integer(text, &value);

    if (number && (row->minimum >= row->maximum || (value >= row->minimum && value <= row->maximum)))
        return JETON_OK;
    if (row->minimum < row->maximum)
        return jt_error_set(ret_error, JETON_CONFIG, "must be a whole number from %lld to %lld",
                            (long long)row->minimum, (long long)row->maximum);
    return jt_error_set(ret_error, JETON_CONFIG, "must be a whole number");
}

int jt_value_check(const struct jeton_setting *row, const char *text, jeton_error **ret_error)
{
    const char *problem = jt_value_text_problem(text, row->type == JETON_KEY);

    if (problem == NULL && strlen(text) > JT_SETTING_MAX)
        problem = "is longer than 64 KiB";
    if (problem == NULL && row->type == JETON_URL)
        problem = jt_value_url_problem(text);
    if (problem == NULL && row->type == JETON_BOOLEAN && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        problem = "must be true or false";
    if (problem != NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "%s", problem);
    if (row->type == JETON_INTEGER)
        return value_check_integer(row, text, ret_error);
    if (row->type == JETON_STRING && row->choices != NULL)
        return value_check_choice(row, text, ret_error);
    return JETON_OK;
}
