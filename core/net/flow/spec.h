/* SPDX-License-Identifier: MIT */
/* What the core asks of the network module, and what comes back: one flow, or many. */
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

/* Everything one flow needs. Borrowed until the flow is over. */
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
    /* Called before a request is sent that spends something: proves the store writable and records the intent. Not
     * JETON_OK ends the flow with that error, nothing having been sent. NULL: nothing to do. */
    int (*before_once)(void *data, jeton_error **ret_error);
    void *data;
};

/* What a flow brought. Zero it first. */
struct jt_flow_result {
    struct jt_tokenset token; /* acquire, refresh */
    char *answer;             /* introspect, list_keys: a JSON object */
    char *note;               /* for the person */
    int active;               /* introspect */
    bool sent_once;           /* a request that spends something went out: if the flow failed, it may have been spent */
    bool answered_once;       /* ... and an answer to it came back whole */
};
void jt_flow_result_done(struct jt_flow_result *result);
#define JT_AUTO_RESULT JT_CLEANUP(jt_flow_result_done)

/* Many flows. The functions are called in the thread that runs them, between the transfers. */
struct jt_net_many {
    size_t count;
    size_t parallel; /* transfers at a time */
    void *data;
    /* Prepares flow number `index`, from 0 on, when its turn has come. False: it is not to run. */
    bool (*begin)(void *data, size_t index, struct jt_flow_spec *ret_spec);
    /* It is over. What result holds may be moved away; it is cleared afterwards. error is to be taken, or freed. */
    void (*end)(void *data, size_t index, int status, struct jt_flow_result *result, jeton_error **error);
};

#endif
