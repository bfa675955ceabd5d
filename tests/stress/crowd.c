/* SPDX-License-Identifier: MIT */
/* Many callers at one moment: so many processes of so many threads, each of which gets one token. It counts and prints
 * what they got, and never judges it. */
#include <getopt.h>
#include <jeton/jeton.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLERS_MAX 4096u

struct caller {
    int status;
    int64_t took_ms;
    char token[128];
    char message[256];
};

/* In memory that the processes share. */
struct crowd {
    pthread_barrier_t at_once;
    pid_t processes[CALLERS_MAX];
    struct caller callers[CALLERS_MAX];
};

struct plan {
    const char *config_dir;
    char **names;
    size_t names_len;
    size_t processes;
    size_t threads;
    int64_t timeout_ms; /* 0: none */
    struct crowd *crowd;
};

/* One thread's part. */
struct part {
    const struct plan *plan;
    jeton *ctx;
    size_t number;
};

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *part_run(void *data)
{
    const struct part *part = data;
    const struct plan *plan = part->plan;
    struct caller *caller = &plan->crowd->callers[part->number];
    struct jeton_request request = {.struct_size = sizeof(request), .timeout_ms = plan->timeout_ms};
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    int64_t began_ms;

    (void)pthread_barrier_wait(&plan->crowd->at_once);
    began_ms = now_ms();
    caller->status = jeton_get(part->ctx, plan->names[part->number % plan->names_len], &request, &token, &error);
    caller->took_ms = now_ms() - began_ms;
    (void)snprintf(caller->token, sizeof(caller->token), "%s",
                   caller->status == JETON_OK ? jeton_token_access_token(token) : "");
    (void)snprintf(caller->message, sizeof(caller->message), "%s",
                   caller->status == JETON_OK ? "" : jeton_error_message(error));
    jeton_token_free(&token);
    jeton_error_free(&error);
    return NULL;
}

/* A process of the crowd; a child never shares its parent's context. */
static int process_run(const struct plan *plan, size_t process)
{
    struct jeton_options options = {.struct_size = sizeof(options), .config_dir = plan->config_dir};
    struct part *parts = calloc(plan->threads, sizeof(*parts));
    pthread_t *threads = calloc(plan->threads, sizeof(*threads));
    jeton_error *error = NULL;
    jeton *ctx = NULL;

    if (parts == NULL || threads == NULL || jeton_open(&options, &ctx, &error) != JETON_OK) {
        fprintf(stderr, "crowd: %s\n", error != NULL ? jeton_error_message(error) : "out of memory");
        abort(); /* the others wait at the barrier: let the parent see a dead child and end them */
    }
    for (size_t i = 0; i < plan->threads; i++) {
        parts[i] = (struct part){plan, ctx, process * plan->threads + i};
        if (pthread_create(&threads[i], NULL, part_run, &parts[i]) != 0)
            abort();
    }
    for (size_t i = 0; i < plan->threads; i++)
        (void)pthread_join(threads[i], NULL);
    jeton_close(&ctx);
    free(parts);
    free(threads);
    return 0;
}

static struct crowd *crowd_new(unsigned count)
{
    struct crowd *crowd = mmap(NULL, sizeof(*crowd), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_barrierattr_t attributes;

    if (crowd == MAP_FAILED || pthread_barrierattr_init(&attributes) != 0 ||
        pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) != 0 ||
        pthread_barrier_init(&crowd->at_once, &attributes, count) != 0)
        return NULL;
    (void)pthread_barrierattr_destroy(&attributes);
    return crowd;
}

static int crowd_run(const struct plan *plan)
{
    pid_t *children = plan->crowd->processes;
    int failed = 0, state;

    for (size_t i = 0; i < plan->processes; i++) {
        children[i] = fork();
        if (children[i] == 0)
            exit(process_run(plan, i));
        if (children[i] < 0)
            return 1;
    }
    for (size_t i = 0; i < plan->processes; i++) {
        pid_t ended = wait(&state);

        if (ended > 0 && WIFEXITED(state) && WEXITSTATUS(state) == 0)
            continue;
        for (size_t other = 0; failed == 0 && other < plan->processes; other++)
            if (children[other] != ended)
                (void)kill(children[other], SIGKILL);
        failed = 1;
    }
    return failed;
}

static bool is_first(const struct crowd *crowd, size_t number)
{
    for (size_t i = 0; i < number; i++)
        if (strcmp(crowd->callers[i].token, crowd->callers[number].token) == 0)
            return false;
    return true;
}

static void crowd_print(const struct crowd *crowd, size_t count)
{
    size_t failed = 0, tokens = 0;
    int64_t slowest_ms = 0, fastest_ms = INT64_MAX;
    const char *message = "";

    for (size_t i = 0; i < count; i++) {
        const struct caller *caller = &crowd->callers[i];

        if (caller->status != JETON_OK) {
            failed++;
            message = caller->message;
        } else if (is_first(crowd, i)) {
            tokens++;
        }
        slowest_ms = caller->took_ms > slowest_ms ? caller->took_ms : slowest_ms;
        fastest_ms = caller->took_ms < fastest_ms ? caller->took_ms : fastest_ms;
    }
    printf("callers=%zu failed=%zu tokens=%zu fastest_ms=%lld slowest_ms=%lld message=%s\n", count, failed, tokens,
           (long long)fastest_ms, (long long)slowest_ms, message);
}

int main(int argc, char **argv)
{
    struct plan plan = {.processes = 1, .threads = 1};
    int option;

    while ((option = getopt(argc, argv, "c:p:t:w:")) != -1) {
        if (option == 'c')
            plan.config_dir = optarg;
        else if (option == 'p')
            plan.processes = strtoul(optarg, NULL, 10);
        else if (option == 't')
            plan.threads = strtoul(optarg, NULL, 10);
        else if (option == 'w')
            plan.timeout_ms = strtoll(optarg, NULL, 10);
        else
            return 64;
    }
    plan.names = argv + optind;
    plan.names_len = (size_t)(argc - optind);
    if (plan.config_dir == NULL || plan.names_len == 0 || plan.processes == 0 || plan.threads == 0 ||
        plan.processes > CALLERS_MAX || plan.threads > CALLERS_MAX / plan.processes) {
        fprintf(stderr, "Usage: crowd -c CONFIG [-p PROCESSES] [-t THREADS] [-w TIMEOUT_MS] NAME...\n");
        return 64;
    }
    plan.crowd = crowd_new((unsigned)(plan.processes * plan.threads));
    if (plan.crowd == NULL || crowd_run(&plan) != 0) {
        fprintf(stderr, "crowd: a process of the crowd did not end well\n");
        return 1;
    }
    crowd_print(plan.crowd, plan.processes * plan.threads);
    return 0;
}
