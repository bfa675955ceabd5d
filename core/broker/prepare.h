/* SPDX-License-Identifier: MIT */
/* A flow that is ready to run: the account's resolved settings, the call's checked parameters, the HTTP options. It
 * borrows the call, the plugin and the stored token. */
#ifndef JT_BROKER_PREPARE_H
#define JT_BROKER_PREPARE_H

#include "broker/call.h"

struct jt_prepared {
    struct jt_flow_spec spec; /* before_once and data may still be set */
    struct jt_resolved *resolved;
    struct jt_fields params;
};

/* Fills in the struct, whose address must not change until it is done with: the spec points into it. Errors carry the
 * name. */
int JT_MUST_CHECK jt_prepare(struct jt_prepared *prepared, const struct jt_call *call, const struct jt_plugin *plugin,
                             enum jt_operation operation, const struct jt_tokenset *token, jeton_error **ret_error);
void jt_prepare_done(struct jt_prepared *prepared);
#define JT_AUTO_PREPARED JT_CLEANUP(jt_prepare_done)

/* Runs it in this thread; result is filled in also on failure. */
int JT_MUST_CHECK jt_prepare_run(const struct jt_prepared *prepared, const struct jt_call *call,
                                 struct jt_flow_result *result, jeton_error **ret_error);
/* Both in one, for operations that spend nothing. */
int JT_MUST_CHECK jt_prepare_and_run(const struct jt_call *call, const struct jt_plugin *plugin,
                                     enum jt_operation operation, const struct jt_tokenset *token,
                                     struct jt_flow_result *result, jeton_error **ret_error);

#endif
