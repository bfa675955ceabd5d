/* SPDX-License-Identifier: MIT */
/* What the tests of revocation share: outcomes, and a look at the queue in the store. It checks nothing by itself but
 * that these work. */
#ifndef TEST_REVOKE_HELP_H
#define TEST_REVOKE_HELP_H

#include "tests/lib/fake_net.h"
#include "broker/revoke.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

__attribute__((unused)) static const struct fake_outcome unreachable = {
    .kind = FAKE_ERROR, .status = JETON_TRY_LATER, .http_status = 503};
__attribute__((unused)) static const struct fake_outcome not_supported = {.kind = FAKE_ERROR,
                                                                          .status = JETON_NOT_SUPPORTED};
__attribute__((unused)) static const struct fake_outcome refused = {
    .kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_client", .http_status = 401};

__attribute__((unused)) static int revoke_now(struct fake *fake, const char *name, char **ret_note,
                                              jeton_error **ret_error)
{
    return jeton_revoke(fake->ctx, name, NULL, ret_note, ret_error);
}

__attribute__((unused)) static void revoke_later(struct fake *fake, const char *name)
{
    jeton_error *error = NULL;

    fake_push(fake, unreachable);
    CHECK_FAILS(revoke_now(fake, name, NULL, &error), JETON_TRY_LATER, name, &error);
}

struct queue {
    const char *name;
    char variant[64];
    int count;
};

__attribute__((unused)) static int queue_visit(void *data, const char *name, const char *variant, uint32_t flags,
                                               const struct jt_entry *entry)
{
    struct queue *queue = data;

    (void)flags;
    if (entry->state != JT_ROW_REVOKING || (queue->name != NULL && strcmp(queue->name, name) != 0))
        return 0;
    queue->count++;
    (void)snprintf(queue->variant, sizeof(queue->variant), "%s", variant);
    return 0;
}

/* How many revocations wait; name NULL: of all names. */
__attribute__((unused)) static int queued(struct fake *fake, const char *name, struct queue *ret_queue)
{
    struct queue queue = {.name = name};
    jeton_error *error = NULL;

    CHECK_OK(jt_store_scan(fake->ctx->store, "", "", 10000, false, queue_visit, &queue, &error), &error);
    if (ret_queue != NULL)
        *ret_queue = queue;
    return queue.count;
}

/* As if the next try were due, and the last look at the queue long ago. */
__attribute__((unused)) static void make_due(struct fake *fake, const char *name)
{
    struct queue queue;

    if (queued(fake, name, &queue) > 0)
        fake_age(fake, name, queue.variant, 700);
    __atomic_store_n(&fake->ctx->revoke_tried_ms, 0, __ATOMIC_RELAXED);
}

__attribute__((unused)) static void wait_for_queue(struct fake *fake, int count)
{
    for (int i = 0; i < 5000 && queued(fake, NULL, NULL) != count; i++)
        (void)usleep(1000);
    CHECK_INT(queued(fake, NULL, NULL), count);
}

#endif
