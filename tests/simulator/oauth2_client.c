/* SPDX-License-Identifier: MIT */
/* Owns client authentication of the generic server: Basic, form fields, or a public client.
   It never looks at grants. */
#include "oauth2.h"

#include "text.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool refuse_client(struct answer *answer, const char *description)
{
    answer_header(answer, "WWW-Authenticate", "Basic realm=\"jeton-simulator\"");
    answer_oauth_error(answer, 401, "invalid_client", description);
    return false;
}

/* RFC 6749 section 2.3.1: both halves are form-encoded before they go into Basic. */
static bool basic_matches(const char *encoded)
{
    size_t len = strlen(encoded);
    unsigned char *pair = text_alloc(len + 4);
    int decoded = EVP_DecodeBlock(pair, (const unsigned char *)encoded, (int)len);
    char *colon;
    bool matches = false;

    if (decoded >= 0) {
        char *id = (char *)pair;

        pair[decoded] = 0;
        colon = strchr(id, ':');
        if (colon) {
            *colon++ = 0;
            matches = text_percent_decode(id, true) && text_percent_decode(colon, true) &&
                      text_equal(id, oauth2.client_id) && text_equal(colon, oauth2.client_secret);
        }
    }
    free(pair);
    return matches;
}

static bool accept_basic(const struct request *request, const char *authorization, struct answer *answer)
{
    if (fields_get(&request->form, "client_secret")) {
        answer_oauth_error(answer, 400, "invalid_request", "more than one way of client authentication");
        return false;
    }
    if (oauth2.client_auth == OAUTH2_AUTH_POST || oauth2.client_auth == OAUTH2_AUTH_NONE)
        return refuse_client(answer, "client_secret_basic is not allowed for this client");
    if (strncasecmp(authorization, "Basic ", 6) != 0 || !basic_matches(authorization + 6))
        return refuse_client(answer, "client authentication failed");
    return true;
}

bool oauth2_client_accepted(const struct request *request, struct answer *answer)
{
    const char *authorization = fields_get(&request->headers, "authorization");
    const char *id = fields_get(&request->form, "client_id");
    const char *secret = fields_get(&request->form, "client_secret");

    if (fields_repeated(&request->form)) {
        answer_oauth_error(answer, 400, "invalid_request", "a parameter is repeated");
        return false;
    }
    if (authorization)
        return accept_basic(request, authorization, answer);
    if (!text_equal(id, oauth2.client_id))
        return refuse_client(answer, id ? "unknown client" : "no client authentication");
    if (oauth2.client_auth == OAUTH2_AUTH_NONE)
        return secret ? refuse_client(answer, "a public client has no secret") : true;
    if (oauth2.client_auth == OAUTH2_AUTH_BASIC)
        return refuse_client(answer, "client_secret_post is not allowed for this client");
    if (!text_equal(secret, oauth2.client_secret))
        return refuse_client(answer, "client authentication failed");
    return true;
}
