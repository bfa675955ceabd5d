/* SPDX-License-Identifier: MIT */
/* A configuration directory in memory for the targets that read configuration, removed at the end. */
#ifndef CONFIG_DIR_H
#define CONFIG_DIR_H

#include "fuzz.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir, *main_path, *provider_path;

static void clean_up(void)
{
    (void)unlink(main_path);
    (void)unlink(provider_path);
    *strrchr(provider_path, '/') = '\0';
    (void)rmdir(provider_path);
    (void)rmdir(dir);
    jt_str_free(&dir);
    jt_str_free(&main_path);
    jt_str_free(&provider_path);
}

/* At the first call. */
static void make_dir(void)
{
    static const char *const places[] = {"/dev/shm", "/tmp"}; /* the first that is there: a file an input is many */

    if (dir != NULL)
        return;
    for (size_t i = 0; dir == NULL && i < JT_LEN(places); i++) {
        dir = jt_printf("%s/jeton-fuzz.XXXXXX", places[i]);
        FUZZ_CHECK(dir != NULL);
        if (mkdtemp(dir) == NULL)
            jt_str_free(&dir);
    }
    main_path = jt_printf("%s/jeton.conf", dir);
    provider_path = jt_printf("%s/providers.d", dir);
    FUZZ_CHECK(dir != NULL && main_path != NULL && provider_path != NULL && mkdir(provider_path, 0700) == 0);
    jt_str_free(&provider_path);
    provider_path = jt_printf("%s/providers.d/fuzz.conf", dir);
    FUZZ_CHECK(provider_path != NULL && atexit(clean_up) == 0);
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    JT_AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
}

#endif
