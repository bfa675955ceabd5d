/* SPDX-License-Identifier: MIT */
/* Stands in for libFuzzer where there is none: calls a target with each file of its seed corpus, so that `make check`
 * proves that it builds and that what was found once stays mended. */
#include "fuzz.h"
#include "tests/lib/check.h"
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#define REPLAY_SIZE_MAX (1024u * 1024u)

static void replay_file(const char *path, int done)
{
    static uint8_t data[REPLAY_SIZE_MAX];
    FILE *stream = fopen(path, "rb");
    size_t len;

    if (stream == NULL) {
        perror(path);
        exit(1);
    }
    len = fread(data, 1, sizeof(data), stream);
    (void)fclose(stream);
    check_progress((unsigned)done, 0, 0, path);
    /* Said before, since the program may not live to say it afterwards. */
    (void)printf("%s: %zu bytes\n", path, len);
    (void)fflush(stdout);
    (void)LLVMFuzzerTestOneInput(data, len);
}

static int replay_directory(const char *path)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort), done = 0;

    if (count < 0)
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        JT_AUTO_STR char *file = jt_printf("%s/%s", path, entries[i]->d_name);

        if (file != NULL && entries[i]->d_name[0] != '.') {
            replay_file(file, done);
            done++;
        }
        free(entries[i]);
    }
    free(entries);
    return done;
}

/* Without arguments: tests/fuzz/seeds/<name without fuzz_> of the source tree. */
int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/') != NULL ? strrchr(argv[0], '/') + 1 : argv[0];
    const char *top = getenv("top_srcdir"), *bare = strstr(name, "fuzz_");
    JT_AUTO_STR char *seeds =
        jt_printf("%s/tests/fuzz/seeds/%s", top != NULL ? top : ".", bare != NULL ? bare + strlen("fuzz_") : name);
    int done = 0;

    /* Empty input is what every target is called with first. */
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        struct stat st;

        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
            done += replay_directory(argv[i]);
        } else {
            replay_file(argv[i], done);
            done++;
        }
    }
    if (argc == 1 && seeds != NULL)
        done = replay_directory(seeds);
    (void)printf("%d passed, %d failed\n", done, done == 0);
    return done == 0;
}
