/* SPDX-License-Identifier: MIT */
/* Gets, puts and invalidates of many names at random, until it is killed. What jeton acknowledged is written down, one
 * line a token, and nothing else is. */
#include <fcntl.h>
#include <jeton/jeton.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* One write(2) a line, so that lines of several processes do not mix and none is lost with its process. */
static void acknowledge(int fd, const char *name, const jeton_token *token)
{
    char line[512];
    int len = snprintf(line, sizeof(line), "%s %s\n", name, jeton_token_access_token(token));

    if (len < 0 || (size_t)len >= sizeof(line) || write(fd, line, (size_t)len) != len)
        abort();
}

/* Of a hundred calls 70 are gets, 20 put, 10 invalidate. */
static int call_once(jeton *ctx, const char *name, long dice, int fd)
{
    jeton_token *token = NULL;
    jeton_error *error = NULL;
    int status;

    if (dice < 70)
        status = jeton_get(ctx, name, NULL, &token, &error);
    else if (dice < 85)
        status = jeton_refresh(ctx, name, NULL, &token, &error);
    else if (dice < 90)
        status = jeton_acquire(ctx, name, NULL, &token, &error);
    else
        status = jeton_invalidate(ctx, name, NULL, NULL, &error);
    if (status == JETON_OK && token != NULL)
        acknowledge(fd, name, token);
    if (status != JETON_OK)
        fprintf(stderr, "storm: %s: status %d: %s\n", name, status, jeton_error_message(error));
    jeton_token_free(&token);
    jeton_error_free(&error);
    return status;
}

int main(int argc, char **argv)
{
    struct jeton_options options = {.struct_size = sizeof(options)};
    jeton_error *error = NULL;
    jeton *ctx = NULL;
    int fd;

    if (argc < 5) {
        fprintf(stderr, "Usage: storm CONFIG SEED ACKNOWLEDGED NAME...\n");
        return 64;
    }
    options.config_dir = argv[1];
    srandom((unsigned)strtoul(argv[2], NULL, 10));
    fd = open(argv[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || jeton_open(&options, &ctx, &error) != JETON_OK) {
        fprintf(stderr, "storm: %s\n", error != NULL ? jeton_error_message(error) : "cannot write down anything");
        return 1;
    }
    for (;;)
        (void)call_once(ctx, argv[4 + random() % (argc - 4)], random() % 100, fd);
}
