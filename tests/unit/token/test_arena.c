/* SPDX-License-Identifier: MIT */
/* Proves what memory for tokens costs and how it is protected: little more than was asked for at any length, no dumps,
 * as much of it locked as the limit allows, and nothing left behind in what is given out again. */
#include "tests/lib/check.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "token/arena.h"
#include <unistd.h>

#define MANY 400u

/* Of the address space, in bytes. */
static size_t mapped(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    size_t pages = 0;

    CHECK_TRUE(file != NULL && fscanf(file, "%zu", &pages) == 1);
    (void)fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void many_of_one_size_waste_little(void)
{
    /* Just above a page; between two; the longest token with its header. */
    static const size_t sizes[] = {4097, 5000, 6200, 12500, 30000, 65 * 1024};
    static void *pieces[MANY];

    for (size_t i = 0; i < JT_LEN(sizes); i++) {
        size_t before = mapped(), used;

        for (size_t j = 0; j < MANY; j++) {
            pieces[j] = jt_token_arena_alloc(sizes[i]);
            memset(pieces[j], 'a', sizes[i]);
        }
        used = mapped() - before;
        CHECK_TRUE(used <= MANY * sizes[i] * 115 / 100 + 512 * 1024);
        for (size_t j = 0; j < MANY; j++)
            jt_token_arena_free(pieces[j], sizes[i]);
        before = mapped();
        for (size_t j = 0; j < MANY; j++)
            pieces[j] = jt_token_arena_alloc(sizes[i]);
        if (sizes[i] <= 30000) /* longer ones go back to the system */
            CHECK_INT(mapped(), before);
        for (size_t j = 0; j < MANY; j++)
            jt_token_arena_free(pieces[j], sizes[i]);
    }
}

static void pieces_of_any_size_are_zeroed_aligned_and_apart(void)
{
    static const size_t sizes[] = {1, 7, 8, 9, 4087, 4088, 4089, 4096, 4097, 4352, 4353, 32767, 32768, 32769, 200000};

    for (int round = 0; round < 3; round++) {
        unsigned char *pieces[JT_LEN(sizes)];

        for (size_t i = 0; i < JT_LEN(sizes); i++) {
            pieces[i] = jt_token_arena_alloc(sizes[i]);
            CHECK_TRUE((uintptr_t)pieces[i] % 8 == 0);
            CHECK_TRUE(pieces[i][0] == 0 && memcmp(pieces[i], pieces[i] + 1, sizes[i] - 1) == 0);
            memset(pieces[i], (int)i + 1, sizes[i]);
        }
        for (size_t i = 0; i < JT_LEN(sizes); i++) {
            CHECK_INT(pieces[i][0], i + 1);
            CHECK_INT(memcmp(pieces[i], pieces[i] + 1, sizes[i] - 1), 0);
            jt_token_arena_free(pieces[i], sizes[i]);
        }
    }
    CHECK_TRUE(jt_token_arena_alloc(0) == NULL);
    CHECK_TRUE(jt_token_arena_alloc(SIZE_MAX) == NULL);
    CHECK_TRUE(jt_token_arena_alloc(SIZE_MAX - 4000) == NULL);
    jt_token_arena_free(NULL, 5);
}

/* Whether the mapping that holds the address has the flag, as /proc/self/smaps shows it. */
static bool has_flag(const void *address, const char *flag)
{
    FILE *file = fopen("/proc/self/smaps", "re");
    unsigned long start, end;
    bool inside = false, found = false;
    char line[512];

    while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
            inside = (uintptr_t)address >= start && (uintptr_t)address < end;
        found = inside && strncmp(line, "VmFlags:", 8) == 0 && strstr(line, flag) != NULL;
    }
    if (file != NULL)
        (void)fclose(file);
    return found;
}

static void no_piece_is_in_a_dump(void)
{
    static const size_t sizes[] = {100, 5000, 100000};

    for (size_t i = 0; i < JT_LEN(sizes); i++) {
        void *piece = jt_token_arena_alloc(sizes[i]);

        CHECK_TRUE(has_flag(piece, " dd"));
        jt_token_arena_free(piece, sizes[i]);
    }
}

/* In a process without privileges, and with a limit that no chunk fits into: exit status 0 if a piece is locked. */
static int lock_under_limit(void)
{
    const struct rlimit limit = {64 * 1024, 64 * 1024};
    char *piece;

    if ((geteuid() == 0 && setuid(65534) != 0) || setrlimit(RLIMIT_MEMLOCK, &limit) != 0)
        return 2;
    /* Larger than what chunks are cut into: a mapping that begins with it. */
    piece = jt_token_arena_alloc(256 * 1024);
    if (piece == NULL)
        return 3;
    return has_flag(piece, " lo") && !has_flag(piece + 128 * 1024, " lo") ? 0 : 4;
}

static void a_small_limit_is_used_up(void)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0)
        _exit(lock_under_limit());
    CHECK_TRUE(pid > 0 && waitpid(pid, &status, 0) == pid);
    CHECK_TRUE(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 0);
}

static const struct check_case cases[] = {
    {"many of one size waste little", many_of_one_size_waste_little},
    {"pieces of any size are zeroed, aligned and apart", pieces_of_any_size_are_zeroed_aligned_and_apart},
    {"no piece is in a dump", no_piece_is_in_a_dump},
    {"a small limit is used up", a_small_limit_is_used_up},
};

int main(int argc, char **argv)
{
    return check_main(argc, argv, "token_arena", cases, JT_LEN(cases));
}
