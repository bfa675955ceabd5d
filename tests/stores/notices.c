/* SPDX-License-Identifier: MIT */
/* Notices: a descriptor to poll, and dispatch. */
#include "notices.h"
#include "cases.h"
#include "easy.h"
#include <poll.h>

#define NOTICE_MS 5000

/* Neither function blocks. */
static void notices_take(struct store *store, int64_t wait_ms)
{
    struct pollfd polled = {.fd = engine.notice_fd(store->store), .events = POLLIN};
    int64_t began;

    if (wait_ms > 0)
        (void)poll(&polled, 1, (int)wait_ms);
    began = host_machine_ms();
    engine.dispatch(store->store);
    CHECK_TRUE(host_machine_ms() - began < 500);
}

uint64_t notices_number(struct store *store, uint32_t shard)
{
    if (engine.notice_fd != NULL)
        notices_take(store, 0);
    return engine.number(store->store, shard);
}

bool notices_change(struct store *store, uint32_t shard, uint64_t before)
{
    int64_t end = host_machine_ms() + NOTICE_MS;

    if (engine.notice_fd == NULL)
        return engine.number(store->store, shard) != before;
    while (engine.number(store->store, shard) == before && host_machine_ms() < end)
        notices_take(store, 50);
    return engine.number(store->store, shard) != before;
}

static bool notices_possible(void)
{
    if (engine.notice_fd == NULL)
        check_skip("the engine's numbers are by themselves");
    return engine.notice_fd != NULL;
}

static void test_readable(void)
{
    STORE store = NULL;
    STORE other = NULL;
    struct pollfd polled = {.events = POLLIN};
    uint64_t before;

    if (!notices_possible())
        return;
    store = store_new();
    other = store_open();
    polled.fd = engine.notice_fd(store->store);
    if (polled.fd < 0) {
        check_skip("this store has no descriptor");
        return;
    }
    notices_take(store, 0);
    before = engine.number(store->store, row_shard("a/b", ""));
    CHECK_INT(easy_put(other, "a/b", 0, "one"), 1);
    CHECK_INT(poll(&polled, 1, NOTICE_MS), 1);
    CHECK_TRUE(notices_change(store, row_shard("a/b", ""), before));
}

static void test_nothing(void)
{
    STORE store = NULL;

    if (!notices_possible())
        return;
    store = store_new();
    for (unsigned i = 0; i < 10; i++)
        notices_take(store, 0);
}

const struct check_case notices_cases[] = {
    {"the descriptor is readable after a write by another opening, and dispatch brings the number", test_readable},
    {"dispatch does not block where there is nothing to do", test_nothing},
    {NULL, NULL},
};
