/* SPDX-License-Identifier: MIT */
/* The host's functions for files that nobody else may tamper with. */
#ifndef STORES_FILES_H
#define STORES_FILES_H

#include <jeton/store.h>

int files_check_directory(jeton_store_call *call, const char *path, int *ret_there);
int files_check_file(jeton_store_call *call, const char *path, int *ret_there);
int files_open(jeton_store_call *call, const char *path, int flags, int *ret_fd);

#endif
