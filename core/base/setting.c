/* SPDX-License-Identifier: MIT */
/* The settings and endings of names that mean the same in every provider's file, and what is done with such a table. */
#include "base/setting.h"
#include "base/value.h"
#include <stdlib.h>
#include <string.h>

#define YEAR_S (366 * 86400)

const struct jt_secret_way jt_secret_ways[JT_SECRET_WAYS] = {
    {"_file", JT_SECRET_FILE, "the path of the file"},
    {"_credential", JT_SECRET_CREDENTIAL, "the name of the credential"},
    {"_env", JT_SECRET_ENV, "the name of the variable"},
    {"_command", JT_SECRET_COMMAND, "the program and its arguments"},
};

const struct jt_secret_way *jt_secret_way_of(const char *name)
{
    const size_t len = strlen(name);

    for (size_t i = 0; i < JT_SECRET_WAYS; i++) {
        const size_t ending_len = strlen(jt_secret_ways[i].ending);

        if (len > ending_len && strcmp(name + len - ending_len, jt_secret_ways[i].ending) == 0)
            return &jt_secret_ways[i];
    }
    return NULL;
}

const struct jeton_setting *jt_setting_row(const struct jeton_setting *rows, const char *name)
{
    for (; rows != NULL && rows->name != NULL; rows++)
        if (strcmp(rows->name, name) == 0)
            return rows;
    return NULL;
}

static const char *base_url_problem(const char *text)
{
    return strchr(text, '?') != NULL ? "must be a URL without a query: paths are added behind it" : NULL;
}

#define CORE(member) offsetof(struct jt_core_settings, member)

const struct jt_own_setting jt_core_settings_table[] = {
    {.group = "",
     .row = {.name = "base_url", .type = JETON_URL, .help = "where the provider is, instead of its own address"},
     .offset = CORE(base_url),
     .problem = base_url_problem},
    {.group = "",
     .row = {.name = "min_ttl",
             .type = JETON_INTEGER,
             .minimum = 0,
             .maximum = YEAR_S,
             .help = "seconds that a token must still be valid to be handed out"},
     .offset = CORE(min_ttl_s)},
    {.group = "",
     .row = {.name = "renew_before",
             .type = JETON_INTEGER,
             .minimum = 0,
             .maximum = INT64_C(10) * YEAR_S,
             .help = "seconds before its expiry from which a token is renewed"},
     .offset = CORE(renew_before_s)},
    {.group = "",
     .row =
         {.name = "timeout", .type = JETON_INTEGER, .minimum = 1, .maximum = 3600, .help = "seconds for one exchange"},
     .offset = CORE(timeout_s)},
    {.group = "",
     .row = {.name = "ca_file", .type = JETON_PATH, .help = "certificate authorities to trust, PEM"},
     .offset = CORE(ca_file)},
    {.group = "",
     .row = {.name = "proxy", .type = JETON_STRING, .help = "the proxy's URL"},
     .offset = CORE(proxy),
     .problem = jt_value_proxy_problem},
    {.group = "",
     .row = {.name = "client_certificate", .type = JETON_PATH, .help = "this client's TLS certificate, PEM"},
     .offset = CORE(client_certificate)},
    {.group = "",
     .row = {.name = "client_key", .type = JETON_PATH, .help = "its private key, PEM"},
     .offset = CORE(client_key)},
    {.group = "", .row = {.name = "plugin"}},
    {.group = "", .row = {.name = "accounts"}},
    {0},
};

const struct jt_own_setting *jt_own_setting_find(const struct jt_own_setting *table, const char *group,
                                                 const char *name)
{
    for (; table->row.name != NULL; table++)
        if (strcmp(table->row.name, name) == 0 && strcmp(table->group, group) == 0)
            return table;
    return NULL;
}

/* A secret is not copied into the struct: it stays in its source until it is needed. */
static bool own_is_text(const struct jt_own_setting *own)
{
    return own->row.type != 0 && own->row.type != JETON_INTEGER && own->row.choices == NULL &&
           (own->row.flags & JETON_SECRET) == 0;
}

static int own_choice(const struct jt_own_setting *own, const char *text)
{
    const size_t len = strlen(text);
    int number = own->first_choice;

    for (const char *at = own->row.choices; *at != '\0'; number++) {
        const size_t choice_len = strcspn(at, " ");

        if (choice_len == len && strncmp(at, text, len) == 0)
            return number;
        at += choice_len + strspn(at + choice_len, " ");
    }
    return own->first_choice;
}

bool jt_own_setting_apply(const struct jt_own_setting *own, const char *text, const char *dir, void *values)
{
    void *place = (char *)values + own->offset;
    char *copy;

    if (own->row.type == JETON_INTEGER)
        return jt_value_integer(text, place);
    if (own->row.choices != NULL) {
        *(int *)place = own_choice(own, text);
        return true;
    }
    copy = own->row.type == JETON_PATH && text[0] != '/' ? jt_printf("%s/%s", dir, text) : jt_strdup(text);
    if (copy == NULL)
        return false;
    jt_str_wipe(place);
    *(char **)place = copy;
    return true;
}

bool jt_own_settings_default(const struct jt_own_setting *table, const char *dir, void *values)
{
    for (; table->row.name != NULL; table++)
        if (table->row.default_value != NULL && !jt_own_setting_apply(table, table->row.default_value, dir, values))
            return false;
    return true;
}

void jt_own_settings_done(const struct jt_own_setting *table, void *values)
{
    for (; table->row.name != NULL; table++)
        if (own_is_text(table))
            jt_str_wipe((char **)((char *)values + table->offset));
}

/* A list of names to suggest from, while it is collected. */
struct names {
    char **items;
    size_t len;
};

static void names_done(struct names *names)
{
    for (size_t i = 0; i < names->len; i++)
        free(names->items[i]);
    free(names->items);
}

/* Without memory the name is left out: it is only a suggestion. */
static void names_add(struct names *names, const char *name, const char *ending)
{
    JT_AUTO_STR char *whole = jt_printf("%s%s", name, ending);
    char **grown = reallocarray(names->items, names->len + 1, sizeof(*grown));

    if (grown == NULL)
        return;
    names->items = grown;
    if (whole != NULL)
        grown[names->len++] = jt_take(&whole);
}

static void names_add_row(struct names *names, const struct jeton_setting *row)
{
    names_add(names, row->name, "");
    for (size_t i = 0; (row->flags & JETON_SECRET) != 0 && i < JT_SECRET_WAYS; i++)
        names_add(names, row->name, jt_secret_ways[i].ending);
}

struct jt_suggestion jt_setting_suggest(const char *wrong, const struct jeton_setting *rows,
                                        const struct jt_own_setting *table, const char *group)
{
    JT_CLEANUP(names_done) struct names names = {NULL, 0};

    for (; rows != NULL && rows->name != NULL; rows++)
        names_add_row(&names, rows);
    for (; table->row.name != NULL; table++)
        if (strcmp(table->group, group) == 0)
            names_add_row(&names, &table->row);
    return jt_suggest_words(wrong, (const char *const *)names.items, names.len);
}
