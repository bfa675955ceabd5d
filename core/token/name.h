/* SPDX-License-Identifier: MIT */
/* Token names, provider/account[/subject], and the variants under a name. */
#ifndef JT_TOKEN_NAME_H
#define JT_TOKEN_NAME_H

#include "base/base.h"

struct jt_name {
    char full[JT_NAME_MAX + 1u];
    char provider[JT_NAME_MAX + 1u];
    char account[JT_NAME_MAX + 1u];
    char subject[JT_NAME_MAX + 1u]; /* "" where there is none; may hold slashes */
};

/* Provider: [a-z0-9][a-z0-9_-]*. Account: [A-Za-z][A-Za-z0-9_-]*, a name in libconfig's files (which may also begin
 * with
 * "*"). Subject: any printable UTF-8 without control characters. JETON_USAGE with what is wrong. */
int JT_MUST_CHECK jt_name_parse(const char *text, struct jt_name *ret_name, jeton_error **ret_error);

/* A name that may stand in a path: [a-z0-9][a-z0-9_-]*, at most 64 bytes. */
bool jt_name_is_bare(const char *text);

/* The canonical variant of what a request narrows, "" for nothing: "scope=a b\naudience=x". Scope values are sorted and
 * made unique. NULL: out of memory. The caller frees. */
char *jt_variant_make(const char *scope, const char *audience, const char *resource) JT_MUST_CHECK;
/* The part of a variant, or NULL; the caller frees. */
char *jt_variant_part(const char *variant, const char *part) JT_MUST_CHECK;

/* A stable 64-bit hash (BLAKE2b, no key) of name and variant; shards are its lowest ten bits. */
#define JT_NAME_SHARDS 1024u
static inline uint32_t jt_name_shard(uint64_t hash)
{
    return (uint32_t)(hash % JT_NAME_SHARDS);
}
uint64_t jt_name_hash(const char *name, const char *variant);

#endif
