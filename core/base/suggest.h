/* SPDX-License-Identifier: MIT */
/* The name that a person probably meant, and the words that ask so. */
#ifndef JT_BASE_SUGGEST_H
#define JT_BASE_SUGGEST_H

#include "base/buf.h"

/* The nearest of count names to a misspelt one, by edit distance; NULL: none is near. */
const char *jt_suggest(const char *wrong, const char *const *names, size_t count);

/* `; did you mean "client_secret"?`, or "" where no name is near: to be put behind a sentence. */
struct jt_suggestion {
    char text[96];
};
struct jt_suggestion jt_suggest_words(const char *wrong, const char *const *names, size_t count);

/* The same with the names that there are, at most a dozen: `; did you mean "line"? There are: google, line`, or
 * `; there are: google, line`. Adds nothing where there is no name. */
void jt_suggest_list(struct jt_buf *sentence, const char *wrong, const char *const *names, size_t count);

#endif
