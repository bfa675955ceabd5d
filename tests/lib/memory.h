/* SPDX-License-Identifier: MIT */
/* What the kernel says of this program's memory. */
#ifndef TESTS_MEMORY_H
#define TESTS_MEMORY_H

#include "check.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The address space in bytes. What most sanitizers keep beside the memory was there before; ThreadSanitizer maps more
 * as it goes: under it nothing is measured. */
static inline size_t memory_mapped(void)
{
#ifdef __SANITIZE_THREAD__
    return 0;
#else
    FILE *file = fopen("/proc/self/statm", "re");
    size_t pages = 0;

    CHECK_TRUE(file != NULL && fscanf(file, "%zu", &pages) == 1);
    (void)fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
#endif
}

/* Whether the mapping that holds the address has the flag, as /proc/self/smaps shows it: " dd" (not in a dump), " lo"
 * (locked), " wf" (empty in a forked child). */
static inline bool memory_has_flag(const void *address, const char *flag)
{
    FILE *file = fopen("/proc/self/smaps", "re");
    unsigned long start, end;
    bool inside = false, found = false;
    char line[512];

    while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
            inside = (uintptr_t)address >= start && (uintptr_t)address < end;
        found = inside && strncmp(line, "VmFlags:", 8) == 0 && strstr(line, flag) != NULL;
    }
    if (file != NULL)
        (void)fclose(file);
    return found;
}

#endif
