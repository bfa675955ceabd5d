/* SPDX-License-Identifier: MIT */
/* The settings of the engine under test: which value a setting has in the place of the running test. */
#include "settings.h"
#include "check.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HANG_S 60u /* how long a test may take in one place; see end_hanging in suite.c */

static const struct jeton_setting *declared_all;
static char **given;
static size_t given_count;
static unsigned place;                         /* counts the places of this run */
static long run_number;                        /* other processes of this run see the same places */
static char dir[4096], number[64], file[8192]; /* threads read the first two, so only settings_fresh writes them */

static const struct jeton_setting *declared_find(const char *name, size_t len)
{
    for (const struct jeton_setting *one = declared_all; one != NULL && one->name != NULL; one++)
        if (strlen(one->name) == len && strncmp(one->name, name, len) == 0)
            return one;
    return NULL;
}

/* What the command line gives for a setting; NULL: nothing. */
static const char *given_value(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < given_count; i++)
        if (strncmp(given[i], name, len) == 0 && given[i][len] == '=')
            return given[i] + len + 1;
    return NULL;
}

static bool value_fits(const struct jeton_setting *setting, const char *value)
{
    char *end;
    long long given_number;

    if (setting->type == JETON_BOOLEAN)
        return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
    if (setting->type != JETON_INTEGER || strstr(value, "{number}") != NULL)
        return true;
    given_number = strtoll(value, &end, 10);
    return *value != '\0' && *end == '\0' &&
           (setting->minimum >= setting->maximum ||
            (given_number >= setting->minimum && given_number <= setting->maximum));
}

static const char *pair_wrong(const char *pair)
{
    const char *equal = strchr(pair, '=');
    const struct jeton_setting *setting;

    if (equal == NULL)
        return "a setting is given as KEY=VALUE";
    setting = declared_find(pair, (size_t)(equal - pair));
    if (setting == NULL)
        return "the engine declares no such setting";
    return value_fits(setting, equal + 1) ? NULL : "the value is not one that the engine declares";
}

bool settings_given(const struct jeton_setting *declared, char **pairs, size_t count, const char **ret_why)
{
    static char why[512];

    declared_all = declared;
    given = pairs;
    given_count = count;
    run_number = (long)getpid();
    *ret_why = why;
    for (size_t i = 0; i < count; i++)
        if (pair_wrong(pairs[i]) != NULL) {
            (void)snprintf(why, sizeof(why), "%s: %s", pairs[i], pair_wrong(pairs[i]));
            return false;
        }
    for (const struct jeton_setting *one = declared; one != NULL && one->name != NULL; one++)
        if ((one->flags & JETON_REQUIRED) != 0 && given_value(one->name) == NULL) {
            (void)snprintf(why, sizeof(why), "the engine cannot do without %s=...", one->name);
            return false;
        }
    return true;
}

bool settings_declared(const char *name)
{
    return declared_find(name, strlen(name)) != NULL;
}

static const char *placeholder_value(const char *text, size_t *ret_len)
{
    *ret_len = strncmp(text, "{dir}", 5) == 0 ? 5 : strncmp(text, "{number}", 8) == 0 ? 8 : 0;
    return *ret_len == 5 ? dir : number;
}

/* A relative path is one below the directory of the place, as a relative default is below jeton's state directory. */
static char *filled_in(const struct jeton_setting *setting, const char *value)
{
    char *text = NULL;
    size_t size, len;
    FILE *stream = open_memstream(&text, &size);

    if (stream == NULL)
        abort();
    if (setting->type == JETON_PATH && value[0] != '/' && strncmp(value, "{dir}", 5) != 0)
        (void)fprintf(stream, "%s/", dir);
    while (*value != '\0') {
        const char *filled = placeholder_value(value, &len);

        if (len > 0)
            (void)fputs(filled, stream);
        else
            (void)fputc(*value, stream);
        value += len > 0 ? len : 1;
    }
    if (fclose(stream) != 0 || text == NULL)
        abort();
    return text;
}

char *settings_value(const char *name)
{
    const struct jeton_setting *setting = declared_find(name, strlen(name));
    const char *value = given_value(name);

    if (setting == NULL)
        abort();
    if (value == NULL)
        value = setting->default_value;
    return value != NULL ? filled_in(setting, value) : NULL;
}

void settings_fresh(void)
{
    const char *top = check_tmpdir();

    place++;
    (void)alarm(HANG_S);
    (void)snprintf(number, sizeof(number), "%ld_%u", run_number, place);
    (void)snprintf(dir, sizeof(dir), "%s/%u", top, place);
    if (mkdir(dir, 0700) != 0) {
        perror(dir);
        abort();
    }
}

static bool value_is_below_dir(const struct jeton_setting *setting)
{
    const char *value = given_value(setting->name);

    if (value == NULL)
        value = setting->default_value;
    return value != NULL && (strstr(value, "{dir}") != NULL || (setting->type == JETON_PATH && value[0] != '/'));
}

const char *settings_dir(void)
{
    for (const struct jeton_setting *one = declared_all; one != NULL && one->name != NULL; one++)
        if (value_is_below_dir(one))
            return dir;
    return NULL;
}

const char *settings_file(void)
{
    for (const struct jeton_setting *one = declared_all; one != NULL && one->name != NULL; one++)
        if (one->type == JETON_PATH && value_is_below_dir(one)) {
            char *value = settings_value(one->name);

            (void)snprintf(file, sizeof(file), "%s", value);
            free(value);
            return file;
        }
    return NULL;
}
