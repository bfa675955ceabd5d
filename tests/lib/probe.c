/* SPDX-License-Identifier: MIT */
/* The plugin of probe.h. */
#include "probe.h"

static jeton_operation probe_behaviour;

static jeton_step probe_operate(jeton_flow *flow, const struct jeton_event *event)
{
    return probe_behaviour(flow, event);
}

static const struct jeton_setting settings[] = {
    {.name = "client_secret", .type = JETON_STRING, .flags = JETON_SECRET, .help = "the secret"},
    {.name = "private_key", .type = JETON_KEY, .help = "the key"},
    {.name = "redirect_uri", .type = JETON_STRING, .help = "where the browser comes back"},
    {.name = "scope", .type = JETON_STRING, .help = "scope"},
    {.name = "lifetime", .type = JETON_INTEGER, .default_value = "60", .help = "seconds"},
    {.name = NULL},
};

static const struct jeton_setting parameters[] = {
    {.name = "code", .type = JETON_STRING, .flags = JETON_ONE_TIME, .help = "a code"},
    {.name = "scope", .type = JETON_STRING, .help = "scope"},
    {.name = NULL},
};

const struct jeton_provider probe_table = {
    .struct_size = sizeof(probe_table),
    .setting_size = sizeof(struct jeton_setting),
    .name = "probe",
    .version = "1",
    .summary = "does what a test tells it",
    .base_url = "https://as.example",
    .settings = settings,
    .parameters = parameters,
    .acquire = probe_operate,
    .refresh = probe_operate,
    .revoke = probe_operate,
    .introspect = probe_operate,
    .list_keys = probe_operate,
    .check = probe_operate,
};

static const struct jeton_provider *probe_entry(const struct jeton_host *host)
{
    (void)host;
    return &probe_table;
}

struct drive *probe_new(jeton_operation behaviour)
{
    probe_behaviour = behaviour;
    return drive_new(probe_entry);
}

struct jt_plugin probe_plugin(jeton_operation behaviour)
{
    probe_behaviour = behaviour;
    return (struct jt_plugin){.table = probe_table, .settings = settings, .parameters = parameters};
}
