/* SPDX-License-Identifier: MIT */
/* Whole flows over a real socket: working, waiting and failing ones, and what the log shows of them. */
#include "test_run_help.h"
#include <unistd.h>

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
    {"the log shows requests without secrets", the_log_shows_requests_without_secrets},
};

RUN_MAIN("run", cases)
