/* SPDX-License-Identifier: MIT */
/* Owns the control order that changes a provider's knobs and credentials, and the one that shows
   them. It never knows what a knob is for. */
#ifndef SIM_SETTINGS_H
#define SIM_SETTINGS_H

#include "provider.h"

/* Changes all that the object names or nothing: -1 with a message for people in `problem`. */
int settings_change(json_object *spec, json_object **ret_settings, char *problem, size_t size);
json_object *settings_json(struct provider *provider);

#endif
