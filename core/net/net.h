/* SPDX-License-Identifier: MIT */
/* What jeton_net.so offers the core: running flows, and the checks that need OpenSSL or a plugin's own code. It knows
 * nothing of the store, the cache or who else is asking. */
#ifndef JT_NET_H
#define JT_NET_H

#include "base/base.h"
#include "base/fields.h"
#include "base/log.h"
#include "plugin/plugin.h"
#include "token/tokenset.h"
#include <jeton/provider.h>

#define JT_NET_SYMBOL "jeton_net_v1"

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

/* Connections, TLS sessions and CA bundle, kept between flows; thread-safe. */
struct jt_net_pool;

struct jt_net {
    uint32_t struct_size;
    const char *version;           /* JETON_VERSION: both sides must be of one build */
    const struct jeton_host *host; /* for jt_plugin_load */

    int (*pool_new)(struct jt_net_pool **ret_pool, jeton_error **ret_error);
    void (*pool_free)(struct jt_net_pool **pool);

    /* Runs a flow to its end in this thread. An error names the plugin, says what came back (shortened, without
     * secrets) and carries the provider's code and words, HTTP status and Retry-After. result is filled in (sent_once)
     * also when it failed. */
    int (*run)(struct jt_net_pool *pool, const struct jt_flow_spec *spec, struct jt_flow_result *result,
               jeton_error **ret_error);
    /* Runs many at once in this thread, over one curl_multi. Not JETON_OK: none was begun. */
    int (*run_many)(struct jt_net_pool *pool, const struct jt_net_many *many, jeton_error **ret_error);

    /* Does this text hold a private key that the host can sign with? PEM (PKCS#8, PKCS#1, SEC1, encrypted with the
     * passphrase) or JWK, and for one of these algorithms (NULL: any). JETON_CONFIG with what is wrong: a public key, a
     * certificate, a wrong passphrase, a key for others, … */
    int (*check_key)(const char *text, size_t len, const char *passphrase, const char *algs, jeton_error **ret_error);

    /* Calls the plugin's own check with these settings; complaint is called with setting and sentence. */
    int (*check_settings)(const struct jt_plugin *plugin, const struct jt_fields *settings, const char *base_url,
                          void (*complaint)(void *data, const char *setting, const char *sentence), void *data,
                          jeton_error **ret_error);
};

__attribute__((visibility("default"))) const struct jt_net *jeton_net_v1(void);

#endif
