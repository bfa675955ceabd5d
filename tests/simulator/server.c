/* SPDX-License-Identifier: MIT */
/* Owns the way of a request: lock, record, faults, rate limit, provider.
   It never touches a socket. */
#include "server.h"

#include "clock.h"
#include "fault.h"
#include "provider.h"
#include "record.h"
#include "text.h"
#include "tokens.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void server_lock(void)
{
    pthread_mutex_lock(&lock);
}

void server_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

void server_reset(void)
{
    for (size_t i = 0; providers[i]; i++)
        provider_reset(providers[i]);
    tokens_clear();
    fault_clear();
    record_clear();
    clock_set_offset(0);
}

void server_free(void)
{
    server_reset();
}

/* "/line/v2/oauth/revoke" is path "/v2/oauth/revoke" of provider line. */
static struct provider *provider_of(const char *path, const char **ret_below)
{
    for (size_t i = 0; providers[i]; i++) {
        size_t len = strlen(providers[i]->name);

        if (path[0] == '/' && strncmp(path + 1, providers[i]->name, len) == 0 &&
            (path[1 + len] == '/' || path[1 + len] == 0)) {
            *ret_below = path + 1 + len;
            return providers[i];
        }
    }
    return NULL;
}

static bool rate_exceeded(struct common_settings *common)
{
    int64_t now = clock_now();

    if (common->rate_limit <= 0)
        return false;
    if (now >= common->window_started_at + common->rate_window_s || now < common->window_started_at) {
        common->window_started_at = now;
        common->window_requests = 0;
    }
    return ++common->window_requests > common->rate_limit;
}

static void route(struct provider *provider, const struct request *request, const char *path, struct answer *answer)
{
    bool path_known = false;

    for (const struct route *route = provider->routes; route->method; route++) {
        if (strcmp(route->path, path) != 0)
            continue;
        path_known = true;
        if (strcmp(route->method, request->method) != 0)
            continue;
        if (request->too_large)
            provider->refuse(REFUSE_TOO_LARGE, answer);
        else if (request->body_len && !request_is_form(request))
            provider->refuse(REFUSE_CONTENT_TYPE, answer);
        else if (rate_exceeded(&provider->common))
            provider->refuse(REFUSE_RATE, answer);
        else
            route->handle(request, answer);
        return;
    }
    provider->refuse(path_known ? REFUSE_METHOD : REFUSE_PATH, answer);
}

static void serve(struct provider *provider, const struct request *request, const char *path, struct answer *answer)
{
    struct fault *fault = fault_take(provider->name, path);

    if (!fault || fault->process)
        route(provider, request, path, answer);
    if (fault)
        fault_apply(fault, answer);
    if (provider->decorate && answer->delivery != DELIVER_NOTHING)
        provider->decorate(answer);
    fault_free(fault);
}

static void no_such_provider(struct answer *answer)
{
    json_object *object = json_object_new_object();
    json_object *names = json_object_new_array();

    for (size_t i = 0; providers[i]; i++)
        json_object_array_add(names, json_object_new_string(providers[i]->name));
    json_object_object_add(object, "error", json_object_new_string("the path must start with a provider's name"));
    json_object_object_add(object, "known", names);
    answer_json(answer, 404, object);
}

void server_dispatch(struct request *request, struct answer *answer)
{
    request_split(request);

    const char *path = request->path;
    struct provider *provider = provider_of(request->path, &path);

    server_lock();
    if (provider)
        serve(provider, request, path, answer);
    else
        no_such_provider(answer);
    record_add(request, provider ? provider->name : "", path, answer->status);
    server_unlock();
}
