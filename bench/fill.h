/* SPDX-License-Identifier: MIT */
/* A store with as many names as a benchmark wants, written the fastest way that the library itself has. The names are
 * subjects of one account, and no token of them is due or ends while a benchmark runs. */
#ifndef FILL_H
#define FILL_H

#include <stddef.h>

/* What a provider sent, by its lengths; 0: it did not send that. */
struct fill_kind {
    size_t access_len;
    size_t refresh_len;
    size_t scope_len;
    size_t extra_len;
};

/* Writes count rows into the empty store of the configuration; the first `due` of them are due by their column. Ends
 * the process with a message when it cannot. */
void fill_store(const char *config_dir, const char *account, size_t count, size_t due, const struct fill_kind *kind);
/* The name of a row: "line/bot/0000042". */
void fill_name(const char *account, size_t index, char *ret_name, size_t size);

#endif
