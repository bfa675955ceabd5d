/* SPDX-License-Identifier: MIT */
/* What memory for tokens costs and how it is protected: little more than was asked for at any length, no dumps, as much
 * of it locked as the limit allows, and nothing left behind in what is given out again. */
#include "tests/lib/memory.h"
#include "token/arena.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define MANY 400u

static void many_of_one_size_waste_little(void)
{
    /* Just above a page; between two; the longest token with its header. */
    static const size_t sizes[] = {4097, 5000, 6200, 12500, 30000, 65 * 1024};
    static void *pieces[MANY];

    jt_token_arena_free(jt_token_arena_alloc(1), 1); /* what is mapped with the first one does not count */
    for (size_t i = 0; i < JT_LEN(sizes); i++) {
        size_t before = memory_mapped(), used;

        for (size_t j = 0; j < MANY; j++) {
            pieces[j] = jt_token_arena_alloc(sizes[i]);
            memset(pieces[j], 'a', sizes[i]);
        }
        used = memory_mapped() - before;
        CHECK_TRUE(used <= MANY * sizes[i] * 115 / 100 + 512 * 1024);
        for (size_t j = 0; j < MANY; j++)
            jt_token_arena_free(pieces[j], sizes[i]);
        before = memory_mapped();
        for (size_t j = 0; j < MANY; j++)
            pieces[j] = jt_token_arena_alloc(sizes[i]);
        if (sizes[i] <= 30000) /* longer ones go back to the system */
            CHECK_INT(memory_mapped(), before);
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

/* So many that they are not all in one place. */
static void no_two_objects_share_memory(void)
{
    static unsigned char *objects[100];
    static const size_t sizes[] = {24, 2048, 2049};

    for (size_t i = 0; i < JT_LEN(sizes); i++)
        for (int round = 0; round < 3; round++) {
            for (size_t j = 0; j < JT_LEN(objects); j++) {
                objects[j] = jt_token_arena_alloc(sizes[i]);
                CHECK_TRUE(objects[j][0] == 0 && memcmp(objects[j], objects[j] + 1, sizes[i] - 1) == 0);
                memset(objects[j], (int)j + 1, sizes[i]);
            }
            for (size_t j = 0; j < JT_LEN(objects); j++) {
                CHECK_INT(objects[j][0], j + 1);
                CHECK_INT(memcmp(objects[j], objects[j] + 1, sizes[i] - 1), 0);
                jt_token_arena_free(objects[j], sizes[i]);
            }
        }
}

#define HELD 3u

/* Takes and gives, and gives back what another thread took: returns how often an object was not the thread's own. */
static void *take_and_give(void *data)
{
    static _Atomic(unsigned char *) passed_on;
    const int mark = (int)(uintptr_t)data;
    size_t wrong = 0;

    for (int i = 0; i < 4000; i++) {
        unsigned char *held[HELD], *other;

        for (size_t j = 0; j < HELD; j++) {
            held[j] = jt_token_arena_alloc(200);
            wrong += held[j][0] != 0 || held[j][199] != 0;
            memset(held[j], mark, 200);
        }
        for (size_t j = 0; j < HELD; j++)
            wrong += held[j][0] != mark || memcmp(held[j], held[j] + 1, 199) != 0;
        other = atomic_exchange(&passed_on, held[0]);
        wrong += other != NULL && memcmp(other, other + 1, 199) != 0;
        jt_token_arena_free(other, 200);
        for (size_t j = 1; j < HELD; j++)
            jt_token_arena_free(held[j], 200);
    }
    jt_token_arena_free(atomic_exchange(&passed_on, NULL), 200);
    return (void *)(uintptr_t)wrong;
}

static void threads_do_not_get_each_others_objects(void)
{
    pthread_t threads[40];
    void *wrong;

    for (size_t i = 0; i < JT_LEN(threads); i++)
        CHECK_INT(pthread_create(&threads[i], NULL, take_and_give, (void *)(uintptr_t)(i + 1)), 0);
    for (size_t i = 0; i < JT_LEN(threads); i++) {
        CHECK_INT(pthread_join(threads[i], &wrong), 0);
        CHECK_TRUE(wrong == NULL);
    }
}

static void what_is_taken_and_given_again_and_again_takes_no_more_room(void)
{
    static void *objects[300];
    size_t before = 0;

    for (int round = 0; round < 50; round++) {
        if (round == 2)
            before = memory_mapped();
        for (size_t i = 0; i < JT_LEN(objects); i++)
            objects[i] = jt_token_arena_alloc(1000);
        for (size_t i = 0; i < JT_LEN(objects); i++)
            jt_token_arena_free(objects[i], 1000);
    }
    CHECK_INT(memory_mapped(), before);
}

static void an_arena_of_ones_own_ends_with_all_its_pieces(void)
{
    struct jt_arena arena = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    const size_t before = memory_mapped();
    char *piece = jt_arena_take(&arena, 100, MADV_WIPEONFORK), *again;

    CHECK_TRUE(memory_has_flag(piece, " wf"));
    CHECK_TRUE(jt_arena_take(&arena, 0, MADV_NORMAL) == NULL);
    CHECK_TRUE(jt_arena_take(&arena, JT_ARENA_PIECE_MAX + 1, MADV_NORMAL) == NULL);
    for (int i = 0; i < 100; i++)
        memset(jt_arena_take(&arena, JT_ARENA_PIECE_MAX, MADV_NORMAL), 'a', JT_ARENA_PIECE_MAX);
    jt_arena_give(&arena, piece, 100);
    again = jt_arena_take(&arena, 98, MADV_NORMAL);
    CHECK_TRUE(again == piece && again[0] == '\0' && memcmp(again, again + 1, 103) == 0);
    jt_arena_done(&arena);
    CHECK_INT(memory_mapped(), before);
}

static void no_piece_is_in_a_dump(void)
{
    static const size_t sizes[] = {100, 5000, 100000};

    for (size_t i = 0; i < JT_LEN(sizes); i++) {
        void *piece = jt_token_arena_alloc(sizes[i]);

        CHECK_TRUE(memory_has_flag(piece, " dd"));
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
    return memory_has_flag(piece, " lo") && !memory_has_flag(piece + 128 * 1024, " lo") ? 0 : 4;
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
    {"no two objects share memory", no_two_objects_share_memory},
    {"threads do not get each other's objects", threads_do_not_get_each_others_objects},
    {"what is taken and given again and again takes no more room",
     what_is_taken_and_given_again_and_again_takes_no_more_room},
    {"an arena of one's own ends with all its pieces", an_arena_of_ones_own_ends_with_all_its_pieces},
    {"no piece is in a dump", no_piece_is_in_a_dump},
    {"a small limit is used up", a_small_limit_is_used_up},
};

int main(int argc, char **argv)
{
    return check_main(argc, argv, "token_arena", cases, JT_LEN(cases));
}
