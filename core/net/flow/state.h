/* SPDX-License-Identifier: MIT */
/* The state of a running flow, and functions that read it. */
#ifndef JT_NET_FLOW_STATE_H
#define JT_NET_FLOW_STATE_H

#include "net/flow/exchange.h"
#include "net/flow/spec.h"
#include "net/wire/wire.h"

#define JT_QUESTIONS_MAX        16u
#define JT_URL_MAX              (64u * 1024u)
#define JT_NOTE_MAX             1024u
#define JT_KEPT_MAX             (256u * 1024u) /* of all names and values that a plugin passes to `keep` */
#define JT_DEFAULT_REDIRECT_URI "http://127.0.0.1:8914/callback"
#define JT_LATEST_AT            INT64_C(253402300799) /* the end of the year 9999; later points in time are clamped to it */

/* The handle that the plugin is given. It is valid during one call of the plugin. */
struct jeton_flow {
    struct jt_flow *flow;
};

/* The fields of a result that have members of their own, as bits for set_fields. */
enum jt_known_field {
    JT_SET_ACCESS_TOKEN = 1u << 0,
    JT_SET_TOKEN_TYPE = 1u << 1,
    JT_SET_REFRESH_TOKEN = 1u << 2,
    JT_SET_SCOPE = 1u << 3,
    JT_SET_KEY_ID = 1u << 4,
    JT_SET_EXPIRES_AT = 1u << 5,
    JT_SET_REFRESH_EXPIRES_AT = 1u << 6,
    JT_SET_EXPIRES_IN = 1u << 7,
    JT_SET_ACTIVE = 1u << 8
};

struct jt_flow {
    struct jeton_flow lent;
    struct jt_flow_spec spec;
    bool checking; /* the plugin's `check` is being called, not an operation */
    void (*complaint)(void *data, const char *setting, const char *sentence);
    void *complaint_data;

    int64_t (*clock_now)(void *);
    int (*clock_random)(void *, void *, size_t);
    void *clock_data;

    /* For the whole flow. */
    struct jt_fields kept;
    size_t kept_len;
    uint32_t stage;
    unsigned requests_in_row;
    bool one_time_read; /* a JETON_ONE_TIME parameter was handed out */
    bool once_announced;
    bool started;
    bool over;
    jeton_step step;                /* the last one that the plugin returned */
    struct jt_http_request request; /* the one that was sent or opened last */
    int64_t own_deadline_ms;
    jeton_error *error;
    jeton_error *sticky; /* see jt_fault_stick */
    char *hint;
    struct jt_fields signed_texts;    /* assertions that were signed here; they are redacted like secrets */
    struct json_object *stored_extra; /* of spec.token, parsed when first asked for */

    /* What the plugin prepared, in the current call, for the step that it will return. */
    struct jt_http_request draft;
    struct jt_buf url;
    struct jt_buf query;
    struct json_object *request_json;
    bool has_request, has_form, has_wait, has_display, wants_once;
    int64_t wait_s;
    struct jeton_question *questions; /* JT_QUESTIONS_MAX of them once one is asked */
    size_t questions_len;
    char *display_url, *display_complete, *display_code;
    size_t headers_len;

    /* The event that the current call is about. */
    const struct jt_http_response *response;
    struct jt_fields answers;
    struct json_object *json;
    enum { JT_JSON_UNREAD, JT_JSON_GOOD, JT_JSON_BAD } json_state;
    const char *json_why; /* in scratch memory */

    const char *jwt_alg;
    struct json_object *jwt_head, *jwt_claims;

    /* The result so far. */
    struct jt_flow_result result;
    uint32_t set_fields; /* enum jt_known_field */
    struct json_object *extra;
    struct json_object *answer; /* introspect: RFC 7662's members; list_keys: the lists */

    struct jt_scratch scratch;
};

static inline struct jt_flow *jt_state_of(jeton_flow *lent)
{
    return lent->flow;
}

/* Finds a field; fields may be NULL. */
static inline const struct jt_field *jt_state_find(const struct jt_fields *fields, const char *name)
{
    return fields != NULL && name != NULL ? jt_fields_find(fields, name) : NULL;
}

const char *jt_state_plugin_name(const struct jt_flow *flow);
const char *jt_state_operation_name(const struct jt_flow *flow);
const char *jt_state_redirect_uri(const struct jt_flow *flow);
int64_t jt_state_now(const struct jt_flow *flow); /* during a response: when its request was sent */
/* Parses the response, unless that was done. False: it is no JSON; json_why says why. */
bool jt_state_parse(struct jt_flow *flow) JT_MUST_CHECK;
/* Makes the flow fail for lack of memory, unless it fails already. */
void jt_state_no_memory(struct jt_flow *flow);
/* Wipes the values. For values that may be secrets although they are not declared so. */
void jt_state_wipe_fields(struct jt_fields *fields);

#endif
