/* SPDX-License-Identifier: MIT */
/* Owns taking a compact JWS apart and checking its RS256 signature.
   It never decides what its claims are worth. */
#ifndef SIM_JWS_H
#define SIM_JWS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct jws {
    json_object *header;
    json_object *payload;
    const char *signed_text; /* into the caller's text */
    size_t signed_len;
    unsigned char *signature;
    size_t signature_len;
};

/* -1 if it is not three segments of base64url with JSON objects in the first two. `text` must
   outlive the result. */
int jws_parse(const char *text, struct jws *ret_jws);
void jws_done(struct jws *jws);
/* Under the server's lock only: it remembers the key. */
bool jws_verify_rs256(const struct jws *jws, const char *public_key_pem);

const char *json_text(json_object *object, const char *name); /* NULL unless a string */
/* An integer, or a string of digits, which LINE's own example uses; -1 if absent or neither. */
int64_t json_seconds(json_object *object, const char *name);

#endif
