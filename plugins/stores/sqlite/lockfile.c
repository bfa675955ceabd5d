/* SPDX-License-Identifier: MIT */
/* <path>-lease, open for the locks that lie on it. The kernel gives these locks to the open file and not to the
 * process, so a forked child would keep the locks of a parent that is killed: it never lets a child keep one open. */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t open_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct jt_store_lockfile *open_files;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void fork_begin(void)
{
    (void)pthread_mutex_lock(&open_mutex);
}

static void fork_in_parent(void)
{
    (void)pthread_mutex_unlock(&open_mutex);
}

static void fork_in_child(void)
{
    for (struct jt_store_lockfile *file = open_files; file != NULL; file = file->next)
        jt_fd_close(&file->fd);
    open_files = NULL;
    (void)pthread_mutex_unlock(&open_mutex);
}

static void fork_watch(void)
{
    (void)pthread_atfork(fork_begin, fork_in_parent, fork_in_child);
}

/* Called with the mutex held: no fork comes between the opening and the note of it. */
static int lockfile_open(struct jt_store_lockfile *file, const char *path, struct jt_why *why)
{
    JT_AUTO_FD int fd = -1;
    struct stat info;
    int status = jt_store_files_open(path, "-lease", O_RDWR | O_CREAT, &fd, why);

    if (status != JETON_OK)
        return status;
    if (fstat(fd, &info) != 0)
        return jt_store_say(why, JETON_TRY_LATER, "%s-lease: %s", path, strerror(errno));
    file->fd = fd;
    fd = -1;
    file->dev = info.st_dev;
    file->ino = info.st_ino;
    file->next = open_files;
    open_files = file;
    return JETON_OK;
}

int jt_store_lockfile_open(struct jt_store_lockfile *file, const char *path, struct jt_why *why)
{
    int status = JETON_OK;

    (void)pthread_once(&fork_once, fork_watch);
    (void)pthread_mutex_lock(&open_mutex);
    if (file->fd < 0)
        status = lockfile_open(file, path, why);
    (void)pthread_mutex_unlock(&open_mutex);
    return status;
}

void jt_store_lockfile_close(struct jt_store_lockfile *file)
{
    struct jt_store_lockfile **link = &open_files;

    (void)pthread_mutex_lock(&open_mutex);
    while (*link != NULL && *link != file)
        link = &(*link)->next;
    if (*link == file)
        *link = file->next;
    jt_fd_close(&file->fd);
    (void)pthread_mutex_unlock(&open_mutex);
}

bool jt_store_lockfile_is_current(const struct jt_store_lockfile *file, const char *path)
{
    struct stat theirs;

    return jt_store_files_stat(path, "-lease", &theirs) && theirs.st_dev == file->dev && theirs.st_ino == file->ino;
}
