/* SPDX-License-Identifier: MIT */
/* Signs a text: EdDSA over Ed25519 with the scalar of a Curve25519 key, as in XEdDSA, except that the signature carries
 * the sign of the public key. A nonce would reveal the key, so all memory that held it is wiped. */
#include "waves_sign.h"
#include <jeton/status.h>
#include <sodium.h>
#include <string.h>

#define SCALAR_LEN     crypto_core_ed25519_SCALARBYTES
#define SIGN_STACK_LEN 8192u /* more stack than libsodium's functions use and leave unwiped */

/* Everything in here is secret, and is wiped. */
struct sign_work {
    crypto_hash_sha512_state state;
    unsigned char hash[crypto_hash_sha512_BYTES];
    unsigned char nonce[SCALAR_LEN];
    unsigned char challenge[SCALAR_LEN];
    unsigned char scalar[SCALAR_LEN];
    unsigned char product[SCALAR_LEN];
};

static void sign_wipe(struct sign_work *work)
{
    sodium_memzero(work, sizeof(*work));
    sodium_stackzero(SIGN_STACK_LEN);
}

static void sign_hash_text(struct sign_work *work, const char *text, size_t text_len)
{
    (void)crypto_hash_sha512_update(&work->state, (const unsigned char *)WAVES_SIGN_PREFIX, WAVES_SIGN_PREFIX_LEN);
    (void)crypto_hash_sha512_update(&work->state, (const unsigned char *)text, text_len);
}

static void sign_finish_hash(struct sign_work *work, unsigned char ret_scalar[SCALAR_LEN])
{
    (void)crypto_hash_sha512_final(&work->state, work->hash);
    crypto_core_ed25519_scalar_reduce(ret_scalar, work->hash);
}

/* r = SHA-512(FE FF..FF, key, text, random) mod L. Because of key and text, bad random bytes do not repeat a nonce for
 * different texts. The first 32 bytes encode no point, so this is never the input of the challenge's hash. */
static void sign_make_nonce(struct sign_work *work, const struct waves_key *key, const unsigned char *random,
                            const char *text, size_t text_len)
{
    static const unsigned char apart[32] = {
        0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    };

    (void)crypto_hash_sha512_init(&work->state);
    (void)crypto_hash_sha512_update(&work->state, apart, sizeof(apart));
    (void)crypto_hash_sha512_update(&work->state, key->scalar, sizeof(key->scalar));
    sign_hash_text(work, text, text_len);
    (void)crypto_hash_sha512_update(&work->state, random, WAVES_RANDOM_LEN);
    sign_finish_hash(work, work->nonce);
}

/* RFC 8032 5.1.6, step 4. */
static void sign_make_challenge(struct sign_work *work, const unsigned char *r, const unsigned char *a,
                                const char *text, size_t text_len)
{
    (void)crypto_hash_sha512_init(&work->state);
    (void)crypto_hash_sha512_update(&work->state, r, crypto_core_ed25519_BYTES);
    (void)crypto_hash_sha512_update(&work->state, a, crypto_core_ed25519_BYTES);
    sign_hash_text(work, text, text_len);
    sign_finish_hash(work, work->challenge);
}

/* S = r + k·a mod L, RFC 8032 5.1.6, step 5. */
static void sign_make_s(struct sign_work *work, const struct waves_key *key, unsigned char ret_s[SCALAR_LEN])
{
    memset(work->hash, 0, sizeof(work->hash));
    memcpy(work->hash, key->scalar, sizeof(key->scalar));
    crypto_core_ed25519_scalar_reduce(work->scalar, work->hash);
    crypto_core_ed25519_scalar_mul(work->product, work->challenge, work->scalar);
    crypto_core_ed25519_scalar_add(ret_s, work->nonce, work->product);
}

int waves_sign_text(const struct waves_key *key, const unsigned char random[WAVES_RANDOM_LEN], const char *text,
                    size_t text_len, unsigned char ret_signature[WAVES_SIGNATURE_LEN])
{
    __attribute__((cleanup(sign_wipe))) struct sign_work work;
    unsigned char a[crypto_core_ed25519_BYTES], signature[WAVES_SIGNATURE_LEN];

    sign_make_nonce(&work, key, random, text, text_len);
    if (crypto_scalarmult_ed25519_base_noclamp(signature, work.nonce) != 0 ||
        crypto_scalarmult_ed25519_base_noclamp(a, key->scalar) != 0)
        return JETON_INTERNAL;
    sign_make_challenge(&work, signature, a, text, text_len);
    sign_make_s(&work, key, signature + crypto_core_ed25519_BYTES);
    /* Two Ed25519 keys belong to a Curve25519 key; the sign bit says which. S is below 2^253, so this bit is free. */
    signature[63] |= a[31] & 0x80;
    memcpy(ret_signature, signature, sizeof(signature));
    return JETON_OK;
}
