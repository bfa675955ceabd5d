/* SPDX-License-Identifier: MIT */
/* Steps: starting a flow, handing it answers, holding its requests against recorded ones. It never sends anything. */
#include "drive_state.h"
#include "drive_vector.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t drive_now(void *data)
{
    return ((struct drive *)data)->now;
}

static int drive_random(void *data, void *out, size_t len)
{
    struct drive *d = data;

    for (size_t i = 0; i < len; i++, d->random_at++)
        ((unsigned char *)out)[i] =
            d->random_len > 0 ? d->random[d->random_at % d->random_len] : (unsigned char)d->random_at;
    return 1;
}

void drive_end_flow(struct drive *d)
{
    jt_flow_free(&d->flow);
    jeton_error_free(&d->error);
}

/* Takes the error along, so that it outlives the flow's next step. */
static jeton_step drive_note(struct drive *d, jeton_step step)
{
    d->step = step;
    if (step == JETON_STEP_FAIL) {
        jeton_error_free(&d->error);
        d->error = jt_flow_take_error(d->flow);
    }
    return step;
}

jeton_step drive_start(struct drive *d, enum jt_operation operation)
{
    struct jt_flow_spec spec = {
        .plugin = &d->plugin,
        .operation = operation,
        .name = "test/account",
        .subject = d->subject,
        .base_url = d->base_url != NULL ? d->base_url : d->plugin.table.base_url,
        .settings = &d->settings,
        .params = &d->params,
        .token = d->has_token ? &d->token : NULL,
        .conversation = &d->talk,
        .deadline_ms = JT_NEVER,
    };

    drive_end_flow(d);
    if (jt_flow_new(&spec, &d->flow, &d->error) != JETON_OK)
        return d->step = JETON_STEP_FAIL;
    jt_flow_set_clock(d->flow, drive_now, drive_random, d);
    return drive_note(d, jt_flow_start(d->flow));
}

static void drive_add_headers(struct jt_fields *headers, const char *text)
{
    while (text != NULL && *text != '\0') {
        size_t len = strcspn(text, "\n"), name_len = strcspn(text, ":\n");

        if (name_len < len) {
            char *name = strndup(text, name_len);
            char *value = strndup(text + name_len + 1 + strspn(text + name_len + 1, " "),
                                  len - name_len - 1 - strspn(text + name_len + 1, " "));

            for (char *p = name; p != NULL && *p != '\0'; p++)
                if (*p >= 'A' && *p <= 'Z')
                    *p = (char)(*p - 'A' + 'a');
            if (name == NULL || value == NULL || jt_fields_set(headers, name, value, 0, NULL) != JETON_OK)
                abort();
            free(name);
            free(value);
        }
        text += len + (text[len] == '\n');
    }
}

jeton_step drive_respond_bytes(struct drive *d, int status, const char *headers, const void *body, size_t len)
{
    struct jt_http_response response = {.status = status, .body_len = len, .sent_at = d->now};
    char *copy = malloc(len + 1);

    if (copy == NULL || d->flow == NULL)
        abort();
    if (len > 0)
        memcpy(copy, body, len);
    copy[len] = '\0';
    response.body = copy;
    if (len > 0 && (copy[0] == '{' || copy[0] == '['))
        drive_add_headers(&response.headers, "content-type: application/json");
    drive_add_headers(&response.headers, headers);
    (void)drive_note(d, jt_flow_respond(d->flow, &response));
    jt_fields_done(&response.headers);
    free(copy);
    return d->step;
}

jeton_step drive_respond(struct drive *d, int status, const char *headers, const char *body)
{
    return drive_respond_bytes(d, status, headers, body, body != NULL ? strlen(body) : 0);
}

jeton_step drive_answer(struct drive *d, const char *name, const char *value)
{
    JT_AUTO_FIELDS struct jt_fields answers = {0};

    if (d->flow == NULL || jt_fields_set(&answers, name, value, 0, NULL) != JETON_OK)
        abort();
    return drive_note(d, jt_flow_answer(d->flow, &answers));
}

jeton_step drive_redirect(struct drive *d, const char *url)
{
    return drive_note(d, jt_flow_redirect(d->flow, url));
}

jeton_step drive_timer(struct drive *d)
{
    d->now += jt_flow_wait_s(d->flow);
    return drive_note(d, jt_flow_timer(d->flow));
}

jeton_step drive_next(struct drive *d, const char *vector)
{
    JT_AUTO_BUF struct jt_buf headers = JT_BUF_INIT(JT_HEADERS_MAX), body = JT_BUF_INIT(JT_RESPONSE_MAX);

    if (!check_int(d->step, JETON_STEP_SEND, "the step before the recorded request", __FILE__, __LINE__)) {
        if (d->error != NULL)
            printf("%s: %s\n", vector, jeton_error_message(d->error));
        return d->step;
    }
    (void)drive_matches(d, vector);
    drive_vector_response(vector, &headers, &body);
    return drive_respond_bytes(d, drive_vector_status(vector), jt_buf_str(&headers), jt_buf_str(&body), body.len);
}

jeton_step drive_vector(struct drive *d, enum jt_operation operation, const char *vector)
{
    (void)drive_start(d, operation);
    return drive_next(d, vector);
}

bool drive_matches(struct drive *d, const char *vector)
{
    const struct jt_http_request *request = drive_request(d);

    return check_true(request != NULL, "a request is prepared", __FILE__, __LINE__) &&
           drive_vector_matches(vector, request, drive_path(d));
}
