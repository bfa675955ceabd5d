/* SPDX-License-Identifier: MIT */
/* The face of the room: the list object. What an admin asks for is in <jeton/jeton.h>. */
#ifndef JT_ADMIN_H
#define JT_ADMIN_H

#include "admin/list.h"

#endif
