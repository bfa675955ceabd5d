/* SPDX-License-Identifier: MIT */
/* A service that calls an API with a token of jeton's: copy get_token and use_token, and put your API call in call_api.
 * It never keeps a token, since jeton hands out a valid one each time, from memory.
 *
 *     cc -o get_token get_token.c $(pkg-config --cflags --libs jeton)
 *     ./get_token line/bot
 */
#include <inttypes.h>
#include <jeton/jeton.h>
#include <stdio.h>
#include <string.h>

/* Your call to the API, with the header "Authorization: Bearer <access_token>". Returns the HTTP status. */
static int call_api(const char *access_token)
{
    printf("would call the API with a token of %zu bytes\n", strlen(access_token));
    return 200;
}

static int get_token(jeton *ctx, const char *name, jeton_token **ret_token)
{
    struct jeton_request request = {.struct_size = sizeof(request), .timeout_ms = 20000};
    jeton_error *error = NULL;
    int status = jeton_get(ctx, name, &request, ret_token, &error);

    if (status != JETON_OK) {
        fprintf(stderr, "%s: %s\n", name, jeton_error_message(error));
        if (jeton_error_hint(error) != NULL)
            fprintf(stderr, "%s\n", jeton_error_hint(error));
        /* JETON_TRY_LATER is the one status that a service may wait for; anything else needs a person. */
        if (status == JETON_TRY_LATER && jeton_error_retry_after(error) > 0)
            fprintf(stderr, "try again in %" PRId64 " s\n", jeton_error_retry_after(error));
    }
    jeton_error_free(&error);
    return status;
}

/* Calls the API. A 401 means that the token died before its time (revoked, a rotated key): say so, and get another one,
 * once. */
static int use_token(jeton *ctx, const char *name)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        jeton_token *token = NULL;
        int status = get_token(ctx, name, &token), http_status;

        if (status != JETON_OK)
            return status;
        http_status = call_api(jeton_token_access_token(token));
        if (http_status == 401)
            status = jeton_invalidate(ctx, name, NULL, jeton_token_access_token(token), NULL);
        jeton_token_free(&token);
        if (http_status != 401 || status != JETON_OK)
            return status;
    }
    fprintf(stderr, "%s: the API refuses fresh tokens too\n", name);
    return JETON_REFUSED;
}

int main(int argc, char **argv)
{
    jeton *ctx = NULL; /* one for the whole program, shared by all its threads */
    jeton_error *error = NULL;
    int status;

    if (argc != 2) {
        fprintf(stderr, "usage: %s provider/account\n", argv[0]);
        return JETON_USAGE;
    }
    status = jeton_open(NULL, &ctx, &error);
    if (status != JETON_OK) {
        fprintf(stderr, "%s\n", jeton_error_message(error));
        jeton_error_free(&error);
        return JETON_STATUS_EXIT(status);
    }
    status = use_token(ctx, argv[1]);
    jeton_close(&ctx);
    return JETON_STATUS_EXIT(status);
}
