/* SPDX-License-Identifier: MIT */
/* The face of this room: archives, and rows in them. <jeton/jeton.h> declares export and import. */
#ifndef JT_ARCHIVE_H
#define JT_ARCHIVE_H

#include "archive/row.h"
#include "archive/stream.h"

#endif
