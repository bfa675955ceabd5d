/* SPDX-License-Identifier: MIT */
/* Owns every token and one-time code that was issued, and whether it still counts.
   It never knows a wire format and never answers anybody. */
#ifndef SIM_TOKENS_H
#define SIM_TOKENS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Beyond this many the oldest are forgotten, so that a long benchmark does not eat the machine. */
#define TOKENS_MAX 1000000

struct token_group;

struct token {
    char *value;
    const char *provider; /* the provider table's own name, not a copy */
    const char *kind;     /* a string literal: "access", "refresh", "code", "v2", … */
    char *client;
    char *scope;
    char *subject;
    char *key_id;
    char *redirect_uri;
    int64_t issued_at;
    int64_t expires_at; /* 0: never */
    uint64_t family;    /* of a refresh chain; 0: none */
    bool revoked;
    int64_t used_at;   /* of codes and refresh tokens that were spent; 0: not yet */
    char *next_access; /* what a spent refresh token was exchanged for */
    char *next_refresh;

    struct token *hash_next;
    struct token *older, *newer; /* all tokens */
    struct token_group *group;
    struct token *group_older, *group_newer; /* those of the group not yet revoked or spent */
};

/* Copies value, client and scope; a lifetime of 0 or less never ends. Set the other members
   on the result. */
struct token *tokens_issue(const char *provider, const char *kind, const char *value, const char *client,
                           const char *scope, int64_t lifetime_s);
struct token *tokens_find(const char *provider, const char *value);
bool token_active(const struct token *token);
bool token_expired(const struct token *token);
void token_revoke(struct token *token);
void token_spend(struct token *token);
void tokens_revoke_family(const char *provider, uint64_t family);
uint64_t tokens_new_family(void);

/* How many of this kind the client holds that are active. */
int64_t tokens_count_active(const char *provider, const char *kind, const char *client);
/* The oldest active one, or NULL. */
struct token *tokens_oldest(const char *provider, const char *kind, const char *client);
/* Calls `each` for every active one, oldest first. */
void tokens_each_active(const char *provider, const char *kind, const char *client,
                        void (*each)(struct token *token, void *context), void *context);

json_object *tokens_json(const char *provider); /* NULL: all providers */
void tokens_clear(void);

#endif
