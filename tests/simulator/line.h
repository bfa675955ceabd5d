/* SPDX-License-Identifier: MIT */
/* Owns what the files of the LINE provider share: credentials, knobs, its two error shapes.
   It never holds a route. */
#ifndef SIM_LINE_H
#define SIM_LINE_H

#include "provider.h"
#include "tokens.h"

/* Kinds of channel access tokens, which are three separate worlds at LINE. */
#define LINE_SHORT_LIVED "short-lived"
#define LINE_V2_1        "v2.1"
#define LINE_STATELESS   "stateless"

struct line_settings {
    char client_id[KNOB_STRING_MAX]; /* the channel id */
    char client_secret[KNOB_STRING_MAX];
    char key_id[KNOB_STRING_MAX];     /* kid of the assertion key */
    char public_key[KNOB_STRING_MAX]; /* its PEM */
    int64_t short_lived_s;
    int64_t stateless_s;
    int64_t token_exp_max_s;
    int64_t max_tokens;
    int64_t v2_1_max_tokens;
};

extern struct line_settings line;

/* {"error", "error_description"}: what the OAuth endpoints say about a request. */
void line_fail(struct answer *answer, const char *error, const char *description);
/* {"message"}: what the platform in front of them says. */
void line_message(struct answer *answer, unsigned status, const char *message);

/* Whether this is a JWS at all: segments of base64url between dots. */
bool line_is_jws(const char *token);
void line_new_jws(char *out, size_t size);
/* {client_id, expires_in, scope} of an active token. */
void line_describe(struct answer *answer, const struct token *token, const char *scope);

/* Routes of line_jwt.c. */
void line_issue_by_jwt(const struct request *request, struct answer *answer);
void line_list_key_ids(const struct request *request, struct answer *answer);
void line_revoke_by_jwt(const struct request *request, struct answer *answer);
void line_verify_jws(const struct request *request, struct answer *answer);
void line_issue_stateless(const struct request *request, struct answer *answer);

#endif
