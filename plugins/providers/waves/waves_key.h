/* SPDX-License-Identifier: MIT */
/* The key of a Waves account, from its seed phrase or from the private key itself. The caller wipes the results. */
#ifndef WAVES_KEY_H
#define WAVES_KEY_H

#include <stddef.h>

#define WAVES_KEY_LEN  32u
#define WAVES_HASH_LEN 32u

/* A Curve25519 key pair, RFC 7748 5. */
struct waves_key {
    unsigned char scalar[WAVES_KEY_LEN]; /* the private key, clamped */
    unsigned char public_key[WAVES_KEY_LEN];
};

void waves_key_wipe(struct waves_key *key);
#define WAVES_AUTO_KEY __attribute__((cleanup(waves_key_wipe)))

/* The steps from a seed phrase to a key. Each hash is as secret as the seed. */
struct waves_key_hashes {
    unsigned char blake2b[WAVES_HASH_LEN];      /* BLAKE2b-256 of the nonce and the seed */
    unsigned char keccak[WAVES_HASH_LEN];       /* Keccak-256 of that */
    unsigned char account_seed[WAVES_HASH_LEN]; /* SHA-256 of that: the private key before it is clamped */
};

void waves_key_wipe_hashes(struct waves_key_hashes *hashes);
#define WAVES_AUTO_HASHES __attribute__((cleanup(waves_key_wipe_hashes)))

/* The original Keccak-256, whose padding differs from SHA3-256's. */
void waves_key_keccak256(const unsigned char *data, size_t len, unsigned char ret_digest[WAVES_HASH_LEN]);

/* Hashes the seed's bytes as they are. Thread-safe. JETON_INTERNAL: libsodium cannot be used. */
int waves_key_hash_seed(const char *seed, size_t seed_len, struct waves_key_hashes *ret_hashes)
    __attribute__((warn_unused_result));
int waves_key_from_seed(const char *seed, size_t seed_len, struct waves_key *ret_key)
    __attribute__((warn_unused_result));
/* Clamps the private key first, as Waves' own library does. */
int waves_key_from_private(const unsigned char private_key[WAVES_KEY_LEN], struct waves_key *ret_key)
    __attribute__((warn_unused_result));

#endif
