/* SPDX-License-Identifier: MIT */
/* What a running flow is made of, shared by flow.c and the host functions. Nothing outside core/net sees it. */
#ifndef JT_NET_FLOW_STATE_H
#define JT_NET_FLOW_STATE_H

#include "net/wire/wire.h"
#include "net/flow/flow.h"

#define JT_QUESTIONS_MAX        16u
#define JT_URL_MAX              (64u * 1024u)
#define JT_NOTE_MAX             1024u
#define JT_KEPT_MAX             (256u * 1024u) /* all that `keep` holds, names and values */
#define JT_DEFAULT_REDIRECT_URI "http://127.0.0.1:8914/callback"
#define JT_LATEST_AT            INT64_C(253402300799) /* the end of the year 9999: no later point in time is believed */

/* What the plugin holds in its hand: valid while it is being called. */
struct jeton_flow {
    struct jt_flow *flow;
};

/* Fields of a result that have a place of their own; as bits, which of them were set. */
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
    bool checking; /* the plugin's `check` is being called, no operation */
    void (*complaint)(void *data, const char *setting, const char *sentence);
    void *complaint_data;

    int64_t (*clock_now)(void *);
    int (*clock_random)(void *, void *, size_t);
    void *clock_data;

    /* Of the flow as a whole. */
    struct jt_fields kept;
    size_t kept_len;
    uint32_t stage;
    unsigned requests_in_row;
    bool one_time_read; /* a JETON_ONE_TIME parameter was handed out */
    bool once_announced;
    bool started;
    bool over;
    jeton_step step;                /* the last one */
    struct jt_http_request request; /* the one that was sent or opened last */
    int64_t own_deadline_ms;
    jeton_error *error;
    jeton_error *sticky; /* the first setter that could not do its work */
    char *hint;
    struct jt_fields signed_texts;    /* assertions made here: secrets in play, never to be shown */
    struct json_object *stored_extra; /* of spec.token, parsed when first asked for */

    /* Prepared in the current call for the step that it will return. */
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

    /* The outcome so far. */
    struct jt_flow_result result;
    uint32_t set_fields; /* enum jt_known_field */
    struct json_object *extra;
    struct json_object *answer; /* introspect: RFC 7662's members; list_keys: the lists */

    struct jt_arena scratch;
};

static inline struct jt_flow *jt_state_of(jeton_flow *lent)
{
    return lent->flow;
}

/* A field of a list that may be missing altogether. */
static inline const struct jt_field *jt_state_find(const struct jt_fields *fields, const char *name)
{
    return fields != NULL && name != NULL ? jt_fields_find(fields, name) : NULL;
}

/* flow.c */
const char *jt_flow_plugin_name(const struct jt_flow *flow);
const char *jt_flow_operation_name(const struct jt_flow *flow);
int64_t jt_flow_now(const struct jt_flow *flow); /* at a response: when its request was sent */
/* The parsed response; false: it is no JSON, and json_why says why. */
bool jt_flow_parse(struct jt_flow *flow) JT_MUST_CHECK;
/* Texts by values: wiped where fields.c would only free them. */
void jt_flow_wipe_fields(struct jt_fields *fields);

/* judge.c: holds the step that the plugin returned to the contract; what is wrong sticks. */
void jt_judge_step(struct jt_flow *flow, jeton_step step);
/* host_request.c: completes the draft and makes it the request; what is wrong with it sticks. */
void jt_request_finish(struct jt_flow *flow);
void jt_request_clear(struct jt_http_request *request);
/* redirect.c: the parameters of the URL at which the browser arrived become the answers. JETON_BAD_ANSWER,
 * JETON_USAGE. */
int JT_MUST_CHECK jt_redirect_read(struct jt_flow *flow, const char *url, jeton_error **ret_error);
/* result.c: is what the plugin filled in a result of its operation? Makes the texts of it; what is wrong sticks. */
void jt_result_finish(struct jt_flow *flow);

/* fault.c: the first failure stays, whatever the plugin returns. */
void jt_fault_stick(struct jt_flow *flow, int status, const char *format, ...) JT_PRINTF(3, 4);
void jt_fault_contract(struct jt_flow *flow, const char *format, ...)
    JT_PRINTF(2, 3); /* JETON_INTERNAL, names the plugin */
void jt_fault_no_memory(struct jt_flow *flow);
/* Ends the flow with "<plugin>: <request>: HTTP n: <code>: <text>", secrets replaced; returns JETON_STEP_FAIL. code and
 * description may be NULL. */
jeton_step jt_fault_end(struct jt_flow *flow, int status, const char *code, const char *description, const char *format,
                        ...) JT_PRINTF(5, 6);
/* The status that a response's HTTP status and error code stand for, as error_response promises. */
int jt_fault_status(int http_status, const char *code);
/* The Retry-After of the response in seconds (RFC 9110 10.2.3: a number, or a date against the clock); -1: none. */
int64_t jt_fault_retry_after(struct jt_flow *flow);
/* How far the provider's clock (RFC 9110 6.6.1: Date) is ahead of ours at most; 0: the two agree, or it does not say.
 */
int64_t jt_fault_clock_ahead_s(struct jt_flow *flow);
/* What came, for a message: content type and the start of the body, shortened, without secrets. */
void jt_fault_add_body(struct jt_flow *flow, struct jt_buf *buf);

/* redact.c */
/* Appends at most max characters of text in one line: known secrets as ‹name›, control characters as spaces. shapes:
 * also hides what looks like a secret (members named like one, long runs), for text of unknown making. */
void jt_redact_add(struct jt_buf *buf, const struct jt_flow *flow, const char *text, size_t len, size_t max,
                   bool shapes);

/* host_response.c: the last header of that name, or NULL; in the flow's scratch memory. */
const char *jt_response_header(struct jt_flow *flow, const char *name);

#endif
