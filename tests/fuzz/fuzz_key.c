/* SPDX-License-Identifier: MIT */
/* Feeds hostile texts to the reader of private keys, in the shape that libFuzzer calls. It asserts that a refusal says
 * why. */
#include <net/key.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jeton_error *error = NULL;
    char *text = malloc(size + 1);
    int status;

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    status = jt_key_check(text, size, size % 2 == 0 ? "passphrase" : NULL, "ES256 RS256", &error);
    if ((status == JETON_OK) != (error == NULL) || (status != JETON_OK && *jeton_error_message(error) == '\0'))
        abort();
    jeton_error_free(&error);
    free(text);
    return 0;
}
