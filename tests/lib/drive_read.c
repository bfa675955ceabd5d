/* SPDX-License-Identifier: MIT */
/* What came out of a flow: the request's parts, the result, the error. */
#include "drive_state.h"
#include "drive_vector.h"
#include "net/wire/text.h"
#include "net/wire/url.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

jeton_step drive_step(const struct drive *d)
{
    return d->step;
}

struct jt_flow *drive_flow(const struct drive *d)
{
    return d->flow;
}

const struct jt_http_request *drive_request(const struct drive *d)
{
    return d->flow != NULL ? jt_flow_request(d->flow) : NULL;
}

static const char *drive_text(struct drive *d, const char *text, size_t len)
{
    jt_buf_reset(&d->text);
    jt_buf_add(&d->text, text, len);
    return jt_buf_str(&d->text);
}

const char *drive_path(struct drive *d)
{
    const struct jt_http_request *request = drive_request(d);
    struct jt_url url;

    if (request == NULL || jt_url_parse(request->url, &url) != NULL)
        return NULL;
    return drive_text(d, request->url + url.origin_len, url.path_len - url.origin_len);
}

static const char *drive_pair(struct drive *d, const char *pairs, const char *name)
{
    char *value = drive_vector_pair(pairs, name);
    const char *text = value != NULL ? drive_text(d, value, strlen(value)) : NULL;

    free(value);
    return text;
}

const char *drive_form(struct drive *d, const char *name)
{
    const struct jt_http_request *request = drive_request(d);

    return request != NULL ? drive_pair(d, jt_buf_str(&request->body), name) : NULL;
}

const char *drive_query(struct drive *d, const char *name)
{
    const struct jt_http_request *request = drive_request(d);
    const char *query = request != NULL ? strchr(request->url, '?') : NULL;

    return query != NULL ? drive_pair(d, query + 1, name) : NULL;
}

const char *drive_header(struct drive *d, const char *name)
{
    const struct jt_http_request *request = drive_request(d);

    for (size_t i = 0; request != NULL && i < request->headers.len; i++)
        if (strcasecmp(request->headers.items[i].name, name) == 0)
            return request->headers.items[i].value;
    return NULL;
}

const struct jt_flow_result *drive_result(const struct drive *d)
{
    static const struct jt_flow_result nothing;

    return d->flow != NULL ? jt_flow_result(d->flow) : &nothing;
}

const jeton_error *drive_error(const struct drive *d)
{
    return d->error;
}

void drive_check_failure(const struct drive *d, int status, const char *part, const char *file, unsigned line)
{
    const jeton_error *error = drive_error(d);

    (void)check_int(drive_step(d), JETON_STEP_FAIL, "the step", file, line);
    (void)check_int(jeton_error_status(error), status, "the status", file, line);
    (void)check_contains(jeton_error_message(error), part, "the message", file, line);
}

void drive_check_refusal(const struct drive *d, int status, const char *code, const char *words, const char *hint,
                         const char *file, unsigned line)
{
    const jeton_error *error = drive_error(d);

    (void)check_int(drive_step(d), JETON_STEP_FAIL, "the step", file, line);
    if (!check_true(error != NULL, "there is an error", file, line))
        return;
    (void)check_int(jeton_error_status(error), status, "the status", file, line);
    (void)check_str(jeton_error_code(error), code, "the code", file, line);
    if (words != NULL)
        (void)check_str(jeton_error_description(error), words, "the provider's words", file, line);
    if (hint != NULL)
        (void)check_contains(jeton_error_hint(error), hint, "the hint", file, line);
}

const char *drive_answer_text(struct drive *d, const char *pointer)
{
    return drive_vector_text_of(drive_result(d)->answer, pointer, &d->text);
}

const char *drive_extra_text(struct drive *d, const char *pointer)
{
    return drive_vector_text_of(drive_result(d)->token.extra, pointer, &d->text);
}

static void drive_complaint(void *data, const char *setting, const char *sentence)
{
    jt_buf_printf(data, "%s: %s\n", setting, sentence);
}

const char *drive_check(struct drive *d)
{
    JT_AUTO_ERROR jeton_error *error = NULL;

    jt_buf_reset(&d->text);
    if (jt_flow_check(&d->plugin, &d->settings, d->base_url, drive_complaint, &d->text, &error) != JETON_OK)
        check_str(jeton_error_message(error), NULL, "the plugin's check", __FILE__, __LINE__);
    return jt_buf_str(&d->text);
}
