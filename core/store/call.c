/* SPDX-License-Identifier: MIT */
/* One call of a store engine: the host table of <jeton/store.h> that is lent to it, and turning its failures into
 * errors. */
#include "store/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCE_MAX 4096u /* holds the longest path twice */

static char *call_format(const char *format, va_list args)
{
    struct jt_buf text = JT_BUF_INIT(SENTENCE_MAX);

    jt_buf_vprintf(&text, format, args);
    if (text.failed) {
        jt_buf_done(&text);
        return NULL;
    }
    return jt_buf_take(&text);
}

static int host_fail(struct jeton_store_call *call, int status, const char *format, ...)
{
    JT_AUTO_STR char *text = NULL;
    va_list args;

    if (call->error != NULL)
        return jeton_error_status(call->error);
    va_start(args, format);
    text = call_format(format, args);
    va_end(args);
    if (status == JETON_OK)
        status = JETON_INTERNAL;
    return text != NULL ? jt_error_set(&call->error, status, "%s", text) : jt_error_no_memory(&call->error);
}

static int host_fail_errno(struct jeton_store_call *call, int error, const char *format, ...)
{
    JT_AUTO_STR char *text = NULL;
    va_list args;

    if (call->error != NULL)
        return jeton_error_status(call->error);
    va_start(args, format);
    text = call_format(format, args);
    va_end(args);
    return text != NULL ? jt_error_errno(&call->error, error, "%s", text) : jt_error_no_memory(&call->error);
}

static int64_t host_deadline_ms(struct jeton_store_call *call)
{
    return call->deadline_ms;
}

static const char *host_setting(struct jeton_store_call *call, const char *name)
{
    return call->settings != NULL ? jt_fields_get(call->settings, name) : NULL;
}

static int host_setting_integer(struct jeton_store_call *call, const char *name, int64_t *ret)
{
    const char *text = host_setting(call, name);

    return text != NULL && jt_value_integer(text, ret) ? 1 : 0;
}

static int64_t host_now(const struct jeton_store_host *host)
{
    (void)host;
    return jt_now();
}

static int64_t host_boot_ms(const struct jeton_store_host *host)
{
    (void)host;
    return jt_boot_ms();
}

static void host_log(const struct jeton_store_host *host, int level, const char *format, ...)
{
    const struct jt_store_host *mine = (const struct jt_store_host *)(const void *)host; /* its first member */
    JT_AUTO_STR char *text = NULL;
    va_list args;

    va_start(args, format);
    text = call_format(format, args);
    va_end(args);
    if (text != NULL)
        jt_log_write(mine->log, level, "%s", text);
}

static int host_check_directory(struct jeton_store_call *call, const char *path, int *ret_there)
{
    bool there = false;
    int status = jt_trust_check_directory(path, &there, call->error == NULL ? &call->error : NULL);

    if (status == JETON_OK)
        *ret_there = there;
    return status;
}

/* Whoever can write to the directory can put another file in the place of this one. */
static int check_parent(struct jeton_store_call *call, const char *path)
{
    JT_AUTO_STR char *dir = jt_file_directory_of(path);
    int there;

    if (dir == NULL)
        return jt_error_no_memory(call->error == NULL ? &call->error : NULL);
    return host_check_directory(call, dir, &there);
}

static int host_check_file(struct jeton_store_call *call, const char *path, int *ret_there)
{
    bool there = false;
    int status = check_parent(call, path);

    if (status == JETON_OK)
        status = jt_trust_check_file(path, &there, call->error == NULL ? &call->error : NULL);
    if (status == JETON_OK)
        *ret_there = there;
    return status;
}

static int host_open_file(struct jeton_store_call *call, const char *path, int flags, int *ret_fd)
{
    int status = check_parent(call, path);

    return status == JETON_OK ? jt_trust_open_file(path, flags, ret_fd, call->error == NULL ? &call->error : NULL)
                              : status;
}

void jt_store_host_init(struct jt_store_host *host, struct jt_log *log)
{
    *host = (struct jt_store_host){
        .table = {.struct_size = sizeof(host->table),
                  .abi_minor = JETON_STORE_ABI_MINOR,
                  .fail = host_fail,
                  .fail_errno = host_fail_errno,
                  .deadline_ms = host_deadline_ms,
                  .setting = host_setting,
                  .setting_integer = host_setting_integer,
                  .now = host_now,
                  .boot_ms = host_boot_ms,
                  .log = host_log,
                  .check_directory = host_check_directory,
                  .check_file = host_check_file,
                  .open_file = host_open_file},
        .log = log,
    };
}

struct jeton_store_call jt_store_call_new(int64_t timeout_ms)
{
    struct jeton_store_call call = {.deadline_ms = JETON_STORE_NEVER};

    if (timeout_ms >= 0 && __builtin_add_overflow(jt_boot_ms(), timeout_ms, &call.deadline_ms))
        call.deadline_ms = JETON_STORE_NEVER;
    return call;
}

int jt_store_call_end(struct jeton_store_call *call, int status, const char *engine, jeton_error **ret_error)
{
    if (status == JETON_OK) {
        jeton_error_free(&call->error);
        return JETON_OK;
    }
    if (call->error != NULL)
        return jt_error_give(ret_error, &call->error);
    return jt_error_set(ret_error, JETON_INTERNAL,
                        "the store engine %s failed with status %d and did not say why: it is broken", engine, status);
}
