/* SPDX-License-Identifier: MIT */
/* Many flows over real sockets in one thread: working, failing and waiting side by side. */
#include "test_run_help.h"

/* What run_many is given, and what it gave. */
struct many {
    struct jt_flow_spec specs[60];
    struct jt_flow_result results[60];
    jeton_error *errors[60];
    int statuses[60];
    unsigned begun, ended, most_at_once;
};

static bool many_begin(void *data, size_t index, struct jt_flow_spec *ret_spec)
{
    struct many *many = data;

    if (many->specs[index].plugin == NULL)
        return false;
    many->begun++;
    if (many->begun - many->ended > many->most_at_once)
        many->most_at_once = many->begun - many->ended;
    *ret_spec = many->specs[index];
    return true;
}

static void many_end(void *data, size_t index, int status, struct jt_flow_result *result, jeton_error **error)
{
    struct many *many = data;

    many->ended++;
    many->results[index] = *result;
    *result = (struct jt_flow_result){.token = JT_TOKENSET_INIT};
    many->statuses[index] = status;
    many->errors[index] = *error;
    *error = NULL;
}

static void run_many(struct many *many, size_t count, size_t parallel)
{
    const struct jt_net_many work = {
        .count = count, .parallel = parallel, .data = many, .begin = many_begin, .end = many_end};
    jeton_error *error = NULL;

    CHECK_OK(net->run_many(pool, &work, &error), &error);
    CHECK_INT(many->begun, many->ended);
}

/* specs of which every third fails, every fourth waits; all must come out at their own index. */
static void many_flows_run_in_one_thread(void)
{
    enum { COUNT = 60 };
    struct wire *wire = wire_start(false);
    static struct many many;
    unsigned good = 0, refused = 0;

    wanted_wait_s = 1;
    for (unsigned i = 0; i < COUNT; i++) {
        many.specs[i] = spec_for(i % 3 == 0 ? "http://127.0.0.1:1" : wire_url(wire), polls);
        if (i % 3 == 1)
            wire_answer(wire, 0, 20,
                        i % 4 == 0 ? "HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\n{}"
                                   : "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"access_token\":\"x\"}");
    }
    run_many(&many, COUNT, 8);
    for (unsigned i = 0; i < COUNT; i++) {
        if (i % 3 == 0) {
            refused += many.statuses[i] == JETON_TRY_LATER;
            CHECK_CONTAINS(jeton_error_message(many.errors[i]), "connection refused");
        } else {
            good += many.statuses[i] == JETON_OK;
            CHECK_TRUE(many.results[i].token.access_token != NULL);
        }
        jt_flow_result_done(&many.results[i]);
        jeton_error_free(&many.errors[i]);
    }
    CHECK_INT(good, 40);
    CHECK_INT(refused, 20);
    CHECK_TRUE(wire_most_at_once(wire) > 1 && wire_most_at_once(wire) <= 8);
    CHECK_TRUE(wire_connections(wire) <= 8);
    wire_stop(&wire);
}

static void many_flows_wait_side_by_side(void)
{
    enum { COUNT = 10 };
    struct wire *wire = wire_start(false);
    static struct many many;
    int64_t before_ms;

    wanted_wait_s = 1;
    for (unsigned i = 0; i < COUNT; i++) {
        many.specs[i] = spec_for(wire_url(wire), polls);
        wire_answer_json(wire, "400 Bad Request", "{}");
    }
    before_ms = jt_boot_ms();
    run_many(&many, COUNT, 2);
    CHECK_TRUE(jt_boot_ms() - before_ms >= 1000 && jt_boot_ms() - before_ms < 3000);
    for (unsigned i = 0; i < COUNT; i++) {
        CHECK_INT(many.statuses[i], JETON_OK);
        jt_flow_result_done(&many.results[i]);
    }
    CHECK_INT(wire_requests(wire), 2 * COUNT);
    run_many(&many, 0, 2);
    wire_stop(&wire);
}

static const struct check_case cases[] = {
    {"many flows run in one thread", many_flows_run_in_one_thread},
    {"many flows wait side by side", many_flows_wait_side_by_side},
};

RUN_MAIN("run_many", cases)
