/* SPDX-License-Identifier: MIT */
/* Guarded memory for keys and credentials (libsodium). */
#include "base/guarded.h"
#include <sodium.h>
#include <string.h>

/* Beyond RLIMIT_MEMLOCK, libsodium gives out memory that is not locked. */
char *jt_guarded_dup(const char *data, size_t len)
{
    char *copy;

    if (len == SIZE_MAX || sodium_init() < 0)
        return NULL;
    copy = sodium_malloc(len + 1);
    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, data, len);
    copy[len] = '\0';
    return copy;
}

void jt_guarded_free(char **secret)
{
    if (*secret == NULL)
        return;
    sodium_free(*secret);
    *secret = NULL;
}

int jt_guarded_accept(const char *what, const char *data, size_t len, char **ret_secret, size_t *ret_len,
                      jeton_error **ret_error)
{
    char *secret;

    if (len > 0 && data[len - 1] == '\n')
        len--;
    if (len == 0)
        return jt_error_set(ret_error, JETON_CONFIG, "%s is empty; put the secret there", what);
    if (len > JT_SETTING_MAX)
        return jt_error_set(ret_error, JETON_CONFIG, "%s holds more than %u bytes, which no secret needs", what,
                            JT_SETTING_MAX);
    if (memchr(data, '\0', len) != NULL)
        return jt_error_set(ret_error, JETON_CONFIG, "%s holds a NUL byte; a secret must be text", what);
    secret = jt_guarded_dup(data, len);
    if (secret == NULL)
        return jt_error_no_memory(ret_error);
    *ret_secret = secret;
    *ret_len = len;
    return JETON_OK;
}
