/* SPDX-License-Identifier: MIT */
/* The findings of a check, and turning them into one error for a caller that takes no list. */
#include "config/findings.h"
#include <stdlib.h>
#include <string.h>

#define FINDINGS_HINTS_MAX 4u

static void finding_done(struct jt_finding *finding)
{
    free(finding->file);
    free(finding->message);
    free(finding->account);
}

void jt_findings_done(struct jt_findings *findings)
{
    for (size_t i = 0; i < findings->len; i++)
        finding_done(&findings->items[i]);
    free(findings->items);
    *findings = (struct jt_findings){0};
}

static bool findings_make_room(struct jt_findings *findings)
{
    size_t size = findings->size == 0 ? 8 : findings->size * 2;
    struct jt_finding *items;

    if (findings->len < findings->size)
        return true;
    items = reallocarray(findings->items, size, sizeof(*items));
    if (items == NULL)
        return false;
    findings->items = items;
    findings->size = size;
    return true;
}

int jt_findings_vadd(struct jt_findings *findings, const char *account, const char *file, int line,
                     jeton_error **ret_error, const char *format, va_list args)
{
    JT_AUTO_BUF struct jt_buf message = JT_BUF_INIT(JT_RESPONSE_MAX);
    struct jt_finding finding = {.file = jt_strdup(file), .line = line, .account = jt_strdup(account)};

    jt_buf_vprintf(&message, format, args);
    finding.message = jt_buf_take(&message);
    if (finding.message == NULL || (file != NULL && finding.file == NULL) ||
        (account != NULL && finding.account == NULL) || !findings_make_room(findings)) {
        finding_done(&finding);
        return jt_error_no_memory(ret_error);
    }
    findings->items[findings->len++] = finding;
    return JETON_OK;
}

int jt_findings_add(struct jt_findings *findings, const char *account, const char *file, int line,
                    jeton_error **ret_error, const char *format, ...)
{
    va_list args;
    int status;

    va_start(args, format);
    status = jt_findings_vadd(findings, account, file, line, ret_error, format, args);
    va_end(args);
    return status;
}

int jt_findings_add_error(struct jt_findings *findings, const char *account, const char *file, int line,
                          const jeton_error *error, jeton_error **ret_error)
{
    const char *message = jeton_error_message(error), *hint = jeton_error_hint(error);
    size_t file_len = file != NULL ? strlen(file) : 0;

    if (file_len > 0 && strncmp(message, file, file_len) == 0 && message[file_len] == ':') {
        char *end;
        long at = strtol(message + file_len + 1, &end, 10);

        if (end != message + file_len + 1 && *end == ':') {
            line = (int)at;
            message = end + 1;
        } else {
            message += file_len + 1;
        }
    } else if (file_len > 0 && strncmp(message, file, file_len) == 0 && message[file_len] == ' ') {
        message += file_len;
    }
    message += strspn(message, " ");
    return jt_findings_add(findings, account, file, line, ret_error, "%s%s%s", message, hint != NULL ? "; " : "",
                           hint != NULL ? hint : "");
}

bool jt_findings_concern(const struct jt_findings *findings, const char *account)
{
    for (size_t i = 0; i < findings->len; i++)
        if (findings->items[i].account == NULL || strcmp(findings->items[i].account, account) == 0)
            return true;
    return false;
}

/* "file:line: message", as compilers and editors write it. */
static void finding_print(const struct jt_finding *finding, struct jt_buf *buf)
{
    if (finding->file != NULL && finding->line > 0)
        jt_buf_printf(buf, "%s:%d: ", finding->file, finding->line);
    else if (finding->file != NULL)
        jt_buf_printf(buf, "%s: ", finding->file);
    jt_buf_puts(buf, finding->message);
}

int jt_findings_error(const struct jt_findings *findings, const char *account, jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf first = JT_BUF_INIT(JT_RESPONSE_MAX);
    JT_AUTO_BUF struct jt_buf others = JT_BUF_INIT(JT_RESPONSE_MAX);
    size_t count = 0;

    for (size_t i = 0; i < findings->len; i++) {
        const struct jt_finding *finding = &findings->items[i];

        if (account != NULL && finding->account != NULL && strcmp(finding->account, account) != 0)
            continue;
        if (count == 0)
            finding_print(finding, &first);
        else if (count <= FINDINGS_HINTS_MAX) {
            jt_buf_puts(&others, count == 1 ? "also wrong: " : "; ");
            finding_print(finding, &others);
        }
        count++;
    }
    if (count > FINDINGS_HINTS_MAX + 1)
        jt_buf_printf(&others, "; and %zu more: jeton check", count - FINDINGS_HINTS_MAX - 1);
    if (count > 0)
        (void)jt_error_set(ret_error, JETON_CONFIG, "%s", jt_buf_str(&first));
    if (others.len > 0)
        jt_error_set_hint(ret_error, "%s", jt_buf_str(&others));
    return count > 0 ? JETON_CONFIG : JETON_OK;
}
