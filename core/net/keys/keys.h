/* SPDX-License-Identifier: MIT */
/* The face of this room: parsing private keys, and signing with them. */
#ifndef JT_NET_KEYS_H
#define JT_NET_KEYS_H

#include "net/keys/jws.h"
#include "net/keys/key.h"

#endif
