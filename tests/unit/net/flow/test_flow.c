/* SPDX-License-Identifier: MIT */
/* The contract between flow and plugin, and plugins that break it, one way each. */
#include "tests/lib/probe.h"

static const struct jeton_host *const host = &jt_host;

static struct drive *started(jeton_operation behaviour)
{
    struct drive *d = probe_new(behaviour);

    (void)drive_start(d, JT_ACQUIRE);
    return d;
}

/* The flow ended with this status and this in its message. */
#define ENDED(flow, status, part) ended((flow), (status), (part), __FILE__, __LINE__)
static void ended(struct drive *d, int status, const char *part, const char *file, unsigned line)
{
    drive_check_failure(d, status, part, file, line);
    if (status == JETON_INTERNAL)
        drive_check_failure(d, status, "the plugin \"probe\" broke its contract in acquire", file, line);
    drive_free(&d);
}

static jeton_step sends_nothing(jeton_flow *flow, const struct jeton_event *event)
{
    (void)flow, (void)event;
    return JETON_STEP_SEND;
}

static jeton_step sends_the_last_request_again(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_START)
        host->request(flow, "GET", "/");
    return JETON_STEP_SEND;
}

static jeton_step browses_nothing(jeton_flow *flow, const struct jeton_event *event)
{
    (void)flow, (void)event;
    return JETON_STEP_BROWSE;
}

static jeton_step asks_nothing(jeton_flow *flow, const struct jeton_event *event)
{
    (void)flow, (void)event;
    return JETON_STEP_ASK;
}

static jeton_step waits_for_nothing(jeton_flow *flow, const struct jeton_event *event)
{
    (void)flow, (void)event;
    return JETON_STEP_WAIT;
}

static void a_step_must_be_prepared(void)
{
    struct drive *d;

    ENDED(started(sends_nothing), JETON_INTERNAL, "a request sent that it has not prepared");
    ENDED(started(browses_nothing), JETON_INTERNAL, "a page opened that it has not prepared");
    ENDED(started(asks_nothing), JETON_INTERNAL, "has prepared no question");
    ENDED(started(waits_for_nothing), JETON_INTERNAL, "has not said how long");
    d = started(sends_the_last_request_again);
    CHECK_INT(drive_step(d), JETON_STEP_SEND);
    (void)drive_respond(d, 200, NULL, "{}");
    ENDED(d, JETON_INTERNAL, "a request sent that it has not prepared");
}

static jeton_step unknown_step;

static jeton_step returns_an_unknown_step(jeton_flow *flow, const struct jeton_event *event)
{
    (void)flow, (void)event;
    return unknown_step;
}

static void a_step_must_exist(void)
{
    static const jeton_step steps[] = {5, 99, -2, INT32_MAX, INT32_MIN};

    for (size_t i = 0; i < JT_LEN(steps); i++) {
        unknown_step = steps[i];
        ENDED(started(returns_an_unknown_step), JETON_INTERNAL, "which does not exist");
    }
}

static jeton_step fails_silently(jeton_flow *flow, const struct jeton_event *event)
{
    (void)flow, (void)event;
    return JETON_STEP_FAIL;
}

static jeton_step fails_with_ok(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    return host->fail(flow, JETON_OK, NULL, "all is well");
}

static jeton_step fails_with_a_status_of_tomorrow(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    return host->fail(flow, 4711, "code", "of a later version");
}

static void a_failure_says_why(void)
{
    struct drive *d;

    ENDED(started(fails_silently), JETON_INTERNAL, "without saying why");
    ENDED(started(fails_with_ok), JETON_INTERNAL, "the status 0, which is no failure: all is well");
    d = started(fails_with_a_status_of_tomorrow);
    CHECK_STR(jeton_error_message(drive_error(d)), "probe: code: of a later version");
    ENDED(d, JETON_REFUSED, "code");
}

static jeton_step is_done_at_once(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    host->set(flow, "scope", "a");
    return JETON_STEP_DONE;
}

static void done_needs_a_result(void)
{
    struct drive *d = probe_new(is_done_at_once);

    CHECK_INT(drive_start(d, JT_REFRESH), JETON_STEP_FAIL);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "in refresh: it is done without an access token");
    CHECK_INT(drive_start(d, JT_INTROSPECT), JETON_STEP_FAIL);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "without having said whether the token is active");
    CHECK_INT(drive_start(d, JT_LIST_KEYS), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->answer, "{\"keys\":[]}");
    drive_free(&d);
    ENDED(started(is_done_at_once), JETON_INTERNAL, "done without an access token");
}

static const struct jeton_provider *entry_without_revoke(const struct jeton_host *lent)
{
    static struct jeton_provider table;

    (void)lent;
    table = probe_table;
    table.revoke = NULL;
    return &table;
}

static void an_operation_must_be_in_the_table(void)
{
    struct drive *d = drive_new(entry_without_revoke);

    (void)drive_start(d, JT_REVOKE);
    CHECK_FAILURE(d, JETON_NOT_SUPPORTED, "probe has no operation \"revoke\"");
    drive_free(&d);
}

static jeton_step sends_for_ever(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    host->request(flow, "GET", "/again");
    return JETON_STEP_SEND;
}

static void sixteen_requests_in_a_row_are_the_limit(void)
{
    struct drive *d = started(sends_for_ever);

    for (int i = 1; i < 16; i++)
        CHECK_INT(drive_respond(d, 200, NULL, ""), JETON_STEP_SEND);
    (void)drive_respond(d, 200, NULL, "");
    ENDED(d, JETON_INTERNAL, "over 16 requests in a row");
}

static jeton_step polls(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE) {
        host->wait(flow, 5);
        return JETON_STEP_WAIT;
    }
    host->request(flow, "GET", "/poll");
    return JETON_STEP_SEND;
}

static void a_wait_between_requests_lifts_the_limit(void)
{
    struct drive *d = started(polls);

    for (int i = 0; i < 40; i++) {
        CHECK_INT(drive_respond(d, 200, NULL, ""), JETON_STEP_WAIT);
        CHECK_INT(jt_flow_wait_s(drive_flow(d)), 5);
        CHECK_INT(drive_timer(d), JETON_STEP_SEND);
    }
    drive_free(&d);
}

static jeton_step sets_badly_and_goes_on(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    host->request(flow, "GET", "/");
    host->header(flow, "X-One", "a\r\nX-Evil: 1");
    host->header(flow, "bad name", "b");
    host->set(flow, "access_token", "t");
    return JETON_STEP_DONE;
}

static jeton_step sets_badly_and_fails(jeton_flow *flow, const struct jeton_event *event)
{
    (void)sets_badly_and_goes_on(flow, event);
    return host->fail(flow, JETON_REFUSED, NULL, "something else");
}

static void the_first_setter_that_failed_ends_the_flow(void)
{
    ENDED(started(sets_badly_and_goes_on), JETON_CONFIG, "the header X-One holds a control character (0x0d)");
    ENDED(started(sets_badly_and_fails), JETON_CONFIG, "the header X-One holds a control character (0x0d)");
}

static size_t scratch_wanted;

static jeton_step wants_scratch(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    for (size_t got = 0; got < scratch_wanted; got += 65536)
        if (host->scratch(flow, 65536) == NULL)
            break;
    host->set(flow, "access_token", "t");
    return JETON_STEP_DONE;
}

static void scratch_memory_ends_at_one_mebibyte(void)
{
    struct drive *d;

    scratch_wanted = 1024 * 1024;
    d = started(wants_scratch);
    CHECK_INT(drive_step(d), JETON_STEP_DONE);
    drive_free(&d);
    scratch_wanted += 65536;
    ENDED(started(wants_scratch), JETON_INTERNAL, "over 1048576 bytes of scratch memory");
}

static void an_outcome_for_another_step_ends_the_flow(void)
{
    struct drive *d = started(polls);

    CHECK_INT(drive_step(d), JETON_STEP_SEND);
    CHECK_INT(drive_timer(d), JETON_STEP_FAIL);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "a step that it is not at");
    CHECK_INT(drive_respond(d, 200, NULL, ""), JETON_STEP_FAIL);
    drive_free(&d);
}

static void a_status_that_does_not_exist_is_refused(void)
{
    static const int statuses[] = {0, 99, 600, -1};

    for (size_t i = 0; i < JT_LEN(statuses); i++) {
        struct drive *d = started(polls);

        (void)drive_respond(d, statuses[i], NULL, "");
        ENDED(d, JETON_BAD_ANSWER, "which does not exist");
    }
}

static jeton_step complains(jeton_flow *flow, const struct jeton_event *event)
{
    CHECK_INT(event->type, JETON_EVENT_START);
    host->complain(flow, "lifetime", "%d is too long", 60);
    host->complain(flow, "scope", "is missing");
    return JETON_STEP_DONE;
}

static void check_gathers_complaints(void)
{
    struct drive *d = probe_new(complains);

    CHECK_STR(drive_check(d), "lifetime: 60 is too long\nscope: is missing\n");
    drive_free(&d);
    ENDED(started(complains), JETON_INTERNAL, "complains of settings outside of check");
}

static void check_may_only_complain(void)
{
    struct jt_plugin plugin = probe_plugin(sends_for_ever);
    struct jt_fields none = {0};
    jeton_error *error = NULL;

    CHECK_FAILS(jt_flow_check(&plugin, &none, NULL, NULL, NULL, &error), JETON_INTERNAL,
                "in check: check prepares a request", &error);
    plugin = probe_plugin(fails_silently);
    CHECK_FAILS(jt_flow_check(&plugin, &none, NULL, NULL, NULL, &error), JETON_INTERNAL, "it may only complain",
                &error);
}

static const struct check_case cases[] = {
    {"a step must be prepared", a_step_must_be_prepared},
    {"a step must exist", a_step_must_exist},
    {"a failure says why", a_failure_says_why},
    {"done needs a result", done_needs_a_result},
    {"an operation must be in the table", an_operation_must_be_in_the_table},
    {"sixteen requests in a row are the limit", sixteen_requests_in_a_row_are_the_limit},
    {"a wait between requests lifts the limit", a_wait_between_requests_lifts_the_limit},
    {"the first setter that failed ends the flow", the_first_setter_that_failed_ends_the_flow},
    {"scratch memory ends at one mebibyte", scratch_memory_ends_at_one_mebibyte},
    {"an outcome for another step ends the flow", an_outcome_for_another_step_ends_the_flow},
    {"an HTTP status that does not exist is refused", a_status_that_does_not_exist_is_refused},
    {"check gathers complaints", check_gathers_complaints},
    {"check may only complain", check_may_only_complain},
};

CHECK_MAIN("flow", cases)
