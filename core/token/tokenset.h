/* SPDX-License-Identifier: MIT */
/* The token set in its three forms: the struct that a flow fills in, bytes for the store, and the small immutable
 * object that callers hold. */
#ifndef JT_TOKEN_TOKENSET_H
#define JT_TOKEN_TOKENSET_H

#include "base/base.h"

/* Owns its strings. Zero it first. A string that is NULL was not in the provider's response. */
struct jt_tokenset {
    char *access_token;
    char *token_type;
    char *refresh_token;
    char *scope;
    char *key_id;
    char *extra; /* a JSON object, or NULL */
    char *note;  /* for the person; not stored */
    int64_t issued_at;
    int64_t expires_at;         /* JT_NEVER: no limit known */
    int64_t refresh_expires_at; /* JT_NEVER: no limit known */
    /* When it arrived, on the wall clock and in milliseconds since the boot boot_id; 0: not known. */
    int64_t seen_at;
    int64_t seen_boot_ms;
    int64_t boot_id;
};
#define JT_TOKENSET_INIT ((struct jt_tokenset){.expires_at = JT_NEVER, .refresh_expires_at = JT_NEVER})

void jt_tokenset_done(struct jt_tokenset *set);
#define JT_AUTO_TOKENSET JT_CLEANUP(jt_tokenset_done)

/* To bytes and back. The bytes are a version byte, then (tag, length, value) triples. Unknown tags are skipped, so that
 * an older jeton reads what a newer one wrote. The bytes may be hostile: JETON_BAD_ANSWER says what is wrong with
 * them. */
int JT_MUST_CHECK jt_tokenset_encode(const struct jt_tokenset *set, struct jt_buf *buf, jeton_error **ret_error);
int JT_MUST_CHECK jt_tokenset_decode(const void *data, size_t len, struct jt_tokenset *ret_set,
                                     jeton_error **ret_error);

/* The object for callers: one allocation, without the refresh token, wiped when its last owner frees it. NULL: out of
 * memory. */
jeton_token *jt_token_new(const struct jt_tokenset *set) JT_MUST_CHECK;
/* Another object of the same content. NULL: out of memory. */
jeton_token *jt_token_copy(const jeton_token *token) JT_MUST_CHECK;
/* A token's content as bytes, valid only within this process. */
const void *jt_token_image(const jeton_token *token, size_t *ret_len);
/* A new token whose content the caller writes to *ret_image before it uses the token. NULL: out of memory. */
jeton_token *jt_token_of_image(size_t len, void **ret_image) JT_MUST_CHECK;

#endif
