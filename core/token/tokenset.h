/* SPDX-License-Identifier: MIT */
/* The token set: as a flow fills it in, as bytes for the store, and as the small immutable object that callers hold. It
 * never decides whether a token is good enough. */
#ifndef JT_TOKEN_TOKENSET_H
#define JT_TOKEN_TOKENSET_H

#include "base/base.h"

/* Owns its strings. Zero it first; NULL: the provider said nothing. */
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
    /* When it arrived, on the wall clock and on the one that never jumps, of the boot boot_id; 0: not known. */
    int64_t seen_at;
    int64_t seen_boot_ms;
    int64_t boot_id;
};
#define JT_TOKENSET_INIT ((struct jt_tokenset){.expires_at = JT_NEVER, .refresh_expires_at = JT_NEVER})

void jt_tokenset_done(struct jt_tokenset *set);
#define JT_AUTO_TOKENSET JT_CLEANUP(jt_tokenset_done)

/* To bytes and back: a version byte, then (tag, length, value) triples; unknown tags are skipped, so that an older
 * jeton reads what a newer one wrote. Decoding takes hostile bytes: JETON_BAD_ANSWER with what is wrong. */
int JT_MUST_CHECK jt_tokenset_encode(const struct jt_tokenset *set, struct jt_buf *buf, jeton_error **ret_error);
int JT_MUST_CHECK jt_tokenset_decode(const void *data, size_t len, struct jt_tokenset *ret_set,
                                     jeton_error **ret_error);

/* The object for callers: one allocation, without the refresh token; wiped with its last owner. NULL: out of memory. */
jeton_token *jt_token_new(const struct jt_tokenset *set) JT_MUST_CHECK;
/* Another one of the same content. NULL: out of memory. */
jeton_token *jt_token_copy(const jeton_token *token) JT_MUST_CHECK;
/* A token's content as bytes, which mean nothing outside of this process. */
const void *jt_token_image(const jeton_token *token, size_t *ret_len);
/* A token of that content, which the caller fills in before anybody looks at the token. NULL: out of memory. */
jeton_token *jt_token_of_image(size_t len, void **ret_image) JT_MUST_CHECK;

#endif
