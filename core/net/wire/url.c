/* SPDX-License-Identifier: MIT */
/* Parses absolute URLs, so strictly that libcurl reads every accepted URL in the same way. */
#include "net/wire/url.h"
#include <string.h>
#include <strings.h>

#define URL_SHOWN_MAX 200u

/* Classes of characters. URL_ANY may be anywhere in a URL: unreserved, reserved and "%" (RFC 3986 2). URL_HOST may be
 * in a host name: letters, digits, "-._". */
#define URL_ANY  1u
#define URL_HOST 2u
static const unsigned char url_class[256] = {
    ['a' ... 'z'] = URL_ANY | URL_HOST,
    ['A' ... 'Z'] = URL_ANY | URL_HOST,
    ['0' ... '9'] = URL_ANY | URL_HOST,
    ['-'] = URL_ANY | URL_HOST,
    ['.'] = URL_ANY | URL_HOST,
    ['_'] = URL_ANY | URL_HOST,
    ['~'] = URL_ANY,
    [':'] = URL_ANY,
    ['/'] = URL_ANY,
    ['?'] = URL_ANY,
    ['#'] = URL_ANY,
    ['['] = URL_ANY,
    [']'] = URL_ANY,
    ['@'] = URL_ANY,
    ['!'] = URL_ANY,
    ['$'] = URL_ANY,
    ['&'] = URL_ANY,
    ['\''] = URL_ANY,
    ['('] = URL_ANY,
    [')'] = URL_ANY,
    ['*'] = URL_ANY,
    ['+'] = URL_ANY,
    [','] = URL_ANY,
    [';'] = URL_ANY,
    ['='] = URL_ANY,
    ['%'] = URL_ANY,
};

/* Four decimal numbers without leading zeros. Parsers disagree about which host other spellings of an address mean. */
static bool url_is_loopback_ipv4(const char *host, size_t len)
{
    unsigned numbers = 0, value = 0, digits = 0;

    for (size_t i = 0; i <= len; i++) {
        if (i == len || host[i] == '.') {
            if (digits == 0 || value > 255 || (numbers == 0 && value != 127))
                return false;
            numbers++;
            value = digits = 0;
        } else if (host[i] >= '0' && host[i] <= '9' && digits < 3 && !(digits > 0 && value == 0)) {
            value = value * 10 + (unsigned)(host[i] - '0');
            digits++;
        } else {
            return false;
        }
    }
    return numbers == 4;
}

static bool url_is_loopback(const char *host, size_t len, bool bracketed)
{
    if (bracketed)
        return len == 3 && strncmp(host, "::1", 3) == 0;
    return (len == 9 && strncasecmp(host, "localhost", 9) == 0) || url_is_loopback_ipv4(host, len);
}

static const char *url_parse_port(const char *text, size_t *ret_len)
{
    unsigned value = 0;
    size_t len = 0;

    for (; text[len] >= '0' && text[len] <= '9'; len++) {
        value = value * 10 + (unsigned)(text[len] - '0');
        if (value > 65535)
            return "has a port above 65535";
    }
    if (len == 0 || value == 0)
        return "has an empty port";
    *ret_len = len;
    return NULL;
}

static const char *url_parse_host(const char *url, struct jt_url *parsed, size_t *ret_end)
{
    const char *host = url + parsed->host_at;
    bool bracketed = *host == '[';
    size_t end;

    if (bracketed) {
        parsed->host_at++;
        host++;
        parsed->host_len = strspn(host, "0123456789abcdefABCDEF:.");
        if (host[parsed->host_len] != ']')
            return "has a malformed IPv6 address";
        end = parsed->host_at + parsed->host_len + 1;
    } else {
        while ((url_class[(unsigned char)host[parsed->host_len]] & URL_HOST) != 0)
            parsed->host_len++;
        end = parsed->host_at + parsed->host_len;
    }
    if (parsed->host_len == 0)
        return "names no host";
    parsed->loopback = url_is_loopback(host, parsed->host_len, bracketed);
    *ret_end = end;
    return NULL;
}

const char *jt_url_parse(const char *url, struct jt_url *ret_url)
{
    struct jt_url parsed = {0};
    const char *wrong, *at;
    size_t end, port_len;

    for (const char *p = url; *p != '\0'; p++)
        if (url_class[(unsigned char)*p] == 0)
            return "holds a character that must be percent-encoded";
    parsed.tls = strncasecmp(url, "https://", 8) == 0;
    if (!parsed.tls && strncasecmp(url, "http://", 7) != 0)
        return "is not an absolute https URL";
    parsed.host_at = parsed.tls ? 8 : 7;
    at = strchr(url + parsed.host_at, '@');
    if (at != NULL && (size_t)(at - url) < parsed.host_at + strcspn(url + parsed.host_at, "/?#"))
        return "holds a user name, which belongs in a setting of its own";
    wrong = url_parse_host(url, &parsed, &end);
    if (wrong != NULL)
        return wrong;
    if (url[end] == ':') {
        wrong = url_parse_port(url + end + 1, &port_len);
        if (wrong != NULL)
            return wrong;
        end += 1 + port_len;
    }
    if (url[end] != '\0' && strchr("/?#", url[end]) == NULL)
        return "has a malformed host";
    if (!parsed.tls && !parsed.loopback)
        return "is plain http to another machine; only https keeps a secret there";
    if (strchr(url, '#') != NULL)
        return "has a fragment, which is never sent";
    parsed.origin_len = end;
    at = strchr(url + end, '?');
    parsed.path_len = at != NULL ? (size_t)(at - url) : end + strlen(url + end);
    *ret_url = parsed;
    return NULL;
}

void jt_url_add_shown(struct jt_buf *buf, const char *url)
{
    size_t len = strcspn(url, "?#");
    bool cut = len > URL_SHOWN_MAX;

    if (cut)
        len = URL_SHOWN_MAX;
    for (size_t i = 0; i < len; i++)
        jt_buf_add(buf, (unsigned char)url[i] < 0x21 || (unsigned char)url[i] > 0x7e ? "?" : &url[i], 1);
    if (cut)
        jt_buf_puts(buf, "…");
}
