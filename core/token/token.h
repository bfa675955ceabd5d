/* SPDX-License-Identifier: MIT */
/* The face of this room: token names, token sets, lifetimes, and the memory for tokens. */
#ifndef JT_TOKEN_H
#define JT_TOKEN_H

#include "token/arena.h"
#include "token/lifetime.h"
#include "token/name.h"
#include "token/tokenset.h"

#endif
