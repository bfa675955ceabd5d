/* SPDX-License-Identifier: MIT */
/* What the host lends but for files: errors, deadlines, settings, clocks, the log. */
#include "host.h"
#include "files.h"
#include "settings.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t host_machine_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void call_breach(jeton_store_call *call, const char *what, const char *detail)
{
    if (call->breach[0] == '\0')
        (void)snprintf(call->breach, sizeof(call->breach), "%s%s", what, detail);
}

__attribute__((format(printf, 4, 0))) static int call_fail(jeton_store_call *call, int status, const char *words,
                                                           const char *format, va_list args)
{
    int len;

    if (status == JETON_OK)
        call_breach(call, "the engine called fail with JETON_OK", "");
    if (call->status != JETON_OK)
        return status;
    call->status = status;
    len = vsnprintf(call->sentence, sizeof(call->sentence), format, args);
    if (words != NULL && len >= 0 && (size_t)len < sizeof(call->sentence))
        (void)snprintf(call->sentence + len, sizeof(call->sentence) - (size_t)len, ": %s", words);
    return status;
}

static int host_fail(jeton_store_call *call, int status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    status = call_fail(call, status, NULL, format, args);
    va_end(args);
    return status;
}

static int host_status_of(int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
        return JETON_NOT_PERMITTED;
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case EISDIR:
    case ENAMETOOLONG:
    case EINVAL:
        return JETON_CONFIG;
    default:
        return JETON_TRY_LATER;
    }
}

static int host_fail_errno(jeton_store_call *call, int error, const char *format, ...)
{
    va_list args;
    int status;

    va_start(args, format);
    status = call_fail(call, host_status_of(error), strerror(error), format, args);
    va_end(args);
    return status;
}

static int64_t host_deadline_ms(jeton_store_call *call)
{
    return call->deadline_ms;
}

static const char *host_setting(jeton_store_call *call, const char *name)
{
    char *value;

    if (!call->opening)
        call_breach(call, "the engine asked for a setting outside of open: ", name);
    if (!settings_declared(name)) {
        call_breach(call, "the engine asked for a setting that it does not declare: ", name);
        return NULL;
    }
    value = settings_value(name);
    if (value != NULL && call->lent_count == HOST_LENT_MAX)
        abort();
    if (value != NULL)
        call->lent[call->lent_count++] = value;
    return value;
}

static int host_setting_integer(jeton_store_call *call, const char *name, int64_t *ret)
{
    const char *value = host_setting(call, name);

    if (value == NULL)
        return 0;
    *ret = strtoll(value, NULL, 10);
    return 1;
}

static int64_t host_now(const struct jeton_store_host *table)
{
    (void)table;
    return (int64_t)time(NULL);
}

static int64_t host_boot_ms(const struct jeton_store_host *table)
{
    return host_machine_ms() + ((const struct host *)(const void *)table)->boot_ahead_ms;
}

static void host_log(const struct jeton_store_host *table, int level, const char *format, ...)
{
    va_list args;

    (void)level;
    atomic_fetch_add(&((struct host *)(uintptr_t)table)->log_lines, 1);
    va_start(args, format);
    (void)printf("# log: ");
    (void)vprintf(format, args);
    (void)printf("\n");
    va_end(args);
}

void host_init(struct host *host, int64_t boot_ahead_ms)
{
    *host = (struct host){
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
                  .check_directory = files_check_directory,
                  .check_file = files_check_file,
                  .open_file = files_open},
        .boot_ahead_ms = boot_ahead_ms,
    };
}

struct jeton_store_call host_call(struct host *host, int64_t wait_ms)
{
    return (struct jeton_store_call){
        .host = host,
        .deadline_ms = wait_ms == HOST_NEVER ? JETON_STORE_NEVER : host_boot_ms(&host->table) + wait_ms,
    };
}

/* Overwritten first: an engine that kept a pointer shall not find what it hopes for. */
void host_call_done(struct jeton_store_call *call)
{
    for (size_t i = 0; i < call->lent_count; i++) {
        memset(call->lent[i], '#', strlen(call->lent[i]));
        free(call->lent[i]);
    }
    call->lent_count = 0;
}
