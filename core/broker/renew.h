/* SPDX-License-Identifier: MIT */
/* One renewal of one name by the holder of its lease: choosing the operation, running it, and committing the token set
 * or recording the failure. */
#ifndef JT_BROKER_RENEW_H
#define JT_BROKER_RENEW_H

#include "broker/intent.h"
#include "broker/prepare.h"

enum jt_renew_how {
    JT_RENEW_ANY, /* refresh where that can be done, else acquire */
    JT_RENEW_ACQUIRE,
    JT_RENEW_REFRESH
};

/* `entry` is the row as read under the lease; afterwards it is as stored. On success the token is in the store before
 * this returns. A failure is recorded in the row, beside the token. */
int JT_MUST_CHECK jt_renew(const struct jt_call *call, enum jt_renew_how how, struct jt_entry *entry,
                           jeton_error **ret_error);

/* The same in pieces, for a caller that runs many at once. */
struct jt_renewal {
    const struct jt_call *call;
    const struct jt_plugin *plugin;
    enum jt_operation operation;
    struct jt_entry *entry;
    struct jt_prepared prepared;
    struct jt_flow_result result;
    struct jt_intent intent;
};

/* Chooses and prepares; nothing is sent. The struct's address must not change until jt_renewal_done. */
int JT_MUST_CHECK jt_renewal_begin(struct jt_renewal *renewal, const struct jt_call *call, enum jt_renew_how how,
                                   struct jt_entry *entry, jeton_error **ret_error);
/* The flow failed: records it. The error may be replaced by a better one. True: acquiring anew may help (a dead refresh
 * token of an account that needs nobody). */
bool jt_renewal_failed(struct jt_renewal *renewal, jeton_error **error);
/* The flow has returned a token set: puts it into the entry. True: commit it durably, since losing it would cost
 * something. */
bool jt_renewal_merge(struct jt_renewal *renewal);
int JT_MUST_CHECK jt_renewal_commit(struct jt_renewal *renewal, bool durable, jeton_error **ret_error);
void jt_renewal_done(struct jt_renewal *renewal);

#endif
