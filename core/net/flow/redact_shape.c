/* SPDX-License-Identifier: MIT */
/* Finds what looks like a secret in text of unknown origin: by the name of a member in JSON, a form or HTML, and by
 * long runs of the characters that tokens consist of. */
#include "net/flow/redact_shape.h"
#include <string.h>
#include <strings.h>

bool jt_shape_is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool jt_shape_names_secret(const char *word, size_t len)
{
    static const char *const parts[] = {"token",         "secret",    "passw",    "passphrase", "assertion",
                                        "authorization", "signature", "private",  "api_key",    "apikey",
                                        "app_id",        "seed",      "verifier", "cookie"};
    static const char *const whole[] = {"code",  "device_code", "auth_code", "authorization_code",
                                        "nonce", "d",           "p",         "q"};
    static const char *const harmless[] = {
        "token_type",     "token_endpoint", "invalid_token",     "unsupported_token_type",
        "token_lifetime", "token_exp",      "issued_token_type", "client_assertion_type"};

    for (size_t i = 0; i < JT_LEN(harmless); i++)
        if (strlen(harmless[i]) == len && strncasecmp(word, harmless[i], len) == 0)
            return false;
    for (size_t i = 0; i < JT_LEN(whole); i++)
        if (strlen(whole[i]) == len && strncasecmp(word, whole[i], len) == 0)
            return true;
    for (size_t i = 0; i < JT_LEN(parts); i++)
        for (size_t at = 0; at + strlen(parts[i]) <= len; at++)
            if (strncasecmp(word + at, parts[i], strlen(parts[i])) == 0)
                return true;
    return false;
}

size_t jt_shape_value_at(const char *text, size_t len, size_t word_len, char *ret_quote)
{
    size_t i = word_len;

    if (i < len && (text[i] == '"' || text[i] == '\''))
        i++;
    while (i < len && text[i] == ' ')
        i++;
    if (len - i > 5 && strncasecmp(text + i, "value", 5) == 0)
        for (i += 5; i < len && text[i] == ' ';)
            i++;
    if (i == len || (text[i] != ':' && text[i] != '='))
        return 0;
    i++;
    while (i < len && text[i] == ' ')
        i++;
    *ret_quote = i < len && (text[i] == '"' || text[i] == '\'') ? text[i] : '\0';
    return *ret_quote != '\0' ? i + 1 : i;
}

/* The place behind the object or array that starts at i. */
static size_t shape_nested_end(const char *text, size_t len, size_t i)
{
    size_t depth = 0;
    bool quoted = false;

    for (; i < len; i++) {
        if (text[i] == '\\')
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text[i] == '{' || text[i] == '['))
            depth++;
        else if (!quoted && (text[i] == '}' || text[i] == ']') && --depth == 0)
            return i + 1;
    }
    return len;
}

size_t jt_shape_value_end(const char *text, size_t len, size_t i, char quote)
{
    if (quote == '\0' && i < len && (text[i] == '{' || text[i] == '['))
        return shape_nested_end(text, len, i);
    for (; i < len; i++) {
        if (quote != '\0' ? text[i] == quote : strchr("&,; \r\n\t}<", text[i]) != NULL && text[i] != '\0')
            break;
        if (quote != '\0' && text[i] == '\\')
            i++;
    }
    return i < len ? i : len;
}

size_t jt_shape_run(const char *text, size_t len)
{
    bool digit = false, letter = false;
    size_t i = 0;

    for (; i < len && (jt_shape_is_word(text[i]) || strchr(".~+%", text[i]) != NULL) && text[i] != '\0'; i++) {
        digit = digit || (text[i] >= '0' && text[i] <= '9');
        letter = letter || (text[i] > '9' && text[i] != '_');
    }
    return digit && letter ? i : 0;
}
