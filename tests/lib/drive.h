/* SPDX-License-Identifier: MIT */
/* Drives a provider plugin through a flow without a socket: compares what the plugin would send with a recorded
 * exchange, and feeds it the recorded answer or one of the test's. The clock and the random bytes are the test's too.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include "check.h"
#include "net/flow/flow.h"
#include "net/host/host.h"

/*
 * A test program links the plugin's source, the flow and host files of core/net, and this file:
 *
 *     static void issues_a_token(void)
 *     {
 *         struct drive *d = drive_new(jeton_provider_v1);
 *
 *         drive_setting(d, "client_id", "1234567890");
 *         drive_setting(d, "client_secret", "0123456789abcdef0123456789abcdef");
 *         CHECK_INT(drive_vector(d, JT_ACQUIRE, "line.OAuth7.issueAccessToken.ok"), JETON_STEP_DONE);
 *         CHECK_STR(drive_result(d)->token.access_token, drive_vector_text("line.OAuth7.issueAccessToken.ok",
 *                                                                          "/response/body/access_token"));
 *         CHECK_INT(drive_result(d)->token.expires_at, DRIVE_NOW + 2592000);
 *         drive_free(&d);
 *     }
 *
 * A flow of several requests goes on with drive_next (qiwi.createToken.ok#1, then #2). An answer of the test's own:
 *
 *     CHECK_INT(drive_start(d, JT_ACQUIRE), JETON_STEP_SEND);
 *     CHECK_STR(drive_form(d, "grant_type"), "client_credentials");
 *     CHECK_INT(drive_respond(d, 429, "Retry-After: 7\n", "{\"message\":\"slow\"}"), JETON_STEP_FAIL);
 *     CHECK_INT(jeton_error_retry_after(drive_error(d)), 7);
 *
 * Every function reports what went wrong through CUnit and goes on, so that one fault does not hide the next.
 */

#define DRIVE_NOW                                                                                                      \
    1559700722 /* the clock stands still here until drive_clock moves it: 30 minutes before the exp of the             \
                * recorded assertions */

struct drive;
typedef const struct jeton_provider *drive_entry(const struct jeton_host *host);

/* Calls the entry with the real host table. The settings' defaults are in force, base_url is the plugin's. */
struct drive *drive_new(drive_entry *entry);
/* The same for a shared object, by path: dlopen, jeton_provider_v1. */
struct drive *drive_load(const char *path);
void drive_free(struct drive **d);

/* Before the start; NULL takes the value away. */
void drive_setting(struct drive *d, const char *name, const char *value); /* flags as the plugin's table says */
void drive_param(struct drive *d, const char *name, const char *value);
void drive_token(struct drive *d, const char *field, const char *value); /* the stored token: access_token, key_id, … */
void drive_subject(struct drive *d, const char *subject);
void drive_base_url(struct drive *d, const char *url);
void drive_clock(struct drive *d, int64_t now);
void drive_random_hex(struct drive *d, const char *hex); /* what random gives, over and over; default: 00 01 02 … */
/* Hands the vector's recorded `inputs` over: as a setting where the plugin's table has one of that name, else as a
 * parameter, else, for access_token and refresh_token, as the stored token; other inputs are left alone. */
void drive_inputs(struct drive *d, const char *vector);

/* Starts the operation, checks the request against the vector's, feeds the vector's response back. Returns the step
 * after that. The vector's file is tests/vectors/<name up to the first dot>.json. */
jeton_step drive_vector(struct drive *d, enum jt_operation operation, const char *vector);
/* The same for a flow that waits to send its next request. */
jeton_step drive_next(struct drive *d, const char *vector);
/* Checks the prepared request only: method, path, query and form (decoded, in order), authorization, content-type,
 * accept (an SDK's any type is none), x-app-id, x-app-token. */
bool drive_matches(struct drive *d, const char *vector);
/* A value of the vector as text, by JSON pointer ("/inputs/client_id"); NULL: nothing there. Lives until the end. */
const char *drive_vector_text(const char *vector, const char *pointer);

/* Step by step. headers: lines "Name: value\n", or NULL; a body that starts with { or [ has content type
 * application/json unless headers say otherwise. */
jeton_step drive_start(struct drive *d, enum jt_operation operation);
jeton_step drive_respond(struct drive *d, int status, const char *headers, const char *body);
jeton_step drive_respond_bytes(struct drive *d, int status, const char *headers, const void *body, size_t len);
jeton_step drive_answer(struct drive *d, const char *name, const char *value); /* ASK: one question's */
jeton_step drive_redirect(struct drive *d, const char *url);                   /* BROWSE */
jeton_step drive_timer(struct drive *d);                                       /* WAIT; moves the clock by the wait */

/* What came out; borrowed, until the next start. */
jeton_step drive_step(const struct drive *d);
struct jt_flow *drive_flow(const struct drive *d);
const struct jt_http_request *drive_request(const struct drive *d);
const char *drive_path(struct drive *d);                    /* of the request's URL, as it is sent */
const char *drive_form(struct drive *d, const char *name);  /* decoded; NULL: not there */
const char *drive_query(struct drive *d, const char *name); /* decoded; NULL: not there */
const char *drive_header(struct drive *d, const char *name);
const struct jt_flow_result *drive_result(const struct drive *d);
const jeton_error *drive_error(const struct drive *d); /* NULL: none */
/* The flow failed with this status, and its message has this part. */
#define CHECK_FAILURE(d, status, part) drive_check_failure((d), (status), (part), __FILE__, __LINE__)
void drive_check_failure(const struct drive *d, int status, const char *part, const char *file, unsigned line);
/* The flow failed with this status and this code. `words` is what the provider said, NULL: anything; `hint` is a part
 * of the hint, NULL: anything. */
#define CHECK_REFUSAL(d, status, code, words, hint)                                                                    \
    drive_check_refusal((d), (status), (code), (words), (hint), __FILE__, __LINE__)
void drive_check_refusal(const struct drive *d, int status, const char *code, const char *words, const char *hint,
                         const char *file, unsigned line);
/* A member of the answer of introspect or list_keys as text, by JSON pointer. */
const char *drive_answer_text(struct drive *d, const char *pointer);
/* A member of the token's extra as text. */
const char *drive_extra_text(struct drive *d, const char *pointer);

/* Calls the plugin's check; the complaints as lines "setting: sentence\n", "" for none. */
const char *drive_check(struct drive *d);

#endif
