/* SPDX-License-Identifier: MIT */
/* The table of host functions that plugins are lent. */
#include "net/host/host.h"
#include "net/host/host_body.h"
#include "net/host/host_header.h"
#include "net/host/host_input.h"
#include "net/host/host_jwt.h"
#include "net/host/host_outcome.h"
#include "net/host/host_person.h"
#include "net/host/host_request.h"
#include "net/host/host_response.h"
#include "net/host/host_result.h"
#include "net/host/oauth.h"

const struct jeton_host jt_host = {
    .struct_size = sizeof(jt_host),
    .abi_minor = JETON_PROVIDER_ABI_MINOR,
    .setting = jt_host_setting,
    .setting_integer = jt_host_setting_integer,
    .has_setting = jt_host_has_setting,
    .param = jt_host_param,
    .token = jt_host_token,
    .subject = jt_host_subject,
    .reply = jt_host_reply,
    .now = jt_host_now,
    .random = jt_host_random,
    .print = jt_host_print,
    .scratch = jt_host_scratch,
    .request = jt_host_request,
    .path = jt_host_path,
    .header = jt_host_header,
    .query = jt_host_query,
    .form = jt_host_form,
    .json_put = jt_host_json_put,
    .json_put_integer = jt_host_json_put_integer,
    .json_put_boolean = jt_host_json_put_boolean,
    .basic = jt_host_basic,
    .bearer = jt_host_bearer,
    .once = jt_host_once,
    .ask = jt_host_ask,
    .display = jt_host_display,
    .redirect_uri = jt_host_redirect_uri,
    .wait = jt_host_wait,
    .deadline = jt_host_deadline,
    .jwt = jt_host_jwt,
    .jwt_header = jt_host_jwt_header,
    .jwt_claim = jt_host_jwt_claim,
    .jwt_claim_integer = jt_host_jwt_claim_integer,
    .jwt_sign = jt_host_jwt_sign,
    .random_token = jt_host_random_token,
    .sha256_base64url = jt_host_sha256_base64url,
    .json = jt_host_json,
    .json_integer = jt_host_json_integer,
    .json_count = jt_host_json_count,
    .json_name = jt_host_json_name,
    .response_header = jt_host_response_header,
    .body = jt_host_body,
    .set = jt_host_set,
    .set_integer = jt_host_set_integer,
    .set_boolean = jt_host_set_boolean,
    .set_expires_in = jt_host_set_expires_in,
    .add = jt_host_add,
    .extra = jt_host_extra,
    .note = jt_host_note,
    .token_response = jt_host_token_response,
    .introspection_response = jt_host_introspection_response,
    .empty_response = jt_host_empty_response,
    .error_response = jt_host_error_response,
    .fail = jt_host_fail,
    .hint = jt_host_hint,
    .stage = jt_host_stage,
    .keep = jt_host_keep,
    .kept = jt_host_kept,
    .complain = jt_host_complain,
};
