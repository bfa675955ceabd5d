/* SPDX-License-Identifier: MIT */
/* Reading and writing whole files, and telling whether one has changed. */
#ifndef JT_BASE_FILE_H
#define JT_BASE_FILE_H

#include "base/buf.h"
#include <sys/stat.h>

/* Writes all the bytes, over short writes and interrupting signals. Returns 0 or the errno. */
int JT_MUST_CHECK jt_file_write_all(int fd, const void *data, size_t len);
/* Appends the rest of the file to the buffer. Returns 0 or the errno. buf->failed: the file has more than the buffer's
 * cap. */
int JT_MUST_CHECK jt_file_read_all(int fd, struct jt_buf *buf);
/* Makes files that were created, renamed or removed in the directory survive a loss of power. Returns 0 or the
 * errno. */
int JT_MUST_CHECK jt_file_sync_directory(const char *directory);
/* "/etc/jeton" for "/etc/jeton/key", "." for "key". NULL: out of memory. */
char *jt_file_directory_of(const char *path) JT_MUST_CHECK;

/* A number that changes when the file changes, made from its identity, size and times. Never 0. */
uint64_t jt_file_stamp(const struct stat *st);
uint64_t jt_file_stamp_at(const char *path); /* follows links; 0: stat failed */

#endif
