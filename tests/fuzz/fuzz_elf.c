/* SPDX-License-Identifier: MIT */
/* Feeds hostile files to the reader of exported symbols. It asserts that a refusal says why, and that the other symbol
 * it found starts as it was asked for. */
#include "fuzz.h"
#include "plugin/elf.h"
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    JT_AUTO_ERROR jeton_error *error = NULL;
    JT_AUTO_STR char *other = NULL;
    bool found = false;
    int status;

    if (fd < 0)
        fd = memfd_create("object", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    status = jt_elf_exports(fd, "jeton_provider_v1", "jeton_provider_v", &found, &other, &error);
    fuzz_check_error(status, error);
    FUZZ_CHECK(status == JETON_OK || (!found && other == NULL));
    FUZZ_CHECK(other == NULL || strncmp(other, "jeton_provider_v", strlen("jeton_provider_v")) == 0);
    return 0;
}
