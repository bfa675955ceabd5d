/* SPDX-License-Identifier: MIT */
/* The functions behind struct jeton_host, by subject; provider.h says what each does. Only host.c's table hands them
 * out. */
#ifndef JT_NET_HOST_H
#define JT_NET_HOST_H

#include "net/flow/state.h"

/* host_input.c */
const char *jt_host_setting(jeton_flow *lent, const char *name);
int jt_host_setting_integer(jeton_flow *lent, const char *name, int64_t *ret);
int jt_host_has_setting(jeton_flow *lent, const char *name);
const char *jt_host_param(jeton_flow *lent, const char *name);
const char *jt_host_token(jeton_flow *lent, const char *field);
const char *jt_host_subject(jeton_flow *lent);
const char *jt_host_reply(jeton_flow *lent, const char *name);
int64_t jt_host_now(jeton_flow *lent);
int jt_host_random(jeton_flow *lent, void *out, size_t len);
const char *jt_host_print(jeton_flow *lent, const char *format, ...) JT_PRINTF(2, 3);
void *jt_host_scratch(jeton_flow *lent, size_t len);
const char *jt_host_random_token(jeton_flow *lent, size_t bytes);
const char *jt_host_sha256_base64url(jeton_flow *lent, const char *text);

/* host_request.c */
void jt_host_request(jeton_flow *lent, const char *method, const char *url);
void jt_host_path(jeton_flow *lent, const char *segment);
void jt_host_query(jeton_flow *lent, const char *name, const char *value);
void jt_host_once(jeton_flow *lent);
/* host_header.c */
void jt_host_header(jeton_flow *lent, const char *name, const char *value);
void jt_host_basic(jeton_flow *lent, const char *user, const char *password);
void jt_host_bearer(jeton_flow *lent, const char *token);
/* host_body.c */
void jt_host_form(jeton_flow *lent, const char *name, const char *value);
void jt_host_json_put(jeton_flow *lent, const char *pointer, const char *value);
void jt_host_json_put_integer(jeton_flow *lent, const char *pointer, int64_t value);
void jt_host_json_put_boolean(jeton_flow *lent, const char *pointer, int value);

/* host_person.c */
void jt_host_ask(jeton_flow *lent, const char *name, const char *prompt, uint32_t flags);
void jt_host_display(jeton_flow *lent, const char *url, const char *url_complete, const char *user_code);
const char *jt_host_redirect_uri(jeton_flow *lent);
void jt_host_wait(jeton_flow *lent, int64_t seconds);
void jt_host_deadline(jeton_flow *lent, int64_t seconds);
void jt_host_stage(jeton_flow *lent, uint32_t stage);
void jt_host_keep(jeton_flow *lent, const char *name, const char *value);
const char *jt_host_kept(jeton_flow *lent, const char *name);

/* host_jwt.c */
void jt_host_jwt(jeton_flow *lent, const char *alg);
void jt_host_jwt_header(jeton_flow *lent, const char *name, const char *value);
void jt_host_jwt_claim(jeton_flow *lent, const char *name, const char *value);
void jt_host_jwt_claim_integer(jeton_flow *lent, const char *name, int64_t value);
const char *jt_host_jwt_sign(jeton_flow *lent, const char *key_setting);

/* host_response.c */
const char *jt_host_json(jeton_flow *lent, const char *pointer);
int jt_host_json_integer(jeton_flow *lent, const char *pointer, int64_t *ret);
int jt_host_json_count(jeton_flow *lent, const char *pointer);
const char *jt_host_json_name(jeton_flow *lent, const char *pointer, uint32_t index);
const char *jt_host_response_header(jeton_flow *lent, const char *name);
const char *jt_host_body(jeton_flow *lent, size_t *ret_len);

/* host_result.c */
void jt_host_set(jeton_flow *lent, const char *field, const char *value);
void jt_host_set_integer(jeton_flow *lent, const char *field, int64_t value);
void jt_host_set_boolean(jeton_flow *lent, const char *field, int value);
void jt_host_set_expires_in(jeton_flow *lent, int64_t seconds);
void jt_host_add(jeton_flow *lent, const char *list, const char *value);
void jt_host_extra(jeton_flow *lent, const char *pointer);
void jt_host_note(jeton_flow *lent, const char *format, ...) JT_PRINTF(2, 3);

/* oauth.c */
jeton_step jt_host_token_response(jeton_flow *lent);
jeton_step jt_host_introspection_response(jeton_flow *lent);
/* host_outcome.c */
jeton_step jt_host_empty_response(jeton_flow *lent);
jeton_step jt_host_error_response(jeton_flow *lent, const char *error_pointer, const char *description_pointer);
jeton_step jt_host_fail(jeton_flow *lent, int32_t status, const char *error, const char *format, ...) JT_PRINTF(4, 5);
void jt_host_hint(jeton_flow *lent, const char *format, ...) JT_PRINTF(2, 3);
void jt_host_complain(jeton_flow *lent, const char *setting, const char *format, ...) JT_PRINTF(3, 4);

#endif
