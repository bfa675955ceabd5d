/* SPDX-License-Identifier: MIT */
/* Feeds hostile texts to the reader of private keys, in the shape that libFuzzer calls. It asserts that a refusal says
 * why. */
#include "fuzz.h"
#include "net/keys/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jeton_error *error = NULL;
    char *text = fuzz_text(data, size);
    int status = jt_key_check(text, size, size % 2 == 0 ? "passphrase" : NULL, "ES256 RS256", &error);

    fuzz_check_error(status, error);
    jeton_error_free(&error);
    free(text);
    return 0;
}
