/* SPDX-License-Identifier: MIT */
/* The face of the room: what stands on the wire, as text, URLs and JSON, and memory to take it apart in. */
#ifndef JT_NET_WIRE_H
#define JT_NET_WIRE_H

#include "net/wire/scratch.h"
#include "net/wire/json.h"
#include "net/wire/json_pointer.h"
#include "net/wire/json_write.h"
#include "net/wire/text.h"
#include "net/wire/url.h"

#endif
