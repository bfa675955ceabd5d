/* SPDX-License-Identifier: MIT */
/* Recognising what looks like a secret in text of unknown origin. */
#ifndef JT_NET_FLOW_REDACT_SHAPE_H
#define JT_NET_FLOW_REDACT_SHAPE_H

#include "base/base.h"

/* Whether the character can be part of a member's name. */
bool jt_shape_is_word(char c);
/* Whether a member of that name holds a secret: "client_secret", but not "token_type". */
bool jt_shape_names_secret(const char *word, size_t len);
/* text starts with a word. If the word is a name in JSON ("a": "b"), in a form (a=b) or of a field in HTML (name="a"
 * value="b"): where its value starts, else 0. *ret_quote: the quote in front of the value, or NUL. */
size_t jt_shape_value_at(const char *text, size_t len, size_t word_len, char *ret_quote);
/* Where the value that starts at i ends. */
size_t jt_shape_value_end(const char *text, size_t len, size_t i, char quote);
/* The length of the run of token characters at the beginning of the text; 0 for a run without both digits and letters:
 * that is a word or a number. */
size_t jt_shape_run(const char *text, size_t len);

#endif
