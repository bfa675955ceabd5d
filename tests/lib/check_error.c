/* SPDX-License-Identifier: MIT */
/* For programs that are linked with the core: the checks of a status with its error, and jeton's modules. */
#include "check.h"
#include "config/config.h"
#include "engines.h"
#include "plugin/module.h"
#include <stdio.h>
#include <string.h>

bool check_status(int actual, int expected, jeton_error **error, const char *text, const char *file, unsigned line)
{
    bool same = actual == expected;

    if (!same)
        printf("%s:%u: %s gave %d (%s), expected %d\n", file, line, text, actual, jeton_error_message(*error),
               expected);
    jeton_error_free(error);
    return check_note(same, text, file, line);
}

bool check_error(int actual, int expected, const char *part, jeton_error **error, const char *text, const char *file,
                 unsigned line)
{
    bool good = actual == expected && *error != NULL && strstr(jeton_error_message(*error), part) != NULL;

    if (!good)
        printf("%s:%u: %s gave %d \"%s\", expected %d with \"%s\"\n", file, line, text, actual,
               *error != NULL ? jeton_error_message(*error) : "(no error)", expected, part);
    jeton_error_free(error);
    return check_note(good, text, file, line);
}

/* There is no installed module yet. Not in check_main: some programs run themselves as something else. */
__attribute__((constructor)) static void check_use_modules(void)
{
    jt_module_hand_in("jeton_config.so", (jt_module_entry *)jeton_config_v1);
    test_engines_hand_in();
}
