/* SPDX-License-Identifier: MIT */
/* Prepares steps that ask a person or wait. http/converse.c carries out those with a person. */
#include "net/host/host_person.h"
#include <stdlib.h>
#include <string.h>

#define PERSON_TEXT_MAX 2048u

/* Text that is shown on a terminal must not contain control characters. */
static bool person_may_see(const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return false;
    return strlen(text) <= PERSON_TEXT_MAX && jt_utf8_is_valid(text, strlen(text));
}

void jt_host_ask(jeton_flow *lent, const char *name, const char *prompt, uint32_t flags)
{
    struct jt_flow *flow = jt_state_of(lent);
    struct jeton_question *question;

    if (name == NULL || prompt == NULL || !person_may_see(prompt) || !person_may_see(name)) {
        jt_fault_contract(flow, "it asks a question without name or prompt, or with control characters in it");
        return;
    }
    if (flow->questions_len == JT_QUESTIONS_MAX) {
        jt_fault_contract(flow, "it asks over %u questions at once", JT_QUESTIONS_MAX);
        return;
    }
    if (flow->questions == NULL)
        flow->questions = calloc(JT_QUESTIONS_MAX, sizeof(*flow->questions));
    if (flow->questions == NULL) {
        jt_state_no_memory(flow);
        return;
    }
    question = &flow->questions[flow->questions_len];
    *question = (struct jeton_question){.struct_size = sizeof(*question), .secret = (flags & JETON_SECRET) != 0};
    question->name = jt_strdup(name);
    question->prompt = jt_strdup(prompt);
    flow->questions_len++;
    if (question->name == NULL || question->prompt == NULL)
        jt_state_no_memory(flow);
}

static void person_keep(struct jt_flow *flow, char **place, const char *text)
{
    jt_str_wipe(place);
    *place = jt_strdup(text);
    if (text != NULL && *place == NULL)
        jt_state_no_memory(flow);
}

void jt_host_display(jeton_flow *lent, const char *url, const char *url_complete, const char *user_code)
{
    struct jt_flow *flow = jt_state_of(lent);
    struct jt_url parsed;
    const char *wrong = url != NULL ? jt_url_parse(url, &parsed) : "is missing";

    if (wrong == NULL && url_complete != NULL)
        wrong = jt_url_parse(url_complete, &parsed);
    if (wrong != NULL) {
        jt_fault_stick(flow, JETON_BAD_ANSWER, "the address that a person is to open %s", wrong);
        return;
    }
    if (user_code != NULL && !person_may_see(user_code)) {
        jt_fault_stick(flow, JETON_BAD_ANSWER, "the code that a person is to type holds control characters");
        return;
    }
    person_keep(flow, &flow->display_url, url);
    person_keep(flow, &flow->display_complete, url_complete);
    person_keep(flow, &flow->display_code, user_code);
    flow->has_display = true;
}

const char *jt_host_redirect_uri(jeton_flow *lent)
{
    return jt_state_redirect_uri(jt_state_of(lent));
}

void jt_host_wait(jeton_flow *lent, int64_t seconds)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (seconds < 0) {
        jt_fault_contract(flow, "it wants to wait for %lld seconds", (long long)seconds);
        return;
    }
    /* At least a second, so that polling has a pause. */
    flow->wait_s = seconds > 0 ? seconds : 1;
    flow->has_wait = true;
}

void jt_host_deadline(jeton_flow *lent, int64_t seconds)
{
    struct jt_flow *flow = jt_state_of(lent);
    int64_t longest = JT_LATEST_AT;

    if (seconds < 0)
        seconds = 0;
    flow->own_deadline_ms = jt_boot_ms() + (seconds < longest ? seconds : longest) * 1000;
}

void jt_host_stage(jeton_flow *lent, uint32_t stage)
{
    jt_state_of(lent)->stage = stage;
}

static void person_drop_kept(struct jt_flow *flow, const char *name)
{
    const struct jt_field *field = jt_fields_find(&flow->kept, name);

    if (field == NULL)
        return;
    flow->kept_len -= strlen(field->name) + field->len;
    jt_wipe(field->value, field->len);
    jt_fields_remove(&flow->kept, name);
}

void jt_host_keep(jeton_flow *lent, const char *name, const char *value)
{
    struct jt_flow *flow = jt_state_of(lent);

    if (name == NULL) {
        jt_fault_contract(flow, "it keeps a value without a name");
        return;
    }
    person_drop_kept(flow, name);
    if (value == NULL)
        return;
    flow->kept_len += strlen(name) + strlen(value);
    if (flow->kept_len > JT_KEPT_MAX)
        jt_fault_contract(flow, "it keeps over %u bytes", JT_KEPT_MAX);
    else if (jt_fields_set(&flow->kept, name, value, 0, NULL) != JETON_OK)
        jt_state_no_memory(flow);
}

/* Returns a copy: the plugin may replace or drop the value in the same call. */
const char *jt_host_kept(jeton_flow *lent, const char *name)
{
    struct jt_flow *flow = jt_state_of(lent);
    const struct jt_field *field = jt_state_find(&flow->kept, name);
    const char *copy;

    if (field == NULL)
        return NULL;
    copy = jt_scratch_copy(&flow->scratch, field->value, field->len);
    if (copy == NULL)
        jt_fault_contract(flow, "it uses over %u bytes of scratch memory in one call", JT_SCRATCH_MAX);
    return copy;
}
