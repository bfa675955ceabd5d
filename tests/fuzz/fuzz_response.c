/* SPDX-License-Identifier: MIT */
/* Feeds hostile responses to the readers of RFC 6749 and RFC 7662 answers, in the shape that libFuzzer calls. It
 * asserts what must hold of every outcome, and never opens a socket. */
#include "fuzz.h"
#include "net/flow/flow.h"
#include "net/host/host.h"
#include "net/wire/wire.h"

static const struct jeton_host *const host = &jt_host;

/* Asks for everything that a plugin can ask of a response, then reads it by the book. */
static jeton_step operate(jeton_flow *flow, const struct jeton_event *event)
{
    static const char *const pointers[] = {"", "/error", "/access_token", "/0", "/a/b", "/~0~1", "/-"};
    int64_t number;
    size_t len;

    if (event->type != JETON_EVENT_RESPONSE) {
        host->request(flow, "POST", "/token");
        return JETON_STEP_SEND;
    }
    for (size_t i = 0; i < JT_LEN(pointers); i++) {
        (void)host->json(flow, pointers[i]);
        (void)host->json_integer(flow, pointers[i], &number);
        (void)host->json_count(flow, pointers[i]);
        (void)host->json_name(flow, pointers[i], 1);
    }
    (void)host->body(flow, &len);
    (void)host->response_header(flow, "retry-after");
    return event->http_status % 2 == 0 ? host->token_response(flow) : host->introspection_response(flow);
}

static const struct jeton_setting no_settings[1];
static const struct jt_plugin plugin = {
    .table = {.struct_size = sizeof(struct jeton_provider), .name = "fuzz", .acquire = operate, .introspect = operate},
    .settings = no_settings,
    .parameters = no_settings,
};

static void check_text(const char *json)
{
    struct json_object *value = NULL;
    char why[JT_JSON_WHY];

    /* What goes out must be JSON that would be let in again. */
    if (json != NULL && jt_json_parse(json, strlen(json), &value, why, sizeof(why)) != JETON_OK)
        abort();
    jt_json_free(&value);
}

static void check_outcome(struct jt_flow *flow, jeton_step step)
{
    const struct jt_flow_result *result = jt_flow_result(flow);
    jeton_error *error = jt_flow_take_error(flow);

    if (step == JETON_STEP_DONE) {
        if (error != NULL || (result->token.access_token == NULL && result->answer == NULL))
            abort();
        for (const char *p = result->token.access_token; p != NULL && *p != '\0'; p++)
            if (*p < 0x21 || *p > 0x7e)
                abort();
        check_text(result->token.extra);
        check_text(result->answer);
    } else {
        if (step != JETON_STEP_FAIL || error == NULL || strlen(jeton_error_message(error)) > 2000)
            abort();
        for (const char *p = jeton_error_message(error); *p != '\0'; p++)
            if ((unsigned char)*p < 0x20 || *p == 0x7f)
                abort();
    }
    jeton_error_free(&error);
}

/* The first byte chooses operation and status, the part up to the first NUL is the head, the rest the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 201, 204, 302, 400, 401, 429, 503};
    struct jt_flow_spec spec = {.plugin = &plugin, .base_url = "https://as.example", .deadline_ms = JT_NEVER};
    struct jt_http_response response = {.sent_at = 1700000000};
    struct jt_flow *flow = NULL;
    const char *nul;
    char *copy;

    if (size == 0)
        return 0;
    copy = malloc(size);
    if (copy == NULL)
        return 0;
    memcpy(copy, data + 1, size - 1);
    copy[size - 1] = '\0';
    nul = memchr(copy, '\0', size);
    response.status = statuses[data[0] % JT_LEN(statuses)];
    response.head = copy;
    response.body = (size_t)(nul - copy) + 1 < size ? nul + 1 : "";
    response.body_len = (size_t)(nul - copy) + 1 < size ? size - 1 - ((size_t)(nul - copy) + 1) : 0;
    spec.operation = response.status % 2 == 0 ? JT_ACQUIRE : JT_INTROSPECT;
    if (jt_flow_new(&spec, &flow, NULL) == JETON_OK && jt_flow_start(flow) == JETON_STEP_SEND)
        check_outcome(flow, jt_flow_respond(flow, &response));
    jt_flow_free(&flow);
    free(copy);
    return 0;
}
