/* SPDX-License-Identifier: MIT */
/* Owns what the files of the generic RFC 6749 server share: settings, client authentication,
   the shape of a token answer. It never holds a route. */
#ifndef SIM_OAUTH2_H
#define SIM_OAUTH2_H

#include "provider.h"
#include "tokens.h"

#define OAUTH2_ACCESS  "access"
#define OAUTH2_REFRESH "refresh"

struct oauth2_settings {
    char client_id[KNOB_STRING_MAX];
    char client_secret[KNOB_STRING_MAX];
    char username[KNOB_STRING_MAX];
    char password[KNOB_STRING_MAX];
    char scopes[KNOB_STRING_MAX]; /* what may be asked for, "": anything */
    int64_t expires_in_s;
    int64_t refresh_expires_in_s; /* 0: never */
    int64_t refresh_grace_s;
    int64_t rotate;
    int64_t max_tokens;
    int64_t client_auth; /* enum oauth2_client_auth */
};

enum oauth2_client_auth { OAUTH2_AUTH_ANY, OAUTH2_AUTH_BASIC, OAUTH2_AUTH_POST, OAUTH2_AUTH_NONE };

extern struct oauth2_settings oauth2;

/* False after having answered 401 or 400, RFC 6749 sections 2.3.1 and 5.2. */
bool oauth2_client_accepted(const struct request *request, struct answer *answer);
/* Whether every word of `asked` is in `granted`. */
bool oauth2_scope_within(const char *asked, const char *granted);

struct token *oauth2_new_access(const char *scope, const char *subject, uint64_t family);
struct token *oauth2_new_refresh(const char *scope, const char *subject, uint64_t family);
/* `refresh` may be NULL. */
void oauth2_answer(struct answer *answer, const struct token *access, const struct token *refresh);

void oauth2_refresh(const struct request *request, struct answer *answer); /* oauth2_refresh.c */

#endif
