/* SPDX-License-Identifier: MIT */
/* The log: sends lines to where they are configured to go, and first replaces the secrets in them, percent-encoded ones
 * included. */
#include "base/log.h"
#include "base/buf.h"
#include "base/guarded.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LOG_LINE_MAX   (64u * 1024u)
#define LOG_SECRET_MIN 4u

struct log_secret {
    char *name;
    char *text;     /* guarded */
    unsigned count; /* calls of jt_log_secret, less those of jt_log_forget */
};

struct jt_log {
    int level;
    enum jt_log_to to;
    void (*sink)(void *, int, const char *);
    void *sink_data;
    pthread_mutex_t mutex;
    struct log_secret *secrets;
    size_t secrets_len, secrets_size;
};

int jt_log_new(int level, enum jt_log_to to, void (*sink)(void *, int, const char *), void *sink_data,
               struct jt_log **ret_log, jeton_error **ret_error)
{
    struct jt_log *log = calloc(1, sizeof(*log));

    if (log == NULL)
        return jt_error_no_memory(ret_error);
    log->level = level;
    log->to = to;
    log->sink = sink;
    log->sink_data = sink_data;
    (void)pthread_mutex_init(&log->mutex, NULL);
    *ret_log = log;
    return JETON_OK;
}

static void log_secret_done(struct log_secret *secret)
{
    free(secret->name);
    jt_guarded_free(&secret->text);
}

void jt_log_free(struct jt_log **log)
{
    if (*log == NULL)
        return;
    for (size_t i = 0; i < (*log)->secrets_len; i++)
        log_secret_done(&(*log)->secrets[i]);
    free((*log)->secrets);
    (void)pthread_mutex_destroy(&(*log)->mutex);
    free(*log);
    *log = NULL;
}

bool jt_log_wants(const struct jt_log *log, int level)
{
    return log != NULL && level <= log->level;
}

static struct log_secret *log_secret_find(struct jt_log *log, const char *text)
{
    for (size_t i = 0; i < log->secrets_len; i++)
        if (strcmp(log->secrets[i].text, text) == 0)
            return &log->secrets[i];
    return NULL;
}

static void log_secret_add(struct jt_log *log, const char *name, const char *text)
{
    struct log_secret *secret = log_secret_find(log, text);

    if (secret != NULL) {
        secret->count++;
        return;
    }
    if (log->secrets_len == log->secrets_size) {
        size_t size = log->secrets_size == 0 ? 8 : log->secrets_size * 2;
        struct log_secret *secrets = reallocarray(log->secrets, size, sizeof(*secrets));

        if (secrets == NULL)
            return;
        log->secrets = secrets;
        log->secrets_size = size;
    }
    secret = &log->secrets[log->secrets_len];
    *secret = (struct log_secret){.name = jt_strdup(name), .text = jt_guarded_dup(text, strlen(text)), .count = 1};
    if (secret->name == NULL || secret->text == NULL)
        log_secret_done(secret);
    else
        log->secrets_len++;
}

static void log_secret_remove(struct jt_log *log, const char *text)
{
    struct log_secret *secret = log_secret_find(log, text);

    if (secret == NULL || --secret->count > 0)
        return;
    log_secret_done(secret);
    *secret = log->secrets[--log->secrets_len];
}

static void log_secret_change(struct jt_log *log, const char *name, const char *value, bool add)
{
    if (log == NULL || value == NULL || strlen(value) < LOG_SECRET_MIN)
        return;
    (void)pthread_mutex_lock(&log->mutex);
    if (add)
        log_secret_add(log, name, value);
    else
        log_secret_remove(log, value);
    (void)pthread_mutex_unlock(&log->mutex);
}

void jt_log_secret(struct jt_log *log, const char *name, const char *value)
{
    log_secret_change(log, name, value, true);
}

void jt_log_forget(struct jt_log *log, const char *value)
{
    log_secret_change(log, NULL, value, false);
}

static unsigned log_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

/* The length of the secret in percent-encoding at the beginning of the text; 0: the text does not begin with it. Any of
 * the secret's characters may be encoded, with digits in upper or lower case, and a space also as "+". */
static size_t log_match_encoded(const char *text, const char *secret)
{
    const char *at = text;

    for (; *secret != '\0'; secret++) {
        unsigned high = *at == '%' ? log_hex_digit(at[1]) : 16, low = high < 16 ? log_hex_digit(at[2]) : 16;

        if (low < 16 && (high << 4 | low) == (unsigned char)*secret)
            at += 3;
        else if (low == 16 && (*at == *secret || (*at == '+' && *secret == ' ')))
            at++;
        else
            return 0;
    }
    return (size_t)(at - text);
}

/* The longest secret at the beginning of the text: a secret that begins with a shorter one is replaced as a whole. */
static const struct log_secret *log_secret_at(const struct jt_log *log, const char *text, size_t *ret_len)
{
    const struct log_secret *found = NULL;

    *ret_len = 0;
    for (size_t i = 0; i < log->secrets_len; i++) {
        size_t len = strlen(log->secrets[i].text);

        if (strncmp(text, log->secrets[i].text, len) != 0)
            len = log_match_encoded(text, log->secrets[i].text);
        if (len > *ret_len) {
            found = &log->secrets[i];
            *ret_len = len;
        }
    }
    return found;
}

/* How many bytes to hide. Another secret that begins among the first len bytes is hidden to its own end. */
static size_t log_hidden_len(const struct jt_log *log, const char *text, size_t len)
{
    for (size_t i = 1; i < len; i++) {
        size_t inner_len;

        if (log_secret_at(log, text + i, &inner_len) != NULL && i + inner_len > len)
            len = i + inner_len;
    }
    return len;
}

char *jt_log_redact(struct jt_log *log, const char *text)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(JT_RESPONSE_MAX);

    if (log == NULL)
        return jt_strdup(text);
    (void)pthread_mutex_lock(&log->mutex);
    while (*text != '\0') {
        size_t len;
        const struct log_secret *secret = log_secret_at(log, text, &len);

        if (secret != NULL) {
            jt_buf_printf(&buf, "‹%s›", secret->name);
            len = log_hidden_len(log, text, len);
        } else {
            jt_buf_add(&buf, text, len = 1);
        }
        text += len;
    }
    (void)pthread_mutex_unlock(&log->mutex);
    return jt_buf_take(&buf);
}

/* https://systemd.io/JOURNAL_NATIVE_PROTOCOL/: one datagram of "KEY=value" lines, whose values hold no newline. */
static void log_to_journal(int level, const char *line)
{
    static const struct sockaddr_un journal = {.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket"};
    JT_AUTO_STR char *message = jt_printf("MESSAGE=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=jeton\n", line, level);
    JT_AUTO_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (message == NULL || fd < 0 ||
        sendto(fd, message, strlen(message), MSG_NOSIGNAL, (const struct sockaddr *)&journal, sizeof(journal)) < 0)
        fprintf(stderr, "jeton: %s\n", line);
}

static void log_deliver(struct jt_log *log, int level, const char *line)
{
    if (log->sink != NULL)
        log->sink(log->sink_data, level, line);
    else if (log->to == JT_LOG_SYSLOG)
        syslog(LOG_MAKEPRI(LOG_AUTHPRIV, level), "%s", line);
    else if (log->to == JT_LOG_JOURNAL)
        log_to_journal(level, line);
    else
        fprintf(stderr, "jeton: %s\n", line);
}

void jt_log_write(struct jt_log *log, int level, const char *format, ...)
{
    JT_AUTO_BUF struct jt_buf buf = JT_BUF_INIT(LOG_LINE_MAX);
    JT_AUTO_STR char *line = NULL;
    va_list args;

    if (!jt_log_wants(log, level))
        return;
    va_start(args, format);
    jt_buf_vprintf(&buf, format, args);
    va_end(args);
    line = jt_log_redact(log, buf.failed ? "a log line was too long to be written" : jt_buf_str(&buf));
    if (line == NULL)
        return;
    for (char *p = line; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    log_deliver(log, level, line);
}
