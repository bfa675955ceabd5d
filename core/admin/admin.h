/* SPDX-License-Identifier: MIT */
/* The face of this room: the list object. <jeton/jeton.h> declares the functions for administration. */
#ifndef JT_ADMIN_H
#define JT_ADMIN_H

#include "admin/list.h"

#endif
