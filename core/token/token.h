/* SPDX-License-Identifier: MIT */
/* The face of this room: tokens, their names, their lifetime, and the memory they are kept in. */
#ifndef JT_TOKEN_H
#define JT_TOKEN_H

#include "token/arena.h"
#include "token/lifetime.h"
#include "token/name.h"
#include "token/tokenset.h"

#endif
