/* SPDX-License-Identifier: MIT */
/* What a row remembers of failures: what went wrong, since when, and when to ask again. The token beside it stays as it
 * is. */
#ifndef JT_BROKER_FAILURE_H
#define JT_BROKER_FAILURE_H

#include "broker/call.h"

void jt_failure_clear(struct jt_entry *entry);

/* Did the provider say that this refresh token will never work again? Other refusals are about the client. */
bool jt_failure_kills_refresh_token(const jeton_error *error);

/* Writes the error into the row as read (a row that somebody changed meanwhile stays as it is: a loser's error never
 * replaces a winner's token). Errors that cost the provider nothing (configuration, usage), and those of a person's own
 * try with parameters or answers, which say nothing about what a get would do, are not remembered; then the row is
 * written only where changed says that its state is not the stored one. What is remembered says how long it stands, in
 * the error too (jeton_error_retry_after), whatever the provider asked for. error NULL: nothing to remember. */
void jt_failure_record(const struct jt_call *call, struct jt_entry *entry, jeton_error *error, bool changed);

/* Is a failure in force: not yet time, or the same configuration whose credentials were refused? Then the error says
 * since when, why, and when the next try is, and its status is returned; else JETON_OK. ret_error may be NULL. */
int JT_MUST_CHECK jt_failure_blocks(const struct jt_call *call, const struct jt_entry *entry, jeton_error **ret_error);

/* Adds "(failing since …)" to the error of a try, where the tries before it failed too. */
void jt_failure_add_since(const struct jt_entry *entry, jeton_error **error);

/* The message in what a row keeps as its failure; the caller frees. */
char *jt_failure_message(const char *failure) JT_MUST_CHECK;

#endif
