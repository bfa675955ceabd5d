/* SPDX-License-Identifier: MIT */
/* Token names, provider/account[/subject], and the variants under a name. */
#ifndef JT_TOKEN_NAME_H
#define JT_TOKEN_NAME_H

#include "base/base.h"

struct jt_name {
    char full[JT_NAME_MAX + 1u];
    char provider[JT_NAME_MAX + 1u];
    char account[JT_NAME_MAX + 1u];
    char subject[JT_NAME_MAX + 1u]; /* "": none; may contain slashes */
};

/* Provider: [a-z0-9][a-z0-9_-]*. Account: [A-Za-z][A-Za-z0-9_-]*, so that it can be a name in a libconfig file.
 * Subject: any printable UTF-8. JETON_USAGE: the text is no token name; the error says why. */
int JT_MUST_CHECK jt_name_parse(const char *text, struct jt_name *ret_name, jeton_error **ret_error);

/* Whether the text is a name that can be part of a path: [a-z0-9][a-z0-9_-]*, at most 64 bytes. */
bool jt_name_is_bare(const char *text);

/* The variant as canonical text of what a request narrows: "scope=a b\naudience=x", or "" for nothing. Scope values are
 * sorted and made unique. NULL: out of memory. The caller frees. */
char *jt_variant_make(const char *scope, const char *audience, const char *resource) JT_MUST_CHECK;
/* The value of one part ("scope") of a variant, or NULL; the caller frees. */
char *jt_variant_part(const char *variant, const char *part) JT_MUST_CHECK;

/* A stable 64-bit hash (BLAKE2b without a key) of name and variant. Its lowest ten bits are the shard. */
#define JT_NAME_SHARDS 1024u
static inline uint32_t jt_name_shard(uint64_t hash)
{
    return (uint32_t)(hash % JT_NAME_SHARDS);
}
uint64_t jt_name_hash(const char *name, const char *variant);

#endif
