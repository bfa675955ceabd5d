/* SPDX-License-Identifier: MIT */
/* Attributes for declarations, cleanup bound to variables, and the limits that jeton promises. */
#ifndef JT_BASE_CLEANUP_H
#define JT_BASE_CLEANUP_H

#include <jeton/jeton.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JT_MUST_CHECK    __attribute__((warn_unused_result))
#define JT_PRINTF(f, a)  __attribute__((format(printf, f, a)))
#define JT_CLEANUP(func) __attribute__((cleanup(func)))
#define JT_LEN(array)    (sizeof(array) / sizeof((array)[0]))

/* Returns the pointer and sets the variable to NULL, so that ownership has visibly moved. */
#define jt_take(pointer)                                                                                               \
    __extension__({                                                                                                    \
        __typeof__(*(pointer)) jt_t = *(pointer);                                                                      \
        *(pointer) = NULL;                                                                                             \
        jt_t;                                                                                                          \
    })

/* The limits that jeton promises. */
#define JT_NAME_MAX     255u
#define JT_SETTING_MAX  (64u * 1024u)
#define JT_RESPONSE_MAX (1024u * 1024u)
#define JT_JSON_DEPTH   32
#define JT_TOKEN_MAX    (64u * 1024u)
#define JT_HEADERS_MAX  (64u * 1024u)
#define JT_RETRY_MAX_S  86400 /* a longer Retry-After counts as one day */
#define JT_TABLE_MAX    (64u * 1024u)
#define JT_REQUESTS_MAX 16u
#define JT_NEVER        INT64_MAX

void jt_wipe(void *memory, size_t len);
/* For secrets: wipes and frees a NUL-terminated string, and sets it to NULL. Accepts NULL. */
void jt_str_wipe(char **string);
/* The same for a string that is no secret, without the wiping. */
void jt_str_free(char **string);
void jt_fd_close(int *fd);

#define JT_AUTO_STR    JT_CLEANUP(jt_str_free)
#define JT_AUTO_SECRET JT_CLEANUP(jt_str_wipe)
#define JT_AUTO_FD     JT_CLEANUP(jt_fd_close)

/* JT_UNCANCELLED is the first line of every public function that may wait: the thread cannot be cancelled until the
 * function returns. */
int jt_cancel_off(void);
void jt_cancel_restore(const int *before);
#define JT_UNCANCELLED                                                                                                 \
    __attribute__((unused)) JT_CLEANUP(jt_cancel_restore) const int jt_cancel_before = jt_cancel_off()

#endif
