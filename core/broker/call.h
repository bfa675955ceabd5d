/* SPDX-License-Identifier: MIT */
/* One call by name: the name taken apart, its account, its row's key. */
#ifndef JT_BROKER_CALL_H
#define JT_BROKER_CALL_H

#include "broker/context.h"
#include "token/token.h"

struct jt_call {
    jeton *ctx;
    struct jt_name name;
    char *variant;
    char *key; /* of the flight: name and variant */
    struct jt_account *account;
    struct jt_store *store;
    uint64_t hash;
    int64_t min_ttl_s;
    int64_t deadline_ms;              /* of the caller; JT_NEVER: none */
    const struct jeton_param *params; /* the caller's, or NULL */
    size_t params_len;
    const struct jeton_conversation *conversation; /* the caller's, or NULL */
};

/* Copies the caller's request. Members beyond the size that the caller knows are zero. */
int JT_MUST_CHECK jt_call_read_request(const struct jeton_request *request, struct jeton_request *ret_request,
                                       jeton_error **ret_error);
/* Takes the name apart, finds account and store. Errors carry the name. */
int JT_MUST_CHECK jt_call_new(jeton *ctx, const char *name, const struct jeton_request *request,
                              struct jt_call **ret_call, jeton_error **ret_error);
/* The same for calls that need only the store. An account that is no longer configured is no error if a row is stored
 * for it; then call->account is NULL. */
int JT_MUST_CHECK jt_call_new_stored(jeton *ctx, const char *name, const struct jeton_request *request,
                                     struct jt_call **ret_call, jeton_error **ret_error);
/* When a token of this name is due for renewal and when it ends, by the settings of its account. */
struct jt_lifetime jt_call_lifetime(const struct jt_call *call, const struct jt_tokenset *token);
/* A copy for work that goes on after the caller has returned, without parameters and conversation. NULL: out of
 * memory. */
struct jt_call *jt_call_copy(const struct jt_call *call) JT_MUST_CHECK;
void jt_call_free(struct jt_call **call);
#define JT_AUTO_CALL JT_CLEANUP(jt_call_free)

#endif
