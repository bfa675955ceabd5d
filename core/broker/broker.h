/* SPDX-License-Identifier: MIT */
/* The face of this room: contexts, calls, and what other rooms need to know about rows. */
#ifndef JT_BROKER_H
#define JT_BROKER_H

#include "broker/answer.h"
#include "broker/call.h"
#include "broker/context.h"
#include "broker/failure.h"
#include "broker/revoke_queue.h"
#include "broker/store_setup.h"

#endif
