/* SPDX-License-Identifier: MIT */
/* Chooses the directories: by the argument, then the environment, then by which of the usual ones exists. */
#include "config/place.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef JETON_SYSCONFDIR
#define JETON_SYSCONFDIR "/etc"
#endif
#ifndef JETON_LOCALSTATEDIR
#define JETON_LOCALSTATEDIR "/var"
#endif

#define PLACE_SYSTEM_DIR   JETON_SYSCONFDIR "/jeton"
#define PLACE_SYSTEM_STATE JETON_LOCALSTATEDIR "/lib/jeton"

void jt_config_place_done(struct jt_config_place *place)
{
    free(place->dir);
    free(place->state_dir);
    *place = (struct jt_config_place){0};
}

/* A directory of the user's: below the one that the environment variable names, else below a place in $HOME. A relative
 * path in the variable is ignored (XDG Base Directory). A program with more rights than its caller (setuid) ignores the
 * environment. NULL: the user has none, or out of memory. */
static char *place_of_user(const char *variable, const char *below_home, const char *rest)
{
    const char *base = secure_getenv(variable);
    const char *home = secure_getenv("HOME");

    if (base != NULL && base[0] == '/')
        return jt_printf("%s/%s", base, rest);
    if (home != NULL && home[0] == '/')
        return jt_printf("%s/%s/%s", home, below_home, rest);
    return NULL;
}

/* For root only the variable counts: files in root's home directory are not meant for services that run as root. */
static char *place_of_user_config(void)
{
    const char *base = secure_getenv("XDG_CONFIG_HOME");

    if (geteuid() == 0 && (base == NULL || base[0] != '/'))
        return NULL;
    return place_of_user("XDG_CONFIG_HOME", ".config", "jeton");
}

static bool place_is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool place_is_same(const char *a, const char *b)
{
    struct stat st_a, st_b;

    return stat(a, &st_a) == 0 && stat(b, &st_b) == 0 && st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino;
}

/* NULL, with errno: there is no memory, or the path is relative and the working directory is gone. */
static char *place_absolute(const char *path)
{
    JT_AUTO_STR char *here = NULL;
    JT_AUTO_STR char *full = NULL;
    size_t len;

    if (path[0] == '/') {
        full = jt_strdup(path);
    } else {
        here = getcwd(NULL, 0);
        full = here != NULL ? jt_printf("%s/%s", here, path) : NULL;
    }
    if (full == NULL)
        return NULL;
    len = strlen(full);
    while (len > 1 && full[len - 1] == '/')
        full[--len] = '\0';
    return jt_take(&full);
}

/* The state of a directory that was named explicitly is kept inside it. The user's directory and /etc/jeton are
 * exceptions: naming one of them must lead to the same store as finding it by default. */
static char *place_state(const char *dir, const char *user_dir)
{
    char *state = NULL;

    if (place_is_same(dir, PLACE_SYSTEM_DIR))
        return jt_strdup(PLACE_SYSTEM_STATE);
    if (user_dir != NULL && place_is_same(dir, user_dir))
        state = place_of_user("XDG_STATE_HOME", ".local/state", "jeton");
    return state != NULL ? state : jt_strdup(dir);
}

int jt_config_place_choose(const char *argument, struct jt_config_place *ret_place, jeton_error **ret_error)
{
    JT_CLEANUP(jt_config_place_done) struct jt_config_place place = {0};
    JT_AUTO_STR char *user_dir = place_of_user_config();
    const char *named = argument != NULL ? argument : secure_getenv("JETON_CONFIG");

    if (argument != NULL && argument[0] == '\0')
        return jt_error_set(ret_error, JETON_USAGE, "the name of the configuration directory is empty");
    if (named != NULL && named[0] != '\0') {
        if (strlen(named) >= PATH_MAX)
            return jt_error_set(ret_error, JETON_USAGE, "the name of the configuration directory is too long");
        place.must_exist = true;
        place.dir = place_absolute(named);
    } else if (user_dir != NULL && place_is_directory(user_dir)) {
        place.dir = place_absolute(user_dir);
    } else {
        place.dir = jt_strdup(PLACE_SYSTEM_DIR);
    }
    if (place.dir == NULL)
        return jt_error_errno(ret_error, errno, "the working directory, which \"%s\" starts from, cannot be found",
                              named != NULL ? named : "");
    place.state_dir = !place.must_exist && strcmp(place.dir, PLACE_SYSTEM_DIR) == 0 ? jt_strdup(PLACE_SYSTEM_STATE)
                                                                                    : place_state(place.dir, user_dir);
    if (place.state_dir == NULL)
        return jt_error_no_memory(ret_error);
    *ret_place = place;
    place = (struct jt_config_place){0};
    return JETON_OK;
}
