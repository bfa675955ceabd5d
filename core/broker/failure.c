/* SPDX-License-Identifier: MIT */
/* Failures that rows remember. A permanent one (the provider refused these credentials) blocks renewals until the
 * configuration or the token changes, a passing one for a time that grows with each failure. The row has the words as a
 * small JSON object. */
#include "broker/failure.h"
#include "broker/revoke_queue.h"
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FAILURE_TEXT_MAX (8u * 1024u)
#define REFUSED_STAND_S  60    /* first pause after a refusal that may pass by itself (a limit on tokens) */
#define FUTURE_MAX_S     90000 /* a retry_at further ahead was written under a wrong clock */

void jt_failure_clear(struct jt_entry *entry)
{
    jt_str_free(&entry->failure);
    entry->failed_at = 0;
    entry->retry_at = 0;
    entry->failures = 0;
    entry->failure_status = 0;
    entry->config_digest = 0;
}

/* Whether asking again with the same credentials would give the same answer. An error code of the provider's, 401 or
 * 403 means that; a refusal without a code may be about a limit. */
static bool failure_is_permanent(const jeton_error *error)
{
    int status = jeton_error_status(error), http_status = jeton_error_http_status(error);

    return status == JETON_LOGIN_NEEDED ||
           (status == JETON_REFUSED && (jeton_error_code(error) != NULL || http_status == 401 || http_status == 403));
}

static bool failure_is_worth_keeping(int status)
{
    return status == JETON_BAD_ANSWER || status == JETON_REFUSED || status == JETON_INTERNAL ||
           status == JETON_TRY_LATER || status == JETON_LOGIN_NEEDED;
}

bool jt_failure_kills_refresh_token(const jeton_error *error)
{
    const char *code = jeton_error_code(error);
    int status = jeton_error_status(error);

    return status == JETON_LOGIN_NEEDED ||
           (status == JETON_REFUSED &&
            (code == NULL || (strcmp(code, "invalid_client") != 0 && strcmp(code, "unauthorized_client") != 0)));
}

static void failure_add_text(json_object *object, const char *member, const char *text)
{
    if (text != NULL)
        json_object_object_add(object, member, json_object_new_string(text));
}

static char *failure_to_text(const jeton_error *error, const struct jt_clock *clock)
{
    json_object *object = json_object_new_object();
    char *text = NULL;

    if (object == NULL)
        return NULL;
    failure_add_text(object, "message", jeton_error_message(error));
    failure_add_text(object, "error", jeton_error_code(error));
    failure_add_text(object, "error_description", jeton_error_description(error));
    failure_add_text(object, "hint", jeton_error_hint(error));
    if (jeton_error_http_status(error) != 0)
        json_object_object_add(object, "http_status", json_object_new_int(jeton_error_http_status(error)));
    json_object_object_add(object, "at", json_object_new_int64(clock->now));
    json_object_object_add(object, "boot_ms", json_object_new_int64(clock->boot_ms));
    json_object_object_add(object, "boot_id", json_object_new_int64(clock->boot_id));
    text = jt_strdup(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    (void)json_object_put(object);
    if (text != NULL && strlen(text) > FAILURE_TEXT_MAX) {
        free(text);
        text = jt_strdup("{\"message\":\"the error was too long to be kept\"}");
    }
    return text;
}

/* Writes the failure into the entry. Returns how many seconds it blocks renewals; -1: until something changes. */
static int64_t failure_set(const struct jt_call *call, struct jt_entry *entry, const jeton_error *error)
{
    struct jt_clock clock = jt_clock_read();
    int64_t now = clock.now, stand_s, asked_s = jeton_error_retry_after(error);

    entry->failure_status = jeton_error_status(error);
    if (entry->failures == 0)
        entry->failed_at = now;
    if (entry->failures < INT32_MAX)
        entry->failures++;
    entry->config_digest = jt_account_digest(call->account);
    if (entry->failure_status == JETON_REFUSED && asked_s < REFUSED_STAND_S)
        asked_s = REFUSED_STAND_S;
    stand_s = failure_is_permanent(error)
                  ? -1
                  : jt_lifetime_backoff_s(entry->failures, asked_s, call->hash ^ ((uint64_t)now << 32));
    entry->retry_at = stand_s < 0 ? JT_NEVER : now + stand_s;
    entry->due_at = entry->state == JT_ROW_REVOKING ? jt_revoke_due_at(entry->retry_at) : entry->retry_at;
    jt_str_free(&entry->failure);
    entry->failure = failure_to_text(error, &clock);
    return stand_s;
}

void jt_failure_record(const struct jt_call *call, struct jt_entry *entry, jeton_error *error, bool changed)
{
    JT_AUTO_ERROR jeton_error *ignored = NULL;
    int64_t stand_s = -1;
    bool done = false;
    const bool kept =
        failure_is_worth_keeping(jeton_error_status(error)) && call->params_len == 0 && call->conversation == NULL;

    if (kept)
        stand_s = failure_set(call, entry, error);
    else if (!changed)
        return;
    /* No row yet, or a damaged one. */
    if (entry->state == 0 ||
        (entry->token.access_token == NULL && entry->token.refresh_token == NULL && entry->state != JT_ROW_INTENT))
        entry->state = JT_ROW_EMPTY;
    if (jt_store_put(call->store, call->name.full, call->variant, entry, entry->version, changed, &done, &ignored) !=
            JETON_OK &&
        error != NULL)
        jt_failure_memory_add(call->ctx->failures, call->key, call->hash, error);
    if (kept && done) /* the next caller gets the same number from the row */
        jt_error_set_retry_after(&error, stand_s);
}

/* Parses a row's failure. NULL: it has another form, of an older jeton's or a hostile row's. */
static json_object *failure_parse(const char *failure)
{
    json_object *object = failure != NULL ? json_tokener_parse(failure) : NULL;

    if (object != NULL && !json_object_is_type(object, json_type_object)) {
        (void)json_object_put(object);
        object = NULL;
    }
    return object;
}

static const char *failure_text(json_object *object, const char *member)
{
    json_object *value;

    return json_object_object_get_ex(object, member, &value) && json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : NULL;
}

char *jt_failure_message(const char *failure)
{
    json_object *object = failure_parse(failure);
    const char *message = failure_text(object, "message");
    char *copy = jt_strdup(message != NULL ? message : "the reason was not kept");

    (void)json_object_put(object);
    return copy;
}

static void failure_format_time(int64_t at, char *ret_text, size_t size)
{
    time_t seconds = (time_t)at;
    struct tm local;

    if (localtime_r(&seconds, &local) == NULL || strftime(ret_text, size, "%Y-%m-%d %H:%M:%S", &local) == 0)
        ret_text[0] = '\0';
}

static int64_t failure_integer(json_object *object, const char *member)
{
    json_object *value;

    return json_object_object_get_ex(object, member, &value) ? json_object_get_int64(value) : 0;
}

void jt_failure_add_since(const struct jt_entry *entry, jeton_error **error)
{
    char since[32];

    if (entry->failures < 2)
        return;
    failure_format_time(entry->failed_at, since, sizeof(since));
    jt_error_suffix(error, " (failing since %s)", since);
}

/* Seconds until the next try; JT_NEVER: not before configuration or token change. */
static int64_t failure_left_s(const struct jt_entry *entry, json_object *object)
{
    struct jt_anchor anchor = {.at = failure_integer(object, "at"),
                               .boot_ms = failure_integer(object, "boot_ms"),
                               .boot_id = failure_integer(object, "boot_id")};
    struct jt_clock clock = jt_clock_read();
    int64_t now = jt_lifetime_now(&anchor, &clock);

    if (entry->retry_at == JT_NEVER)
        return JT_NEVER;
    return entry->retry_at > now && entry->retry_at - now < FUTURE_MAX_S ? entry->retry_at - now : 0;
}

static void failure_to_error(const struct jt_call *call, const struct jt_entry *entry, json_object *object,
                             int64_t left_s, jeton_error **ret_error)
{
    const char *message = failure_text(object, "message"), *hint = failure_text(object, "hint");
    char since[32];

    failure_format_time(entry->failed_at, since, sizeof(since));
    (void)jt_error_set(ret_error,
                       failure_is_worth_keeping(entry->failure_status) ? entry->failure_status : JETON_TRY_LATER,
                       "%s (since %s; not asked again %s)", message != NULL ? message : "the last try failed", since,
                       left_s == JT_NEVER ? "until the configuration or the token changes" : "yet");
    jt_error_set_name(ret_error, call->name.full);
    jt_error_set_provider(ret_error, failure_text(object, "error"), failure_text(object, "error_description"),
                          (int)failure_integer(object, "http_status"), left_s == JT_NEVER ? -1 : left_s);
    if (hint != NULL)
        jt_error_set_hint(ret_error, "%s", hint);
    else
        jt_error_set_hint(ret_error, "to try at once: jeton acquire %s", call->name.full);
}

int jt_failure_blocks(const struct jt_call *call, const struct jt_entry *entry, jeton_error **ret_error)
{
    json_object *object;
    int64_t left_s;
    int status = jt_failure_memory_blocks(call->ctx->failures, call->key, ret_error);

    if (status != JETON_OK)
        return status;
    if (entry->failures <= 0 || entry->retry_at == 0 || entry->config_digest != jt_account_digest(call->account))
        return JETON_OK;
    object = failure_parse(entry->failure);
    left_s = failure_left_s(entry, object);
    if (left_s > 0 && ret_error != NULL)
        failure_to_error(call, entry, object, left_s, ret_error);
    (void)json_object_put(object);
    if (left_s <= 0)
        return JETON_OK;
    return failure_is_worth_keeping(entry->failure_status) ? entry->failure_status : JETON_TRY_LATER;
}
