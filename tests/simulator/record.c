/* SPDX-License-Identifier: MIT */
/* Owns the memory of requests that came in: the last ones whole, and a count of all.
   It never influences an answer. */
#include "record.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Paths are the caller's to choose: past this many distinct ones no new path gets a count of its
   own, so that a scan costs no memory. */
#define COUNTERS_MAX        512
#define COUNTERS_FOR_TOTALS 32

struct entry {
    struct request *request;
    const char *provider;
    const char *path; /* into request->path */
    unsigned status;
    int64_t n;
    size_t bytes;
};

struct counter {
    const char *provider;
    char *path; /* NULL: the provider's total */
    int64_t count;
};

static struct entry ring[RECORD_MAX];
static size_t first, used, ring_bytes;
static int64_t last_n;
static struct counter counters[COUNTERS_MAX];
static size_t counter_count;

static void drop_oldest(void)
{
    struct entry *entry = &ring[first];

    ring_bytes -= entry->bytes;
    request_free(entry->request);
    memset(entry, 0, sizeof(*entry));
    first = (first + 1) % RECORD_MAX;
    used--;
}

static void count_one(const char *provider, const char *path)
{
    for (size_t i = 0; i < counter_count; i++) {
        struct counter *counter = &counters[i];

        if (strcmp(counter->provider, provider) == 0 && (path ? text_equal(counter->path, path) : !counter->path)) {
            counter->count++;
            return;
        }
    }
    if (counter_count >= COUNTERS_MAX - (path ? COUNTERS_FOR_TOTALS : 0))
        return;
    counters[counter_count++] = (struct counter){.provider = provider, .path = text_copy(path), .count = 1};
}

static size_t request_bytes(const struct request *request)
{
    size_t bytes = sizeof(*request) + request->body_len * 2 + strlen(request->target) * 4;

    bytes += (request->headers.count + request->form.count) * sizeof(*request->headers.items);
    for (size_t i = 0; i < request->headers.count; i++)
        bytes += strlen(request->headers.items[i].name) + strlen(request->headers.items[i].value);
    return bytes;
}

void record_add(struct request *request, const char *provider, const char *path, unsigned status)
{
    size_t bytes = request_bytes(request);

    while (used && (used == RECORD_MAX || ring_bytes + bytes > RECORD_BYTES_MAX))
        drop_oldest();
    ring[(first + used) % RECORD_MAX] = (struct entry){
        .request = request,
        .provider = provider,
        .path = path,
        .status = status,
        .n = ++last_n,
        .bytes = bytes,
    };
    used++;
    ring_bytes += bytes;
    count_one(provider, NULL);
    count_one(provider, path);
}

void record_clear(void)
{
    while (used)
        drop_oldest();
    for (size_t i = 0; i < counter_count; i++)
        free(counters[i].path);
    memset(counters, 0, sizeof(counters));
    counter_count = 0;
    last_n = 0;
}

int64_t record_count(const char *provider, const char *path)
{
    int64_t count = 0;

    for (size_t i = 0; i < counter_count; i++) {
        const struct counter *counter = &counters[i];

        if (provider && strcmp(counter->provider, provider) != 0)
            continue;
        if (path ? text_equal(counter->path, path) : !counter->path)
            count += counter->count;
    }
    return count;
}

static json_object *entry_json(const struct entry *entry)
{
    const struct request *request = entry->request;
    json_object *object = json_object_new_object();

    json_object_object_add(object, "n", json_object_new_int64(entry->n));
    json_object_object_add(object, "at_ms", json_object_new_int64(request->at_ms));
    json_object_object_add(object, "provider", text_json(entry->provider));
    json_object_object_add(object, "method", text_json(request->method));
    json_object_object_add(object, "path", text_json(entry->path));
    json_object_object_add(object, "query", fields_json(&request->query));
    json_object_object_add(object, "query_raw", text_json(request->query_raw));
    json_object_object_add(object, "headers", fields_json(&request->headers));
    json_object_object_add(object, "body_raw",
                           request->body ? text_json_n(request->body, request->body_len) : json_object_new_string(""));
    json_object_object_add(object, "form", fields_json(&request->form));
    json_object_object_add(object, "status", json_object_new_int64(entry->status));
    json_object_object_add(object, "tls", json_object_new_boolean(request->tls));
    json_object_object_add(object, "connection", json_object_new_int64((int64_t)request->connection));
    return object;
}

json_object *record_json(const char *provider)
{
    json_object *array = json_object_new_array();

    for (size_t i = 0; i < used; i++) {
        const struct entry *entry = &ring[(first + i) % RECORD_MAX];

        if (!provider || strcmp(entry->provider, provider) == 0)
            json_object_array_add(array, entry_json(entry));
    }
    return array;
}
