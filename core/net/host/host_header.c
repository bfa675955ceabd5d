/* SPDX-License-Identifier: MIT */
/* Sets headers of the next request. A value that would end its line is refused, and so are headers that frame a
 * message: the host sets those. */
#include "net/host/host_header.h"
#include <string.h>
#include <strings.h>

/* RFC 9110 5.6.2. */
static bool header_is_token(const char *name)
{
    static const char others[] = "!#$%&'*+.^_`|~";

    for (const char *p = name; *p != '\0'; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '-' ||
              strchr(others, *p) != NULL))
            return false;
    return *name != '\0';
}

/* Headers that frame a message, or belong to the connection. A wrong one would let a server and a proxy disagree about
 * where a request ends (request smuggling). */
static bool header_is_reserved(const char *name)
{
    static const char *const reserved[] = {"host",
                                           "content-length",
                                           "transfer-encoding",
                                           "connection",
                                           "keep-alive",
                                           "expect",
                                           "upgrade",
                                           "te",
                                           "trailer",
                                           "user-agent",
                                           "accept-encoding",
                                           "proxy-authorization",
                                           "proxy-connection"};

    for (size_t i = 0; i < JT_LEN(reserved); i++)
        if ((name[0] | 0x20) == reserved[i][0] && strcasecmp(name, reserved[i]) == 0)
            return true;
    return false;
}

/* Replaces a header of the same name in upper or lower case: of two, it is up to the server which counts. */
static void header_set(struct jt_flow *flow, const char *name, const char *value)
{
    struct jt_fields *headers = &flow->draft.headers;

    for (size_t i = 0; i < headers->len; i++)
        if (strcasecmp(headers->items[i].name, name) == 0) {
            jt_wipe(headers->items[i].value, headers->items[i].len);
            name = headers->items[i].name;
            break;
        }
    flow->headers_len += strlen(name) + strlen(value) + 4;
    if (flow->headers_len > JT_HEADERS_MAX)
        jt_fault_contract(flow, "the request's headers are longer than %u bytes", JT_HEADERS_MAX);
    else if (jt_fields_set(headers, name, value, 0, NULL) != JETON_OK)
        jt_state_no_memory(flow);
}

void jt_host_header(jeton_flow *lent, const char *name, const char *value)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (value == NULL)
        return;
    if (!flow->has_request) {
        jt_fault_contract(flow, "it calls header before request");
        return;
    }
    if (name == NULL || !header_is_token(name) || header_is_reserved(name)) {
        jt_fault_contract(flow, "it may not set a header called \"%s\"", name != NULL ? name : "NULL");
        return;
    }
    for (const char *p = value; *p != '\0'; p++)
        if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f) {
            jt_fault_stick(
                flow, JETON_CONFIG,
                "the value for the header %s holds a control character (0x%02x); look at the setting that it is "
                "taken from, which may end in a line break",
                name, (unsigned)*p);
            return;
        }
    header_set(flow, name, value);
}

void jt_host_basic(jeton_flow *lent, const char *user, const char *password)
{
    JT_AUTO_BUF struct jt_buf pair = JT_BUF_INIT(JT_HEADERS_MAX), value = JT_BUF_INIT(JT_HEADERS_MAX);
    struct jt_flow *flow = jt_state_of(lent);

    if (user == NULL)
        return;
    jt_text_add_form(&pair, user);
    jt_buf_add(&pair, ":", 1);
    jt_text_add_form(&pair, password != NULL ? password : "");
    jt_buf_puts(&value, "Basic ");
    jt_text_add_base64(&value, pair.data, pair.len);
    if (pair.failed || value.failed)
        jt_fault_stick(flow, JETON_CONFIG, "the client id and secret are longer than a header may be");
    else
        jt_host_header(lent, "Authorization", jt_buf_str(&value));
}

void jt_host_bearer(jeton_flow *lent, const char *token)
{
    JT_AUTO_BUF struct jt_buf value = JT_BUF_INIT(JT_HEADERS_MAX);

    if (token == NULL)
        return;
    if (*token == '\0' || !jt_text_is_visible(token, false)) {
        jt_fault_stick(
            jt_state_of(lent), JETON_CONFIG,
            "a token for the Authorization header is empty or holds a character that none may (RFC 6750 2.1)");
        return;
    }
    jt_buf_puts(&value, "Bearer ");
    jt_buf_puts(&value, token);
    jt_host_header(lent, "Authorization", value.failed ? NULL : jt_buf_str(&value));
    if (value.failed)
        jt_fault_contract(jt_state_of(lent), "the request's headers are longer than %u bytes", JT_HEADERS_MAX);
}
