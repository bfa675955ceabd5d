/* SPDX-License-Identifier: MIT */
/* Renews one name again and again until it is killed or refused, and prints each token after jeton has vouched for it.
 * It never prints one that was not committed. */
#include <jeton/jeton.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct jeton_options options = {.struct_size = sizeof(options)};
    jeton_error *error = NULL;
    jeton_token *token = NULL;
    jeton *ctx = NULL;

    if (argc != 3) {
        fprintf(stderr, "Usage: renewer CONFIG NAME\n");
        return 64;
    }
    options.config_dir = argv[1];
    if (jeton_open(&options, &ctx, &error) == JETON_OK)
        while (jeton_refresh(ctx, argv[2], NULL, &token, &error) == JETON_OK) {
            printf("%s\n", jeton_token_access_token(token));
            (void)fflush(stdout);
            jeton_token_free(&token);
        }
    fprintf(stderr, "renewer: %s\n", jeton_error_message(error));
    jeton_error_free(&error);
    jeton_close(&ctx);
    return 1;
}
