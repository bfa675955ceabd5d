/* SPDX-License-Identifier: MIT */
/* The whole contract between libjeton and a store engine: the plugin that keeps sealed rows. */
#ifndef JETON_STORE_H
#define JETON_STORE_H

/*
 * HOW TO WRITE A STORE ENGINE
 *
 * A store engine is one shared object, jeton_store_<name>.so, in a plugin
 * directory. It exports one symbol, jeton_store_v1, which returns a table: what
 * the engine is called, which settings it reads, and its functions. The
 * settings stand in jeton.conf:
 *
 *     store = { engine = "memory"; size = 1000; };
 *
 * An engine keeps rows and gives out leases. It knows nothing of OAuth: the
 * secrets of a row are in one sealed blob, and every other member is a number or
 * a name. The engine stores each member as it is given, and acts on four of them
 * only: the key, the version, the fence and due_at.
 *
 *     rows     Get, write, scan. A write is one transaction of one or many
 *              changes, each under a condition of its own (an expected version,
 *              a fence): all are made, or none is.
 *     leases   A lease on a key has one holder among all threads, processes and
 *              machines that use this store. The library holds one while it
 *              does what must not happen twice at the same time.
 *     numbers  One for each shard. It changes with every write to a row of the
 *              shard, so that a reader knows without a read whether a row that
 *              it has cached is still the stored one.
 *
 * plugins/stores/sqlite/ is the engine that is used when none is named.
 * tests/fixtures/memory.c is the shortest complete one. `tests/stores/run
 * ENGINE KEY=VALUE...` tests every sentence of this header on any engine: run
 * it while you write yours.
 *
 * RULES
 *
 * Versions. The major version of this interface is in the symbol's name. Within
 * it, structures grow at the end only; no member moves or changes its meaning.
 * `struct_size` says how much of a structure its writer knew: the reader uses
 * the smaller of both sizes, and takes members beyond that as zero. An engine
 * that needs a later minor version says so in `needs_minor`, and an older library
 * refuses it with a message that names it.
 *
 * The host. `open` is lent the table of the host, which stays valid until
 * `close` returns. An engine keeps the pointer in its store and nowhere else:
 * two contexts in one process have a host each.
 *
 * The call. Every function that can wait or fail is given a jeton_store_call.
 * It is valid until the function returns. It carries the call's deadline, and
 * takes its error:
 *
 *     return host->fail(call, JETON_TRY_LATER, "%s: the server is away", place);
 *
 * The sentence names the place (a path, a host), and says what is wrong and what
 * the admin can do. It contains no name and no value of a row. An engine that
 * returns a status other than JETON_OK without `fail` breaks this contract.
 *
 * Deadlines. A function returns at the call's deadline at the latest, with
 * JETON_TRY_LATER, whatever it waits for: a lock, a server, another thread. A
 * deadline that is past already means "do not wait": what can be done without
 * waiting is done.
 *
 * Threads. Every function may be called from any thread at any time, for the
 * same store too, except `close`, which is called once and last. A callback
 * (visit, next) is called from the thread that called the function, and does not
 * call the store again.
 *
 * Memory. Neither side frees memory of the other. What is passed in lives until
 * the function returns. A row that is passed to visit lives until visit returns;
 * a change that next filled in lives until next is called again.
 *
 * Fork. The process may fork at any moment. The child does not hold the leases of
 * its parent, and must not keep them from being released. It may go on to use
 * the store, and it may close it; neither affects the parent.
 *
 * Killed. A process may be killed between any two instructions. A transaction is
 * then made completely or not at all. A lease of the dead holder becomes free: at
 * once if the engine can know, else at the lease's end.
 *
 * Statuses. JETON_TRY_LATER: it may pass by itself (busy, full, away, out of
 * memory or descriptors, the deadline). JETON_NOT_PERMITTED: the system or the server
 * refuses this user. JETON_CONFIG: something must be changed first (no such
 * store, not a store, a newer one, a damaged one). JETON_INTERNAL: a defect.
 *
 * Hostile input. Names and variants are any bytes but NUL, at most 255 and
 * 65536 of them; they are compared byte by byte. A blob has any bytes.
 */

#include <stddef.h>
#include <stdint.h>
#include <jeton/setting.h>
#include <jeton/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JETON_STORE_ABI_MINOR 0u
#define JETON_STORE_SYMBOL    "jeton_store_v1"

#define JETON_STORE_NEVER  INT64_MAX /* no such point in time; as a deadline: waits for ever */
#define JETON_STORE_SHARDS 1024u     /* how many there are */

/* One call of the library. Opaque; see "The call". */
typedef struct jeton_store_call jeton_store_call;

/* The kinds of rows. The kind is part of a row's key: rows of different kinds never have the same key. */
#define JETON_KIND_TOKEN  1u /* a token set, by token name and variant                                  */
#define JETON_KIND_CHAIN  2u /* what one login or grant keeps going: its refresh token, its generation   */
#define JETON_KIND_MEMORY 3u /* what a provider plugin remembers: metadata, a registered client          */
#define JETON_KIND_LOGIN  4u /* a login under way                                                        */
#define JETON_KIND_ANSWER 5u /* a provider's answer that could not be read, until a person has looked    */
#define JETON_KIND_STORE  6u /* the library's own values about this store; their blobs are not sealed    */

struct jeton_row_key {
    uint32_t kind;        /* JETON_KIND_*                                                               */
    uint32_t shard;       /* 0 to 1023, from the name and the variant alone: where an engine may spread
                           * rows. The same for the same name and variant                               */
    const char *name;     /* "line/bot"                                                                 */
    const char *variant;  /* "" or a text: "scope=a b\naudience=x"                                      */
};

struct jeton_row {
    uint32_t struct_size;
    uint32_t state;          /* the library's; kept as it is                                            */
    struct jeton_row_key key;
    int64_t  version;        /* grows by one with every put of this row, from 1; 0: there is no row     */
    int64_t  fence;          /* of the lease under which the row was last put; see jeton_store_change   */
    int64_t  expires_at;     /* the row's end, in Unix seconds; JETON_STORE_NEVER: none. The engine keeps
                              * a row that has ended: the library removes it                            */
    int64_t  due_at;         /* when the library wants to look at the row again; JETON_STORE_NEVER: not  */
    int64_t  failed_at;      /* these five are the library's; kept as they are                          */
    int64_t  retry_at;
    int32_t  failures;
    int32_t  failure_status;
    uint64_t config_digest;
    uint32_t flags;          /* the library's; kept as they are                                         */
    uint32_t reserved;       /* 0                                                                       */
    const void *blob;        /* NULL: none, or not asked for                                            */
    size_t   blob_len;       /* 0 where blob is NULL                                                    */
};

/* What one change of a transaction does. */
#define JETON_STORE_PUT    1u /* writes the row; its version becomes expected_version + 1                */
#define JETON_STORE_REMOVE 2u /* removes the row                                                         */
#define JETON_STORE_CHECK  3u /* changes nothing: the transaction is made only if the condition holds    */

/*
 * The condition of every change: the stored row has expected_version (0: there
 * is no such row). And where row.fence is not 0: the stored row has no greater
 * fence; a put then stores row.fence. With 0 the writer holds no lease on this
 * row: a put leaves the stored fence as it is (0 in a new row).
 *
 * A put takes key, state, flags, expires_at, due_at, the failure's members,
 * config_digest and blob from the row; row.version is not looked at. REMOVE and
 * CHECK read the key and the fence only.
 */
struct jeton_store_change {
    uint32_t struct_size;
    uint32_t what;           /* JETON_STORE_PUT, _REMOVE or _CHECK */
    int64_t  expected_version;
    struct jeton_row row;
};

/* What the library asks for with a write. */
#define JETON_STORE_DURABLE 1u /* survives a loss of power once the function returns. Without it, a write
                                * survives a killed process                                               */
/* What it asks for with a read. */
#define JETON_STORE_BLOBS   1u /* rows come with their blobs; without it, an engine may leave them out    */

/* What one transaction of this store may hold; 0: no limit. */
struct jeton_store_limits {
    uint32_t struct_size;
    uint32_t reserved;
    uint64_t changes;        /* of one write                                                             */
    uint64_t bytes;          /* of keys and blobs together, of one write                                 */
    uint64_t blob;           /* of one blob                                                              */
};

/* Log levels are those of syslog(3): 3 error, 4 warning, 5 notice, 6 info, 7 debug. */

/* The functions that the host lends. Every function may be called from any thread; one that takes a call, only until the
 * function that was given the call returns. */
struct jeton_store_host {
    uint32_t struct_size;
    uint32_t abi_minor;      /* of the host */

    /* The call. fail formats the sentence and returns the status. The first sentence of a call counts. */
    int (*fail)(jeton_store_call *, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
    /* The same for a failed system call. The status is the one for `error`, an errno; the system's words are appended to
     * the sentence ("tokens.db cannot be opened: Too many open files"). */
    int (*fail_errno)(jeton_store_call *, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));
    /* The deadline, on the clock of boot_ms. */
    int64_t (*deadline_ms)(jeton_store_call *);

    /* In `open` only. The setting's value: as given, else its default, else NULL. A secret is the secret itself,
     * wherever it came from. The text lives until `open` returns. */
    const char *(*setting)(jeton_store_call *, const char *name);
    int (*setting_integer)(jeton_store_call *, const char *name, int64_t *ret); /* 1: set, 0: absent */

    /* Clocks. Unix seconds; milliseconds since boot, which include suspends and which nobody can set. */
    int64_t (*now)(const struct jeton_store_host *);
    int64_t (*boot_ms)(const struct jeton_store_host *);

    /* A line in the log of the program. No secrets, no blobs. */
    void (*log)(const struct jeton_store_host *, int level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

    /*
     * Files that other users cannot tamper with. The rule for a file and for its
     * directory: it belongs to root or to the user of this process, and nobody
     * else can write to it. No link is followed at the end of the path. All
     * three record their own error.
     *
     * check_directory, check_file: *ret_there 0: nothing is at the path.
     * open_file: flags as for open(2); what O_CREAT makes has mode 0600. The
     * descriptor is close-on-exec and the engine's.
     */
    int (*check_directory)(jeton_store_call *, const char *path, int *ret_there);
    int (*check_file)(jeton_store_call *, const char *path, int *ret_there);
    int (*open_file)(jeton_store_call *, const char *path, int flags, int *ret_fd);
};

/* Is a member that was added in a later minor version there? */
#define JETON_STORE_HOST_HAS(host, member) \
    ((host)->struct_size >= offsetof(struct jeton_store_host, member) + sizeof((host)->member))

/* Capabilities. The low 32 bits are advice, which an older library may ignore; a high bit that the library does not know
 * refuses the engine. */
#define JETON_STORE_CAP_LOCAL  UINT64_C(1) /* the rows lie on this machine                                  */
#define JETON_STORE_CAP_HOLDS  UINT64_C(2) /* a living holder cannot lose its lease (kernel locks)          */

/* Shown one row; for a row that does not exist, one with version 0 and the key that was asked for. Returns 0, or another
 * number to stop: the function then returns JETON_OK. */
typedef int (*jeton_store_visit)(void *data, size_t index, const struct jeton_row *row);

/* Fills in the next change of a transaction; *ret_more 0: there is none, the transaction is to be made. A status other
 * than JETON_OK ends the transaction: nothing was written, and the function returns that status without `fail`. */
typedef int (*jeton_store_next)(void *data, struct jeton_store_change *ret_change, int *ret_more);

/* Makes the new blob of a row in rewrite; *ret_blob NULL: the row keeps its blob. Statuses as for jeton_store_next. */
typedef int (*jeton_store_reseal)(void *data, const struct jeton_row *row, const void **ret_blob, size_t *ret_blob_len);

struct jeton_store_engine {
    uint32_t struct_size;    /* sizeof(struct jeton_store_engine)                                     mandatory */
    uint32_t abi_minor;      /* JETON_STORE_ABI_MINOR                                                 mandatory */
    uint32_t needs_minor;    /* the lowest minor version of the host that is enough                             */
    uint32_t setting_size;   /* sizeof(struct jeton_setting)                                          mandatory */
    const char *name;        /* "sqlite": the file is jeton_store_sqlite.so                           mandatory */
    const char *version;     /* the engine's own                                                      mandatory */
    const char *summary;     /* one line                                                              mandatory */
    const struct jeton_setting *settings; /* beside `engine` and the key's; ends with a NULL name; NULL: none   */
    uint64_t capabilities;   /* JETON_STORE_CAP_*                                                               */

    /* Opens the store that the settings name. That there is none yet is no error: reads then find nothing, and writes
     * and leases fail with JETON_CONFIG. A store of an older schema may be upgraded. One of a newer schema is refused,
     * with a message that says so, and left as it is.                                                mandatory */
    int (*open)(const struct jeton_store_host *host, jeton_store_call *call, void **ret_store);
    /* Frees everything and releases every lease. NULL is allowed.                                    mandatory */
    void (*close)(void *store);
    /* The place for messages: a path, "host/database". Lives as long as the store.                   mandatory */
    const char *(*place)(void *store);
    /* Whether there is a store. *ret_exists 0: `create` was not called yet, or the store was removed since.
     *                                                                                                mandatory */
    int (*exists)(void *store, jeton_store_call *call, int *ret_exists);
    /* Makes the store if there is none. An existing one is kept.                                     mandatory */
    int (*create)(void *store, jeton_store_call *call);
    /* NULL: no limits. */
    void (*limits)(void *store, struct jeton_store_limits *ret_limits);

    /* Reads count rows, all as of one moment, and calls visit for each in the order of the keys.     mandatory */
    int (*get)(void *store, jeton_store_call *call, const struct jeton_row_key *keys, size_t count, uint32_t flags,
               jeton_store_visit visit, void *data);
    /* One transaction: every change is made, or none. *ret_done 0 with JETON_OK: a condition did not hold, and nothing
     * was written. A row may be changed once in a transaction. No change at all is no error.         mandatory */
    int (*write)(void *store, jeton_store_call *call, uint32_t flags, jeton_store_next next, void *data, int *ret_done);

    /* Rows of one kind behind (after_name, after_variant), in the order of their bytes, at most limit. ("", "") begins
     * before the first. index counts from 0.                                                         mandatory */
    int (*scan)(void *store, jeton_store_call *call, uint32_t kind, const char *after_name, const char *after_variant,
                size_t limit, uint32_t flags, jeton_store_visit visit, void *data);
    /* Rows of one kind with due_at <= now, the longest due first, at most limit, by an index: the price does not grow
     * with the rows that are not due. A due_at of JETON_STORE_NEVER is never due.                    mandatory */
    int (*due)(void *store, jeton_store_call *call, uint32_t kind, int64_t now, size_t limit, uint32_t flags,
               jeton_store_visit visit, void *data);
    /* As `due`, and moves due_at of these rows to `until` before visit is called: of two callers at the same time, no
     * row goes to both. Version, fence, blob and the shard's number stay.                            mandatory */
    int (*claim)(void *store, jeton_store_call *call, uint32_t kind, int64_t now, int64_t until, size_t limit,
                 uint32_t flags, jeton_store_visit visit, void *data);

    /* Whether a write seems possible now; must cost next to nothing. Called before every request whose answer must be
     * stored. NULL: the engine cannot say. */
    int (*seems_writable)(void *store, jeton_store_call *call);
    /* Proves that a write of a few rows works now, by room on the disk, permissions and a commit that reaches the disk;
     * asked before a request that spends something. Changes nothing that a reader sees.              mandatory */
    int (*prove_writable)(void *store, jeton_store_call *call);

    /* Takes the lease on a key, whether there is such a row or not. Waits until the call's deadline. *ret_lease NULL
     * with JETON_OK: another holder still has it. Leases on different keys never wait for each other. *ret_fence is
     * greater than 0, than the fence of every earlier lease on this key, and than the row's fence.   mandatory */
    int (*lease)(void *store, jeton_store_call *call, const struct jeton_row_key *key, void **ret_lease,
                 int64_t *ret_fence);
    /* Tries to prolong the lease. *ret_until_ms: until when it is held for certain, on the clock of boot_ms; 0: it is
     * lost. May be NULL with JETON_STORE_CAP_HOLDS. */
    int (*keep)(void *store, jeton_store_call *call, void *lease, int64_t *ret_until_ms);
    /* Releases the lease; the next holder in the queue gets it at once.                              mandatory */
    void (*release)(void *store, void *lease);

    /* A number that differs after every write to a row of that shard, of any kind, by any process. The library calls
     * this at every get, so it must take no lock and make no system call. NULL: the engine has no numbers, and the
     * library reads rows again after five seconds. */
    uint64_t (*number)(void *store, uint32_t shard);
    /* For an engine that learns of changes by messages: a descriptor to poll for reading (or -1), and the function to
     * call when it is readable. Neither blocks. After `dispatch` the numbers are up to date. NULL: `number` is up to
     * date by itself. */
    int (*notice_fd)(void *store);
    void (*dispatch)(void *store);

    /* In one durable transaction, during which nobody else writes: gives every row with a blob another blob, except rows
     * of JETON_KIND_STORE, and writes one row of JETON_KIND_STORE under its condition. Versions stay. *ret_done 0: the
     * condition did not hold, and nothing was written. Former blobs are erased from the disk as far as the engine can.
     * NULL: the engine has no such transaction. */
    int (*rewrite)(void *store, jeton_store_call *call, const struct jeton_store_change *value,
                   jeton_store_reseal reseal, void *data, int *ret_done);
};

/* The one symbol that an engine exports. The table must not change for the life of the process. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const struct jeton_store_engine *jeton_store_v1(void);

#ifdef __cplusplus
}
#endif

#endif
