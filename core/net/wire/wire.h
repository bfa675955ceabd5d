/* SPDX-License-Identifier: MIT */
/* The face of this room: text encodings, URLs and JSON as they are sent and received, and scratch memory. */
#ifndef JT_NET_WIRE_H
#define JT_NET_WIRE_H

#include "net/wire/scratch.h"
#include "net/wire/json.h"
#include "net/wire/json_pointer.h"
#include "net/wire/json_write.h"
#include "net/wire/text.h"
#include "net/wire/url.h"

#endif
