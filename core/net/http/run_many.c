/* SPDX-License-Identifier: MIT */
/* Runs many flows in one thread over one curl_multi. A flow that fails does not affect the others. */
#include "net/http/run_many.h"
#include "net/http/converse.h"
#include "net/http/run.h"
#include <stdlib.h>

#define MANY_BEGIN_MAX 8u /* flows that begin before running transfers get a turn again */

enum many_state { MANY_NEW, MANY_READY, MANY_IN_FLIGHT, MANY_WAITING, MANY_OVER };

struct many_task {
    struct jt_flow *flow;
    struct jt_http *http;
    enum many_state state;
    int64_t until_ms;
};

struct many {
    struct jt_net_pool *pool;
    struct jt_lane *lane;
    const struct jt_net_many *work;
    struct many_task *tasks;
    size_t *ready; /* a ring of tasks that wait to send */
    size_t ready_at, ready_len;
    size_t begun, in_flight, waiting, over;
};

static void many_end(struct many *many, size_t index, jeton_step step)
{
    JT_AUTO_RESULT struct jt_flow_result result = {.token = JT_TOKENSET_INIT};
    struct many_task *task = &many->tasks[index];
    jeton_error *error = NULL;
    int status = jt_run_finish(task->flow, step, &result, &error);

    jt_flow_free(&task->flow);
    task->state = MANY_OVER;
    many->over++;
    many->work->end(many->work->data, index, status, &result, &error);
}

/* Puts a task into the list for its step. Steps with a person are carried out here, since one person is asked one thing
 * at a time. */
static void many_place(struct many *many, size_t index, jeton_step step)
{
    struct many_task *task = &many->tasks[index];

    while (step == JETON_STEP_ASK || step == JETON_STEP_BROWSE)
        step = jt_converse(task->flow, step);
    if (step == JETON_STEP_WAIT)
        step = jt_run_wait(task->flow, &task->until_ms);
    if (step == JETON_STEP_SEND) {
        task->state = MANY_READY;
        many->ready[(many->ready_at + many->ready_len++) % many->work->count] = index;
    } else if (step == JETON_STEP_WAIT) {
        task->state = MANY_WAITING;
        many->waiting++;
    } else {
        many_end(many, index, step);
    }
}

static void many_start(struct many *many, size_t index)
{
    JT_AUTO_RESULT struct jt_flow_result nothing = {.token = JT_TOKENSET_INIT};
    struct many_task *task = &many->tasks[index];
    struct jt_flow_spec spec;
    jeton_error *error = NULL;
    bool runs = many->work->begin(many->work->data, index, &spec);
    int status = runs ? jt_flow_new(&spec, &task->flow, &error) : JETON_OK;

    if (runs && status == JETON_OK) {
        many_place(many, index, jt_flow_start(task->flow));
        return;
    }
    task->state = MANY_OVER;
    many->over++;
    if (runs)
        many->work->end(many->work->data, index, status, &nothing, &error);
}

static void many_send(struct many *many, size_t index)
{
    struct many_task *task = &many->tasks[index];
    jeton_error *error = NULL;
    jeton_step step;

    if (jt_lane_take(many->lane, jt_pool_share(many->pool), &task->http, &error) != JETON_OK) {
        many_place(many, index, jt_run_fail(task->flow, &error));
        return;
    }
    step = jt_run_begin(task->flow, task->http);
    if (step != JETON_STEP_SEND) {
        jt_lane_give(many->lane, &task->http);
        many_place(many, index, step);
        return;
    }
    task->http->task = index;
    if (curl_multi_add_handle(many->lane->multi, task->http->easy) != CURLM_OK) {
        jt_lane_give(many->lane, &task->http);
        (void)jt_error_no_memory(&error);
        many_place(many, index, jt_run_fail(task->flow, &error));
        return;
    }
    task->state = MANY_IN_FLIGHT;
    many->in_flight++;
}

static bool many_may_send(const struct many *many)
{
    return many->in_flight < many->work->parallel && (many->ready_len > 0 || many->begun < many->work->count);
}

/* Starts transfers up to the limit: first of flows that go on, then of flows that begin. */
static void many_fill(struct many *many)
{
    for (size_t i = 0; i < MANY_BEGIN_MAX && many_may_send(many); i++) {
        if (many->ready_len > 0) {
            size_t index = many->ready[many->ready_at];

            many->ready_at = (many->ready_at + 1) % many->work->count;
            many->ready_len--;
            many_send(many, index);
        } else {
            many_start(many, many->begun++);
        }
    }
}

static void many_collect(struct many *many)
{
    struct CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(many->lane->multi, &left)) != NULL) {
        struct jt_http *http = NULL;
        struct many_task *task;
        CURLcode code = message->data.result;
        jeton_step step;
        size_t index;

        if (message->msg != CURLMSG_DONE ||
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&http) != CURLE_OK)
            continue;
        index = http->task;
        task = &many->tasks[index];
        (void)curl_multi_remove_handle(many->lane->multi, http->easy);
        if (jt_http_again(http, code) && curl_multi_add_handle(many->lane->multi, http->easy) == CURLM_OK)
            continue;
        many->in_flight--;
        step = jt_run_end(task->flow, http, code);
        jt_lane_give(many->lane, &task->http);
        many_place(many, index, step);
    }
}

/* Wakes those whose time has come; returns when the next one's does. */
static int64_t many_wake(struct many *many)
{
    int64_t now_ms = jt_boot_ms(), next_ms = JT_NEVER;

    for (size_t i = 0; many->waiting > 0 && i < many->begun; i++) {
        struct many_task *task = &many->tasks[i];

        if (task->state != MANY_WAITING)
            continue;
        if (task->until_ms <= now_ms) {
            many->waiting--;
            many_place(many, i, jt_flow_timer(task->flow));
        }
        if (task->state == MANY_WAITING && task->until_ms < next_ms)
            next_ms = task->until_ms;
    }
    return next_ms;
}

static void many_turn(struct many *many)
{
    int64_t next_ms = many_wake(many);

    many_fill(many);
    if (many->in_flight > 0) {
        jt_lane_turn(many->lane, many_may_send(many) ? 0 : next_ms);
        many_collect(many);
    } else if (many->waiting > 0 && !many_may_send(many) && next_ms != JT_NEVER) {
        jt_run_sleep(next_ms);
    }
}

int jt_run_flows(struct jt_net_pool *pool, const struct jt_net_many *work, jeton_error **ret_error)
{
    struct many many = {.pool = pool, .work = work};
    int status = JETON_OK;

    if (work->count == 0)
        return JETON_OK;
    many.tasks = calloc(work->count, sizeof(*many.tasks));
    many.ready = calloc(work->count, sizeof(*many.ready));
    if (many.tasks == NULL || many.ready == NULL)
        status = jt_error_no_memory(ret_error);
    if (status == JETON_OK)
        status = jt_pool_take_lane(pool, &many.lane, ret_error);
    while (status == JETON_OK && many.over < work->count)
        many_turn(&many);
    jt_pool_give_lane(pool, &many.lane);
    free(many.tasks);
    free(many.ready);
    return status;
}
