/* SPDX-License-Identifier: MIT */
/* The core's own settings by name, and what other settings can be called beside them. */
#include "base/setting.h"
#include <string.h>

#define SETTING_YEAR_S (366 * 86400)

const struct jeton_setting jt_setting_core[] = {
    {.name = "base_url", .type = JETON_URL, .help = "where the provider is, instead of its own address"},
    {.name = "min_ttl",
     .type = JETON_INTEGER,
     .minimum = 0,
     .maximum = SETTING_YEAR_S,
     .help = "seconds that a token must still be valid to be handed out"},
    {.name = "renew_before",
     .type = JETON_INTEGER,
     .minimum = 0,
     .maximum = 10 * SETTING_YEAR_S,
     .help = "seconds before its expiry from which a token is renewed"},
    {.name = "timeout", .type = JETON_INTEGER, .minimum = 1, .maximum = 3600, .help = "seconds for one exchange"},
    {.name = "ca_file", .type = JETON_STRING, .help = "certificate authorities to trust, PEM"},
    {.name = "proxy", .type = JETON_STRING, .help = "the proxy's URL"},
    {.name = "client_certificate", .type = JETON_STRING, .help = "this client's TLS certificate, PEM"},
    {.name = "client_key", .type = JETON_STRING, .help = "its private key, PEM"},
    {0},
};

/* In the order of enum jt_secret_source, from JT_SECRET_FILE on. */
const char *const jt_setting_endings[JT_SETTING_ENDINGS] = {"_file", "_credential", "_env", "_command"};

int jt_setting_ending(const char *key, size_t *ret_name_len)
{
    const size_t key_len = strlen(key);

    for (size_t i = 0; i < JT_SETTING_ENDINGS; i++) {
        const size_t ending_len = strlen(jt_setting_endings[i]);

        if (key_len > ending_len && strcmp(key + key_len - ending_len, jt_setting_endings[i]) == 0) {
            *ret_name_len = key_len - ending_len;
            return (int)i;
        }
    }
    *ret_name_len = key_len;
    return -1;
}

const struct jeton_setting *jt_setting_row(const struct jeton_setting *rows, const char *name)
{
    for (; rows != NULL && rows->name != NULL; rows++)
        if (strcmp(rows->name, name) == 0)
            return rows;
    return NULL;
}

const char *jt_setting_taken(const char *name)
{
    size_t name_len;

    if (jt_setting_row(jt_setting_core, name) != NULL || strcmp(name, "plugin") == 0 || strcmp(name, "accounts") == 0)
        return "is a setting of jeton's own";
    if (jt_setting_ending(name, &name_len) >= 0)
        return "ends like one of the ways to give a secret (_file, _credential, _env, _command)";
    return NULL;
}
