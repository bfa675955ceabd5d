/* SPDX-License-Identifier: MIT */
/* Whole files: writing all of one, reading to its end, syncing its directory, and noticing that it has changed. */
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

int jt_file_write_all(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t written = write(fd, at, len);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        if (written == 0) /* should not happen; an error is better than an endless loop */
            return EIO;
        at += written;
        len -= (size_t)written;
    }
    return 0;
}

int jt_file_read_all(int fd, struct jt_buf *buf)
{
    char chunk[4096];
    int error = 0;
    ssize_t got;

    do {
        got = read(fd, chunk, sizeof(chunk));
        error = got < 0 ? errno : 0;
        if (got > 0)
            jt_buf_add(buf, chunk, (size_t)got);
    } while ((got > 0 && !buf->failed) || error == EINTR);
    jt_wipe(chunk, sizeof(chunk));
    return error;
}

int jt_file_sync_directory(const char *directory)
{
    JT_AUTO_FD int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd >= 0 && fsync(fd) == 0 ? 0 : errno;
}

char *jt_file_directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return jt_strdup(".");
    return slash == path ? jt_strdup("/") : strndup(path, (size_t)(slash - path));
}

/* ctime counts too, since it changes with owner and mode: a chmod may turn a refusal into success. */
uint64_t jt_file_stamp(const struct stat *st)
{
    const int64_t facts[] = {(int64_t)st->st_dev,         (int64_t)st->st_ino,          (int64_t)st->st_size,
                             (int64_t)st->st_mtim.tv_sec, (int64_t)st->st_mtim.tv_nsec, (int64_t)st->st_ctim.tv_sec,
                             (int64_t)st->st_ctim.tv_nsec};
    unsigned char hash[crypto_generichash_BYTES_MIN];
    uint64_t stamp;

    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)facts, sizeof(facts), NULL, 0);
    memcpy(&stamp, hash, sizeof(stamp));
    return stamp != 0 ? stamp : 1;
}

uint64_t jt_file_stamp_at(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? jt_file_stamp(&st) : 0;
}
