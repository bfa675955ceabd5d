/* SPDX-License-Identifier: MIT */
/* The contract between flow and plugin: plugins that break it, one way each, and the bookkeeping of what was spent. */
#include "tests/lib/drive.h"
#include <stdlib.h>
#include <string.h>

static const struct jeton_host *host;
static jeton_step (*behaviour)(jeton_flow *flow, const struct jeton_event *event);

static jeton_step operate(jeton_flow *flow, const struct jeton_event *event)
{
    return behaviour(flow, event);
}

static const struct jeton_setting settings[] = {
    {"client_secret", JETON_STRING, JETON_SECRET, NULL, "the secret", NULL, 0, 0},
    {"private_key", JETON_KEY, 0, NULL, "the key", NULL, 0, 0},
    {"lifetime", JETON_INTEGER, 0, "60", "seconds", NULL, 0, 0},
    {"scope", JETON_STRING, 0, NULL, "scope", NULL, 0, 0},
    {NULL, 0, 0, NULL, NULL, NULL, 0, 0},
};
static const struct jeton_setting parameters[] = {
    {"code", JETON_STRING, JETON_ONE_TIME, NULL, "a code", NULL, 0, 0},
    {"scope", JETON_STRING, 0, NULL, "scope", NULL, 0, 0},
    {NULL, 0, 0, NULL, NULL, NULL, 0, 0},
};

static const struct jeton_provider table = {
    .struct_size = sizeof(table),
    .setting_size = sizeof(struct jeton_setting),
    .name = "misbehaving",
    .version = "1",
    .summary = "whatever a case makes of it",
    .base_url = "https://as.example",
    .settings = settings,
    .parameters = parameters,
    .acquire = operate,
    .refresh = operate,
    .introspect = operate,
    .list_keys = operate,
    .check = operate,
};

static const struct jeton_provider *entry(const struct jeton_host *lent)
{
    host = lent;
    return &table;
}

static struct drive *started(jeton_step (*wanted)(jeton_flow *, const struct jeton_event *))
{
    struct drive *d = drive_new(entry);

    behaviour = wanted;
    (void)drive_start(d, JT_ACQUIRE);
    return d;
}

/* The flow ended with this status and this in its message. */
static void ended(struct drive *d, int status, const char *part)
{
    CHECK_INT(drive_step(d), JETON_STEP_FAIL);
    CHECK_INT(jeton_error_status(drive_error(d)), status);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), part);
    if (status == JETON_INTERNAL)
        CHECK_CONTAINS(jeton_error_message(drive_error(d)), "the plugin \"misbehaving\" broke its contract in acquire");
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

    ended(started(sends_nothing), JETON_INTERNAL, "a request sent that it has not prepared");
    ended(started(browses_nothing), JETON_INTERNAL, "a page opened that it has not prepared");
    ended(started(asks_nothing), JETON_INTERNAL, "has prepared no question");
    ended(started(waits_for_nothing), JETON_INTERNAL, "has not said how long");
    d = started(sends_the_last_request_again);
    CHECK_INT(drive_step(d), JETON_STEP_SEND);
    (void)drive_respond(d, 200, NULL, "{}");
    ended(d, JETON_INTERNAL, "a request sent that it has not prepared");
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
        ended(started(returns_an_unknown_step), JETON_INTERNAL, "which does not exist");
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

    ended(started(fails_silently), JETON_INTERNAL, "without saying why");
    ended(started(fails_with_ok), JETON_INTERNAL, "the status 0, which is no failure: all is well");
    d = started(fails_with_a_status_of_tomorrow);
    CHECK_STR(jeton_error_message(drive_error(d)), "misbehaving: code: of a later version");
    ended(d, JETON_REFUSED, "code");
}

static jeton_step is_done_at_once(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    host->set(flow, "scope", "a");
    return JETON_STEP_DONE;
}

static void done_needs_a_result(void)
{
    struct drive *d = drive_new(entry);

    behaviour = is_done_at_once;
    CHECK_INT(drive_start(d, JT_REFRESH), JETON_STEP_FAIL);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "in refresh: it is done without an access token");
    CHECK_INT(drive_start(d, JT_INTROSPECT), JETON_STEP_FAIL);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "without having said whether the token is active");
    CHECK_INT(drive_start(d, JT_LIST_KEYS), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->answer, "{\"keys\":[]}");
    CHECK_INT(drive_start(d, JT_REVOKE), JETON_STEP_FAIL);
    CHECK_INT(jeton_error_status(drive_error(d)), JETON_NOT_SUPPORTED);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "misbehaving has no operation \"revoke\"");
    drive_free(&d);
    ended(started(is_done_at_once), JETON_INTERNAL, "done without an access token");
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
    ended(d, JETON_INTERNAL, "over 16 requests in a row");
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
    ended(started(sets_badly_and_goes_on), JETON_CONFIG, "the header X-One holds a control character (0x0d)");
    ended(started(sets_badly_and_fails), JETON_CONFIG, "the header X-One holds a control character (0x0d)");
}

static uint32_t stages_seen[4];

static jeton_step goes_through_stages(jeton_flow *flow, const struct jeton_event *event)
{
    stages_seen[event->type == JETON_EVENT_START ? 0 : event->stage] = event->stage + 100;
    CHECK_INT(event->struct_size, sizeof(*event));
    CHECK_INT(event->http_status, event->type == JETON_EVENT_RESPONSE ? 207 : 0);
    if (event->type == JETON_EVENT_RESPONSE && event->stage == 2) {
        CHECK_STR(host->kept(flow, "one"), "changed");
        CHECK_STR(host->kept(flow, "two"), NULL);
        host->set(flow, "access_token", "t");
        return JETON_STEP_DONE;
    }
    if (event->type == JETON_EVENT_START) {
        host->keep(flow, "one", "kept");
        host->keep(flow, "two", "gone soon");
    } else {
        const char *before = host->kept(flow, "one");

        host->keep(flow, "one", "changed");
        host->keep(flow, "two", NULL);
        CHECK_STR(before, "kept");
    }
    host->stage(flow, event->stage + 1);
    host->request(flow, "GET", "/");
    return JETON_STEP_SEND;
}

static void stages_and_kept_values_live_between_calls(void)
{
    struct drive *d = started(goes_through_stages);

    CHECK_INT(drive_respond(d, 207, NULL, ""), JETON_STEP_SEND);
    CHECK_INT(drive_respond(d, 207, NULL, ""), JETON_STEP_DONE);
    CHECK_INT(stages_seen[0], 100);
    CHECK_INT(stages_seen[1], 101);
    CHECK_INT(stages_seen[2], 102);
    drive_free(&d);
}

static jeton_step reads_inputs(jeton_flow *flow, const struct jeton_event *event)
{
    int64_t number = 0;
    char *scratch = host->scratch(flow, 100);

    (void)event;
    CHECK_STR(host->setting(flow, "client_secret"), "hush");
    CHECK_STR(host->setting(flow, "private_key"), NULL);
    CHECK_STR(host->setting(flow, "private_key_passphrase"), NULL);
    CHECK_STR(host->setting(flow, "nothing"), NULL);
    CHECK_STR(host->setting(flow, NULL), NULL);
    CHECK_INT(host->has_setting(flow, "private_key"), 1);
    CHECK_INT(host->has_setting(flow, "nothing"), 0);
    CHECK_INT(host->setting_integer(flow, "lifetime", &number), 1);
    CHECK_INT(number, 60);
    CHECK_INT(host->setting_integer(flow, "nothing", &number), 0);
    CHECK_STR(host->param(flow, "scope"), "of the call");
    CHECK_STR(host->param(flow, "lifetime"), "60");
    CHECK_STR(host->token(flow, "access_token"), "stored");
    CHECK_STR(host->token(flow, "issued_at"), "1559000000");
    CHECK_STR(host->token(flow, "expires_at"), NULL);
    CHECK_STR(host->token(flow, "wallet"), "w-1");
    CHECK_STR(host->token(flow, "level"), "7");
    CHECK_STR(host->token(flow, "object"), NULL);
    CHECK_STR(host->subject(flow), "alice");
    CHECK_INT(host->now(flow), DRIVE_NOW);
    CHECK_STR(host->print(flow, "%s-%d", "x", 7), "x-7");
    for (int i = 0; i < 100; i++)
        CHECK_INT(scratch[i], 0);
    CHECK_STR(host->random_token(flow, 4), "AAECAw");
    /* RFC 7636 appendix B */
    CHECK_STR(host->sha256_base64url(flow, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
              "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    host->set(flow, "access_token", "t");
    return JETON_STEP_DONE;
}

static void inputs_are_read_and_keys_are_not(void)
{
    struct drive *d = drive_new(entry);

    behaviour = reads_inputs;
    drive_setting(d, "client_secret", "hush");
    drive_setting(d, "private_key", "-----BEGIN PRIVATE KEY-----");
    drive_setting(d, "private_key_passphrase", "open sesame");
    drive_setting(d, "scope", "of the account");
    drive_param(d, "scope", "of the call");
    drive_token(d, "access_token", "stored");
    drive_token(d, "issued_at", "1559000000");
    drive_token(d, "extra", "{\"wallet\":\"w-1\",\"level\":7,\"object\":{}}");
    drive_subject(d, "alice");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_DONE);
    drive_free(&d);
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
    ended(started(wants_scratch), JETON_INTERNAL, "over 1048576 bytes of scratch memory");
}

static int announced;
static int announce_status;

static int announce(void *data, jeton_error **ret_error)
{
    announced++;
    return announce_status == JETON_OK ? JETON_OK : jt_error_set(ret_error, announce_status, "%s", (const char *)data);
}

static jeton_step spends_a_code(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->token_response(flow);
    host->request(flow, "POST", "/token");
    host->form(flow, "code", host->param(flow, "code"));
    return JETON_STEP_SEND;
}

static struct jt_flow *spending_flow(enum jt_operation operation, const char *code, struct jt_plugin *plugin,
                                     struct jt_fields *params)
{
    struct jt_flow_spec spec = {.plugin = plugin,
                                .operation = operation,
                                .params = params,
                                .deadline_ms = JT_NEVER,
                                .before_once = announce,
                                .data = (void *)(uintptr_t) "the store is full"};
    struct jt_flow *flow = NULL;
    jeton_error *error = NULL;

    announced = 0;
    host = &jt_host;
    behaviour = spends_a_code;
    *plugin = (struct jt_plugin){.table = table, .settings = settings, .parameters = parameters};
    if (code != NULL)
        CHECK_OK(jt_fields_set(params, "code", code, 0, &error), &error);
    CHECK_OK(jt_flow_new(&spec, &flow, &error), &error);
    CHECK_INT(jt_flow_start(flow), JETON_STEP_SEND);
    return flow;
}

static void what_spends_something_is_announced_before_it_is_sent(void)
{
    static const struct {
        enum jt_operation operation;
        const char *code;
        bool once;
    } cases_[] = {{JT_ACQUIRE, NULL, false}, {JT_ACQUIRE, "c-1", true}, {JT_REFRESH, NULL, true}};

    announce_status = JETON_OK;
    for (size_t i = 0; i < JT_LEN(cases_); i++) {
        JT_AUTO_FIELDS struct jt_fields params = {0};
        struct jt_http_response response = {.status = 200, .body = "{\"access_token\":\"t\"}", .body_len = 20};
        struct jt_plugin plugin;
        struct jt_flow *flow = spending_flow(cases_[i].operation, cases_[i].code, &plugin, &params);

        CHECK_INT(jt_flow_request(flow)->once, cases_[i].once);
        CHECK_INT(announced, 0);
        CHECK_INT(jt_flow_before_send(flow), JETON_STEP_SEND);
        CHECK_INT(announced, cases_[i].once);
        CHECK_INT(jt_flow_result(flow)->sent_once, false);
        jt_flow_sent(flow);
        CHECK_INT(jt_flow_result(flow)->sent_once, cases_[i].once);
        CHECK_INT(jt_flow_result(flow)->answered_once, false);
        CHECK_INT(jt_flow_respond(flow, &response), JETON_STEP_DONE);
        CHECK_INT(jt_flow_result(flow)->answered_once, cases_[i].once);
        jt_flow_free(&flow);
    }
}

static void nothing_is_sent_when_the_announcement_fails(void)
{
    JT_AUTO_FIELDS struct jt_fields params = {0};
    JT_AUTO_ERROR jeton_error *error = NULL;
    struct jt_plugin plugin;
    struct jt_flow *flow = spending_flow(JT_ACQUIRE, "c-1", &plugin, &params);

    announce_status = JETON_TRY_LATER;
    CHECK_INT(jt_flow_before_send(flow), JETON_STEP_FAIL);
    error = jt_flow_take_error(flow);
    CHECK_INT(jeton_error_status(error), JETON_TRY_LATER);
    CHECK_CONTAINS(jeton_error_message(error), "the store is full");
    CHECK_INT(jt_flow_result(flow)->sent_once, false);
    CHECK_INT(jt_flow_before_send(flow), JETON_STEP_FAIL);
    CHECK_INT(announced, 1);
    jt_flow_free(&flow);
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
        ended(d, JETON_BAD_ANSWER, "which does not exist");
    }
}

static jeton_step notes_and_hints(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_START) {
        host->request(flow, "GET", "/");
        return JETON_STEP_SEND;
    }
    host->note(flow, "was %s\nbefore", "revoked");
    host->hint(flow, "look at %s", "the key hush-hush");
    if (event->http_status != 200)
        return host->fail(flow, JETON_CONFIG, NULL, "no key");
    host->set(flow, "access_token", "t");
    return JETON_STEP_DONE;
}

static void notes_go_with_success_and_hints_with_failure(void)
{
    struct drive *d = drive_new(entry);

    behaviour = notes_and_hints;
    drive_setting(d, "client_secret", "hush-hush");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_INT(drive_respond(d, 200, NULL, ""), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->note, "was revoked before");
    CHECK_STR(drive_result(d)->token.note, "was revoked before");
    CHECK_TRUE(drive_error(d) == NULL);
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_INT(drive_respond(d, 403, NULL, ""), JETON_STEP_FAIL);
    CHECK_STR(jeton_error_hint(drive_error(d)), "look at the key ‹client_secret›");
    CHECK_STR(jeton_error_message(drive_error(d)), "misbehaving: GET https://as.example/: HTTP 403: no key");
    drive_free(&d);
}

static jeton_step keeps_much_and_fails(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    for (int i = 0; i < 200; i++)
        host->keep(flow, host->print(flow, "part%d", i), host->print(flow, "kept-value-%d.", i));
    return host->fail(flow, JETON_REFUSED, NULL, "of kept-value-7. and kept-value-150. none is right");
}

static void much_that_is_kept_does_not_hide_the_whole_message(void)
{
    ended(started(keeps_much_and_fails), JETON_REFUSED, "of ‹part7› and ‹part150› none is right");
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
    struct drive *d = drive_new(entry);

    behaviour = complains;
    CHECK_STR(drive_check(d), "lifetime: 60 is too long\nscope: is missing\n");
    drive_free(&d);
    ended(started(complains), JETON_INTERNAL, "complains of settings outside of check");
}

static void check_may_only_complain(void)
{
    struct jt_plugin plugin = {.table = table, .settings = settings, .parameters = parameters};
    struct jt_fields none = {0};
    jeton_error *error = NULL;

    host = &jt_host;
    behaviour = sends_for_ever;
    CHECK_FAILS(jt_flow_check(&plugin, &none, NULL, NULL, NULL, &error), JETON_INTERNAL,
                "in check: check prepares a request", &error);
    behaviour = fails_silently;
    CHECK_FAILS(jt_flow_check(&plugin, &none, NULL, NULL, NULL, &error), JETON_INTERNAL, "it may only complain",
                &error);
}

static const struct check_case cases[] = {
    {"a step must be prepared", a_step_must_be_prepared},
    {"a step must exist", a_step_must_exist},
    {"a failure says why", a_failure_says_why},
    {"done needs a result", done_needs_a_result},
    {"sixteen requests in a row are the limit", sixteen_requests_in_a_row_are_the_limit},
    {"a wait between requests lifts the limit", a_wait_between_requests_lifts_the_limit},
    {"the first setter that failed ends the flow", the_first_setter_that_failed_ends_the_flow},
    {"stages and kept values live between calls", stages_and_kept_values_live_between_calls},
    {"inputs are read, and keys are not", inputs_are_read_and_keys_are_not},
    {"scratch memory ends at one mebibyte", scratch_memory_ends_at_one_mebibyte},
    {"what spends something is announced before it is sent", what_spends_something_is_announced_before_it_is_sent},
    {"nothing is sent when the announcement fails", nothing_is_sent_when_the_announcement_fails},
    {"an outcome for another step ends the flow", an_outcome_for_another_step_ends_the_flow},
    {"an HTTP status that does not exist is refused", a_status_that_does_not_exist_is_refused},
    {"much that is kept does not hide the whole message", much_that_is_kept_does_not_hide_the_whole_message},
    {"notes go with success and hints with failure", notes_go_with_success_and_hints_with_failure},
    {"check gathers complaints", check_gathers_complaints},
    {"check may only complain", check_may_only_complain},
};
CHECK_MAIN("flow", cases)
