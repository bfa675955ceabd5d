/* SPDX-License-Identifier: MIT */
/* Derives the key pair of an account from its seed phrase: BLAKE2b-256, Keccak-256, SHA-256, clamping, X25519. Every
 * intermediate value is wiped. */
#include "waves_key.h"
#include <jeton/status.h>
#include <nettle/sha3.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>

#define KECCAK_RATE   SHA3_256_BLOCK_SIZE
#define KEY_STACK_LEN 8192u /* more stack than the libraries' hash and curve functions use */

/* Wipes the key, and the part of the stack where the libraries may have left intermediate values. */
void waves_key_wipe(struct waves_key *key)
{
    sodium_memzero(key, sizeof(*key));
    sodium_stackzero(KEY_STACK_LEN);
}

void waves_key_wipe_hashes(struct waves_key_hashes *hashes)
{
    sodium_memzero(hashes, sizeof(*hashes));
    sodium_stackzero(KEY_STACK_LEN);
}

static void keccak_add(struct sha3_state *state, size_t at, unsigned char byte)
{
    state->a[at / 8] ^= (uint64_t)byte << (at % 8 * 8);
}

void waves_key_keccak256(const unsigned char *data, size_t len, unsigned char ret_digest[WAVES_HASH_LEN])
{
    struct sha3_state state = {{0}};
    size_t at = 0;

    for (size_t i = 0; i < len; i++) {
        keccak_add(&state, at++, data[i]);
        if (at == KECCAK_RATE) {
            sha3_permute(&state);
            at = 0;
        }
    }
    /* Keccak pads with the bits 1, 0…, 1. SHA3-256 puts two more bits in front (FIPS 202 6.1), which would make this
     * 0x06. */
    keccak_add(&state, at, 0x01);
    keccak_add(&state, KECCAK_RATE - 1, 0x80);
    sha3_permute(&state);
    for (size_t i = 0; i < WAVES_HASH_LEN; i++)
        ret_digest[i] = (unsigned char)(state.a[i / 8] >> (i % 8 * 8) & 0xff);
    sodium_memzero(&state, sizeof(state));
}

static void blake2b_wipe(crypto_generichash_state *state)
{
    sodium_memzero(state, sizeof(*state));
}

/* Hashes nonce and seed one after the other, so that no copy of the seed is made. */
static int blake2b_of_seed(const char *seed, size_t seed_len, unsigned char ret_digest[WAVES_HASH_LEN])
{
    /* The number of the account among those of the seed, big-endian. Wallets use the first. */
    static const unsigned char nonce[4] = {0, 0, 0, 0};
    __attribute__((cleanup(blake2b_wipe))) crypto_generichash_state state;

    if (crypto_generichash_init(&state, NULL, 0, WAVES_HASH_LEN) != 0 ||
        crypto_generichash_update(&state, nonce, sizeof(nonce)) != 0 ||
        crypto_generichash_update(&state, (const unsigned char *)seed, seed_len) != 0 ||
        crypto_generichash_final(&state, ret_digest, WAVES_HASH_LEN) != 0)
        return JETON_INTERNAL;
    return JETON_OK;
}

int waves_key_hash_seed(const char *seed, size_t seed_len, struct waves_key_hashes *ret_hashes)
{
    WAVES_AUTO_HASHES struct waves_key_hashes hashes = {{0}, {0}, {0}};

    if (sodium_init() < 0 || blake2b_of_seed(seed, seed_len, hashes.blake2b) != JETON_OK)
        return JETON_INTERNAL;
    waves_key_keccak256(hashes.blake2b, sizeof(hashes.blake2b), hashes.keccak);
    if (crypto_hash_sha256(hashes.account_seed, hashes.keccak, sizeof(hashes.keccak)) != 0)
        return JETON_INTERNAL;
    *ret_hashes = hashes;
    return JETON_OK;
}

int waves_key_from_private(const unsigned char private_key[WAVES_KEY_LEN], struct waves_key *ret_key)
{
    WAVES_AUTO_KEY struct waves_key key = {{0}, {0}};

    if (sodium_init() < 0)
        return JETON_INTERNAL;
    memcpy(key.scalar, private_key, sizeof(key.scalar));
    key.scalar[0] &= 248;
    key.scalar[31] &= 127;
    key.scalar[31] |= 64;
    if (crypto_scalarmult_curve25519_base(key.public_key, key.scalar) != 0)
        return JETON_INTERNAL;
    key.public_key[31] &= 127;
    *ret_key = key;
    return JETON_OK;
}

int waves_key_from_seed(const char *seed, size_t seed_len, struct waves_key *ret_key)
{
    WAVES_AUTO_HASHES struct waves_key_hashes hashes = {{0}, {0}, {0}};
    int status = waves_key_hash_seed(seed, seed_len, &hashes);

    if (status != JETON_OK)
        return status;
    return waves_key_from_private(hashes.account_seed, ret_key);
}
