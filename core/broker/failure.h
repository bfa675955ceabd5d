/* SPDX-License-Identifier: MIT */
/* What a row remembers of failures: what went wrong, since when, and when to ask the provider again. The row's token is
 * not touched. */
#ifndef JT_BROKER_FAILURE_H
#define JT_BROKER_FAILURE_H

#include "broker/call.h"

void jt_failure_clear(struct jt_entry *entry);

/* Whether the provider said that this refresh token will not work again. Other refusals are about the client. */
bool jt_failure_kills_refresh_token(const jeton_error *error);

/* Writes the error into the row, unless another writer has changed the row since it was read: that may have stored a
 * new token. Two kinds of errors are not remembered: those that cost the provider nothing (configuration, usage), and
 * those of a call with parameters or a conversation, which say nothing about what a get would do. Then the row is
 * written only if `changed` says that the entry's state differs from the stored one. For a remembered error,
 * jeton_error_retry_after becomes the time for which it blocks renewals. error NULL: there is nothing to remember. */
void jt_failure_record(const struct jt_call *call, struct jt_entry *entry, jeton_error *error, bool changed);

/* Whether a remembered failure blocks a renewal now: it is too early, or the credentials were refused and have not
 * changed since. If so, returns the failure's status, and the error says since when, why, and when the next try is;
 * else JETON_OK. ret_error may be NULL. */
int JT_MUST_CHECK jt_failure_blocks(const struct jt_call *call, const struct jt_entry *entry, jeton_error **ret_error);

/* Adds "(failing since …)" to the error of a renewal if those before it failed too. */
void jt_failure_add_since(const struct jt_entry *entry, jeton_error **error);

/* The message in what a row keeps as its failure; the caller frees. */
char *jt_failure_message(const char *failure) JT_MUST_CHECK;

#endif
