/* SPDX-License-Identifier: MIT */
/* What the core passes to the network module to run one flow or many, and what it gets back. */
#ifndef JT_NET_FLOW_SPEC_H
#define JT_NET_FLOW_SPEC_H

#include "base/base.h"
#include "plugin/plugin.h"
#include "token/token.h"

struct jt_http_options {
    int64_t connect_timeout_s;
    int64_t timeout_s;              /* the whole exchange */
    const char *ca_file;            /* NULL: the system's */
    const char *proxy;              /* NULL: none */
    const char *client_certificate; /* PEM files, or NULL */
    const char *client_key;
};

/* Everything that one flow needs. All pointers are borrowed until the flow is over. */
struct jt_flow_spec {
    const struct jt_plugin *plugin;
    enum jt_operation operation;
    const char *name; /* token name, for messages */
    const char *subject;
    const char *base_url; /* the account's, else the plugin's */
    const struct jt_fields *settings;
    const struct jt_fields *params;  /* NULL: none */
    const struct jt_tokenset *token; /* the stored one, or NULL */
    struct jt_http_options http;
    const struct jeton_conversation *conversation; /* NULL: nobody is there */
    int64_t deadline_ms;                           /* jt_boot_ms(); JT_NEVER: the flow's own limits only */
    struct jt_log *log;
    /* Called before a request that spends something is sent: proves that the store is writable, and records the intent.
     * If it fails, the flow ends with its error and nothing is sent. May be NULL. */
    int (*before_once)(void *data, jeton_error **ret_error);
    void *data;
};

/* The result of a flow. Zero it first. */
struct jt_flow_result {
    struct jt_tokenset token; /* acquire, refresh */
    char *answer;             /* introspect, list_keys: a JSON object */
    char *note;               /* for the person */
    int active;               /* introspect */
    bool sent_once;           /* a request that spends something was sent: if the flow failed, it may be spent */
    bool answered_once;       /* and a whole response to it came back */
};
void jt_flow_result_done(struct jt_flow_result *result);
#define JT_AUTO_RESULT JT_CLEANUP(jt_flow_result_done)

/* Many flows at once. The functions are called in the thread that runs the flows, between transfers. */
struct jt_net_many {
    size_t count;
    size_t parallel; /* transfers at a time */
    void *data;
    /* Prepares flow number `index` (from 0) when it is about to run. False: it is not run. */
    bool (*begin)(void *data, size_t index, struct jt_flow_spec *ret_spec);
    /* Called when flow number `index` is over. It may move away what result holds; the rest is freed afterwards. It
     * takes or frees error. */
    void (*end)(void *data, size_t index, int status, struct jt_flow_result *result, jeton_error **error);
};

#endif
