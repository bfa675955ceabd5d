/* SPDX-License-Identifier: MIT */
/* The intent to spend a one-time value. It is recorded before the request is sent, so that after a crash the next
 * process knows that the value may be spent. */
#ifndef JT_BROKER_INTENT_H
#define JT_BROKER_INTENT_H

#include "broker/call.h"

struct jt_intent {
    const struct jt_call *call;
    struct jt_entry *entry; /* the row, as read under the lease */
    enum jt_operation operation;
    uint32_t state_before;
    bool recorded; /* the intent is in the store */
    bool was_lost; /* the row held an intent already: an earlier answer was lost */
};

struct jt_intent jt_intent_of(const struct jt_call *call, struct jt_entry *entry, enum jt_operation operation);

/* jt_flow_spec.before_once: commits the intent, durably, which proves the store writable. data is the struct. */
int JT_MUST_CHECK jt_intent_record(void *data, jeton_error **ret_error);

/* Takes the access token of a row that stays an intent out of use: from now on it counts as expired, even if the clock
 * is set back. */
void jt_intent_expire_token(struct jt_entry *entry);

/* The flow failed: decides from what went out and came back whether something was spent, sets the row's state (not yet
 * stored), and replaces the error where a lost answer is the real news. */
void jt_intent_end_failed(struct jt_intent *intent, const struct jt_plugin *plugin, const struct jt_flow_result *result,
                          jeton_error **error);

#endif
