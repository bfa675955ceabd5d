/* SPDX-License-Identifier: MIT */
/* Finds the known name that is nearest to a misspelt one, and words the question "did you mean …?". */
#include "base/suggest.h"
#include <stdio.h>
#include <string.h>

#define SUGGEST_MAX       64u /* longer names are not compared */
#define SUGGEST_NAMES_MAX 12u

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned least_ab = a < b ? a : b;

    return least_ab < c ? least_ab : c;
}

/* Damerau-Levenshtein distance: two swapped neighbours, a common typing error, count as one step. */
static unsigned suggest_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned rows[3][SUGGEST_MAX + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2], *spare;

    for (size_t j = 0; j <= b_len; j++)
        above[j] = before[j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned differs = a[i - 1] != b[j - 1];

            row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + differs);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b_len];
}

const char *jt_suggest(const char *wrong, const char *const *names, size_t count)
{
    size_t wrong_len = strlen(wrong);
    const char *nearest = NULL;
    unsigned smallest = (unsigned)(wrong_len < 4 ? 1 : wrong_len < 8 ? 2 : 3) + 1;

    if (wrong_len > SUGGEST_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(names[i]);
        unsigned distance;

        if (len > SUGGEST_MAX)
            continue;
        distance = suggest_distance(wrong, wrong_len, names[i], len);
        if (distance < smallest) {
            smallest = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

struct jt_suggestion jt_suggest_words(const char *wrong, const char *const *names, size_t count)
{
    const char *nearest = jt_suggest(wrong, names, count);
    struct jt_suggestion words = {""};

    if (nearest != NULL)
        (void)snprintf(words.text, sizeof(words.text), "; did you mean \"%s\"?", nearest);
    return words;
}

void jt_suggest_list(struct jt_buf *sentence, const char *wrong, const char *const *names, size_t count)
{
    const struct jt_suggestion words = jt_suggest_words(wrong, names, count);
    const size_t shown = count > SUGGEST_NAMES_MAX ? SUGGEST_NAMES_MAX : count;

    if (count > 0)
        jt_buf_printf(sentence, "%s%s", words.text, words.text[0] != '\0' ? " There are: " : "; there are: ");
    for (size_t i = 0; i < shown; i++)
        jt_buf_printf(sentence, "%s%s", i == 0 ? "" : ", ", names[i]);
    if (shown < count)
        jt_buf_printf(sentence, " and %zu more", count - shown);
}
