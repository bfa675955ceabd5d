/* SPDX-License-Identifier: MIT */
/* What every file of the core leans on: cleanup bound to variables, growing buffers, errors. It knows nothing of
 * tokens, files or the network. */
#ifndef JT_BASE_H
#define JT_BASE_H

#include <jeton/jeton.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JT_MUST_CHECK    __attribute__((warn_unused_result))
#define JT_PRINTF(f, a)  __attribute__((format(printf, f, a)))
#define JT_CLEANUP(func) __attribute__((cleanup(func)))
#define JT_LEN(array)    (sizeof(array) / sizeof((array)[0]))

/* Hands a pointer over: the variable is NULL afterwards. */
#define jt_take(pointer)                                                                                               \
    __extension__({                                                                                                    \
        __typeof__(*(pointer)) jt_t = *(pointer);                                                                      \
        *(pointer) = NULL;                                                                                             \
        jt_t;                                                                                                          \
    })

/* The promised limits. */
#define JT_NAME_MAX     255u
#define JT_SETTING_MAX  (64u * 1024u)
#define JT_RESPONSE_MAX (1024u * 1024u)
#define JT_JSON_DEPTH   32
#define JT_TOKEN_MAX    (64u * 1024u)
#define JT_HEADERS_MAX  (64u * 1024u)
#define JT_RETRY_MAX_S  86400 /* no provider's Retry-After keeps jeton from asking for longer than a day */
#define JT_TABLE_MAX    (64u * 1024u)
#define JT_REQUESTS_MAX 16u
#define JT_NEVER        INT64_MAX

/* Wipes and frees a NUL-terminated string and leaves NULL; takes NULL. For secrets. */
void jt_str_wipe(char **string);
/* Frees a string that is no secret. */
void jt_str_free(char **string);
void jt_fd_close(int *fd);
void jt_wipe(void *memory, size_t len);

#define JT_AUTO_STR    JT_CLEANUP(jt_str_free)
#define JT_AUTO_SECRET JT_CLEANUP(jt_str_wipe)
#define JT_AUTO_FD     JT_CLEANUP(jt_fd_close)
#define JT_AUTO_BUF    JT_CLEANUP(jt_buf_done)
#define JT_AUTO_ERROR  JT_CLEANUP(jeton_error_free)

/* First in every function of the interface that may wait: until it returns, the thread is not cancelled. */
int jt_cancel_off(void);
void jt_cancel_restore(const int *before);
#define JT_UNCANCELLED                                                                                                 \
    __attribute__((unused)) JT_CLEANUP(jt_cancel_restore) const int jt_cancel_before = jt_cancel_off()

/* A growing buffer with a cap, always NUL-terminated behind len; old copies are wiped when it grows and when it ends.
 * After a failed append (`failed`: over the cap, or no memory) further appends do nothing. */
struct jt_buf {
    char *data; /* NULL while empty */
    size_t len;
    size_t size;
    size_t cap;
    bool failed;
};
#define JT_BUF_INIT(limit) ((struct jt_buf){.cap = (limit)})

void jt_buf_done(struct jt_buf *buf);
void jt_buf_reset(struct jt_buf *buf); /* empties and wipes, keeps the memory */
void jt_buf_add(struct jt_buf *buf, const void *data, size_t len);
void jt_buf_puts(struct jt_buf *buf, const char *string);
void jt_buf_printf(struct jt_buf *buf, const char *format, ...) JT_PRINTF(2, 3);
void jt_buf_vprintf(struct jt_buf *buf, const char *format, va_list args) JT_PRINTF(2, 0);
const char *jt_buf_str(const struct jt_buf *buf); /* "" while empty; never NULL */
char *jt_buf_take(struct jt_buf *buf);            /* the caller's; NULL when failed or out of memory */

/* Formats into memory of its own; NULL: out of memory. */
char *jt_printf(const char *format, ...) JT_PRINTF(1, 2) JT_MUST_CHECK;
char *jt_strdup(const char *string) JT_MUST_CHECK; /* NULL stays NULL */

/* An error object. Functions that make one return its status, so that `return jt_error_set(…)` is the idiom. ret_error
 * may be NULL. Out of memory yields a constant object. */
int jt_error_set(jeton_error **ret_error, int status, const char *format, ...) JT_PRINTF(3, 4);
int jt_error_no_memory(jeton_error **ret_error); /* JETON_TRY_LATER */
/* Adds to an error that exists already (NULL: does nothing). Each replaces what was there. */
void jt_error_set_name(jeton_error **error, const char *token_name);
void jt_error_set_hint(jeton_error **error, const char *format, ...) JT_PRINTF(2, 3);
void jt_error_set_provider(jeton_error **error, const char *code, const char *description, int http_status,
                           int64_t retry_after_s);
void jt_error_set_retry_after(jeton_error **error, int64_t retry_after_s);
/* Puts "where: " before the message. */
void jt_error_prefix(jeton_error **error, const char *format, ...) JT_PRINTF(2, 3);
/* Puts the text behind the message. */
void jt_error_suffix(jeton_error **error, const char *format, ...) JT_PRINTF(2, 3);
jeton_error *jt_error_copy(const jeton_error *error);
/* Hands the error to *ret_error, or frees it when ret_error is NULL. Returns the status. */
int jt_error_give(jeton_error **ret_error, jeton_error **error);

/* The nearest of count names to a misspelt one, by edit distance; NULL: none is near. */
const char *jt_suggest(const char *wrong, const char *const *names, size_t count);

/* Clocks. Wall time in seconds; boot time in milliseconds, which counts suspend and never jumps. */
int64_t jt_now(void);
int64_t jt_boot_ms(void);
/* As jt_boot_ms, for a fraction of its price, and up to a tick of the kernel's (10 ms) behind it. */
int64_t jt_boot_ms_quick(void);
/* Names this boot of the machine, for which jt_boot_ms counts; 0: cannot be known. */
int64_t jt_boot_id(void);
struct jt_clock {
    int64_t now;     /* wall clock */
    int64_t boot_ms; /* jt_boot_ms */
    int64_t boot_id; /* jt_boot_id */
};
struct jt_clock jt_clock_read(void);

#endif
