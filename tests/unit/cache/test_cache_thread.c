/* SPDX-License-Identifier: MIT */
/* Proves that what is taken out of the cache is freed behind its readers, also where the kernel does not help, and that
 * tables follow their threads and processes. It never asks who wins a race. */
#include "tests/lib/check.h"
#include "cache/cache.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "token/tokenset.h"
#include <unistd.h>

#define NOW_MS INT64_C(1000000000)
#define NAMES  8

static const struct jt_cache_times hour = {
    .wanted_ms = NOW_MS + 2880000,
    .needed_ms = NOW_MS + 3540000,
    .expires_ms = NOW_MS + 3600000,
    .checked_ms = NOW_MS,
};

static uint64_t no_generation(void *data, uint32_t shard)
{
    (void)data;
    (void)shard;
    return 0;
}

static const struct jt_cache_view now = {.now_ms = NOW_MS, .generation = no_generation};

/* The variant keeps a thread's own table out: its reads are all reads of what is shared. */
static const char *const variants[] = {"", "scope=a"};

static void put(struct jt_cache *cache, const char *name, const char *variant, const char *text)
{
    struct jt_tokenset set = JT_TOKENSET_INIT;
    jeton_token *token;

    set.access_token = jt_strdup(text);
    token = jt_token_new(&set);
    jt_tokenset_done(&set);
    jt_cache_put(cache, name, variant, &hour, token);
    jeton_token_free(&token);
}

/* Every token of a name begins with it. */
static bool get_fits(struct jt_cache *cache, const char *name, const char *variant)
{
    jeton_token *token = NULL;
    bool fits = true;

    if (jt_cache_get(cache, name, variant, &now, &token) != JT_CACHE_MISS)
        fits = strncmp(jeton_token_access_token(token), name, strlen(name)) == 0;
    jeton_token_free(&token);
    return fits;
}

struct crowd {
    struct jt_cache *cache;
    atomic_bool stop;
    atomic_int wrong, reads;
};

static void *read_always(void *data)
{
    struct crowd *crowd = data;
    char name[16];

    for (unsigned i = 0; !atomic_load(&crowd->stop); i++) {
        (void)snprintf(name, sizeof name, "a/n%u", i % NAMES);
        if (!get_fits(crowd->cache, name, variants[i / NAMES % 2]))
            (void)atomic_fetch_add(&crowd->wrong, 1);
        (void)atomic_fetch_add(&crowd->reads, 1);
    }
    return NULL;
}

/* In front of readers, what they read is replaced and dropped. Returns how often they found what they did not ask for,
 * or -1. */
static int replace_under_readers(struct jt_cache *cache)
{
    struct crowd crowd = {.cache = cache};
    pthread_t threads[3];
    char name[16], text[64];

    for (size_t i = 0; i < JT_LEN(threads); i++)
        if (pthread_create(&threads[i], NULL, read_always, &crowd) != 0)
            return -1;
    for (unsigned i = 0; i < 200 || atomic_load(&crowd.reads) < 10000; i++) {
        (void)snprintf(name, sizeof name, "a/n%u", i % NAMES);
        (void)snprintf(text, sizeof text, "%s-%u", name, i);
        put(cache, name, variants[i % 2], text);
        if (i % 16 == 0)
            jt_cache_drop(cache, name, "");
    }
    atomic_store(&crowd.stop, true);
    for (size_t i = 0; i < JT_LEN(threads); i++)
        (void)pthread_join(threads[i], NULL);
    return atomic_load(&crowd.wrong);
}

static bool forbid_membarrier(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = JT_LEN(code), .filter = code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0 && syscall(SYS_membarrier, 0, 0, 0) == -1 &&
           errno == EPERM;
}

/* In a child: 0, or what was wrong. */
static int without_membarrier(bool from_the_start)
{
    struct jt_cache *cache = NULL;
    struct timespec began, ended;
    int64_t took_ns;
    int wrong;

    if ((from_the_start && !forbid_membarrier()) || jt_cache_new(&cache, NULL) != JETON_OK ||
        (!from_the_start && !forbid_membarrier()))
        return 3;
    put(cache, "a/n0", "", "a/n0-first");
    (void)clock_gettime(CLOCK_MONOTONIC, &began);
    put(cache, "a/n0", "", "a/n0-second");
    (void)clock_gettime(CLOCK_MONOTONIC, &ended);
    took_ns = (int64_t)(ended.tv_sec - began.tv_sec) * 1000000000 + ended.tv_nsec - began.tv_nsec;
    wrong = replace_under_readers(cache);
    jt_cache_free(&cache);
#ifdef __SANITIZE_THREAD__
    from_the_start = true; /* its readers have fences of their own, and nobody waits longer for them */
#endif
    if (!from_the_start && took_ns < 1000000)
        return 2;
    return wrong != 0;
}

static int in_child(int (*body)(bool flag), bool flag)
{
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        (void)alarm(20);
        _exit(body(flag));
    }
    CHECK_INT(waitpid(child, &status, 0), child);
    return status;
}

static void readers_are_waited_for_where_the_kernel_has_no_fence(void)
{
    CHECK_INT(in_child(without_membarrier, true), 0);
}

static void readers_are_waited_for_where_the_fence_is_forbidden_later(void)
{
    CHECK_INT(in_child(without_membarrier, false), 0);
}

/* In a forked child. */
static int new_cache_in_child(bool flag)
{
    struct jt_cache *cache = NULL;
    bool fits;

    (void)flag;
    if (jt_cache_new(&cache, NULL) != JETON_OK)
        return 3;
    put(cache, "a/n0", "", "a/n0-first");
    put(cache, "a/n0", "", "a/n0-second");
    fits = get_fits(cache, "a/n0", "");
    jt_cache_free(&cache);
    return fits ? 0 : 2;
}

static void *put_always(void *data)
{
    struct crowd *crowd = data;

    while (!atomic_load(&crowd->stop))
        put(crowd->cache, "a/n0", "scope=a", "a/n0-again");
    return NULL;
}

/* Has a table, which those who put walk past. */
static void *get_and_stay(void *data)
{
    struct crowd *crowd = data;

    (void)get_fits(crowd->cache, "a/n0", "scope=a");
    while (!atomic_load(&crowd->stop))
        (void)usleep(10000);
    return NULL;
}

static void a_child_that_was_forked_in_the_middle_has_a_cache_of_its_own(void)
{
    struct crowd crowd = {0};
    pthread_t threads[64];
    int status = 0;

#ifdef __SANITIZE_ADDRESS__
    check_skip("the allocator of AddressSanitizer may be locked in a child of a process with threads");
    return;
#endif
    CHECK_OK(jt_cache_new(&crowd.cache, NULL), NULL);
    for (size_t i = 0; i < JT_LEN(threads); i++)
        CHECK_INT(pthread_create(&threads[i], NULL, i < 2 ? put_always : get_and_stay, &crowd), 0);
    for (int i = 0; i < 100 && status == 0; i++)
        status = in_child(new_cache_in_child, false);
    CHECK_INT(status, 0);
    atomic_store(&crowd.stop, true);
    for (size_t i = 0; i < JT_LEN(threads); i++)
        (void)pthread_join(threads[i], NULL);
    jt_cache_free(&crowd.cache);
}

static const struct check_case cases[] = {
    {"readers are waited for where the kernel has no fence", readers_are_waited_for_where_the_kernel_has_no_fence},
    {"readers are waited for where the fence is forbidden later",
     readers_are_waited_for_where_the_fence_is_forbidden_later},
    {"a child that was forked in the middle has a cache of its own",
     a_child_that_was_forked_in_the_middle_has_a_cache_of_its_own},
};

CHECK_MAIN("cache_thread", cases)
