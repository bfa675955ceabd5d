/* SPDX-License-Identifier: MIT */
/* The resolved settings of accounts, kept from one flow to the next: checked once, secrets in guarded memory once. It
 * never keeps what it could not notice a change of. */
#ifndef JT_SETTINGS_RESOLVED_H
#define JT_SETTINGS_RESOLVED_H

#include "settings/check.h"

struct jt_resolutions; /* thread-safe */

struct jt_resolved {
    struct jt_fields settings;
    /* Private. */
    unsigned refs;
    struct jt_account *account;
    uint64_t digest;
};

int JT_MUST_CHECK jt_resolutions_new(struct jt_resolutions **ret_resolutions, jeton_error **ret_error);
void jt_resolutions_free(struct jt_resolutions **resolutions);

/* The account's settings, as they are now: resolved anew when its file or the source of a secret has changed, or when a
 * secret comes from a command, whose changes cannot be seen. */
int JT_MUST_CHECK jt_resolved_get(struct jt_resolutions *resolutions, struct jt_account *account,
                                  const struct jt_plugin *plugin, const struct jt_net *net,
                                  struct jt_resolved **ret_resolved, jeton_error **ret_error);
void jt_resolved_free(struct jt_resolved **resolved);
#define JT_AUTO_RESOLVED JT_CLEANUP(jt_resolved_free)

#endif
