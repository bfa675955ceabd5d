/* SPDX-License-Identifier: MIT */
/* The face of this room: running one flow or many over libcurl, with connections that are kept between flows. */
#ifndef JT_NET_HTTP_H
#define JT_NET_HTTP_H

#include "net/http/pool.h"
#include "net/http/run.h"
#include "net/http/run_many.h"

#endif
