/* SPDX-License-Identifier: MIT */
/* The face of the room: archives, and rows in them. Exporting and importing are in <jeton/jeton.h>. */
#ifndef JT_ARCHIVE_H
#define JT_ARCHIVE_H

#include "archive/row.h"
#include "archive/stream.h"

#endif
