/* SPDX-License-Identifier: MIT */
/* The files of a store: where they are, whether they can be written, and turning SQLite's errors into statuses. The
 * host judges who may own and write them. The database file must not be opened here once SQLite uses it: closing it
 * would drop all locks that SQLite has on it in this process (POSIX locks). */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define PATH_LEN_MAX 500         /* SQLite's limit is 512 with the suffixes */
#define DATABASE_MIN 512         /* the smallest page of an SQLite database */
#define ROOM_MIN     (64 * 1024) /* for a row or two in the log, and writes beside it */
#define ROOM_PROVEN  (256 * 1024)

void jt_sqlite_fd_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* Joins path and suffix. If they do not fit, the name is "", which no file has. */
static void files_name(const char *path, const char *suffix, char ret_file[PATH_MAX])
{
    const size_t path_len = strlen(path), suffix_size = strlen(suffix) + 1;

    ret_file[0] = '\0';
    if (path_len + suffix_size > PATH_MAX)
        return;
    memcpy(ret_file, path, path_len);
    memcpy(ret_file + path_len, suffix, suffix_size);
}

static char *files_dir(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static void files_free(char **string)
{
    free(*string);
}

const char *jt_sqlite_place(const struct jt_sqlite_store *store)
{
    const char *path = atomic_load(&store->path);

    return path != NULL ? path : store->location;
}

static int fail_no_store(const struct jt_sqlite_store *store, jeton_store_call *call)
{
    return store->host->fail(call, JETON_CONFIG,
                             "%s is not a jeton store (no SQLite database): correct `store.path` in jeton.conf, or "
                             "move the file away and run `jeton init`",
                             jt_sqlite_place(store));
}

static int files_resolve(const struct jt_sqlite_store *store, jeton_store_call *call, char **ret_path)
{
    const char *location = store->location, *slash = strrchr(location, '/');
    const char *base = slash != NULL ? slash + 1 : location;
    CLEANUP(files_free) char *dir = files_dir(location);
    CLEANUP(files_free) char *real = NULL;
    char path[PATH_MAX];
    int len;

    if (base[0] == '\0')
        return store->host->fail(call, JETON_CONFIG, "%s is a directory: `store.path` in jeton.conf must name a file",
                                 location);
    if (dir != NULL && (real = realpath(dir, NULL)) == NULL && errno == ENOENT) {
        *ret_path = NULL;
        return JETON_OK;
    }
    if (real == NULL)
        return store->host->fail_errno(call, dir != NULL ? errno : ENOMEM,
                                       "%s cannot be reached: correct `store.path` in jeton.conf", location);
    len = snprintf(path, sizeof(path), "%s/%s", strcmp(real, "/") == 0 ? "" : real, base);
    if (len < 0 || len > PATH_LEN_MAX)
        return store->host->fail(call, JETON_CONFIG,
                                 "%s is longer than SQLite takes (%d bytes): name a shorter one as `store.path` in "
                                 "jeton.conf",
                                 location, PATH_LEN_MAX);
    *ret_path = strdup(path);
    return *ret_path != NULL ? JETON_OK : store->host->fail(call, JETON_TRY_LATER, "%s: out of memory", location);
}

int jt_sqlite_files_locate(struct jt_sqlite_store *store, jeton_store_call *call, const char **ret_path)
{
    char *path = atomic_load(&store->path), *other = NULL;
    int status = path == NULL ? files_resolve(store, call, &path) : JETON_OK;

    if (status != JETON_OK)
        return status;
    /* If another thread has found the path first, its result is used. */
    if (path != NULL && !atomic_compare_exchange_strong(&store->path, &other, path) && other != path) {
        free(path);
        path = other;
    }
    *ret_path = path;
    return JETON_OK;
}

int jt_sqlite_files_check(struct jt_sqlite_store *store, jeton_store_call *call, const char *path,
                          struct stat *ret_info)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    int status = JETON_OK;

    for (size_t i = 0; status == JETON_OK && i < LEN(suffixes); i++) {
        char file[PATH_MAX];
        int there;

        files_name(path, suffixes[i], file);
        status = store->host->check_file(call, file, &there);
    }
    if (!jt_sqlite_files_stat(path, "", ret_info))
        ret_info->st_size = 0;
    /* SQLite would take such a short file for an empty database and overwrite it. */
    if (status == JETON_OK && ret_info->st_size > 0 && ret_info->st_size < DATABASE_MIN)
        status = fail_no_store(store, call);
    return status;
}

/* SQLite syncs the file but not the directory, which is synced here. */
int jt_sqlite_files_make(struct jt_sqlite_store *store, jeton_store_call *call, const char *path, struct stat *ret_info)
{
    CLEANUP(files_free) char *dir = files_dir(path);
    AUTO_FD int fd = -1;
    AUTO_FD int dir_fd = -1;
    int status = JETON_OK;

    if (!jt_sqlite_files_stat(path, "", ret_info))
        status = jt_sqlite_files_open(store, call, path, "", O_RDWR | O_CREAT | O_EXCL, &fd);
    /* Another process may have made the file first. */
    if (!jt_sqlite_files_stat(path, "", ret_info))
        return status != JETON_OK ? status : store->host->fail(call, JETON_TRY_LATER, "%s was removed at once", path);
    if (dir == NULL || (dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 || fsync(dir_fd) != 0)
        return store->host->fail_errno(call, errno, "%s cannot be created for good", path);
    return JETON_OK;
}

int jt_sqlite_files_open(struct jt_sqlite_store *store, jeton_store_call *call, const char *path, const char *suffix,
                         int flags, int *ret_fd)
{
    char file[PATH_MAX];

    files_name(path, suffix, file);
    return store->host->open_file(call, file, flags, ret_fd);
}

bool jt_sqlite_files_stat(const char *path, const char *suffix, struct stat *ret_info)
{
    char file[PATH_MAX];

    files_name(path, suffix, file);
    return lstat(file, ret_info) == 0;
}

int64_t jt_sqlite_files_len(const char *path, const char *suffix)
{
    struct stat info;

    return path != NULL && jt_sqlite_files_stat(path, suffix, &info) ? info.st_size : 0;
}

void jt_sqlite_files_remove(const char *path, const char *suffix)
{
    char file[PATH_MAX];

    files_name(path, suffix, file);
    (void)unlink(file);
}

static int fail_full(const struct jt_sqlite_store *store, jeton_store_call *call)
{
    return store->host->fail(call, JETON_TRY_LATER,
                             "%s: the disk, the quota or the file size limit is full: free some space; what was stored "
                             "before is safe",
                             jt_sqlite_place(store));
}

static int fail_unwritable(const struct jt_sqlite_store *store, jeton_store_call *call)
{
    return store->host->fail(call, JETON_NOT_PERMITTED,
                             "%s: this user (uid %u) may not write it, or not create files beside it: run jeton as the "
                             "store's owner, or correct the permissions of the file and its directory",
                             jt_sqlite_place(store), (unsigned)geteuid());
}

static int fail_read_only(const struct jt_sqlite_store *store, jeton_store_call *call)
{
    return store->host->fail(call, JETON_NOT_PERMITTED,
                             "%s: the file system is mounted read-only: mount it for writing", jt_sqlite_place(store));
}

int jt_sqlite_fail_missing(struct jt_sqlite_store *store, jeton_store_call *call)
{
    return store->host->fail(call, JETON_CONFIG, "there is no store at %s yet: run `jeton init`",
                             jt_sqlite_place(store));
}

/* An exhausted quota is not noticed here; the write will report it. */
int jt_sqlite_seems_writable(void *store, jeton_store_call *call)
{
    static const char *const suffixes[] = {"", "-wal"};
    struct jt_sqlite_store *mine = store;
    const char *path = NULL;
    struct statvfs disk;
    int status = jt_sqlite_files_locate(mine, call, &path);

    if (status != JETON_OK)
        return status;
    if (jt_sqlite_files_len(path, "") == 0)
        return jt_sqlite_fail_missing(mine, call);
    for (size_t i = 0; i < LEN(suffixes); i++) {
        char file[PATH_MAX];

        files_name(path, suffixes[i], file);
        if (faccessat(AT_FDCWD, file, W_OK, AT_EACCESS) != 0 && errno != ENOENT)
            return errno == EROFS ? fail_read_only(mine, call) : fail_unwritable(mine, call);
    }
    if (statvfs(path, &disk) == 0 && disk.f_blocks > 0 &&
        (geteuid() == 0 ? disk.f_bfree : disk.f_bavail) * disk.f_frsize < ROOM_MIN)
        return fail_full(mine, call);
    return JETON_OK;
}

/* Allocates disk blocks for what a write would append to the log, so that no other program can fill the disk in
 * between. The log may be opened here: SQLite has no locks on it. */
static int files_reserve(struct jt_sqlite_store *store, jeton_store_call *call)
{
    AUTO_FD int fd = -1;
    struct stat info;
    int status = jt_sqlite_files_open(store, call, jt_sqlite_place(store), "-wal", O_RDWR, &fd);

    if (status != JETON_OK)
        return status;
    if (fstat(fd, &info) == 0 && fallocate(fd, FALLOC_FL_KEEP_SIZE, info.st_size, ROOM_PROVEN) != 0 &&
        (errno == ENOSPC || errno == EDQUOT))
        return fail_full(store, call);
    return JETON_OK;
}

/* Commits and syncs a small transaction. Rolling it back would prove nothing, since it would not reach the disk. */
int jt_sqlite_prove_writable(void *store, jeton_store_call *call)
{
    AUTO_WRITER struct jt_sqlite_conn *conn = NULL;
    int status = jt_sqlite_begin(store, call, JETON_STORE_DURABLE, &conn);

    if (status == JETON_OK)
        status = jt_sqlite_run(conn, JT_SQLITE_PROVE);
    if (status == JETON_OK)
        status = jt_sqlite_run(conn, JT_SQLITE_COMMIT);
    return status == JETON_OK ? files_reserve(store, call) : status;
}

/* A failed commit does not set sqlite3_system_errno, but SQLite's object for the log file has the errno. */
static int fail_log_errno(sqlite3 *db)
{
    sqlite3_file *log = NULL;
    int error = 0;

    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK || log == NULL ||
        log->pMethods == NULL || log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error) != SQLITE_OK)
        return 0;
    return error;
}

static bool is_full(int error)
{
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

static int fail_open(const struct jt_sqlite_store *store, jeton_store_call *call, int error)
{
    const char *path = jt_sqlite_place(store);
    struct statvfs disk;

    if (statvfs(path, &disk) == 0 && (disk.f_flag & ST_RDONLY) != 0)
        return fail_read_only(store, call);
    if (error == EMFILE || error == ENFILE)
        return store->host->fail(call, JETON_TRY_LATER, "%s: too many files are open (ulimit -n)", path);
    return is_full(error) ? fail_full(store, call) : fail_unwritable(store, call);
}

static int fail_damaged(const struct jt_sqlite_store *store, jeton_store_call *call, const char *words)
{
    const char *path = jt_sqlite_place(store);

    return store->host->fail(call, JETON_CONFIG,
                             "%s is damaged (%s): restore it from a backup, or save what `sqlite3 %s .dump` still "
                             "reads, or move it away and run `jeton init`",
                             path, words, path);
}

int jt_sqlite_fail(struct jt_sqlite_conn *conn)
{
    const struct jt_sqlite_store *store = conn->store;
    const struct jeton_store_host *host = store->host;
    jeton_store_call *call = conn->call;
    const char *path = jt_sqlite_place(store), *words = sqlite3_errmsg(conn->db);
    const int code = sqlite3_extended_errcode(conn->db);
    int error = sqlite3_system_errno(conn->db);

    switch (code & 0xff) {
    case SQLITE_NOTADB:
        return fail_no_store(store, call);
    case SQLITE_CORRUPT:
    case SQLITE_ERROR: /* a table or column is missing: the statements themselves are tested */
        return fail_damaged(store, call, words);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return host->fail(call, JETON_TRY_LATER, "%s: another process is writing to the store: try again", path);
    case SQLITE_FULL:
        return fail_full(store, call);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return fail_open(store, call, error);
    case SQLITE_NOMEM:
        return host->fail(call, JETON_TRY_LATER, "%s: out of memory", path);
    case SQLITE_IOERR:
        if (error == 0)
            error = fail_log_errno(conn->db);
        if (is_full(error))
            return fail_full(store, call);
        return host->fail(call, JETON_TRY_LATER, "%s: the disk gave an error (%s%s%s): look at the kernel's log", path,
                          words, error != 0 ? ", " : "", error != 0 ? strerror(error) : "");
    default:
        return host->fail(call, JETON_INTERNAL, "%s: SQLite says: %s (%d)", path, words, code);
    }
}
