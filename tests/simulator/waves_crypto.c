/* SPDX-License-Identifier: MIT */
/* Owns base58 and the check of a Curve25519 signature as Waves makes it.
   It never signs and never holds a private key. */
#include "waves_crypto.h"

#include "text.h"

#include <openssl/bn.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char base58[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

#define BASE58_TEXT_MAX 128

int waves_base58_decode(const char *text, unsigned char *out, size_t len)
{
    size_t zeros = strspn(text, "1");

    if (strlen(text) > BASE58_TEXT_MAX)
        return -1;
    memset(out, 0, len);
    for (const char *c = text; *c; c++) {
        const char *found = strchr(base58, *c);

        if (!found)
            return -1;

        unsigned carry = (unsigned)(found - base58);

        for (size_t i = len; i-- > 0;) {
            carry += out[i] * 58u;
            out[i] = (unsigned char)carry;
            carry >>= 8;
        }
        if (carry)
            return -1;
    }

    /* Each leading '1' is one zero byte, no more and no less. */
    size_t leading = 0;

    while (leading < len && out[leading] == 0)
        leading++;
    return leading == zeros ? 0 : -1;
}

/* y = (u - 1) / (u + 1) mod 2^255 - 19: the Edwards point of a Montgomery one. libsodium has no
   public field inversion; what is inverted here is public. */
static bool edwards_key(const unsigned char montgomery[32], unsigned char out[32])
{
    unsigned char u_bytes[32];
    BN_CTX *context = BN_CTX_new();
    BIGNUM *p = BN_new(), *u = BN_new(), *above = BN_new(), *below = BN_new();
    bool made = false;

    memcpy(u_bytes, montgomery, 32);
    u_bytes[31] &= 0x7f;
    if (context && p && u && above && below && BN_set_bit(p, 255) && BN_sub_word(p, 19) &&
        BN_lebin2bn(u_bytes, 32, u) && BN_copy(above, u) && BN_copy(below, u) && BN_add_word(below, 1) &&
        BN_mod_sub(above, above, BN_value_one(), p, context) && BN_mod_inverse(below, below, p, context) &&
        BN_mod_mul(above, above, below, p, context))
        made = BN_bn2lebinpad(above, out, 32) == 32;
    BN_free(p);
    BN_free(u);
    BN_free(above);
    BN_free(below);
    BN_CTX_free(context);
    return made;
}

bool waves_verify(const unsigned char public_key[32], const unsigned char signature[64], const char *text)
{
    static const unsigned char prefix[4] = {0xff, 0xff, 0xff, 0x01};
    unsigned char key[32], plain[64];
    size_t len = strlen(text);
    unsigned char *message;
    bool valid;

    if (sodium_init() < 0 || !edwards_key(public_key, key))
        return false;
    /* The sign of the Edwards key rides in the signature's highest bit, which S never needs. */
    memcpy(plain, signature, 64);
    key[31] = (unsigned char)(key[31] | (plain[63] & 0x80));
    plain[63] &= 0x7f;

    message = text_alloc(sizeof(prefix) + len);
    memcpy(message, prefix, sizeof(prefix));
    memcpy(message + sizeof(prefix), text, len);
    valid = crypto_sign_verify_detached(plain, message, sizeof(prefix) + len, key) == 0;
    free(message);
    return valid;
}
