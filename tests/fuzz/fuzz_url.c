/* SPDX-License-Identifier: MIT */
/* Feeds hostile texts to the reader of URLs. It asserts what url.c promises: that libcurl reads what was let through
 * the same way, so that no request goes to another host than the one that was looked at. */
#include "fuzz.h"
#include <curl/curl.h>
#include "net/wire/url.h"
#include <strings.h>

static void compare(const char *url, const struct jt_url *parsed)
{
    static const char *const loopbacks[] = {"localhost", "[::1]", "127."};
    CURLU *other = curl_url();
    char *host = NULL, *scheme = NULL, *user = NULL;
    bool loopback = false;
    size_t skip;

    FUZZ_CHECK(other != NULL);
    /* What libcurl will not have is sent nowhere. */
    if (curl_url_set(other, CURLUPART_URL, url, 0) == CURLUE_OK) {
        FUZZ_CHECK(curl_url_get(other, CURLUPART_HOST, &host, 0) == CURLUE_OK);
        FUZZ_CHECK(curl_url_get(other, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK);
        FUZZ_CHECK(curl_url_get(other, CURLUPART_USER, &user, 0) == CURLUE_NO_USER);
        skip = *host == '[';
        /* libcurl completes numeric addresses ("1" is 0.0.0.1), and shortens those of IPv6. */
        if (skip == 0 && strspn(host, "0123456789.") != strlen(host))
            FUZZ_CHECK(strlen(host) == parsed->host_len &&
                       strncasecmp(host, url + parsed->host_at, parsed->host_len) == 0);
        FUZZ_CHECK(strcmp(scheme, parsed->tls ? "https" : "http") == 0);
        for (size_t i = 0; i < JT_LEN(loopbacks); i++)
            loopback = loopback || strncasecmp(host, loopbacks[i], strlen(loopbacks[i])) == 0;
        FUZZ_CHECK(parsed->tls || loopback);
    }
    curl_free(host);
    curl_free(scheme);
    curl_free(user);
    curl_url_cleanup(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JT_AUTO_BUF struct jt_buf shown = JT_BUF_INIT(4096);
    JT_AUTO_STR char *url = fuzz_text(data, size);
    struct jt_url parsed;
    const char *wrong = jt_url_parse(url, &parsed);

    jt_url_add_shown(&shown, url);
    FUZZ_CHECK(!shown.failed && shown.len <= 256);
    fuzz_check_line(jt_buf_str(&shown));
    if (wrong != NULL) {
        FUZZ_CHECK(*wrong != '\0');
        return 0;
    }
    FUZZ_CHECK(parsed.host_len > 0 && parsed.host_at + parsed.host_len <= parsed.origin_len);
    FUZZ_CHECK(parsed.origin_len <= parsed.path_len && parsed.path_len <= strlen(url));
    FUZZ_CHECK(parsed.tls || parsed.loopback);
    compare(url, &parsed);
    return 0;
}
