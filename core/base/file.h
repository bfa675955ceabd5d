/* SPDX-License-Identifier: MIT */
/* Reading and writing whole files, and telling whether one has changed. */
#ifndef JT_BASE_FILE_H
#define JT_BASE_FILE_H

#include "base/buf.h"
#include <sys/stat.h>

/* Writes all of it, however often the system takes only a part or a signal comes in between. 0, or the errno. */
int JT_MUST_CHECK jt_file_write_all(int fd, const void *data, size_t len);
/* Adds what is there until the end of the file. 0, or the errno. buf->failed: it holds more than the buffer's cap. */
int JT_MUST_CHECK jt_file_read_all(int fd, struct jt_buf *buf);
/* Makes what was created, renamed or removed in a directory outlive a loss of power. 0, or the errno. */
int JT_MUST_CHECK jt_file_sync_directory(const char *directory);
/* "/etc/jeton/key" is in "/etc/jeton", "key" in "."; NULL: out of memory. */
char *jt_file_directory_of(const char *path) JT_MUST_CHECK;

/* A number that changes when the file does: from its identity, size and times. Never 0. */
uint64_t jt_file_stamp(const struct stat *st);
uint64_t jt_file_stamp_at(const char *path); /* follows links; 0: cannot be looked at */

#endif
