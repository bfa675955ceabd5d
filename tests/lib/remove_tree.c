/* SPDX-License-Identifier: MIT */
/* Removes a directory with all that is in it. */
#include "remove_tree.h"
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

static int open_up(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)where;
    if (type == FTW_D || type == FTW_DNR)
        (void)chmod(path, 0700);
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    (void)remove(path);
    return 0;
}

void remove_tree(const char *path)
{
    (void)nftw(path, open_up, 16, FTW_PHYS);
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
