/* SPDX-License-Identifier: MIT */
/* The other side of a Waves signature, for tests: is it good under this public key? It shares no code with what signs.
 */
#ifndef WAVES_VERIFY_H
#define WAVES_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

/* A Curve25519 public key and a signature over message as it was signed, prefix included. */
bool waves_verify(const unsigned char public_key[32], const unsigned char signature[64], const void *message,
                  size_t message_len);

#endif
