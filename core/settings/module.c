/* SPDX-License-Identifier: MIT */
/* The entry of jeton_config.so. */
#include "settings/check.h"
#include "settings/fill.h"

static const struct jt_settings_functions settings_functions = {.fill = jt_fill, .check = jt_check_account};

static const struct jt_config_module module = {
    .head = {sizeof(module), JETON_VERSION},
    .config = &jt_config_functions,
    .settings = &settings_functions,
};

const struct jt_config_module *jeton_config_v1(void)
{
    return &module;
}
