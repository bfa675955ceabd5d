/* SPDX-License-Identifier: MIT */
/* The face of the room: what jeton_net.so offers the core, which is running flows, and the checks that need OpenSSL or
 * a plugin's own code. */
#ifndef JT_NET_H
#define JT_NET_H

#include "net/flow/spec.h"

#define JT_NET_SYMBOL "jeton_net_v1"

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
