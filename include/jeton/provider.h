/* SPDX-License-Identifier: MIT */
/* The whole contract between libjeton and a provider plugin. A plugin includes this header and links no library of
 * jeton's. */
#ifndef JETON_PROVIDER_H
#define JETON_PROVIDER_H

/*
 * HOW TO WRITE A PROVIDER
 *
 * A provider plugin is one shared object, jeton_<name>.so, in the plugin
 * directory (pkg-config --variable=plugindir jeton-provider). It exports one
 * symbol, jeton_provider_v1, which returns a table: what the provider is
 * called, which settings it reads, and one function for each operation that it
 * has. plugins/providers/voucherify/voucherify.c is a complete one in a page.
 *
 *     cc -shared -fPIC -fvisibility=hidden -Wl,-z,defs \
 *        $(pkg-config --cflags jeton-provider) -o jeton_example.so example.c
 *
 * A provider does no I/O. An operation is called first with
 * JETON_EVENT_START; it prepares the next step on the flow through the host
 * table (a request to send, a question to a person, a page to open, a time to
 * wait) and returns which step that is. The host takes that step and calls the
 * same operation again with the outcome, until it returns JETON_STEP_DONE or
 * JETON_STEP_FAIL:
 *
 *     static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
 *     {
 *         if (event->type == JETON_EVENT_RESPONSE)
 *             return host->token_response(flow);
 *         host->request(flow, "POST", "/oauth/token");
 *         host->form(flow, "grant_type", "client_credentials");
 *         return JETON_STEP_SEND;
 *     }
 *
 * A provider has no state of its own. Values that must live from one step to the
 * next are put on the flow with `keep` and `stage`, where the host can store
 * them so that another process can go on. The only variable a plugin needs is
 * the host pointer. The host may run many flows of one plugin at the same time,
 * in several threads.
 *
 * RULES
 *
 * Versions. The major version of this interface is in the symbol's name. Within
 * it, structures grow at the end only; no member moves or changes its meaning.
 * `struct_size` says how much of a structure its writer knew: the host copies
 * the smaller of both sizes into a zeroed table of its own, and a plugin that
 * uses a member of struct jeton_host beyond JETON_PROVIDER_ABI_MINOR 0 compares
 * host->struct_size first (JETON_HOST_HAS).
 *
 * Memory. Neither side frees memory of the other. What the host passes or
 * returns is valid until the operation function returns; what the plugin passes
 * is copied.
 * `scratch` memory is zeroed, the host's, and wiped when the operation function
 * returns. Strings are UTF-8 and end with NUL. NULL from an input function
 * means "absent"; NULL passed as a value to header, query, form, keep or set
 * means "leave it out".
 *
 * Units. Points in time are seconds since 1970-01-01 UTC, durations seconds.
 *
 * Errors. `return host->fail(flow, status, error, "what happened")`, with the
 * provider's own error code as error, or NULL if there is none. Setters return
 * nothing: if one cannot do its work (a limit, a malformed header, no memory),
 * the host remembers the first such failure, and ends the flow with it at the
 * next step, whatever the operation function returns.
 *
 * Limits. 16 requests in a row without a wait or a person between them;
 * responses of 1 MiB; JSON of depth 32; tokens of 64 KiB; request headers of
 * 64 KiB; the plugin's tables 64 KiB.
 */

#include <stddef.h>
#include <stdint.h>
#include <jeton/setting.h>
#include <jeton/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JETON_PROVIDER_ABI_MAJOR 1u
#define JETON_PROVIDER_ABI_MINOR 0u
#define JETON_PROVIDER_SYMBOL    "jeton_provider_v1"

/* One running operation. Opaque; valid until the operation function returns. */
typedef struct jeton_flow jeton_flow;

/* What the flow needs next. */
typedef int32_t jeton_step;
#define JETON_STEP_DONE   0    /* the result is filled in                                                  */
#define JETON_STEP_SEND   1    /* send the prepared request                   -> JETON_EVENT_RESPONSE      */
#define JETON_STEP_ASK    2    /* ask the person what was prepared with ask   -> JETON_EVENT_ANSWER        */
#define JETON_STEP_BROWSE 3    /* open the prepared request in a browser      -> JETON_EVENT_REDIRECT      */
#define JETON_STEP_WAIT   4    /* come back after `wait` seconds              -> JETON_EVENT_TIMER         */
#define JETON_STEP_FAIL   (-1) /* why was recorded with fail                                               */

#define JETON_EVENT_START    0u
#define JETON_EVENT_RESPONSE 1u /* an HTTP response arrived: any status; json, body, response_header read it */
#define JETON_EVENT_ANSWER   2u /* the person answered: `reply` gives what was asked                         */
#define JETON_EVENT_REDIRECT 3u /* the browser came back: `reply` gives the parameters of the redirect       */
#define JETON_EVENT_TIMER    4u /* the wait is over                                                          */

struct jeton_event {
    uint32_t struct_size;
    uint32_t type;        /* JETON_EVENT_*                               */
    int32_t  http_status; /* RESPONSE: 100 to 599; else 0                */
    uint32_t stage;       /* what `stage` last set on this flow; 0 at START */
};

/* The functions that the host lends to the plugin. The table is valid for the life of the process, a flow only during
 * the call to which it was passed. Every function may be called from any thread, but for one flow only from the thread
 * that runs it. */
struct jeton_host {
    uint32_t struct_size;
    uint32_t abi_minor;

    /* Inputs. NULL when absent. Booleans read "true" or "false"; a JETON_KEY reads NULL. */
    const char *(*setting)(jeton_flow *, const char *name);
    int         (*setting_integer)(jeton_flow *, const char *name, int64_t *ret); /* 1: set, 0: absent         */
    int         (*has_setting)(jeton_flow *, const char *name);                   /* 1 for a JETON_KEY too     */
    const char *(*param)(jeton_flow *, const char *name);  /* this call's parameter, else the setting of the same
                                                            * name: "scope" of the call, else of the account   */
    const char *(*token)(jeton_flow *, const char *field); /* the stored token set: "access_token", "key_id",
                                                            * "refresh_token", "issued_at", "expires_at" (digits; NULL:
                                                            * no limit is known), or an extra field            */
    const char *(*subject)(jeton_flow *);                  /* of provider/account/subject                      */
    const char *(*reply)(jeton_flow *, const char *name);  /* ANSWER, REDIRECT                                 */
    int64_t     (*now)(jeton_flow *);                      /* wall clock; at RESPONSE: when the request was sent */
    int         (*random)(jeton_flow *, void *out, size_t len); /* cryptographic; 1: done, 0: failed            */

    /* Strings, so that a plugin needs no buffer of its own. They live until the operation function returns. */
    const char *(*print)(jeton_flow *, const char *format, ...) __attribute__((format(printf, 2, 3)));
    void       *(*scratch)(jeton_flow *, size_t len); /* zeroed, wiped afterwards; NULL: over 1 MiB in all      */

    /* The next request. `request` starts one; url is absolute, or a path (with "/" first) below base_url. The body is
     * what form, or json_put, built; a POST with neither has an empty body. */
    void (*request)(jeton_flow *, const char *method, const char *url);
    void (*path)(jeton_flow *, const char *segment);                  /* appends "/" and the segment, encoded   */
    void (*header)(jeton_flow *, const char *name, const char *value);
    void (*query)(jeton_flow *, const char *name, const char *value);
    void (*form)(jeton_flow *, const char *name, const char *value);
    void (*json_put)(jeton_flow *, const char *pointer, const char *value); /* string at a JSON pointer, RFC 6901 */
    void (*json_put_integer)(jeton_flow *, const char *pointer, int64_t value);
    void (*json_put_boolean)(jeton_flow *, const char *pointer, int value);
    void (*basic)(jeton_flow *, const char *user, const char *password);    /* RFC 6749 2.3.1: form-encoded first */
    void (*bearer)(jeton_flow *, const char *token);                        /* RFC 6750 2.1                     */
    /* The request spends a one-time value (a code, a refresh token). Before it sends such a request, the host proves
     * that its store is writable and records the intent; it sends over a fresh connection and does not repeat the
     * request. Implied in `refresh`, and once a JETON_ONE_TIME parameter was read. */
    void (*once)(jeton_flow *);

    /* What the other steps need. */
    void (*ask)(jeton_flow *, const char *name, const char *prompt, uint32_t flags); /* flags: JETON_SECRET or 0 */
    void (*display)(jeton_flow *, const char *url, const char *url_complete, const char *user_code); /* RFC 8628 3.3:
                                                            * shown to the person from the next WAIT on         */
    const char *(*redirect_uri)(jeton_flow *);  /* where BROWSE will listen; the redirect_uri setting overrides it */
    void (*wait)(jeton_flow *, int64_t seconds);
    void (*deadline)(jeton_flow *, int64_t seconds); /* from now: the life of a device code                     */

    /* A JSON Web Token, compact JWS (RFC 7515, 7519). `jwt` starts one with alg and typ; claims keep their order. The
     * key is named by its setting; the plugin never sees it. alg: RS256, PS256, ES256, EdDSA (a JETON_KEY), HS256
     * (a secret string). "aud" given twice becomes an array. jwt_sign: NULL when it failed, which was recorded. */
    void (*jwt)(jeton_flow *, const char *alg);
    void (*jwt_header)(jeton_flow *, const char *name, const char *value);
    void (*jwt_claim)(jeton_flow *, const char *name, const char *value);
    void (*jwt_claim_integer)(jeton_flow *, const char *name, int64_t value);
    const char *(*jwt_sign)(jeton_flow *, const char *key_setting);

    const char *(*random_token)(jeton_flow *, size_t bytes);              /* base64url: state, verifier, jti     */
    const char *(*sha256_base64url)(jeton_flow *, const char *text);      /* RFC 7636 4.2: S256                  */

    /* The response. Values by JSON pointer (RFC 6901, "" is the whole). `json` gives a string as it is, a number or a
     * boolean as text, NULL for null, an object, an array or nothing there. */
    const char *(*json)(jeton_flow *, const char *pointer);
    int         (*json_integer)(jeton_flow *, const char *pointer, int64_t *ret); /* a number, or a string of digits:
                                                                                   * 1, else 0                   */
    int         (*json_count)(jeton_flow *, const char *pointer);  /* members of an object or array; -1: neither  */
    const char *(*json_name)(jeton_flow *, const char *pointer, uint32_t index); /* an object's member name       */
    const char *(*response_header)(jeton_flow *, const char *name);
    const char *(*body)(jeton_flow *, size_t *ret_len);            /* as it came; len may be NULL                 */

    /* The result. Fields: access_token, token_type, refresh_token, scope, key_id, expires_at, refresh_expires_at
     * (points in time), or any other name, which is kept as an extra. For introspect: active and RFC 7662's names.
     * `extra`, token_response and introspection_response fill in only fields that were not set before. `extra` leaves
     * out access_token and refresh_token. */
    void (*set)(jeton_flow *, const char *field, const char *value);
    void (*set_integer)(jeton_flow *, const char *field, int64_t value);
    void (*set_boolean)(jeton_flow *, const char *field, int value);
    void (*set_expires_in)(jeton_flow *, int64_t seconds);         /* expires_at, from when the request was sent  */
    void (*add)(jeton_flow *, const char *list, const char *value);      /* list_keys: list "keys"                */
    void (*extra)(jeton_flow *, const char *pointer);              /* keeps the response's members at this object
                                                                    * that no `set` has named                     */
    void (*note)(jeton_flow *, const char *format, ...) __attribute__((format(printf, 2, 3))); /* a sentence for the
                                                                    * person, with success: "was revoked before"  */
    /* For responses that follow the RFCs: each reads the response, fills in the result, and returns the step that the
     * operation function is to return. */
    jeton_step (*token_response)(jeton_flow *);         /* RFC 6749 5.1 and 5.2                                    */
    jeton_step (*introspection_response)(jeton_flow *); /* RFC 7662 2.2                                            */
    jeton_step (*empty_response)(jeton_flow *);         /* RFC 7009 2.2: any 2xx is done, else an error            */
    /* For a response that is an error. The status comes from the HTTP status, the provider's code and words from these
     * pointers (NULL or absent: none). 408, 423, 429 and 5xx become JETON_TRY_LATER with Retry-After honoured, a 2xx or 3xx
     * JETON_BAD_ANSWER, anything else JETON_REFUSED. */
    jeton_step (*error_response)(jeton_flow *, const char *error_pointer, const char *description_pointer);
    jeton_step (*fail)(jeton_flow *, int32_t status, const char *error, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
    void (*hint)(jeton_flow *, const char *format, ...) __attribute__((format(printf, 2, 3))); /* with fail: what the
                                                                    * admin can do about it; before or after it   */

    /* State between steps, kept by the host. */
    void        (*stage)(jeton_flow *, uint32_t stage);
    void        (*keep)(jeton_flow *, const char *name, const char *value);
    const char *(*kept)(jeton_flow *, const char *name);

    /* In `check` only: the setting is wrong in a way that its row in the table cannot express. May be called many
     * times. */
    void (*complain)(jeton_flow *, const char *setting, const char *format, ...) __attribute__((format(printf, 3, 4)));
};

/* Is a member that was added in a later minor version there? */
#define JETON_HOST_HAS(host, member) \
    ((host)->struct_size >= offsetof(struct jeton_host, member) + sizeof((host)->member))

/* Capabilities. The low 32 bits are advice that an older host may ignore; a set high bit that the host does not know
 * refuses the load. */
#define JETON_CAP_UNATTENDED     UINT64_C(1) /* acquire needs neither a person nor a one-time parameter            */
#define JETON_CAP_REFRESH_REPEAT UINT64_C(2) /* a refresh token whose answer was lost may be presented again       */

typedef jeton_step (*jeton_operation)(jeton_flow *, const struct jeton_event *);

struct jeton_provider {
    uint32_t struct_size;   /* sizeof(struct jeton_provider)                                         mandatory */
    uint32_t abi_minor;     /* JETON_PROVIDER_ABI_MINOR                                               mandatory */
    uint32_t setting_size;  /* sizeof(struct jeton_setting)                                           mandatory */
    uint32_t reserved;      /* 0                                                                               */
    const char *name;       /* "voucherify": the file is jeton_voucherify.so                          mandatory */
    const char *version;    /* the plugin's own                                                       mandatory */
    const char *summary;    /* one line                                                               mandatory */
    const char *base_url;   /* the provider's own; NULL: every account must name one                           */
    const struct jeton_setting *settings;   /* ends with a NULL name; NULL: none                                */
    const struct jeton_setting *parameters; /* what a call may pass; ends with a NULL name; NULL: none          */
    uint64_t capabilities;  /* JETON_CAP_*                                                                      */

    /* One function an operation; NULL: the provider does not have it. Events as described above. */
    jeton_operation acquire;    /* a new token set; mandatory                                                   */
    jeton_operation refresh;    /* a new token set for token("refresh_token")                                   */
    jeton_operation revoke;     /* makes token("access_token") worthless at the provider                        */
    jeton_operation introspect; /* what the provider says about token("access_token")                           */
    jeton_operation list_keys;  /* the ids of the tokens or keys that are valid now                             */

    /* Checks what the settings table cannot express, such as settings that contradict each other. Called by `jeton
     * check`, and before a flow, with JETON_EVENT_START. It calls `complain`, sends nothing, and returns
     * JETON_STEP_DONE. NULL: there is nothing more to check. */
    jeton_operation check;
};

/* The one symbol that a plugin exports. Called once, with the host's table. Returns the plugin's table, which must not
 * change for the life of the process, or NULL if the plugin cannot work here. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const struct jeton_provider *jeton_provider_v1(const struct jeton_host *host);

#ifdef __cplusplus
}
#endif

#endif
