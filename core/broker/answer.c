/* SPDX-License-Identifier: MIT */
/* Answers for callers, and how they are read. */
#include "broker/answer.h"
#include <stdlib.h>

struct jeton_answer {
    char *json;
    int active;
};

int jt_answer_new(char *json, int active, jeton_answer **ret_answer, jeton_error **ret_error)
{
    jeton_answer *answer = json != NULL ? malloc(sizeof(*answer)) : NULL;

    if (answer == NULL) {
        jt_str_wipe(&json);
        return jt_error_no_memory(ret_error);
    }
    answer->json = json;
    answer->active = active;
    *ret_answer = answer;
    return JETON_OK;
}

int jt_answer_from_object(json_object *object, jeton_answer **ret_answer, jeton_error **ret_error)
{
    const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

    return jt_answer_new(jt_strdup(text), 0, ret_answer, ret_error);
}

void jeton_answer_free(jeton_answer **answer)
{
    if (answer == NULL || *answer == NULL)
        return;
    jt_str_wipe(&(*answer)->json);
    free(*answer);
    *answer = NULL;
}

const char *jeton_answer_json(const jeton_answer *answer)
{
    return answer != NULL ? answer->json : NULL;
}

int jeton_answer_active(const jeton_answer *answer)
{
    return answer != NULL ? answer->active : 0;
}
