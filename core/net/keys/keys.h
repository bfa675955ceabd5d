/* SPDX-License-Identifier: MIT */
/* The face of the room: private keys out of text, and signatures made with them. */
#ifndef JT_NET_KEYS_H
#define JT_NET_KEYS_H

#include "net/keys/jws.h"
#include "net/keys/key.h"

#endif
