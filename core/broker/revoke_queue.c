/* SPDX-License-Identifier: MIT */
/* The keys of queued revocations, and their place among what is due. */
#include "broker/revoke_queue.h"
#include "token/token.h"

char *jt_revoke_variant(const char *variant, const char *access_token)
{
    return jt_printf("%s%016llx", JT_REVOKING_PREFIX, (unsigned long long)jt_name_hash(variant, access_token));
}

int64_t jt_revoke_due_at(int64_t retry_at)
{
    return retry_at == JT_NEVER ? JT_NEVER : retry_at - (INT64_C(1) << 62);
}
