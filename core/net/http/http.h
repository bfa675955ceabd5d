/* SPDX-License-Identifier: MIT */
/* The face of the room: flows run to their end over libcurl, one or many, with connections that are kept between them.
 */
#ifndef JT_NET_HTTP_H
#define JT_NET_HTTP_H

#include "net/http/pool.h"
#include "net/http/run.h"
#include "net/http/run_many.h"

#endif
