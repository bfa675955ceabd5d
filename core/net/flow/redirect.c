/* SPDX-License-Identifier: MIT */
/* Reads the parameters that the provider sent from the URL at which the browser arrived. */
#include "net/flow/redirect.h"
#include "net/wire/wire.h"
#include <string.h>

#define REDIRECT_PARAMS_MAX 32u

static int redirect_add(struct jt_flow *flow, const char *pair, size_t len, jeton_error **ret_error)
{
    JT_AUTO_SECRET char *name = NULL;
    JT_AUTO_SECRET char *value = NULL;
    const char *equals = memchr(pair, '=', len);
    size_t name_len = equals != NULL ? (size_t)(equals - pair) : len;

    if (jt_text_decode_form(pair, name_len, &name) != JETON_OK ||
        jt_text_decode_form(pair + name_len + (equals != NULL), len - name_len - (equals != NULL), &value) != JETON_OK)
        return jt_error_set(ret_error, JETON_BAD_ANSWER,
                            "%s: the address that the browser arrived at has a malformed parameter",
                            jt_state_plugin_name(flow));
    /* RFC 6749 3.1: no parameter may come twice. */
    if (jt_fields_find(&flow->answers, name) != NULL || flow->answers.len == REDIRECT_PARAMS_MAX)
        return jt_error_set(ret_error, JETON_BAD_ANSWER,
                            "%s: the address that the browser arrived at has a parameter twice, or over %u of them",
                            jt_state_plugin_name(flow), REDIRECT_PARAMS_MAX);
    return jt_fields_set(&flow->answers, name, value, 0, ret_error);
}

int jt_redirect_read(struct jt_flow *flow, const char *url, jeton_error **ret_error)
{
    const char *expected = jt_state_redirect_uri(flow);
    size_t bare_len = strcspn(expected, "?#");
    const char *rest;

    if (strlen(url) > JT_URL_MAX || strncmp(url, expected, bare_len) != 0 ||
        (url[bare_len] != '\0' && strchr("/?#", url[bare_len]) == NULL)) {
        (void)jt_error_set(ret_error, JETON_USAGE, "%s: the browser arrived at another address than %.*s",
                           jt_state_plugin_name(flow), (int)(bare_len < 200 ? bare_len : 200), expected);
        jt_error_set_hint(ret_error, "give the whole address from the browser's address bar once the sign-in is over");
        return JETON_USAGE;
    }
    rest = url + bare_len;
    rest += strcspn(rest, "?");
    if (*rest == '\0')
        return JETON_OK;
    for (rest++; *rest != '\0' && *rest != '#';) {
        size_t len = strcspn(rest, "&#");

        if (len > 0) {
            int status = redirect_add(flow, rest, len, ret_error);

            if (status != JETON_OK)
                return status;
        }
        rest += len + (rest[len] == '&');
    }
    return JETON_OK;
}
