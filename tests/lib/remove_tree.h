/* SPDX-License-Identifier: MIT */
/* Removes a directory with all that is in it, also what its modes would keep. */
#ifndef REMOVE_TREE_H
#define REMOVE_TREE_H

void remove_tree(const char *path);

#endif
