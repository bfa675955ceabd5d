/* SPDX-License-Identifier: MIT */
/* Answers for callers: a JSON object as text. */
#ifndef JT_BROKER_ANSWER_H
#define JT_BROKER_ANSWER_H

#include "base/base.h"
#include <json-c/json.h>

/* Takes the text over; NULL for it means that there was no memory. */
int JT_MUST_CHECK jt_answer_new(char *json, int active, jeton_answer **ret_answer, jeton_error **ret_error);
/* Writes the object as text and gives it back. */
int JT_MUST_CHECK jt_answer_from_object(json_object *object, jeton_answer **ret_answer, jeton_error **ret_error);

#endif
