/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share: the shape that libFuzzer calls, copies whose end is guarded, and what must hold of every
 * error. It knows nothing of what is fuzzed. */
#ifndef FUZZ_H
#define FUZZ_H

#include "base/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_UNUSED __attribute__((unused))

/* What must hold does not: libFuzzer keeps the input, replay.c names it. */
#define FUZZ_CHECK(condition)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (void)fprintf(stderr, "%s:%d: this does not hold: %s\n", __FILE__, __LINE__, #condition);                  \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* In memory of its own, with a NUL behind it, so that a read past its end is seen. The caller frees. */
FUZZ_UNUSED static char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    FUZZ_CHECK(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

/* The same without the NUL; never NULL. */
FUZZ_UNUSED static void *fuzz_bytes(const uint8_t *data, size_t size)
{
    void *bytes = malloc(size > 0 ? size : 1);

    FUZZ_CHECK(bytes != NULL);
    if (size > 0)
        memcpy(bytes, data, size);
    return bytes;
}

/* A message is one line of what a terminal can be shown. */
FUZZ_UNUSED static void fuzz_check_line(const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        FUZZ_CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
}

/* A failure says why, a success says nothing. */
FUZZ_UNUSED static void fuzz_check_error(int status, const jeton_error *error)
{
    FUZZ_CHECK((status == JETON_OK) == (error == NULL));
    if (error == NULL)
        return;
    FUZZ_CHECK(jeton_error_status(error) == status && *jeton_error_message(error) != '\0');
    fuzz_check_line(jeton_error_message(error));
}

#endif
