/* SPDX-License-Identifier: MIT */
/* "Did you mean …?": suggestions for misspelt names. */
#ifndef JT_BASE_SUGGEST_H
#define JT_BASE_SUGGEST_H

#include "base/buf.h"

/* The one of count names that is nearest to a misspelt name, by edit distance. NULL: none is near. */
const char *jt_suggest(const char *wrong, const char *const *names, size_t count);

/* `; did you mean "client_secret"?`, to be appended to a sentence; "" if no name is near. */
struct jt_suggestion {
    char text[96];
};
struct jt_suggestion jt_suggest_words(const char *wrong, const char *const *names, size_t count);

/* Appends the suggestion and at most a dozen of the names: `; did you mean "line"? There are: google, line`, or without
 * a near name `; there are: google, line`. Appends nothing if count is 0. */
void jt_suggest_list(struct jt_buf *sentence, const char *wrong, const char *const *names, size_t count);

#endif
