/* SPDX-License-Identifier: MIT */
/* The face of this room: token sets, names, lifetimes, and the objects that callers hold. */
#ifndef JT_TOKEN_H
#define JT_TOKEN_H

#include "token/arena.h"
#include "token/lifetime.h"
#include "token/name.h"
#include "token/tokenset.h"

#endif
