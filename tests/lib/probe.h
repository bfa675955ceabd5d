/* SPDX-License-Identifier: MIT */
/* A provider plugin that does what a test tells it: for tests of the flow, and of what the host lends to plugins. */
#ifndef PROBE_H
#define PROBE_H

#include "drive.h"

/* Its name is "probe" and its base URL https://as.example; it has every operation, and check. Its settings are
 * client_secret, private_key, redirect_uri, scope and lifetime (60), its parameters code and scope. */
extern const struct jeton_provider probe_table;

/* The probe with a behaviour that all its operations and its check have, until the next probe is made; drive_free. */
struct drive *probe_new(jeton_operation behaviour);
/* The same without a drive: for tests that call the flow themselves. */
struct jt_plugin probe_plugin(jeton_operation behaviour);

#endif
