/* SPDX-License-Identifier: MIT */
/* Verifies Waves signatures: the public key goes from Curve25519 to Ed25519, which then verifies as usual. It never
 * sees a private key, so nothing here is constant-time. */
#include "waves_verify.h"
#include <openssl/bn.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* RFC 7748 4.1: y = (u - 1) / (u + 1) mod 2^255 - 19. */
static bool edwards_y(const unsigned char u_bytes[32], unsigned char ret_y[32])
{
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *p = BN_new(), *u = BN_lebin2bn(u_bytes, 32, NULL), *above = BN_new(), *below = BN_new();
    bool good = ctx != NULL && p != NULL && u != NULL && above != NULL && below != NULL && BN_set_bit(p, 255) == 1 &&
                BN_sub_word(p, 19) == 1 && BN_copy(above, u) != NULL && BN_sub_word(above, 1) == 1 &&
                BN_copy(below, u) != NULL && BN_add_word(below, 1) == 1 &&
                BN_mod_inverse(below, below, p, ctx) != NULL && BN_mod_mul(above, above, below, p, ctx) == 1 &&
                BN_bn2lebinpad(above, ret_y, 32) == 32;

    BN_free(below);
    BN_free(above);
    BN_free(u);
    BN_free(p);
    BN_CTX_free(ctx);
    return good;
}

bool waves_verify(const unsigned char public_key[32], const unsigned char signature[64], const void *message,
                  size_t message_len)
{
    unsigned char key[32], plain[64];

    if (!edwards_y(public_key, key))
        return false;
    memcpy(plain, signature, sizeof(plain));
    key[31] |= plain[63] & 0x80;
    plain[63] &= 0x7f;
    return crypto_sign_verify_detached(plain, message, message_len, key) == 0;
}
