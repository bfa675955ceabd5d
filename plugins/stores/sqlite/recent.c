/* SPDX-License-Identifier: MIT */
/* The recent rows: sealed copies in <path>-recent that a new process reads in microseconds, where opening the database
 * takes most of a millisecond. It never answers unless the database is, to the byte count and the clock tick, as it was
 * when the copy was made; then, and whenever anything looks odd, the database is asked. */
#include "recent.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECENT_FORMAT 2u
#define RECENT_MAGIC  "jetonrec"
#define RECENT_FILLS  8u /* a process that reads more often keeps what it reads in its own memory */

/* Changes with the layout, so that another build's copies do not count. */
static uint32_t recent_format(void)
{
    return RECENT_FORMAT << 16 | jt_store_recent_slot_format;
}

void jt_store_recent_init(struct jt_store_recent *recent)
{
    *recent = (struct jt_store_recent){.mutex = PTHREAD_MUTEX_INITIALIZER, .fd = -1};
    atomic_init(&recent->fills, RECENT_FILLS);
}

void jt_store_recent_done(struct jt_store_recent *recent)
{
    jt_fd_close(&recent->fd);
    (void)pthread_mutex_destroy(&recent->mutex);
}

/* After a power cut, what is on the disk of one file says nothing about the other: copies end with the boot. */
static bool recent_boot(struct jt_store_recent *recent)
{
    JT_AUTO_FD int fd = -1;

    if (recent->boot_id[0] != '\0')
        return true;
    fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    return fd >= 0 && read(fd, recent->boot_id, sizeof(recent->boot_id) - 1) > 0;
}

/* Called with the mutex held. */
static bool recent_open(struct jt_store_recent *recent, const char *path, bool create)
{
    char text[256];
    struct stat info;

    if (!recent_boot(recent))
        return false;
    if (recent->fd >= 0 && fstat(recent->fd, &info) == 0 && info.st_nlink > 0)
        return true;
    jt_fd_close(&recent->fd);
    recent->writable = jt_store_files_open(path, "-recent", O_RDWR | (create ? O_CREAT : 0), &recent->fd,
                                           JT_WHY(text, sizeof(text))) == JETON_OK;
    return recent->writable ||
           jt_store_files_open(path, "-recent", O_RDONLY, &recent->fd, JT_WHY(text, sizeof(text))) == JETON_OK;
}

static int64_t stamp_ns(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

static bool recent_stamp(const char *path, const char *suffix, struct jt_recent_stamp *ret_stamp)
{
    struct stat info;

    memset(ret_stamp, 0, sizeof(*ret_stamp));
    if (!jt_store_files_stat(path, suffix, &info))
        return false;
    ret_stamp->dev = (uint64_t)info.st_dev;
    ret_stamp->ino = (uint64_t)info.st_ino;
    ret_stamp->size = info.st_size;
    ret_stamp->changed_ns = stamp_ns(&info.st_mtim);
    return true;
}

/* Every commit writes to the log and every checkpoint to the database file, whoever does it. */
static bool recent_stamps(const char *path, struct jt_recent_header *header)
{
    (void)recent_stamp(path, "-wal", &header->log);
    return recent_stamp(path, "", &header->database);
}

static uint64_t recent_header_sum(const struct jt_recent_header *header)
{
    return jt_store_recent_sum(header, offsetof(struct jt_recent_header, sum));
}

static bool recent_read_header(const struct jt_store_recent *recent, struct jt_recent_header *ret_header)
{
    return recent->fd >= 0 && pread(recent->fd, ret_header, sizeof(*ret_header), 0) == (ssize_t)sizeof(*ret_header);
}

/* Whether the copies are those of the database as it is now. */
static bool recent_is_current(const struct jt_store_recent *recent, const char *path,
                              const struct jt_recent_header *header)
{
    struct jt_recent_header now;

    return memcmp(header->magic, RECENT_MAGIC, sizeof(header->magic)) == 0 && header->format == recent_format() &&
           header->schema_version == jt_store_schema_version && header->valid == 1 &&
           header->sum == recent_header_sum(header) && header->key_check_len <= sizeof(header->key_check) &&
           memcmp(header->boot_id, recent->boot_id, sizeof(header->boot_id)) == 0 && recent_stamps(path, &now) &&
           memcmp(&header->database, &now.database, sizeof(now.database)) == 0 &&
           memcmp(&header->log, &now.log, sizeof(now.log)) == 0;
}

/* Called with the mutex held. A file that was replaced is seen once its copies do not fit any more. */
static bool recent_look(struct jt_store_recent *recent, const char *path, struct jt_recent_header *ret_header)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        const bool was_open = recent->fd >= 0;

        if (!recent_open(recent, path, false))
            return false;
        if (recent_read_header(recent, ret_header) && recent_is_current(recent, path, ret_header))
            return true;
        jt_fd_close(&recent->fd);
        if (!was_open)
            return false;
    }
    return false;
}

bool jt_store_recent_get(struct jt_store_recent *recent, const char *path, const char *name, const char *variant,
                         struct jeton_row *ret_row)
{
    struct jt_recent_header header, again;
    struct jeton_row row = {.struct_size = sizeof(row)};
    bool found;

    (void)pthread_mutex_lock(&recent->mutex);
    found =
        recent_look(recent, path, &header) && jt_store_recent_slot_read(recent->fd, header.epoch, name, variant, &row);
    /* A writer that was at work meanwhile has marked the header before it touched the slot. */
    if (found && (!recent_read_header(recent, &again) || memcmp(&again, &header, sizeof(header)) != 0)) {
        jt_store_rows_free(NULL, &row);
        found = false;
    }
    (void)pthread_mutex_unlock(&recent->mutex);
    if (found)
        *ret_row = row;
    return found;
}

bool jt_store_recent_key_check(struct jt_store_recent *recent, const char *path, void *value, size_t value_size,
                               size_t *ret_len)
{
    struct jt_recent_header header;
    bool current;

    (void)pthread_mutex_lock(&recent->mutex);
    current = recent_look(recent, path, &header);
    (void)pthread_mutex_unlock(&recent->mutex);
    if (!current || header.key_check_len == 0 || header.key_check_len > value_size)
        return false;
    memcpy(value, header.key_check, header.key_check_len);
    *ret_len = header.key_check_len;
    return true;
}

/* How often others have committed, as this connection sees it; -1: it cannot say. */
static int64_t recent_data_version(struct jt_store_conn *conn)
{
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    char text[64];

    if (jt_store_conn_prepare(conn, JT_STMT_DATA_VERSION, &stmt, JT_WHY(text, sizeof(text))) != JETON_OK ||
        sqlite3_step(stmt) != SQLITE_ROW)
        return -1;
    return sqlite3_column_int64(stmt, 0);
}

static void recent_read_key_check(struct jt_store_conn *conn, struct jt_recent_header *header)
{
    JT_AUTO_STMT sqlite3_stmt *stmt = NULL;
    char text[64];

    header->key_check_len = 0;
    if (jt_store_conn_prepare(conn, JT_STMT_META_GET, &stmt, JT_WHY(text, sizeof(text))) != JETON_OK)
        return;
    (void)sqlite3_bind_text(stmt, 1, "key_check", -1, SQLITE_STATIC);
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        const void *value = sqlite3_column_blob(stmt, 0);
        size_t len = (size_t)sqlite3_column_bytes(stmt, 0);

        if (value == NULL || len > sizeof(header->key_check))
            return;
        memcpy(header->key_check, value, len);
        header->key_check_len = (uint32_t)len;
    }
}

static bool recent_write_header(const struct jt_store_recent *recent, struct jt_recent_header *header, uint32_t valid)
{
    header->valid = valid;
    header->turn++;
    header->sum = recent_header_sum(header);
    return pwrite(recent->fd, header, sizeof(*header), 0) == (ssize_t)sizeof(*header);
}

/* The header of copies that begin anew: no slot written before counts. */
static void recent_begin_anew(struct jt_store_recent *recent, struct jt_store_conn *conn,
                              struct jt_recent_header *header)
{
    const uint64_t turn = header->turn;

    memset(header, 0, sizeof(*header));
    memcpy(header->magic, RECENT_MAGIC, sizeof(header->magic));
    memcpy(header->boot_id, recent->boot_id, sizeof(header->boot_id));
    header->format = recent_format();
    header->schema_version = jt_store_schema_version;
    randombytes_buf(&header->epoch, sizeof(header->epoch));
    header->turn = turn;
    recent_read_key_check(conn, header);
}

void jt_store_recent_begin(struct jt_store_conn *conn, const char *path)
{
    struct jt_store_recent *recent = &conn->store->recent;
    struct jt_recent_change *change = &conn->change;

    *change = (struct jt_recent_change){.data_version = recent_data_version(conn)};
    (void)pthread_mutex_lock(&recent->mutex);
    change->was_current = recent_look(recent, path, &change->header);
    change->armed =
        change->data_version >= 0 && (change->was_current || recent_open(recent, path, true)) && recent->writable;
    if (change->armed && !change->was_current && !recent_read_header(recent, &change->header))
        memset(&change->header, 0, sizeof(change->header));
    if (change->armed && !recent_write_header(recent, &change->header, 0))
        change->armed = false;
    (void)pthread_mutex_unlock(&recent->mutex);
}

void jt_store_recent_end(struct jt_store_conn *conn, const char *path)
{
    struct jt_store_recent *recent = &conn->store->recent;
    struct jt_recent_change *change = &conn->change;
    const bool armed = change->armed;

    change->armed = false;
    if (!armed || !change->committed)
        return;
    (void)pthread_mutex_lock(&recent->mutex);
    if (!change->was_current || change->meta)
        recent_begin_anew(recent, conn, &change->header);
    /* Nobody else has committed between the first look and the last: what the stamps stand for is known. Programs of
     * others do not stand in the queue of jeton's writers, so a writer has to ask as well. */
    if (recent->fd >= 0 && recent_stamps(path, &change->header) && recent_data_version(conn) == change->data_version &&
        (change->name == NULL || jt_store_recent_slot_write(recent->fd, change->header.epoch, change->name,
                                                            change->variant, change->removed ? NULL : &change->row)))
        (void)recent_write_header(recent, &change->header, 1);
    (void)pthread_mutex_unlock(&recent->mutex);
}

void jt_store_recent_settle(struct jt_store_sqlite *store, const char *path, struct jt_recent_change *change)
{
    struct jt_store_recent *recent = &store->recent;
    struct jt_recent_header before;

    if (!change->armed || !change->was_current)
        return;
    (void)pthread_mutex_lock(&recent->mutex);
    /* Either nothing happened, others having the store open, or the log is empty: then whatever was committed is in the
     * database file, and nothing has been committed since. */
    before = change->header;
    if (recent->fd >= 0 && recent_stamps(path, &change->header) &&
        (change->header.log.size == 0 ||
         (memcmp(&before.log, &change->header.log, sizeof(before.log)) == 0 &&
          memcmp(&before.database, &change->header.database, sizeof(before.database)) == 0)))
        (void)recent_write_header(recent, &change->header, 1);
    (void)pthread_mutex_unlock(&recent->mutex);
}

void jt_store_recent_written(struct jt_store_conn *conn, const char *name, const char *variant,
                             const struct jeton_row *row)
{
    struct jt_recent_change *change = &conn->change;

    change->committed = true;
    change->name = name;
    change->variant = variant;
    change->removed = row == NULL;
    if (row != NULL)
        change->row = *row;
}

int64_t jt_store_recent_watch(struct jt_store_conn *conn)
{
    return atomic_load(&conn->store->recent.fills) > 0 ? recent_data_version(conn) : -1;
}

void jt_store_recent_fill(struct jt_store_conn *conn, const char *path, int64_t data_version,
                          const struct jeton_row *row)
{
    if (data_version < 0 || !jt_store_write_try(conn->store))
        return;
    (void)atomic_fetch_sub(&conn->store->recent.fills, 1);
    jt_store_recent_begin(conn, path);
    conn->change.data_version = data_version;
    jt_store_recent_written(conn, row->name, row->variant, row);
    jt_store_recent_end(conn, path);
    jt_store_write_leave(conn->store);
}
