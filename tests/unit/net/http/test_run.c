/* SPDX-License-Identifier: MIT */
/* Whole flows over a real socket: one, many at once, waiting ones, failing ones, and what the log shows of them. */
#include "tests/lib/check.h"
#include "tests/lib/wire.h"
#include "net/net.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct jt_net *net;
static struct jt_net_pool *pool;
static const struct jeton_host *host;
static jeton_operation behaviour;

static jeton_step operate(jeton_flow *flow, const struct jeton_event *event)
{
    return behaviour(flow, event);
}

static const struct jeton_setting settings[] = {
    {"client_secret", JETON_STRING, JETON_SECRET, NULL, "the secret", NULL, 0, 0},
    {NULL, 0, 0, NULL, NULL, NULL, 0, 0},
};
static const struct jeton_setting parameters[1];
static const struct jt_plugin plugin = {
    .table = {.struct_size = sizeof(struct jeton_provider), .name = "probe", .acquire = operate, .refresh = operate},
    .settings = settings,
    .parameters = parameters,
};

static jeton_step posts(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->token_response(flow);
    host->request(flow, "POST", "/token");
    host->form(flow, "client_secret", host->setting(flow, "client_secret"));
    return JETON_STEP_SEND;
}

static int64_t wanted_wait_s;

static jeton_step polls(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE && host->json(flow, "/access_token") == NULL) {
        host->wait(flow, wanted_wait_s);
        return JETON_STEP_WAIT;
    }
    return posts(flow, event);
}

static struct jt_flow_spec spec_for(const char *base, jeton_operation wanted)
{
    behaviour = wanted;
    return (struct jt_flow_spec){.plugin = &plugin,
                                 .operation = JT_ACQUIRE,
                                 .name = "probe/one",
                                 .base_url = base,
                                 .http = {.connect_timeout_s = 5, .timeout_s = 5},
                                 .deadline_ms = JT_NEVER};
}

static void a_flow_runs_to_its_token(void)
{
    struct wire *wire = wire_start(false);
    struct jt_flow_spec spec = spec_for(wire_url(wire), posts);
    JT_AUTO_RESULT struct jt_flow_result result = {0};
    jeton_error *error = NULL;

    wire_answer_json(wire, "200 OK", "{\"access_token\":\"from the wire\",\"expires_in\":60}");
    CHECK_INT(net->run(pool, &spec, &result, &error), JETON_BAD_ANSWER); /* a space in it */
    jeton_error_free(&error);
    wire_answer_json(wire, "200 OK", "{\"access_token\":\"from-the-wire\",\"expires_in\":60}");
    CHECK_OK(net->run(pool, &spec, &result, &error), &error);
    CHECK_STR(result.token.access_token, "from-the-wire");
    CHECK_TRUE(result.token.expires_at >= jt_now() + 58 && result.token.expires_at <= jt_now() + 60);
    CHECK_INT(wire_connections(wire), 1);
    wire_stop(&wire);
}

static void a_network_fault_names_the_request(void)
{
    struct jt_flow_spec spec = spec_for("http://127.0.0.1:1", posts);
    JT_AUTO_RESULT struct jt_flow_result result = {0};
    JT_AUTO_ERROR jeton_error *error = NULL;

    CHECK_INT(net->run(pool, &spec, &result, &error), JETON_TRY_LATER);
    CHECK_STR(jeton_error_message(error),
              "probe: POST http://127.0.0.1:1/token: cannot connect to 127.0.0.1:1: connection refused");
    CHECK_STR(jeton_error_name(error), "probe/one");
    CHECK_CONTAINS(jeton_error_hint(error), "base_url");
}

struct one_flow {
    struct jt_flow_spec spec;
    int status;
};

static bool one_begins(void *data, size_t index, struct jt_flow_spec *ret_spec)
{
    (void)index;
    *ret_spec = ((struct one_flow *)data)->spec;
    return true;
}

static void one_ends(void *data, size_t index, int status, struct jt_flow_result *result, jeton_error **error)
{
    (void)index;
    (void)result;
    ((struct one_flow *)data)->status = status;
    jeton_error_free(error);
}

/* RFC 9112 9.3.1: a client is to be ready for that. One more such case than a handle of libcurl's is patient with. */
static void a_connection_that_was_closed_before_its_next_use_is_no_failure(void)
{
    for (int many = 0; many < 2; many++) {
        struct wire *wire = wire_start(false);
        struct one_flow one = {.spec = spec_for(wire_url(wire), posts)};
        const struct jt_net_many work = {.count = 1, .parallel = 1, .data = &one, .begin = one_begins, .end = one_ends};

        for (int i = 0; i < 8; i++) {
            JT_AUTO_RESULT struct jt_flow_result result = {0};
            jeton_error *error = NULL;

            if (i > 0)
                wire_answer(wire, i % 2 != 0 ? WIRE_CLOSE : WIRE_RESET, 0, "");
            wire_answer_json(wire, "200 OK", "{\"access_token\":\"a\",\"expires_in\":60}");
            if (many == 0)
                CHECK_OK(net->run(pool, &one.spec, &result, &error), &error);
            else
                CHECK_OK(net->run_many(pool, &work, &error), &error);
            CHECK_INT(one.status, JETON_OK);
        }
        CHECK_INT(wire_connections(wire), 8);
        CHECK_INT(wire_requests(wire), 15);
        wire_stop(&wire);
    }
}

static void what_was_spent_is_known_after_a_failure(void)
{
    static const struct {
        unsigned flags;
        const char *answer;
        bool sent, answered;
    } cases_[] = {
        {WIRE_CLOSE, "", true, false},
        {WIRE_RESET, "", true, false},
        {WIRE_CLOSE, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", true, false},
        {0, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", true, true},
    };

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
        struct wire *wire = wire_start(false);
        struct jt_flow_spec spec = spec_for(wire_url(wire), posts);
        JT_AUTO_RESULT struct jt_flow_result result = {0};
        jeton_error *error = NULL;

        spec.operation = JT_REFRESH;
        wire_answer(wire, cases_[i].flags, 0, cases_[i].answer);
        CHECK_TRUE(net->run(pool, &spec, &result, &error) != JETON_OK);
        CHECK_INT(result.sent_once, cases_[i].sent);
        CHECK_INT(result.answered_once, cases_[i].answered);
        CHECK_INT(wire_requests(wire), 1);
        jeton_error_free(&error);
        wire_stop(&wire);
    }
}

static void nothing_was_spent_where_nobody_listened(void)
{
    struct jt_flow_spec spec = spec_for("http://127.0.0.1:1", posts);
    JT_AUTO_RESULT struct jt_flow_result result = {0};
    jeton_error *error = NULL;

    spec.operation = JT_REFRESH;
    CHECK_FAILS(net->run(pool, &spec, &result, &error), JETON_TRY_LATER, "connection refused", &error);
    CHECK_TRUE(!result.sent_once);
}

static void a_tls_server_that_goes_away_does_not_kill_the_process(void)
{
    struct wire *wire = wire_start(true);
    struct jt_flow_spec spec = spec_for(wire_url(wire), posts);

    spec.http.ca_file = wire_ca_file(wire);
    for (int i = 0; i < 6; i++) {
        JT_AUTO_RESULT struct jt_flow_result result = {0};
        jeton_error *error = NULL;

        wire_answer(wire, WIRE_RESET, 0, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"access_token\":\"x\"}");
        CHECK_OK(net->run(pool, &spec, &result, &error), &error);
        (void)usleep(20000);
    }
    CHECK_INT(wire_connections(wire), 6);
    wire_stop(&wire);
}

static void polling_waits_as_long_as_the_plugin_says(void)
{
    struct wire *wire = wire_start(false);
    struct jt_flow_spec spec = spec_for(wire_url(wire), polls);
    JT_AUTO_RESULT struct jt_flow_result result = {0};
    jeton_error *error = NULL;
    int64_t before_ms = jt_boot_ms();

    wanted_wait_s = 1;
    wire_answer_json(wire, "400 Bad Request", "{\"error\":\"authorization_pending\"}");
    CHECK_OK(net->run(pool, &spec, &result, &error), &error);
    CHECK_STR(result.token.access_token, "default");
    CHECK_TRUE(jt_boot_ms() - before_ms >= 1000);
    wire_stop(&wire);
}

static void a_wait_beyond_the_deadline_is_not_begun(void)
{
    struct wire *wire = wire_start(false);
    struct jt_flow_spec spec = spec_for(wire_url(wire), polls);
    JT_AUTO_RESULT struct jt_flow_result result = {0};
    jeton_error *error = NULL;
    int64_t before_ms = jt_boot_ms();

    wanted_wait_s = 20;
    wire_answer_json(wire, "400 Bad Request", "{}");
    spec.deadline_ms = before_ms + 2000;
    CHECK_FAILS(net->run(pool, &spec, &result, &error), JETON_TRY_LATER, "the time for this is over", &error);
    CHECK_TRUE(jt_boot_ms() - before_ms < 1500);
    wanted_wait_s = 601;
    wire_answer_json(wire, "400 Bad Request", "{}");
    spec.deadline_ms = JT_NEVER;
    CHECK_FAILS(net->run(pool, &spec, &result, &error), JETON_LOGIN_NEEDED, "nobody has signed in", &error);
    wire_stop(&wire);
}

static int talk_result;
static const char *talk_answer;
static char talk_log[512];

static int talk_ask(void *data, const struct jeton_question *question, char *answer, size_t answer_size)
{
    CHECK_STR(data, "talk data");
    (void)snprintf(talk_log, sizeof(talk_log), "%s?", question->prompt);
    (void)snprintf(answer, answer_size, "%s", talk_answer);
    return talk_result;
}

static int talk_browse(void *data, const char *url, const char *redirect_uri, char *answer, size_t answer_size)
{
    (void)data;
    (void)snprintf(talk_log, sizeof(talk_log), "%s -> %s", url, redirect_uri);
    (void)snprintf(answer, answer_size, "%s", talk_answer);
    return talk_result;
}

static int talk_display(void *data, const char *url, const char *url_complete, const char *user_code)
{
    (void)data;
    (void)snprintf(talk_log, sizeof(talk_log), "%s %s %s", url, url_complete, user_code);
    return talk_result;
}

static const struct jeton_conversation talk = {.struct_size = sizeof(talk),
                                               .data = (void *)(uintptr_t) "talk data",
                                               .ask = talk_ask,
                                               .display = talk_display,
                                               .browse = talk_browse};

static jeton_step asks(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_ANSWER) {
        host->set(flow, "access_token", host->reply(flow, "pin"));
        return JETON_STEP_DONE;
    }
    host->ask(flow, "pin", "PIN", JETON_SECRET);
    return JETON_STEP_ASK;
}

static jeton_step browses(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_REDIRECT) {
        host->set(flow, "access_token", host->reply(flow, "code"));
        return JETON_STEP_DONE;
    }
    host->request(flow, "GET", "/authorize");
    return JETON_STEP_BROWSE;
}

static jeton_step displays(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_TIMER) {
        host->set(flow, "access_token", "t");
        return JETON_STEP_DONE;
    }
    host->display(flow, "https://a.example/d", "https://a.example/d?c=1", "WDJB");
    host->wait(flow, 1);
    return JETON_STEP_WAIT;
}

static void the_conversation_is_called_for_each_kind_of_step(void)
{
    static const struct {
        jeton_operation operation;
        const char *answer, *log, *token;
    } cases_[] = {
        {asks, "1234", "PIN?", "1234"},
        {browses, "http://127.0.0.1:8914/callback?code=c-1",
         "http://127.0.0.1:9/authorize -> http://127.0.0.1:8914/callback", "c-1"},
        {displays, "", "https://a.example/d https://a.example/d?c=1 WDJB", "t"},
    };

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
        struct jt_flow_spec spec = spec_for("http://127.0.0.1:9", cases_[i].operation);
        JT_AUTO_RESULT struct jt_flow_result result = {0};
        jeton_error *error = NULL;

        spec.conversation = &talk;
        talk_answer = cases_[i].answer;
        talk_result = 0;
        CHECK_OK(net->run(pool, &spec, &result, &error), &error);
        CHECK_STR(talk_log, cases_[i].log);
        CHECK_STR(result.token.access_token, cases_[i].token);
        talk_result = -1;
        CHECK_FAILS(net->run(pool, &spec, &result, &error), JETON_LOGIN_NEEDED, "given up", &error);
    }
}

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

static char log_text[8192];

static void log_sink(void *data, int level, const char *line)
{
    (void)data;
    (void)level;
    (void)snprintf(log_text + strlen(log_text), sizeof(log_text) - strlen(log_text), "%s\n", line);
}

static jeton_step posts_with_credentials(jeton_flow *flow, const struct jeton_event *event)
{
    if (event->type == JETON_EVENT_RESPONSE)
        return host->token_response(flow);
    host->request(flow, "POST", "/token");
    host->basic(flow, "client-1", host->setting(flow, "client_secret"));
    host->header(flow, "X-Token", host->setting(flow, "client_secret"));
    host->query(flow, "s", host->setting(flow, "client_secret"));
    host->form(flow, "client_secret", host->setting(flow, "client_secret"));
    host->form(flow, "grant_type", "client_credentials");
    return JETON_STEP_SEND;
}

static void the_log_shows_requests_without_secrets(void)
{
    struct wire *wire = wire_start(false);
    struct jt_flow_spec spec = spec_for(wire_url(wire), posts_with_credentials);
    JT_AUTO_RESULT struct jt_flow_result result = {0};
    JT_AUTO_FIELDS struct jt_fields values = {0};
    struct jt_log *log = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_fields_set(&values, "client_secret", "se cret+1", JT_FIELD_SECRET, &error), &error);
    CHECK_OK(jt_log_new(LOG_DEBUG, 0, log_sink, NULL, &log, &error), &error);
    spec.settings = &values;
    spec.log = log;
    wire_answer_json(wire, "200 OK",
                     "{\"access_token\":\"never-shown\",\"refresh_token\":\"nor-this\",\"scope\":\"read\"}");
    CHECK_OK(net->run(pool, &spec, &result, &error), &error);
    CHECK_CONTAINS(log_text, "POST http://127.0.0.1:");
    CHECK_CONTAINS(log_text, "grant_type=client_credentials");
    CHECK_CONTAINS(log_text, "client_secret=‹client_secret›");
    CHECK_CONTAINS(log_text, "HTTP 200");
    CHECK_CONTAINS(log_text, "\"scope\":\"read\"");
    CHECK_TRUE(strstr(log_text, "se cret") == NULL && strstr(log_text, "se+cret") == NULL);
    CHECK_TRUE(strstr(log_text, "never-shown") == NULL && strstr(log_text, "nor-this") == NULL);
    CHECK_TRUE(strstr(log_text, "Y2xpZW50") == NULL); /* base64 of "client-1:…" */
    jt_log_free(&log);
    wire_stop(&wire);
}

static const struct check_case cases[] = {
    {"a flow runs to its token", a_flow_runs_to_its_token},
    {"a network fault names the request", a_network_fault_names_the_request},
    {"RFC 9112 9.3.1: a connection that was closed before its next use is no failure",
     a_connection_that_was_closed_before_its_next_use_is_no_failure},
    {"what was spent is known after a failure", what_was_spent_is_known_after_a_failure},
    {"nothing was spent where nobody listened", nothing_was_spent_where_nobody_listened},
    {"a TLS server that goes away does not kill the process", a_tls_server_that_goes_away_does_not_kill_the_process},
    {"polling waits as long as the plugin says", polling_waits_as_long_as_the_plugin_says},
    {"a wait beyond the deadline is not begun", a_wait_beyond_the_deadline_is_not_begun},
    {"the conversation is called for each kind of step", the_conversation_is_called_for_each_kind_of_step},
    {"many flows run in one thread", many_flows_run_in_one_thread},
    {"many flows wait side by side", many_flows_wait_side_by_side},
    {"the log shows requests without secrets", the_log_shows_requests_without_secrets},
};

int main(int argc, char **argv)
{
    jeton_error *error = NULL;
    int failed;

    net = jeton_net_v1();
    host = net->host;
    if (net->pool_new(&pool, &error) != JETON_OK)
        abort();
    failed = check_main(argc, argv, "run", cases, JT_LEN(cases));
    net->pool_free(&pool);
    return failed;
}
