/* SPDX-License-Identifier: MIT */
/* Initialises libcurl once, without the environment variables that it would obey: what a service inherits must not
 * redirect or record its secrets. */
#include "net/http/http_init.h"
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static pthread_once_t init_once = PTHREAD_ONCE_INIT;
static CURLcode init_code;
static const char *init_ca_file = "";

/* Where distributions keep the bundle, for a libcurl that was built without knowing. */
static const char *const init_ca_places[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

static void init_find_ca_file(void)
{
    CURL *easy = curl_easy_init();
    char *built_in = NULL;

    if (easy != NULL && curl_easy_getinfo(easy, CURLINFO_CAINFO, &built_in) == CURLE_OK && built_in != NULL &&
        access(built_in, R_OK) == 0) {
        static char *kept;

        kept = jt_strdup(built_in);
        init_ca_file = kept != NULL ? kept : "";
    }
    curl_easy_cleanup(easy);
    for (size_t i = 0; *init_ca_file == '\0' && i < JT_LEN(init_ca_places); i++)
        if (access(init_ca_places[i], R_OK) == 0)
            init_ca_file = init_ca_places[i];
}

/* libcurl opens $SSLKEYLOGFILE while it starts, and would write the keys of every session there. */
static void init_curl(void)
{
    static const char variable[] = "SSLKEYLOGFILE";
    const char *value = getenv(variable);
    JT_AUTO_STR char *kept = jt_strdup(value);

    if (value != NULL)
        (void)unsetenv(variable);
    init_code = curl_global_init(CURL_GLOBAL_DEFAULT);
    /* The program's own child processes get what they would have got, unless nobody may trust where it came from. */
    if (kept != NULL && getauxval(AT_SECURE) == 0)
        (void)setenv(variable, kept, 1);
    if (init_code == CURLE_OK)
        init_find_ca_file();
}

int jt_http_init(jeton_error **ret_error)
{
    (void)pthread_once(&init_once, init_curl);
    if (init_code == CURLE_OK)
        return JETON_OK;
    return jt_error_set(ret_error, JETON_INTERNAL, "libcurl does not start: %s", curl_easy_strerror(init_code));
}

const char *jt_http_ca_file(void)
{
    return init_ca_file;
}
