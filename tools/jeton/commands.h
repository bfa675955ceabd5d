/* SPDX-License-Identifier: MIT */
/* The functions of the commands, for the table in jeton.c. Each returns a status of <jeton/status.h>, and has reported
 * what went wrong. */
#ifndef JT_COMMANDS_H
#define JT_COMMANDS_H

#include "session.h"

int jt_cmd_get(const struct jt_call *call, struct jt_session *session);
int jt_cmd_acquire(const struct jt_call *call, struct jt_session *session);
int jt_cmd_refresh(const struct jt_call *call, struct jt_session *session);
int jt_cmd_revoke(const struct jt_call *call, struct jt_session *session);
int jt_cmd_introspect(const struct jt_call *call, struct jt_session *session);
int jt_cmd_keys(const struct jt_call *call, struct jt_session *session);
int jt_cmd_invalidate(const struct jt_call *call, struct jt_session *session);
int jt_cmd_login(const struct jt_call *call, struct jt_session *session);
int jt_cmd_logout(const struct jt_call *call, struct jt_session *session);
int jt_cmd_list(const struct jt_call *call, struct jt_session *session);
int jt_cmd_show(const struct jt_call *call, struct jt_session *session);
int jt_cmd_check(const struct jt_call *call, struct jt_session *session);
int jt_cmd_init(const struct jt_call *call, struct jt_session *session);
int jt_cmd_rekey(const struct jt_call *call, struct jt_session *session);
int jt_cmd_export(const struct jt_call *call, struct jt_session *session);
int jt_cmd_import(const struct jt_call *call, struct jt_session *session);
int jt_cmd_providers(const struct jt_call *call, struct jt_session *session);
int jt_cmd_describe(const struct jt_call *call, struct jt_session *session);

#endif
