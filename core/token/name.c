/* SPDX-License-Identifier: MIT */
/* Token names and variants: taking them apart and putting them together. */
#include "token/name.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LOWER    "abcdefghijklmnopqrstuvwxyz"
#define NAME_UPPER    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define NAME_DIGITS   "0123456789"
#define NAME_BARE_MAX 64u
#define NAME_SPACES   " \t\n\v\f\r"

bool jt_name_is_bare(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && len <= NAME_BARE_MAX && strchr(NAME_LOWER NAME_DIGITS, text[0]) != NULL &&
           strspn(text, NAME_LOWER NAME_DIGITS "_-") == len;
}

/* Names are shown to people and written to logs, so they must be printable UTF-8. */
static bool name_is_text(const char *text, size_t len)
{
    while (len > 0) {
        uint32_t code = 0;
        const size_t size = jt_utf8_decode(text, len, &code);

        if (size == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029)
            return false;
        text += size;
        len -= size;
    }
    return true;
}

int jt_name_parse(const char *text, struct jt_name *ret_name, jeton_error **ret_error)
{
    struct jt_name name = {0};
    const char *slash, *account, *end;
    size_t len = strlen(text);

    if (len == 0)
        return jt_error_set(ret_error, JETON_USAGE,
                            "the token name is empty: it is provider/account or "
                            "provider/account/subject");
    if (len > JT_NAME_MAX)
        return jt_error_set(ret_error, JETON_USAGE, "the token name has %zu bytes: at most %u are allowed", len,
                            JT_NAME_MAX);
    if (!name_is_text(text, len))
        return jt_error_set(ret_error, JETON_USAGE, "the token name holds control characters or is not UTF-8");
    slash = strchr(text, '/');
    if (slash == NULL || slash[1] == '\0')
        return jt_error_set(ret_error, JETON_USAGE,
                            "\"%s\" is not a token name: it is provider/account or "
                            "provider/account/subject",
                            text);
    account = slash + 1;
    end = strchr(account, '/');
    if (end == NULL)
        end = text + len;
    memcpy(name.full, text, len);
    memcpy(name.provider, text, (size_t)(slash - text));
    memcpy(name.account, account, (size_t)(end - account));
    if (*end == '/')
        memcpy(name.subject, end + 1, len - (size_t)(end + 1 - text));
    if (!jt_name_is_bare(name.provider))
        return jt_error_set(ret_error, JETON_USAGE,
                            "\"%s\" in \"%s\" is not a provider's name: those are lower-case "
                            "letters, digits, - and _",
                            name.provider, text);
    if (name.account[0] == '\0' || strchr(NAME_LOWER NAME_UPPER, name.account[0]) == NULL ||
        strspn(name.account, NAME_LOWER NAME_UPPER NAME_DIGITS "_-") != strlen(name.account))
        return jt_error_set(ret_error, JETON_USAGE,
                            "\"%s\" in \"%s\" is not an account's name: those are letters, "
                            "digits, - and _, a letter first",
                            name.account, text);
    if (*end == '/' && name.subject[0] == '\0')
        return jt_error_set(ret_error, JETON_USAGE, "\"%s\" ends with a slash: leave it out, or add a subject", text);
    *ret_name = name;
    return JETON_OK;
}

static int variant_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void variant_values_free(char ***values)
{
    free(*values);
}

/* RFC 6749 3.3: the order of scope values means nothing, nor does a repeated one. So they are sorted and made
 * unique. */
static bool variant_add_scope(struct jt_buf *buf, const char *scope)
{
    JT_AUTO_STR char *copy = jt_strdup(scope);
    JT_CLEANUP(variant_values_free) char **values = calloc(strlen(scope) / 2 + 1, sizeof(*values));
    char *rest = copy, *value;
    size_t count = 0, written = 0;

    if (copy == NULL || values == NULL)
        return false;
    /* Splits at any white space: a newline inside a value would begin another part of the variant. */
    while ((value = strsep(&rest, NAME_SPACES)) != NULL)
        if (*value != '\0')
            values[count++] = value;
    qsort(values, count, sizeof(values[0]), variant_compare);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(values[i], values[i - 1]) == 0)
            continue;
        jt_buf_puts(buf, written++ == 0 ? "scope=" : " ");
        jt_buf_puts(buf, values[i]);
    }
    return true;
}

static void variant_add(struct jt_buf *buf, const char *part, const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    jt_buf_printf(buf, "%s%s=", buf->len > 0 ? "\n" : "", part);
    for (; *value != '\0'; value++)
        jt_buf_add(buf, *value == '\n' ? " " : value, 1);
}

char *jt_variant_make(const char *scope, const char *audience, const char *resource)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(JT_SETTING_MAX);

    if (scope != NULL && !variant_add_scope(&buf, scope))
        return NULL;
    variant_add(&buf, "audience", audience);
    variant_add(&buf, "resource", resource);
    return jt_buf_take(&buf);
}

char *jt_variant_part(const char *variant, const char *part)
{
    size_t part_len = strlen(part);

    while (*variant != '\0') {
        size_t len = strcspn(variant, "\n");

        if (len > part_len && strncmp(variant, part, part_len) == 0 && variant[part_len] == '=')
            return strndup(variant + part_len + 1, len - part_len - 1);
        variant += len + (variant[len] == '\n' ? 1 : 0);
    }
    return NULL;
}

uint64_t jt_name_hash(const char *name, const char *variant)
{
    crypto_generichash_state state;
    unsigned char digest[crypto_generichash_BYTES_MIN];
    uint64_t hash = 0;

    (void)crypto_generichash_init(&state, NULL, 0, sizeof(digest));
    (void)crypto_generichash_update(&state, (const unsigned char *)name, strlen(name) + 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)variant, strlen(variant));
    (void)crypto_generichash_final(&state, digest, sizeof(digest));
    for (size_t i = 0; i < sizeof(hash); i++)
        hash = hash << 8 | digest[i];
    return hash;
}
