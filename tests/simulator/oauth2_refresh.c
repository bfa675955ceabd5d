/* SPDX-License-Identifier: MIT */
/* Owns refresh tokens of the generic server: rotation, the grace period, reuse detection.
   It never authenticates the client; that has happened. */
#include "oauth2.h"

#include "clock.h"
#include "text.h"

#include <string.h>

static bool within_grace(const struct token *spent)
{
    return oauth2.refresh_grace_s > 0 && clock_now() - spent->used_at <= oauth2.refresh_grace_s;
}

/* A client that lost the answer asks again and gets what it was given the first time; as soon as
   the successor itself was used, the repetition is no longer innocent. */
static bool repeat_answer(const struct token *spent, struct answer *answer)
{
    const struct token *access = tokens_find(provider_oauth2.name, spent->next_access);
    const struct token *refresh = tokens_find(provider_oauth2.name, spent->next_refresh);

    if (!within_grace(spent) || !access || !refresh || !token_active(access) || !token_active(refresh))
        return false;
    oauth2_answer(answer, access, refresh);
    return true;
}

static void rotate(struct token *old, const char *scope, struct answer *answer)
{
    /* The new refresh token keeps the whole scope: a narrowed access token narrows nothing else,
       RFC 6749 section 6. */
    struct token *access = oauth2_new_access(scope, old->subject, old->family);
    struct token *refresh = oauth2_new_refresh(old->scope, old->subject, old->family);

    token_spend(old);
    old->next_access = text_copy(access->value);
    old->next_refresh = text_copy(refresh->value);
    oauth2_answer(answer, access, refresh);
}

void oauth2_refresh(const struct request *request, struct answer *answer)
{
    const char *value = fields_need(&request->form, "refresh_token");
    const char *scope = fields_need(&request->form, "scope");
    struct token *token = tokens_find(provider_oauth2.name, value);

    if (!value) {
        answer_oauth_error(answer, 400, "invalid_request", "refresh_token is missing");
    } else if (!token || strcmp(token->kind, OAUTH2_REFRESH) != 0 || strcmp(token->client, oauth2.client_id) != 0) {
        answer_oauth_error(answer, 400, "invalid_grant", "unknown refresh token");
    } else if (token->revoked) {
        answer_oauth_error(answer, 400, "invalid_grant", "the refresh token was revoked");
    } else if (token_expired(token)) {
        answer_oauth_error(answer, 400, "invalid_grant", "the refresh token expired");
    } else if (token->used_at) {
        if (repeat_answer(token, answer))
            return;
        tokens_revoke_family(provider_oauth2.name, token->family);
        answer_oauth_error(answer, 400, "invalid_grant", "the refresh token was used before; its family is revoked");
    } else if (scope && !oauth2_scope_within(scope, token->scope)) {
        answer_oauth_error(answer, 400, "invalid_scope", "more than was granted");
    } else if (oauth2.rotate) {
        rotate(token, scope ? scope : token->scope, answer);
    } else {
        oauth2_answer(answer, oauth2_new_access(scope ? scope : token->scope, token->subject, token->family), NULL);
    }
}
