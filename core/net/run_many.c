/* SPDX-License-Identifier: MIT */
/* Runs many flows in one thread over one curl_multi. One flow's failure never touches another. */
#include "run.h"
#include <stdlib.h>

#define MANY_POLL_MS 1000

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
    const struct jt_flow_spec *specs;
    struct jt_flow_result *results;
    int *statuses;
    jeton_error **errors;
    struct many_task *tasks;
    size_t *ready; /* a ring of tasks that wait to send */
    size_t ready_at, ready_len;
    size_t count, parallel, begun, in_flight, waiting, over;
};

static void many_end(struct many *many, size_t index, jeton_step step)
{
    struct many_task *task = &many->tasks[index];

    many->statuses[index] =
        jt_run_finish(task->flow, step, &many->results[index], many->errors != NULL ? &many->errors[index] : NULL);
    jt_flow_free(&task->flow);
    task->state = MANY_OVER;
    many->over++;
}

/* Puts a task where its step belongs. Steps with a person are taken here, in between: who is asked is one at a time. */
static void many_place(struct many *many, size_t index, jeton_step step)
{
    struct many_task *task = &many->tasks[index];

    while (step == JETON_STEP_ASK || step == JETON_STEP_BROWSE)
        step = jt_converse(task->flow, step);
    if (step == JETON_STEP_WAIT)
        step = jt_run_wait(task->flow, &task->until_ms);
    if (step == JETON_STEP_SEND) {
        task->state = MANY_READY;
        many->ready[(many->ready_at + many->ready_len++) % many->count] = index;
    } else if (step == JETON_STEP_WAIT) {
        task->state = MANY_WAITING;
        many->waiting++;
    } else {
        many_end(many, index, step);
    }
}

static void many_start(struct many *many, size_t index)
{
    struct many_task *task = &many->tasks[index];
    int status = jt_flow_new(&many->specs[index], &task->flow, many->errors != NULL ? &many->errors[index] : NULL);

    if (status == JETON_OK) {
        many_place(many, index, jt_flow_start(task->flow));
        return;
    }
    many->statuses[index] = status;
    task->state = MANY_OVER;
    many->over++;
}

static void many_send(struct many *many, size_t index)
{
    struct many_task *task = &many->tasks[index];
    jeton_error *error = NULL;
    jeton_step step;

    if (jt_lane_take(many->pool, many->lane, &task->http, &error) != JETON_OK) {
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

/* As many transfers as may be, those that go on before those that begin. */
static void many_fill(struct many *many)
{
    while (many->in_flight < many->parallel && (many->ready_len > 0 || many->begun < many->count)) {
        if (many->ready_len > 0) {
            size_t index = many->ready[many->ready_at];

            many->ready_at = (many->ready_at + 1) % many->count;
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
    int64_t next_ms = many_wake(many), left_ms;
    int running;

    many_fill(many);
    if (many->in_flight == 0) {
        if (many->waiting > 0 && many->ready_len == 0 && many->begun == many->count && next_ms != JT_NEVER)
            jt_run_sleep(next_ms);
        return;
    }
    (void)curl_multi_perform(many->lane->multi, &running);
    many_collect(many);
    if (many->in_flight == 0 ||
        (many->in_flight < many->parallel && (many->ready_len > 0 || many->begun < many->count)))
        return;
    left_ms = next_ms == JT_NEVER ? MANY_POLL_MS : next_ms - jt_boot_ms();
    if (left_ms > 0)
        (void)curl_multi_poll(many->lane->multi, NULL, 0, left_ms < MANY_POLL_MS ? (int)left_ms : MANY_POLL_MS, NULL);
}

static void many_fail_all(struct many *many, jeton_error **error)
{
    for (size_t i = 0; i < many->count; i++) {
        many->statuses[i] = jeton_error_status(*error);
        if (many->errors != NULL)
            many->errors[i] = jt_error_copy(*error);
    }
    jeton_error_free(error);
}

void jt_run_flows(struct jt_net_pool *pool, const struct jt_flow_spec *specs, size_t count, size_t parallel,
                  struct jt_flow_result *results, int *statuses, jeton_error **errors)
{
    struct many many = {.pool = pool,
                        .specs = specs,
                        .results = results,
                        .statuses = statuses,
                        .errors = errors,
                        .count = count,
                        .parallel = parallel > 0 ? parallel : 1};
    jeton_error *error = NULL;

    if (count == 0)
        return;
    many.tasks = calloc(count, sizeof *many.tasks);
    many.ready = calloc(count, sizeof *many.ready);
    if (many.tasks == NULL || many.ready == NULL)
        (void)jt_error_no_memory(&error);
    if (error != NULL || jt_pool_take_lane(pool, &many.lane, &error) != JETON_OK) {
        many_fail_all(&many, &error);
    } else {
        while (many.over < count)
            many_turn(&many);
        jt_pool_give_lane(pool, &many.lane);
    }
    free(many.tasks);
    free(many.ready);
}
