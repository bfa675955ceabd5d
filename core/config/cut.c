/* SPDX-License-Identifier: MIT */
/* Files with thousands of accounts. libconfig compares each setting's name with all of its group's, so a group of ten
 * thousand takes it a second: here the accounts are parted into small groups before it reads them, or all but one are
 * left out. Lines keep their numbers. It changes nothing in what it does not understand to the last byte. */
#include "config/file.h"
#include <string.h>

/* Shorter files are read as they are: what libconfig says of them is best said by itself. */
#define CUT_MIN   (64u * 1024u)
#define CUT_GROUP 64u /* accounts in one */

struct cut {
    const char *at, *end;
    const char *from; /* of the text that was not yet given out */
    const char *wanted;
    struct jt_buf *out;
    size_t accounts, wanted_found;
};

/* What a byte may be the start of, where it is not within a text. */
enum { CUT_BLANK = 1, CUT_COMMENT = 2, CUT_TEXT = 4, CUT_BRACKET = 8, CUT_SIGN = 16 };
static const unsigned char cut_kinds[UINT8_MAX + 1] = {
    [' '] = CUT_BLANK,   ['\t'] = CUT_BLANK,  ['\r'] = CUT_BLANK,  ['\n'] = CUT_BLANK,  ['\f'] = CUT_BLANK,
    ['#'] = CUT_COMMENT, ['/'] = CUT_COMMENT, ['"'] = CUT_TEXT,    ['{'] = CUT_BRACKET, ['}'] = CUT_BRACKET,
    ['('] = CUT_BRACKET, [')'] = CUT_BRACKET, ['['] = CUT_BRACKET, [']'] = CUT_BRACKET, ['='] = CUT_SIGN,
    [':'] = CUT_SIGN,    [';'] = CUT_SIGN,    [','] = CUT_SIGN,
};

static unsigned cut_kind(const struct cut *cut)
{
    return cut_kinds[(unsigned char)*cut->at];
}

static void cut_skip_others(struct cut *cut, unsigned kinds)
{
    while (cut->at < cut->end && (cut_kind(cut) & kinds) == 0)
        cut->at++;
}

static void cut_skip_line(struct cut *cut)
{
    const char *newline = memchr(cut->at, '\n', (size_t)(cut->end - cut->at));

    cut->at = newline != NULL ? newline : cut->end;
}

static bool cut_is_at(const struct cut *cut, const char *two)
{
    return cut->end - cut->at >= 2 && cut->at[0] == two[0] && cut->at[1] == two[1];
}

/* To the next byte that is neither blank nor comment; false: there is none. */
static bool cut_skip_blanks(struct cut *cut)
{
    while (cut->at < cut->end) {
        if (cut_kind(cut) == CUT_BLANK) {
            cut->at++;
        } else if (*cut->at == '#' || cut_is_at(cut, "//")) {
            cut_skip_line(cut);
        } else if (cut_is_at(cut, "/*")) {
            for (cut->at += 2; cut->at < cut->end && !cut_is_at(cut, "*/"); cut->at++)
                ;
            cut->at = cut->at < cut->end ? cut->at + 2 : cut->end;
        } else {
            return true;
        }
    }
    return false;
}

static bool cut_string(struct cut *cut)
{
    for (cut->at++; cut->at < cut->end && *cut->at != '"'; cut->at++)
        if (*cut->at == '\\')
            cut->at++;
    if (cut->at >= cut->end)
        return false;
    cut->at++;
    return true;
}

static bool cut_is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '-';
}

/* The length of the name that begins here; 0: none does that an account or setting of ours could have. */
static size_t cut_name(struct cut *cut)
{
    const char *start = cut->at;

    while (cut->at < cut->end && cut_is_name_byte(*cut->at))
        cut->at++;
    return (size_t)(cut->at - start);
}

/* Behind a name: the sign between it and its value, and the value's first byte. */
static bool cut_assigned(struct cut *cut)
{
    if (!cut_skip_blanks(cut) || (*cut->at != '=' && *cut->at != ':'))
        return false;
    cut->at++;
    return cut_skip_blanks(cut);
}

/* From an opening bracket to behind its closing one. */
static bool cut_value_in_brackets(struct cut *cut)
{
    char closing[JT_JSON_DEPTH];
    size_t depth = 0;

    while (cut_skip_blanks(cut)) {
        const char byte = *cut->at;

        if (byte == '"') {
            if (!cut_string(cut))
                return false;
        } else if (byte == '{' || byte == '(' || byte == '[') {
            if (depth == sizeof closing)
                return false;
            closing[depth++] = byte == '{' ? '}' : byte == '(' ? ')' : ']';
            cut->at++;
        } else if (byte == '}' || byte == ')' || byte == ']') {
            cut->at++;
            if (depth == 0 || closing[--depth] != byte)
                return false;
            if (depth == 0)
                return true;
        } else {
            cut->at++;
        }
        cut_skip_others(cut, CUT_COMMENT | CUT_TEXT | CUT_BRACKET);
    }
    return false;
}

static void cut_end_of_value(struct cut *cut)
{
    if (cut_skip_blanks(cut) && (*cut->at == ';' || *cut->at == ','))
        cut->at++;
}

/* Texts that follow each other are one. */
static bool cut_scalar(struct cut *cut)
{
    do {
        if (*cut->at == '"' ? !cut_string(cut) : (cut_kind(cut) & (CUT_BRACKET | CUT_SIGN)) != 0)
            return false;
        cut_skip_others(cut, UINT8_MAX);
    } while (cut_skip_blanks(cut) && *cut->at == '"');
    return true;
}

/* To behind a value of any kind and the sign that may follow it. */
static bool cut_value(struct cut *cut)
{
    const bool good =
        *cut->at == '{' || *cut->at == '(' || *cut->at == '[' ? cut_value_in_brackets(cut) : cut_scalar(cut);

    if (good)
        cut_end_of_value(cut);
    return good;
}

static void cut_copy(struct cut *cut, const char *to)
{
    jt_buf_add(cut->out, cut->from, (size_t)(to - cut->from));
    cut->from = to;
}

static void cut_leave_out(struct cut *cut, const char *to)
{
    while (cut->from < to) {
        const char *newline = memchr(cut->from, '\n', (size_t)(to - cut->from));

        if (newline == NULL)
            break;
        jt_buf_add(cut->out, "\n", 1);
        cut->from = newline + 1;
    }
    cut->from = to;
}

/* One account, from its name on. */
static bool cut_account(struct cut *cut)
{
    const char *name = cut->at;
    const size_t len = cut_name(cut);
    const bool is_wanted = cut->wanted != NULL && strlen(cut->wanted) == len && memcmp(cut->wanted, name, len) == 0;

    cut_copy(cut, name);
    if (len == 0 || !cut_assigned(cut) || *cut->at != '{' || !cut_value(cut))
        return false;
    cut->wanted_found += is_wanted;
    if (cut->wanted == NULL && cut->accounts % CUT_GROUP == 0)
        jt_buf_printf(cut->out, "%s*%zu={", cut->accounts > 0 ? "};" : "", cut->accounts / CUT_GROUP);
    cut->accounts++;
    if (cut->wanted != NULL && !is_wanted)
        cut_leave_out(cut, cut->at);
    return true;
}

/* From the opening brace of the accounts to behind the closing one, and the sign that may follow it. */
static bool cut_accounts(struct cut *cut)
{
    cut->at++;
    while (cut_skip_blanks(cut) && *cut->at != '}')
        if (!cut_account(cut))
            return false;
    if (cut->at == cut->end || cut->accounts == 0)
        return false;
    cut_copy(cut, cut->at);
    if (cut->wanted == NULL)
        jt_buf_puts(cut->out, "};");
    cut->at++;
    cut_end_of_value(cut);
    return true;
}

static bool cut_all(struct cut *cut)
{
    size_t groups = 0;

    while (cut_skip_blanks(cut)) {
        const char *name = cut->at;
        const size_t len = cut_name(cut);

        if (len == 0 || !cut_assigned(cut))
            return false;
        if (len == strlen("accounts") && memcmp(name, "accounts", len) == 0) {
            if (*cut->at != '{' || groups++ > 0 || !cut_accounts(cut))
                return false;
        } else if (!cut_value(cut)) {
            return false;
        }
    }
    cut_copy(cut, cut->end);
    return groups == 1 && (cut->wanted == NULL || cut->wanted_found == 1);
}

bool jt_config_cut(const char *text, size_t len, const char *account, struct jt_buf *out)
{
    struct cut cut = {.at = text, .end = text + len, .from = text, .wanted = account, .out = out};

    return len >= CUT_MIN && cut_all(&cut) && !out->failed;
}
