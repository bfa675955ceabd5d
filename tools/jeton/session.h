/* SPDX-License-Identifier: MIT */
/* What most commands begin with: an open context, and the request that the command line describes. */
#ifndef JT_SESSION_H
#define JT_SESSION_H

#include "input.h"
#include "options.h"

struct jt_session {
    jeton *ctx;
    struct jeton_request request;
    struct jt_params params;
};

/* The options for opening a context: the directory, and with -v and -q the logging. */
struct jeton_options jt_session_options(const struct jt_call *call);

/* Opens a session; errors are reported here. Warns of secret parameters that were given on the command line. The
 * request points into *ret_session, so that must not be moved. */
int JT_MUST_CHECK jt_session_open(const struct jt_call *call, struct jt_session *ret_session);
void jt_session_close(struct jt_session *session);
#define JT_AUTO_SESSION JT_CLEANUP(jt_session_close)

#endif
