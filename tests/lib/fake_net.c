/* SPDX-License-Identifier: MIT */
/* The fake network module and plugin: outcomes from a script, counted. It never calls the
 * plugin's functions and never opens a connection. */
#include "fake_net.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct jt_net_pool {
    struct fake fake;
};

static jeton_step never_called(jeton_flow *flow, const struct jeton_event *event)
{
    (void)flow;
    (void)event;
    return JETON_STEP_FAIL;
}

static const struct jeton_setting settings[] = {
    {.name = "client_id", .type = JETON_STRING, .help = "who asks"},
    {.name = "client_secret", .type = JETON_STRING, .flags = JETON_SECRET, .help = "the proof of it"},
    {.name = NULL},
};

static const struct jeton_setting parameters[] = {
    {.name = "scope", .type = JETON_LIST, .help = "narrower than configured"},
    {.name = "audience", .type = JETON_STRING, .help = "for whom"},
    {.name = "code", .type = JETON_STRING, .flags = JETON_ONE_TIME, .help = "spent by its first use"},
    {.name = NULL},
};

static char plugin_path[] = "jeton_fake.so";

static const struct jt_plugin plugin = {
    .table = {.struct_size = sizeof(struct jeton_provider),
              .abi_minor = JETON_PROVIDER_ABI_MINOR,
              .setting_size = sizeof(struct jeton_setting),
              .name = "fake",
              .version = "1",
              .summary = "answers from a script",
              .base_url = "https://fake.example",
              .settings = settings,
              .parameters = parameters,
              .capabilities = JETON_CAP_UNATTENDED,
              .acquire = never_called,
              .refresh = never_called,
              .revoke = never_called,
              .introspect = never_called,
              .list_keys = never_called},
    .settings = settings,
    .parameters = parameters,
    .path = plugin_path,
};

static void copy_text(char *ret_text, size_t size, const char *text)
{
    (void)snprintf(ret_text, size, "%s", text != NULL ? text : "");
}

static void remember(struct fake *fake, const struct jt_flow_spec *spec)
{
    const struct jt_tokenset *token = spec->token;

    fake->last.operation = spec->operation;
    copy_text(fake->last.name, sizeof(fake->last.name), spec->name);
    copy_text(fake->last.access_token, sizeof(fake->last.access_token), token != NULL ? token->access_token : NULL);
    copy_text(fake->last.refresh_token, sizeof(fake->last.refresh_token), token != NULL ? token->refresh_token : NULL);
    copy_text(fake->last.scope, sizeof(fake->last.scope), jt_fields_get(spec->params, "scope"));
    copy_text(fake->last.code, sizeof(fake->last.code), jt_fields_get(spec->params, "code"));
}

/* Counted in a file too, a byte each, for all processes. */
static void count_sent(struct fake *fake, enum jt_operation operation)
{
    JT_AUTO_STR char *path = jt_printf("%s/sent", fake->dir);
    JT_AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, "x", 1) != 1)
        abort();
    fake->sent++;
    fake->sent_of[operation]++;
}

static int fail_with(const struct fake_outcome *outcome, const char *name, jeton_error **ret_error)
{
    (void)jt_error_set(ret_error, outcome->status, "%s: fake: %s", name,
                       outcome->code != NULL ? outcome->code : "no reason given");
    if (ret_error != NULL)
        jt_error_set_provider(ret_error, outcome->code, NULL, outcome->http_status,
                              outcome->retry_after_s > 0 ? outcome->retry_after_s : -1);
    if (ret_error != NULL && outcome->hint != NULL)
        jt_error_set_hint(ret_error, "%s", outcome->hint);
    return outcome->status;
}

static void succeed(const struct fake_outcome *outcome, const struct jt_flow_spec *spec, int number,
                    struct jt_flow_result *result)
{
    struct jt_tokenset *token = &result->token;

    if (spec->operation == JT_INTROSPECT || spec->operation == JT_LIST_KEYS) {
        result->answer = jt_strdup(spec->operation == JT_INTROSPECT ? "{\"active\":true}" : "{\"keys\":[]}");
        result->active = spec->operation == JT_INTROSPECT;
        return;
    }
    if (spec->operation == JT_REVOKE) {
        result->note = jt_strdup("revoked, said the fake");
        return;
    }
    token->access_token =
        outcome->access_token != NULL ? jt_strdup(outcome->access_token) : jt_printf("token-%d", number);
    token->token_type = jt_strdup("Bearer");
    token->refresh_token = jt_strdup(outcome->refresh_token);
    token->scope = jt_strdup(outcome->scope);
    token->issued_at = jt_now();
    token->expires_at = outcome->lifetime_s == JT_NEVER
                            ? JT_NEVER
                            : token->issued_at + (outcome->lifetime_s != 0 ? outcome->lifetime_s : 3600);
}

/* Under the mutex. */
static void hold_on(struct fake *fake)
{
    fake->held++;
    while (fake->holding)
        (void)pthread_cond_wait(&fake->let_go, &fake->mutex);
    fake->held--;
}

static void ask_person(const struct jeton_conversation *conversation)
{
    const struct jeton_question question = {.struct_size = sizeof(question), .prompt = "are you there?"};
    char answer[16];

    (void)conversation->ask(conversation->data, &question, answer, sizeof(answer));
}

static int net_run(struct jt_net_pool *pool, const struct jt_flow_spec *spec, struct jt_flow_result *result,
                   jeton_error **ret_error)
{
    struct fake *fake = &pool->fake;
    struct fake_outcome outcome = {.kind = FAKE_SUCCESS};
    int status = JETON_OK, number;
    bool once;

    (void)pthread_mutex_lock(&fake->mutex);
    if (fake->script_next < fake->script_len)
        outcome = fake->script[fake->script_next++];
    fake->flows++;
    remember(fake, spec);
    (void)pthread_mutex_unlock(&fake->mutex);
    if (outcome.at_start != NULL)
        outcome.at_start(fake);
    once = outcome.once || spec->operation == JT_REFRESH;
    if (once && spec->before_once != NULL)
        status = spec->before_once(spec->data, ret_error);
    if (status != JETON_OK)
        return status;
    (void)pthread_mutex_lock(&fake->mutex);
    count_sent(fake, spec->operation);
    number = fake->sent;
    if (outcome.hold)
        hold_on(fake);
    (void)pthread_mutex_unlock(&fake->mutex);
    if (outcome.ask && spec->conversation != NULL)
        ask_person(spec->conversation);
    if (outcome.delay_ms > 0)
        (void)usleep((useconds_t)outcome.delay_ms * 1000);
    if (outcome.at_answer != NULL)
        outcome.at_answer(fake);
    result->sent_once = once;
    result->answered_once = once && outcome.kind != FAKE_LOST;
    if (outcome.kind == FAKE_LOST)
        return jt_error_set(ret_error, JETON_TRY_LATER, "%s: fake: the connection broke", spec->name);
    if (outcome.kind == FAKE_ERROR)
        return fail_with(&outcome, spec->name, ret_error);
    succeed(&outcome, spec, number, result);
    return JETON_OK;
}

static int net_run_many(struct jt_net_pool *pool, const struct jt_net_many *many, jeton_error **ret_error)
{
    (void)ret_error;
    for (size_t i = 0; i < many->count; i++) {
        JT_AUTO_RESULT struct jt_flow_result result = {.token = JT_TOKENSET_INIT};
        struct jt_flow_spec spec;
        jeton_error *error = NULL;
        int status;

        if (!many->begin(many->data, i, &spec))
            continue;
        status = net_run(pool, &spec, &result, &error);
        many->end(many->data, i, status, &result, &error);
    }
    return JETON_OK;
}

static void net_pool_free(struct jt_net_pool **pool)
{
    *pool = NULL;
}

static int net_check_settings(const struct jt_plugin *checked, const struct jt_fields *values, const char *base_url,
                              void (*complaint)(void *data, const char *setting, const char *sentence), void *data,
                              jeton_error **ret_error)
{
    (void)checked;
    (void)values;
    (void)base_url;
    (void)complaint;
    (void)data;
    (void)ret_error;
    return JETON_OK;
}

/* The host table is the world's own, so that the loader knows which world asks. */
int fake_load_plugin(const char *dir, const char *name, const struct jeton_host *host,
                     const struct jt_plugin **ret_plugin, jeton_error **ret_error)
{
    const struct fake *fake = (const struct fake *)(const void *)((const char *)host - offsetof(struct fake, host));

    if (strcmp(name, "fake") != 0)
        return jt_error_set(ret_error, JETON_CONFIG, "there is no plugin %s in %s", name, dir);
    *ret_plugin = &fake->plugin;
    return JETON_OK;
}

void fake_net_init(struct fake *fake)
{
    fake->plugin = plugin;
    fake->host = (struct jeton_host){.struct_size = sizeof(fake->host)};
    fake->net = (struct jt_net){
        .struct_size = sizeof(fake->net),
        .version = JETON_VERSION,
        .host = &fake->host,
        .pool_free = net_pool_free,
        .run = net_run,
        .run_many = net_run_many,
        .check_settings = net_check_settings,
    };
    fake->holding = true;
}
