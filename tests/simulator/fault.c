/* SPDX-License-Identifier: MIT */
/* Owns the faults that tests have ordered and which request each one hits.
   It never invents one. */
#include "fault.h"

#include "provider.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HUGE_BYTES   ((size_t)2 << 20)
#define DELAY_MAX_MS 600000

/* clang-format off */
static const struct {
    const char *name;
    bool process;
    unsigned status;
} kinds[] = {
    [FAULT_STATUS] = {"status", false, 503},
    [FAULT_DELAY] = {"delay", true, 0},
    [FAULT_CLOSE] = {"close", false, 0},
    [FAULT_CLOSE_AFTER] = {"close_after", true, 0},
    [FAULT_TRUNCATE] = {"truncate", true, 0},
    [FAULT_GARBAGE] = {"garbage", false, 200},
    [FAULT_HTML] = {"html", false, 200},
    [FAULT_EMPTY] = {"empty", false, 200},
    [FAULT_HUGE] = {"huge", false, 200},
    [FAULT_BODY] = {"body", false, 200},
};
/* clang-format on */

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static const char known_members[] = "provider, path, times, after, kind, process, status, "
                                    "delay_ms, retry_after, body, content_type";

static struct fault *faults;

void fault_free(struct fault *fault)
{
    if (!fault)
        return;
    free(fault->provider);
    free(fault->path);
    free(fault->retry_after);
    free(fault->body);
    free(fault->content_type);
    free(fault);
}

static int read_number(json_object *value, const char *name, int64_t min, int64_t max, int64_t *ret_number,
                       char *problem, size_t size)
{
    if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < min ||
        json_object_get_int64(value) > max) {
        snprintf(problem, size, "%s must be an integer from %lld to %lld", name, (long long)min, (long long)max);
        return -1;
    }
    *ret_number = json_object_get_int64(value);
    return 0;
}

static int read_text(json_object *value, const char *name, char **ret_text, char *problem, size_t size)
{
    if (!json_object_is_type(value, json_type_string)) {
        snprintf(problem, size, "%s must be a string", name);
        return -1;
    }
    free(*ret_text);
    *ret_text = text_copy(json_object_get_string(value));
    return 0;
}

static int read_kind(struct fault *fault, json_object *spec, char *problem, size_t size)
{
    json_object *kind = json_object_object_get(spec, "kind");

    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (text_equal(kinds[i].name, json_object_get_string(kind))) {
            fault->kind = (enum fault_kind)i;
            fault->process = kinds[i].process;
            fault->status = kinds[i].status;
            return 0;
        }
    }

    int used = snprintf(problem, size, "kind must be one of:");

    for (size_t i = 0; i < KIND_COUNT && used > 0 && (size_t)used < size; i++)
        used += snprintf(problem + used, size - (size_t)used, " %s", kinds[i].name);
    return -1;
}

static int read_member(struct fault *fault, const char *name, json_object *value, char *problem, size_t size)
{
    int64_t number = 0;

    if (strcmp(name, "kind") == 0)
        return 0;
    if (strcmp(name, "provider") == 0)
        return read_text(value, name, &fault->provider, problem, size);
    if (strcmp(name, "path") == 0)
        return read_text(value, name, &fault->path, problem, size);
    if (strcmp(name, "retry_after") == 0)
        return read_text(value, name, &fault->retry_after, problem, size);
    if (strcmp(name, "body") == 0)
        return read_text(value, name, &fault->body, problem, size);
    if (strcmp(name, "content_type") == 0)
        return read_text(value, name, &fault->content_type, problem, size);
    if (strcmp(name, "times") == 0)
        return read_number(value, name, -1, INT32_MAX, &fault->times, problem, size);
    if (strcmp(name, "after") == 0)
        return read_number(value, name, 0, INT32_MAX, &fault->after, problem, size);
    if (strcmp(name, "status") == 0) {
        int failed = read_number(value, name, 200, 599, &number, problem, size);

        if (!failed)
            fault->status = (unsigned)number;
        return failed;
    }
    if (strcmp(name, "delay_ms") == 0) {
        int failed = read_number(value, name, 0, DELAY_MAX_MS, &number, problem, size);

        if (!failed)
            fault->delay_ms = (unsigned)number;
        return failed;
    }
    if (strcmp(name, "process") == 0) {
        fault->process = json_object_get_boolean(value);
        if (json_object_is_type(value, json_type_boolean))
            return 0;
        snprintf(problem, size, "process must be true or false");
        return -1;
    }
    snprintf(problem, size, "unknown member \"%s\"; known: %s", name, known_members);
    return -1;
}

/* Header values go onto the wire as they are; a line break would become another header. */
static bool is_header_value(const char *text)
{
    for (; text && *text; text++)
        if ((unsigned char)*text < ' ')
            return false;
    return true;
}

static int check(const struct fault *fault, char *problem, size_t size)
{
    if (!fault->provider || (strcmp(fault->provider, "*") != 0 && !provider_find(fault->provider))) {
        snprintf(problem, size, "provider must be \"*\" or the name of a provider");
        return -1;
    }
    if (fault->times == 0) {
        snprintf(problem, size, "times must be -1 or at least 1");
        return -1;
    }
    if (!is_header_value(fault->retry_after) || !is_header_value(fault->content_type)) {
        snprintf(problem, size, "retry_after and content_type must not hold control characters");
        return -1;
    }
    if (fault->kind == FAULT_BODY && !fault->body) {
        snprintf(problem, size, "kind body needs a body");
        return -1;
    }
    if (fault->kind == FAULT_DELAY && !fault->delay_ms) {
        snprintf(problem, size, "kind delay needs delay_ms");
        return -1;
    }
    return 0;
}

int fault_add(json_object *spec, char *problem, size_t size)
{
    struct fault *fault = text_alloc(sizeof(*fault));
    int failed;

    fault->times = 1;
    failed = read_kind(fault, spec, problem, size);
    if (!failed) {
        json_object_object_foreach(spec, name, value)
        {
            failed = read_member(fault, name, value, problem, size);
            if (failed)
                break;
        }
    }
    if (failed || check(fault, problem, size)) {
        fault_free(fault);
        return -1;
    }

    struct fault **link = &faults;

    while (*link)
        link = &(*link)->next;
    *link = fault;
    return 0;
}

void fault_clear(void)
{
    while (faults) {
        struct fault *next = faults->next;

        fault_free(faults);
        faults = next;
    }
}

json_object *fault_json(void)
{
    json_object *array = json_object_new_array();

    for (const struct fault *fault = faults; fault; fault = fault->next) {
        json_object *object = json_object_new_object();

        json_object_object_add(object, "provider", text_json(fault->provider));
        json_object_object_add(object, "path", text_json(fault->path));
        json_object_object_add(object, "kind", text_json(kinds[fault->kind].name));
        json_object_object_add(object, "times", json_object_new_int64(fault->times));
        json_object_object_add(object, "after", json_object_new_int64(fault->after));
        json_object_object_add(object, "process", json_object_new_boolean(fault->process));
        json_object_object_add(object, "status", json_object_new_int64(fault->status));
        json_object_object_add(object, "delay_ms", json_object_new_int64(fault->delay_ms));
        json_object_object_add(object, "retry_after", text_json(fault->retry_after));
        json_object_object_add(object, "content_type", text_json(fault->content_type));
        json_object_object_add(object, "body", text_json(fault->body));
        json_object_array_add(array, object);
    }
    return array;
}

static struct fault *fault_copy(const struct fault *fault)
{
    struct fault *copy = text_alloc(sizeof(*copy));

    *copy = *fault;
    copy->next = NULL;
    copy->provider = text_copy(fault->provider);
    copy->path = text_copy(fault->path);
    copy->retry_after = text_copy(fault->retry_after);
    copy->body = text_copy(fault->body);
    copy->content_type = text_copy(fault->content_type);
    return copy;
}

struct fault *fault_take(const char *provider, const char *path)
{
    for (struct fault **link = &faults; *link; link = &(*link)->next) {
        struct fault *fault = *link;

        if (strcmp(fault->provider, "*") != 0 && strcmp(fault->provider, provider) != 0)
            continue;
        if (fault->path && strncmp(path, fault->path, strlen(fault->path)) != 0)
            continue;
        if (fault->after > 0) {
            fault->after--;
            continue;
        }
        if (fault->times < 0)
            return fault_copy(fault);
        if (--fault->times == 0) {
            *link = fault->next;
            fault->next = NULL;
            return fault;
        }
        return fault_copy(fault);
    }
    return NULL;
}

static void answer_garbage(const struct fault *fault, struct answer *answer)
{
    unsigned char bytes[200];

    text_random_bytes(bytes, sizeof(bytes));
    answer_bytes(answer, fault->status, "application/json", (char *)bytes, sizeof(bytes));
}

/* Valid JSON of the right shape, so that only a limit on size can refuse it. */
static void answer_huge(const struct fault *fault, struct answer *answer)
{
    static const char head[] = "{\"token_type\":\"Bearer\",\"expires_in\":900,\"access_token\":\"";
    static const char tail[] = "\"}";
    char *body = text_alloc(HUGE_BYTES);

    memset(body, 'a', HUGE_BYTES);
    memcpy(body, head, sizeof(head) - 1);
    memcpy(body + HUGE_BYTES - (sizeof(tail) - 1), tail, sizeof(tail) - 1);
    answer_bytes(answer, fault->status, "application/json", body, HUGE_BYTES);
    free(body);
}

void fault_apply(const struct fault *fault, struct answer *answer)
{
    static const char html[] = "<!DOCTYPE html>\n<html><head><title>Bad Gateway</title></head>"
                               "<body><h1>Bad Gateway</h1></body></html>\n";
    const char *type = fault->content_type;

    answer->delay_ms = fault->delay_ms;
    switch (fault->kind) {
    case FAULT_DELAY:
        break;
    case FAULT_CLOSE:
    case FAULT_CLOSE_AFTER:
        answer->status = 0;
        answer->delivery = DELIVER_NOTHING;
        return;
    case FAULT_TRUNCATE:
        answer->delivery = DELIVER_HALF;
        break;
    case FAULT_GARBAGE:
        answer_garbage(fault, answer);
        break;
    case FAULT_HTML:
        answer_bytes(answer, fault->status, "text/html; charset=utf-8", html, sizeof(html) - 1);
        break;
    case FAULT_EMPTY:
        answer_empty(answer, fault->status);
        break;
    case FAULT_HUGE:
        answer_huge(fault, answer);
        break;
    case FAULT_STATUS:
    case FAULT_BODY:
        answer_bytes(answer, fault->status, fault->body ? "application/json" : NULL, fault->body ? fault->body : "",
                     fault->body ? strlen(fault->body) : 0);
        break;
    }
    if (type)
        answer_header(answer, "Content-Type", type);
    if (fault->retry_after)
        answer_header(answer, "Retry-After", fault->retry_after);
}
