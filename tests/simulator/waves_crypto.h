/* SPDX-License-Identifier: MIT */
/* Owns base58 and the check of a Curve25519 signature as Waves makes it.
   It never signs and never holds a private key. */
#ifndef SIM_WAVES_CRYPTO_H
#define SIM_WAVES_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes into exactly `len` bytes; -1 if it is not base58 or has another length. */
int waves_base58_decode(const char *text, unsigned char *out, size_t len);

/* Whether `signature` signs FF FF FF 01 followed by the text under the X25519 public key. */
bool waves_verify(const unsigned char public_key[32], const unsigned char signature[64], const char *text);

#endif
