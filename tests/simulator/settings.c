/* SPDX-License-Identifier: MIT */
/* Owns the control order that changes a provider's knobs and credentials, and the one that shows
   them. It never knows what a knob is for. */
#include "settings.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

#define COMMON_COUNT 4

static const char *const expires_in_forms[] = {"number", "string", "absolute", "omit", NULL};

/* The knobs every provider has, pointed at this one's. */
static void common_knobs(struct provider *provider, struct knob table[COMMON_COUNT + 1])
{
    struct common_settings *common = &provider->common;

    table[0] = (struct knob){.name = "expires_in_form",
                             .type = KNOB_CHOICE,
                             .target = &common->expires_in_form,
                             .choices = expires_in_forms};
    table[1] = (struct knob){.name = "rate_limit", .type = KNOB_INT, .target = &common->rate_limit, .max = INT32_MAX};
    table[2] = (struct knob){
        .name = "rate_window", .type = KNOB_INT, .target = &common->rate_window_s, .min = 1, .max = 86400};
    table[3] = (struct knob){.name = "extra", .type = KNOB_OBJECT, .target = &common->extra};
    table[4] = (struct knob){.name = NULL};
}

static const struct knob *find(const struct knob *own, const struct knob *common, const char *name)
{
    const struct knob *knob = knob_find(own, name);

    return knob ? knob : knob_find(common, name);
}

static void list_known(const struct knob *own, const struct knob *common, const char *prefix, const char *name,
                       char *problem, size_t size)
{
    int used = snprintf(problem, size, "unknown %s \"%s\"; known:", prefix, name);

    for (; own && own->name && used > 0 && (size_t)used < size; own++)
        used += snprintf(problem + used, size - (size_t)used, " %s", own->name);
    for (; common && common->name && used > 0 && (size_t)used < size; common++)
        used += snprintf(problem + used, size - (size_t)used, " %s", common->name);
    if (common && used > 0 && (size_t)used < size)
        snprintf(problem + used, size - (size_t)used, " credentials");
}

static int check_credentials(const struct provider *provider, json_object *given, char *problem, size_t size)
{
    if (!json_object_is_type(given, json_type_object)) {
        snprintf(problem, size, "credentials must be an object");
        return -1;
    }
    json_object_object_foreach(given, name, value)
    {
        const struct knob *knob = knob_find(provider->credentials, name);

        if (!knob) {
            list_known(provider->credentials, NULL, "credential", name, problem, size);
            return -1;
        }
        if (knob_check(knob, value, problem, size))
            return -1;
    }
    return 0;
}

static int check(const struct provider *provider, const struct knob *common, json_object *spec, char *problem,
                 size_t size)
{
    json_object_object_foreach(spec, name, value)
    {
        const struct knob *knob = find(provider->knobs, common, name);

        if (strcmp(name, "provider") == 0)
            continue;
        if (strcmp(name, "credentials") == 0) {
            if (check_credentials(provider, value, problem, size))
                return -1;
        } else if (!knob) {
            list_known(provider->knobs, common, "knob", name, problem, size);
            return -1;
        } else if (knob_check(knob, value, problem, size)) {
            return -1;
        }
    }
    return 0;
}

int settings_change(json_object *spec, json_object **ret_settings, char *problem, size_t size)
{
    struct provider *provider = provider_find(json_object_get_string(json_object_object_get(spec, "provider")));
    struct knob common[COMMON_COUNT + 1];

    if (!provider) {
        snprintf(problem, size, "provider must be the name of a provider");
        return -1;
    }
    common_knobs(provider, common);
    if (check(provider, common, spec, problem, size))
        return -1;

    json_object_object_foreach(spec, name, value)
    {
        if (strcmp(name, "credentials") == 0) {
            json_object_object_foreach(value, credential, text)
                knob_set(knob_find(provider->credentials, credential), text);
        } else if (strcmp(name, "provider") != 0) {
            knob_set(find(provider->knobs, common, name), value);
        }
    }
    *ret_settings = settings_json(provider);
    return 0;
}

json_object *settings_json(struct provider *provider)
{
    json_object *object = json_object_new_object();
    json_object *credentials = json_object_new_object();
    struct knob common[COMMON_COUNT + 1];

    common_knobs(provider, common);
    json_object_object_add(object, "provider", text_json(provider->name));
    for (const struct knob *knob = provider->knobs; knob && knob->name; knob++)
        json_object_object_add(object, knob->name, knob_json(knob));
    for (const struct knob *knob = common; knob->name; knob++)
        json_object_object_add(object, knob->name, knob_json(knob));
    for (const struct knob *knob = provider->credentials; knob && knob->name; knob++)
        json_object_object_add(credentials, knob->name, knob_json(knob));
    json_object_object_add(object, "credentials", credentials);
    return object;
}
