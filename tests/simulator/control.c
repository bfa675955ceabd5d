/* SPDX-License-Identifier: MIT */
/* Owns the control port: what tests may ask and order, as JSON.
   It never does the work itself; each order belongs to another file. */
#include "clock.h"
#include "fault.h"
#include "provider.h"
#include "record.h"
#include "server.h"
#include "settings.h"
#include "text.h"
#include "tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBLEM_MAX 1024
#define OFFSET_MAX  ((int64_t)100 * 365 * 86400)

static void complain(struct answer *answer, unsigned status, const char *problem)
{
    answer_members(answer, status, "error", problem, (char *)NULL);
}

static void done(struct answer *answer)
{
    json_object *object = json_object_new_object();

    json_object_object_add(object, "ok", json_object_new_boolean(1));
    answer_json(answer, 200, object);
}

/* The JSON object in the body, or NULL after having complained. */
static json_object *read_object(const struct request *request, struct answer *answer)
{
    json_object *object = NULL;

    if (request->body_len) {
        struct json_tokener *tokener = json_tokener_new_ex(32);

        if (tokener) {
            object = json_tokener_parse_ex(tokener, request->body, (int)request->body_len);
            /* A bare prefix such as "{" is unfinished, and anything after the object is no JSON. */
            if (json_tokener_get_error(tokener) != json_tokener_success) {
                json_object_put(object);
                object = NULL;
            }
            json_tokener_free(tokener);
        }
    }
    if (object && json_object_is_type(object, json_type_object))
        return object;
    json_object_put(object);
    complain(answer, 400, "the body must be one JSON object");
    return NULL;
}

/* The ?provider= of the query: false after having complained about an unknown one. */
static bool read_provider(const struct request *request, struct answer *answer, const char **ret_name)
{
    const char *name = fields_need(&request->query, "provider");

    *ret_name = NULL;
    if (!name || strcmp(name, "*") == 0)
        return true;

    struct provider *provider = provider_find(name);

    if (!provider) {
        complain(answer, 400, "no such provider");
        return false;
    }
    *ret_name = provider->name;
    return true;
}

static void get_health(const struct request *request, struct answer *answer)
{
    (void)request;
    done(answer);
}

static void get_requests(const struct request *request, struct answer *answer)
{
    const char *provider;

    if (read_provider(request, answer, &provider))
        answer_json(answer, 200, record_json(provider));
}

static void delete_requests(const struct request *request, struct answer *answer)
{
    (void)request;
    record_clear();
    done(answer);
}

static void get_count(const struct request *request, struct answer *answer)
{
    const char *provider;

    if (!read_provider(request, answer, &provider))
        return;

    json_object *object = json_object_new_object();
    int64_t count = record_count(provider, fields_need(&request->query, "path"));

    json_object_object_add(object, "count", json_object_new_int64(count));
    answer_json(answer, 200, object);
}

static void get_tokens(const struct request *request, struct answer *answer)
{
    const char *provider;

    if (read_provider(request, answer, &provider))
        answer_json(answer, 200, tokens_json(provider));
}

static void get_time(const struct request *request, struct answer *answer)
{
    json_object *object = json_object_new_object();

    (void)request;
    json_object_object_add(object, "now", json_object_new_int64(clock_now()));
    json_object_object_add(object, "offset", json_object_new_int64(clock_offset()));
    json_object_object_add(object, "real", json_object_new_int64(clock_real()));
    answer_json(answer, 200, object);
}

static void post_time(const struct request *request, struct answer *answer)
{
    json_object *spec = read_object(request, answer);
    json_object *offset = NULL, *now = NULL;

    if (!spec)
        return;
    json_object_object_get_ex(spec, "offset", &offset);
    json_object_object_get_ex(spec, "now", &now);

    json_object *given = offset ? offset : now;
    int64_t value = json_object_get_int64(given);

    if (json_object_object_length(spec) != 1 || !json_object_is_type(given, json_type_int)) {
        complain(answer, 400, "give either offset or now, an integer of seconds");
    } else if (now ? value < 0 || value > clock_real() + OFFSET_MAX : value < -OFFSET_MAX || value > OFFSET_MAX) {
        complain(answer, 400, "that is more than 100 years away");
    } else {
        clock_set_offset(now ? value - clock_real() : value);
        get_time(request, answer);
    }
    json_object_put(spec);
}

static void post_fault(const struct request *request, struct answer *answer)
{
    json_object *spec = read_object(request, answer);
    char problem[PROBLEM_MAX] = "";

    if (!spec)
        return;
    if (fault_add(spec, problem, sizeof(problem)))
        complain(answer, 400, problem);
    else
        done(answer);
    json_object_put(spec);
}

static void get_fault(const struct request *request, struct answer *answer)
{
    (void)request;
    answer_json(answer, 200, fault_json());
}

static void delete_fault(const struct request *request, struct answer *answer)
{
    (void)request;
    fault_clear();
    done(answer);
}

static void post_set(const struct request *request, struct answer *answer)
{
    json_object *spec = read_object(request, answer);
    json_object *result = NULL;
    char problem[PROBLEM_MAX] = "";

    if (!spec)
        return;
    if (settings_change(spec, &result, problem, sizeof(problem)))
        complain(answer, 400, problem);
    else
        answer_json(answer, 200, result);
    json_object_put(spec);
}

static void get_set(const struct request *request, struct answer *answer)
{
    const char *name;

    if (!read_provider(request, answer, &name))
        return;
    if (name)
        answer_json(answer, 200, settings_json(provider_find(name)));
    else
        complain(answer, 400, "say which: ?provider=");
}

static void post_code(const struct request *request, struct answer *answer)
{
    json_object *spec = read_object(request, answer);
    const char *problem = "that provider has no codes";

    if (!spec)
        return;

    json_object *name = json_object_object_get(spec, "provider");
    struct provider *provider = provider_find(json_object_get_string(name));
    char *code = provider && provider->new_code ? provider->new_code(spec, &problem) : NULL;

    if (!provider)
        complain(answer, 400, "no such provider");
    else if (!code)
        complain(answer, 400, problem);
    else
        answer_members(answer, 200, "code", code, (char *)NULL);
    free(code);
    json_object_put(spec);
}

static void post_reset(const struct request *request, struct answer *answer)
{
    (void)request;
    server_reset();
    done(answer);
}

static const struct route routes[] = {
    {"GET", "/healthz", get_health},    {"GET", "/requests", get_requests}, {"DELETE", "/requests", delete_requests},
    {"GET", "/count", get_count},       {"GET", "/tokens", get_tokens},     {"GET", "/time", get_time},
    {"POST", "/time", post_time},       {"POST", "/fault", post_fault},     {"GET", "/fault", get_fault},
    {"DELETE", "/fault", delete_fault}, {"POST", "/set", post_set},         {"GET", "/set", get_set},
    {"POST", "/code", post_code},       {"POST", "/reset", post_reset},     {NULL, NULL, NULL},
};

static void list_routes(struct answer *answer)
{
    char problem[PROBLEM_MAX] = "no such order; known:";
    size_t used = strlen(problem);

    for (const struct route *route = routes; route->method && used < sizeof(problem); route++)
        used += (size_t)snprintf(problem + used, sizeof(problem) - used, " %s %s,", route->method, route->path);
    if (used < sizeof(problem))
        problem[used - 1] = 0;
    complain(answer, 404, problem);
}

void control_dispatch(struct request *request, struct answer *answer)
{
    const struct route *route = routes;

    request_split(request);
    while (route->method && (strcmp(route->path, request->path) != 0 || strcmp(route->method, request->method) != 0))
        route++;

    server_lock();
    if (!route->method)
        list_routes(answer);
    else if (request->too_large)
        complain(answer, 413, "the body is above 1 MiB");
    else
        route->handle(request, answer);
    server_unlock();
    request_free(request);
}
