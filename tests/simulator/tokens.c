/* SPDX-License-Identifier: MIT */
/* Owns every token and one-time code that was issued, and whether it still counts.
   It never knows a wire format and never answers anybody. */
#include "tokens.h"

#include "clock.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* The tokens of one client and kind, so that limits need not look at everybody's. */
struct token_group {
    const char *provider;
    const char *kind;
    char *client;
    struct token *oldest, *newest;
    struct token_group *next;
};

static struct token **buckets;
static size_t bucket_count;
static size_t token_count;
static struct token *oldest, *newest;
static struct token_group *groups;
static uint64_t last_family;

static size_t bucket_of(const char *provider, const char *value)
{
    uint64_t hash = 14695981039346656037u;

    for (const char *c = provider; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    for (const char *c = value; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    return (size_t)(hash & (bucket_count - 1));
}

static void grow_buckets(void)
{
    free(buckets);
    bucket_count = bucket_count ? bucket_count * 2 : 1024;
    buckets = text_alloc(bucket_count * sizeof(*buckets));
    for (struct token *token = oldest; token; token = token->newer) {
        size_t bucket = bucket_of(token->provider, token->value);

        token->hash_next = buckets[bucket];
        buckets[bucket] = token;
    }
}

static struct token_group *find_group(const char *provider, const char *kind, const char *client)
{
    for (struct token_group *group = groups; group; group = group->next)
        if (strcmp(group->provider, provider) == 0 && strcmp(group->kind, kind) == 0 &&
            strcmp(group->client, client) == 0)
            return group;
    return NULL;
}

static void leave_group(struct token *token)
{
    struct token_group *group = token->group;

    if (!group)
        return;
    if (token->group_older)
        token->group_older->group_newer = token->group_newer;
    else
        group->oldest = token->group_newer;
    if (token->group_newer)
        token->group_newer->group_older = token->group_older;
    else
        group->newest = token->group_older;
    token->group = NULL;
    token->group_older = token->group_newer = NULL;
}

static void join_group(struct token *token)
{
    struct token_group *group = find_group(token->provider, token->kind, token->client);

    if (!group) {
        group = text_alloc(sizeof(*group));
        group->provider = token->provider;
        group->kind = token->kind;
        group->client = text_copy(token->client);
        group->next = groups;
        groups = group;
    }
    token->group = group;
    token->group_older = group->newest;
    if (group->newest)
        group->newest->group_newer = token;
    else
        group->oldest = token;
    group->newest = token;
}

static void free_token(struct token *token)
{
    free(token->value);
    free(token->client);
    free(token->scope);
    free(token->subject);
    free(token->key_id);
    free(token->redirect_uri);
    free(token->next_access);
    free(token->next_refresh);
    free(token);
}

static void forget_oldest(void)
{
    struct token *token = oldest;
    struct token **link = &buckets[bucket_of(token->provider, token->value)];

    while (*link != token)
        link = &(*link)->hash_next;
    *link = token->hash_next;
    oldest = token->newer;
    if (oldest)
        oldest->older = NULL;
    else
        newest = NULL;
    leave_group(token);
    token_count--;
    free_token(token);
}

struct token *tokens_issue(const char *provider, const char *kind, const char *value, const char *client,
                           const char *scope, int64_t lifetime_s)
{
    if (token_count >= TOKENS_MAX)
        forget_oldest();
    if (token_count >= bucket_count)
        grow_buckets();

    struct token *token = text_alloc(sizeof(*token));
    size_t bucket;

    token->provider = provider;
    token->kind = kind;
    token->value = text_copy(value);
    token->client = text_copy(client ? client : "");
    token->scope = text_copy(scope);
    token->issued_at = clock_now();
    token->expires_at = lifetime_s > 0 ? token->issued_at + lifetime_s : 0;

    bucket = bucket_of(provider, value);
    token->hash_next = buckets[bucket];
    buckets[bucket] = token;
    token->older = newest;
    if (newest)
        newest->newer = token;
    else
        oldest = token;
    newest = token;
    token_count++;
    join_group(token);
    return token;
}

struct token *tokens_find(const char *provider, const char *value)
{
    if (!value || !bucket_count)
        return NULL;
    for (struct token *token = buckets[bucket_of(provider, value)]; token; token = token->hash_next)
        if (strcmp(token->value, value) == 0 && strcmp(token->provider, provider) == 0)
            return token;
    return NULL;
}

static bool active_at(const struct token *token, int64_t now)
{
    return !token->revoked && !token->used_at && (!token->expires_at || token->expires_at > now);
}

bool token_expired(const struct token *token)
{
    return token->expires_at && token->expires_at <= clock_now();
}

bool token_active(const struct token *token)
{
    return active_at(token, clock_now());
}

void token_revoke(struct token *token)
{
    token->revoked = true;
    leave_group(token);
}

void token_spend(struct token *token)
{
    token->used_at = clock_now();
    leave_group(token);
}

void tokens_revoke_family(const char *provider, uint64_t family)
{
    for (struct token *token = oldest; family && token; token = token->newer)
        if (token->family == family && strcmp(token->provider, provider) == 0)
            token_revoke(token);
}

uint64_t tokens_new_family(void)
{
    return ++last_family;
}

/* Expired tokens leave the group here: nobody else has a reason to walk over them. */
void tokens_each_active(const char *provider, const char *kind, const char *client,
                        void (*each)(struct token *token, void *context), void *context)
{
    struct token_group *group = find_group(provider, kind, client);
    int64_t now = clock_now();
    struct token *next;

    for (struct token *token = group ? group->oldest : NULL; token; token = next) {
        next = token->group_newer;
        if (active_at(token, now))
            each(token, context);
        else
            leave_group(token);
    }
}

static void count_one(struct token *token, void *context)
{
    (void)token;
    ++*(int64_t *)context;
}

int64_t tokens_count_active(const char *provider, const char *kind, const char *client)
{
    int64_t count = 0;

    tokens_each_active(provider, kind, client, count_one, &count);
    return count;
}

struct token *tokens_oldest(const char *provider, const char *kind, const char *client)
{
    struct token_group *group = find_group(provider, kind, client);

    for (struct token *token = group ? group->oldest : NULL; token; token = token->group_newer)
        if (token_active(token))
            return token;
    return NULL;
}

static void add_time(json_object *object, const char *name, int64_t at)
{
    json_object_object_add(object, name, at ? json_object_new_int64(at) : NULL);
}

static json_object *token_json(const struct token *token)
{
    json_object *object = json_object_new_object();

    json_object_object_add(object, "token", text_json(token->value));
    json_object_object_add(object, "provider", text_json(token->provider));
    json_object_object_add(object, "client", text_json(token->client));
    json_object_object_add(object, "kind", text_json(token->kind));
    json_object_object_add(object, "active", json_object_new_boolean(token_active(token)));
    json_object_object_add(object, "revoked", json_object_new_boolean(token->revoked));
    json_object_object_add(object, "issued_at", json_object_new_int64(token->issued_at));
    add_time(object, "expires_at", token->expires_at);
    add_time(object, "used_at", token->used_at);
    json_object_object_add(object, "scope", text_json(token->scope));
    json_object_object_add(object, "subject", text_json(token->subject));
    json_object_object_add(object, "key_id", text_json(token->key_id));
    json_object_object_add(object, "family", token->family ? json_object_new_int64((int64_t)token->family) : NULL);
    return object;
}

json_object *tokens_json(const char *provider)
{
    json_object *array = json_object_new_array();

    for (const struct token *token = oldest; token; token = token->newer)
        if (!provider || strcmp(token->provider, provider) == 0)
            json_object_array_add(array, token_json(token));
    return array;
}

void tokens_clear(void)
{
    while (oldest)
        forget_oldest();
    while (groups) {
        struct token_group *next = groups->next;

        free(groups->client);
        free(groups);
        groups = next;
    }
    free(buckets);
    buckets = NULL;
    bucket_count = 0;
}
