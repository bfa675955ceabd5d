/* SPDX-License-Identifier: MIT */
/* What a plugin reads and leaves in the course of a flow: settings, parameters, the stored token, kept values, notes.
 */
#include "tests/lib/probe.h"

static const struct jeton_host *const host = &jt_host;

static struct drive *started(jeton_operation behaviour)
{
    struct drive *d = probe_new(behaviour);

    (void)drive_start(d, JT_ACQUIRE);
    return d;
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
    struct drive *d = probe_new(reads_inputs);

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
    struct drive *d = probe_new(notes_and_hints);

    drive_setting(d, "client_secret", "hush-hush");
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_INT(drive_respond(d, 200, NULL, ""), JETON_STEP_DONE);
    CHECK_STR(drive_result(d)->note, "was revoked before");
    CHECK_STR(drive_result(d)->token.note, "was revoked before");
    CHECK_TRUE(drive_error(d) == NULL);
    CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
    CHECK_INT(drive_respond(d, 403, NULL, ""), JETON_STEP_FAIL);
    CHECK_STR(jeton_error_hint(drive_error(d)), "look at the key ‹client_secret›");
    CHECK_STR(jeton_error_message(drive_error(d)), "probe: GET https://as.example/: HTTP 403: no key");
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
    struct drive *d = started(keeps_much_and_fails);

    CHECK_FAILURE(d, JETON_REFUSED, "of ‹part7› and ‹part150› none is right");
    drive_free(&d);
}

static const struct check_case cases[] = {
    {"stages and kept values live between calls", stages_and_kept_values_live_between_calls},
    {"inputs are read, and keys are not", inputs_are_read_and_keys_are_not},
    {"much that is kept does not hide the whole message", much_that_is_kept_does_not_hide_the_whole_message},
    {"notes go with success and hints with failure", notes_go_with_success_and_hints_with_failure},
};

CHECK_MAIN("flow_values", cases)
