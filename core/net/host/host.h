/* SPDX-License-Identifier: MIT */
/* The face of this room: the table of host functions that plugins are lent. */
#ifndef JT_NET_HOST_H
#define JT_NET_HOST_H

#include <jeton/provider.h>

extern const struct jeton_host jt_host;

#endif
