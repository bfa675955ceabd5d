/* SPDX-License-Identifier: MIT */
/* Feeds hostile addresses to a flow that waits for a browser to come back. It asserts that only the expected address is
 * taken, and that no parameter reaches the plugin that the address does not spell. */
#include "fuzz.h"
#include "net/flow/flow.h"
#include "net/host/host.h"
#include "net/wire/text.h"

static const struct jeton_host *const host = &jt_host;

static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    const char *code;

    if (event->type != JETON_EVENT_REDIRECT) {
        host->request(flow, "GET", "/authorize");
        return JETON_STEP_BROWSE;
    }
    code = host->reply(flow, "code");
    (void)host->reply(flow, "");
    (void)host->reply(flow, "error");
    if (code == NULL)
        return host->fail(flow, JETON_BAD_ANSWER, host->reply(flow, "error"), "no code");
    FUZZ_CHECK(jt_utf8_is_valid(code, strlen(code)));
    host->set(flow, "access_token", code);
    return JETON_STEP_DONE;
}

/* Only its being there counts: the flow hands the step to whoever drives it. */
static int browse(void *data, const char *url, const char *redirect_uri, char *answer, size_t answer_size)
{
    (void)data, (void)url, (void)redirect_uri, (void)answer, (void)answer_size;
    return -1;
}

static const struct jeton_conversation somebody = {.struct_size = sizeof(somebody), .browse = browse};
static const struct jeton_setting no_settings[1];
static const struct jt_plugin plugin = {
    .table = {.struct_size = sizeof(struct jeton_provider), .name = "fuzz", .acquire = acquire},
    .settings = no_settings,
    .parameters = no_settings,
};

/* With a first byte of "+" the rest goes behind the expected address; else it is the whole one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct jt_flow_spec spec = {.plugin = &plugin,
                                      .operation = JT_ACQUIRE,
                                      .base_url = "https://as.example",
                                      .conversation = &somebody,
                                      .deadline_ms = JT_NEVER};
    JT_AUTO_FLOW struct jt_flow *flow = NULL;
    JT_AUTO_ERROR jeton_error *error = NULL;
    JT_AUTO_STR char *text = fuzz_text(data, size);
    JT_AUTO_STR char *url = NULL;
    const char *expected;
    jeton_step step;

    FUZZ_CHECK(jt_flow_new(&spec, &flow, NULL) == JETON_OK && jt_flow_start(flow) == JETON_STEP_BROWSE);
    expected = jt_state_redirect_uri(flow);
    url = *text == '+' ? jt_printf("%s%s", expected, text + 1) : jt_strdup(text);
    FUZZ_CHECK(url != NULL);
    step = jt_flow_redirect(flow, url);
    error = jt_flow_take_error(flow);
    FUZZ_CHECK(step == JETON_STEP_DONE || step == JETON_STEP_FAIL);
    fuzz_check_error(error != NULL ? jeton_error_status(error) : JETON_OK, error);
    FUZZ_CHECK((step == JETON_STEP_DONE) == (error == NULL));
    FUZZ_CHECK(step == JETON_STEP_FAIL || strncmp(url, expected, strlen(expected)) == 0);
    return 0;
}
