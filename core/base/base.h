/* SPDX-License-Identifier: MIT */
/* The face of this room: the helpers that every file of the core uses. */
#ifndef JT_BASE_H
#define JT_BASE_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/errno.h"
#include "base/error.h"
#include "base/fields.h"
#include "base/file.h"
#include "base/guarded.h"
#include "base/log.h"
#include "base/reader.h"
#include "base/setting.h"
#include "base/suggest.h"
#include "base/trust.h"
#include "base/utf8.h"
#include "base/value.h"

#endif
