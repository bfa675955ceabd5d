/* SPDX-License-Identifier: MIT */
/* The error object. Without memory for a new one, a constant object is given out, so that a caller that asked for an
 * error always gets one. */
#include "base/error.h"
#include "base/buf.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct jeton_error {
    bool constant; /* never written to or freed; a flag, since each shared object has a constant of its own */
    int status;
    int http_status;
    int64_t retry_after_s;
    char *message;
    char *name;
    char *code;
    char *description;
    char *hint;
};

/* Given out when there is no memory for a new object. */
static jeton_error out_of_memory = {
    .constant = true,
    .status = JETON_TRY_LATER,
    .retry_after_s = -1,
    .message = (char *)(uintptr_t) "out of memory",
};

static bool error_is_own(jeton_error *const *error)
{
    return error != NULL && *error != NULL && !(*error)->constant;
}

static void error_replace(char **member, char *value)
{
    if (value == NULL)
        return;
    free(*member);
    *member = value;
}

int jt_error_no_memory(jeton_error **ret_error)
{
    if (ret_error != NULL)
        *ret_error = &out_of_memory;
    return JETON_TRY_LATER;
}

int jt_error_vset(jeton_error **ret_error, int status, const char *format, va_list args)
{
    struct jt_buf message = JT_BUF_INIT(JT_RESPONSE_MAX);
    jeton_error *error;

    if (ret_error == NULL)
        return status;
    error = calloc(1, sizeof(*error));
    if (error == NULL) {
        *ret_error = &out_of_memory;
        return status;
    }
    jt_buf_vprintf(&message, format, args);
    error->status = status;
    error->retry_after_s = -1;
    error->message = jt_buf_take(&message);
    jt_buf_done(&message);
    if (error->message == NULL) {
        free(error);
        error = &out_of_memory;
    }
    *ret_error = error;
    return status;
}

int jt_error_set(jeton_error **ret_error, int status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    status = jt_error_vset(ret_error, status, format, args);
    va_end(args);
    return status;
}

void jt_error_set_name(jeton_error **error, const char *token_name)
{
    if (error_is_own(error))
        error_replace(&(*error)->name, jt_strdup(token_name));
}

void jt_error_set_hint(jeton_error **error, const char *format, ...)
{
    struct jt_buf hint = JT_BUF_INIT(JT_RESPONSE_MAX);
    va_list args;

    if (!error_is_own(error))
        return;
    va_start(args, format);
    jt_buf_vprintf(&hint, format, args);
    va_end(args);
    error_replace(&(*error)->hint, jt_buf_take(&hint));
    jt_buf_done(&hint);
}

void jt_error_set_provider(jeton_error **error, const char *code, const char *description, int http_status,
                           int64_t retry_after_s)
{
    if (!error_is_own(error))
        return;
    error_replace(&(*error)->code, jt_strdup(code));
    error_replace(&(*error)->description, jt_strdup(description));
    (*error)->http_status = http_status;
    (*error)->retry_after_s = retry_after_s;
}

void jt_error_set_retry_after(jeton_error **error, int64_t retry_after_s)
{
    if (error_is_own(error))
        (*error)->retry_after_s = retry_after_s;
}

void jt_error_prefix(jeton_error **error, const char *format, ...)
{
    struct jt_buf message = JT_BUF_INIT(JT_RESPONSE_MAX);
    va_list args;

    if (!error_is_own(error))
        return;
    va_start(args, format);
    jt_buf_vprintf(&message, format, args);
    va_end(args);
    jt_buf_puts(&message, ": ");
    jt_buf_puts(&message, (*error)->message);
    error_replace(&(*error)->message, jt_buf_take(&message));
    jt_buf_done(&message);
}

void jt_error_suffix(jeton_error **error, const char *format, ...)
{
    struct jt_buf message = JT_BUF_INIT(JT_RESPONSE_MAX);
    va_list args;

    if (!error_is_own(error))
        return;
    jt_buf_puts(&message, (*error)->message);
    va_start(args, format);
    jt_buf_vprintf(&message, format, args);
    va_end(args);
    error_replace(&(*error)->message, jt_buf_take(&message));
    jt_buf_done(&message);
}

int jt_error_verrno(jeton_error **ret_error, int error, const char *format, va_list args)
{
    const char *advice = jt_errno_advice(error);
    char room[128];
    int status = jt_error_vset(ret_error, jt_errno_status(error), format, args);

    jt_error_suffix(ret_error, ": %s", strerror_r(error, room, sizeof(room)));
    if (error == EACCES || error == EPERM)
        jt_error_suffix(ret_error, " for user %u", (unsigned)geteuid());
    if (advice != NULL)
        jt_error_suffix(ret_error, " (%s)", advice);
    return status;
}

int jt_error_errno(jeton_error **ret_error, int error, const char *format, ...)
{
    va_list args;
    int status;

    va_start(args, format);
    status = jt_error_verrno(ret_error, error, format, args);
    va_end(args);
    return status;
}

jeton_error *jt_error_copy(const jeton_error *error)
{
    jeton_error *copy = NULL;

    if (error == NULL)
        return NULL;
    (void)jt_error_set(&copy, error->status, "%s", error->message);
    jt_error_set_name(&copy, error->name);
    jt_error_set_provider(&copy, error->code, error->description, error->http_status, error->retry_after_s);
    if (error->hint != NULL)
        jt_error_set_hint(&copy, "%s", error->hint);
    return copy;
}

int jt_error_give(jeton_error **ret_error, jeton_error **error)
{
    int status = jeton_error_status(*error);

    if (ret_error != NULL)
        *ret_error = jt_take(error);
    else
        jeton_error_free(error);
    return status;
}

void jeton_error_free(jeton_error **error)
{
    if (error == NULL)
        return;
    if (error_is_own(error)) {
        free((*error)->message);
        free((*error)->name);
        free((*error)->code);
        free((*error)->description);
        free((*error)->hint);
        free(*error);
    }
    *error = NULL;
}

int jeton_error_status(const jeton_error *error)
{
    return error != NULL ? error->status : JETON_OK;
}

const char *jeton_error_message(const jeton_error *error)
{
    return error != NULL ? error->message : "no error";
}

const char *jeton_error_name(const jeton_error *error)
{
    return error != NULL ? error->name : NULL;
}

const char *jeton_error_code(const jeton_error *error)
{
    return error != NULL ? error->code : NULL;
}

const char *jeton_error_description(const jeton_error *error)
{
    return error != NULL ? error->description : NULL;
}

const char *jeton_error_hint(const jeton_error *error)
{
    return error != NULL ? error->hint : NULL;
}

int jeton_error_http_status(const jeton_error *error)
{
    return error != NULL ? error->http_status : 0;
}

int64_t jeton_error_retry_after(const jeton_error *error)
{
    return error != NULL ? error->retry_after_s : -1;
}
