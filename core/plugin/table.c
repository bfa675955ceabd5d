/* SPDX-License-Identifier: MIT */
/* Checks the table that a plugin returned against the rules of <jeton/provider.h>, and copies it. No size and no number
 * in the table is trusted. */
#include "plugin/table.h"
#include <stdlib.h>
#include <string.h>

#define TABLE_ROWS_MAX    256u
#define TABLE_NAME_MAX    64u
#define TABLE_LINE_MAX    512u
#define TABLE_STRIDE_MAX  4096u
#define TABLE_KNOWN_HIGH  UINT64_C(0)
#define TABLE_HIGH_MASK   (UINT64_MAX << 32)
#define TABLE_KNOWN_FLAGS (JETON_REQUIRED | JETON_SECRET | JETON_ONE_TIME)

/* The sizes in the first minor version, the smallest that a plugin can have. */
#define TABLE_SIZE_MIN   (offsetof(struct jeton_provider, acquire) + sizeof(jeton_operation))
#define TABLE_STRIDE_MIN (offsetof(struct jeton_setting, maximum) + sizeof(int64_t))

#define BROKEN(...) jt_error_set(ret_error, JETON_CONFIG, __VA_ARGS__)

struct table_rows {
    struct jeton_setting *rows;
    size_t len;
};

static void rows_done(struct table_rows *rows)
{
    for (size_t i = 0; i < rows->len; i++)
        free((char *)(uintptr_t)rows->rows[i].name);
    free(rows->rows);
}

static const char *table_taken(const char *setting)
{
    if (jt_own_setting_find(jt_core_settings_table, "", setting) != NULL)
        return "is a setting of jeton's own";
    return jt_secret_way_of(setting) != NULL
               ? "ends like one of the ways to give a secret (_file, _credential, _env, _command)"
               : NULL;
}

static bool table_is_setting_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return name[0] >= 'a' && name[0] <= 'z' && name[len] == '\0';
}

/* Whether the text is one line of at most max bytes. */
static bool table_is_line(const char *text, size_t max)
{
    size_t len = strnlen(text, max + 1);

    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return len <= max;
}

static int table_check_row(const struct jeton_setting *row, const char *what, bool is_setting, jeton_error **ret_error)
{
    const char *taken = is_setting ? table_taken(row->name) : NULL;
    JT_AUTO_ERROR jeton_error *error = NULL;

    if (taken != NULL)
        return BROKEN("its %s %s %s", what, row->name, taken);
    if (row->type < JETON_STRING || row->type > JETON_URL)
        return BROKEN("its %s %s has the type %u, which this jeton does not know", what, row->name, row->type);
    if ((row->flags & ~TABLE_KNOWN_FLAGS) != 0)
        return BROKEN("its %s %s has the flags 0x%x, which this jeton does not know", what, row->name, row->flags);
    if (row->help == NULL || !table_is_line(row->help, TABLE_LINE_MAX))
        return BROKEN("its %s %s has no line of help, or one of more than %u bytes", what, row->name, TABLE_LINE_MAX);
    if (row->choices != NULL && !table_is_line(row->choices, TABLE_LINE_MAX))
        return BROKEN("its %s %s has choices that are not one line of at most %u bytes", what, row->name,
                      TABLE_LINE_MAX);
    if (row->default_value == NULL)
        return JETON_OK;
    if (strnlen(row->default_value, TABLE_LINE_MAX + 1) > TABLE_LINE_MAX)
        return BROKEN("its %s %s has a default of more than %u bytes", what, row->name, TABLE_LINE_MAX);
    if (jt_value_check(row, row->default_value, &error) != JETON_OK)
        return BROKEN("its %s %s has a default that it would itself refuse: it %s", what, row->name,
                      jeton_error_message(error));
    return JETON_OK;
}

static bool rows_have(const struct table_rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->len; i++)
        if (strcmp(rows->rows[i].name, name) == 0)
            return true;
    return false;
}

/* Adds a row, whose name is taken over. A zeroed row always follows the last one and ends the table. */
static int rows_add(struct table_rows *rows, const struct jeton_setting *row, const char *what, jeton_error **ret_error)
{
    JT_AUTO_STR char *name = (char *)(uintptr_t)row->name;
    struct jeton_setting *grown;

    if (rows_have(rows, name))
        return BROKEN("its %s %s is there twice (a key brings <name>_passphrase with it)", what, name);
    grown = reallocarray(rows->rows, rows->len + 2, sizeof(*grown));
    if (grown == NULL)
        return jt_error_no_memory(ret_error);
    rows->rows = grown;
    grown[rows->len] = *row;
    grown[rows->len].name = jt_take(&name);
    grown[++rows->len] = (struct jeton_setting){0};
    return JETON_OK;
}

static int rows_add_passphrase(struct table_rows *rows, const struct jeton_setting *key, const char *what,
                               jeton_error **ret_error)
{
    struct jeton_setting row = {
        .type = JETON_STRING, .flags = JETON_SECRET, .help = "the passphrase of the key, where it is encrypted"};

    row.name = jt_printf("%s_passphrase", key->name);
    if (row.name == NULL)
        return jt_error_no_memory(ret_error);
    return rows_add(rows, &row, what, ret_error);
}

static int rows_add_checked(struct table_rows *rows, struct jeton_setting *row, const char *what, bool is_setting,
                            jeton_error **ret_error)
{
    bool is_key = row->type == JETON_KEY;
    int status;

    if (strnlen(row->name, TABLE_NAME_MAX + 1) > TABLE_NAME_MAX || !table_is_setting_name(row->name))
        return BROKEN("it has a %s whose name is not [a-z][a-z0-9_]* of at most %u bytes", what, TABLE_NAME_MAX);
    status = table_check_row(row, what, is_setting, ret_error);
    if (status != JETON_OK)
        return status;
    if (is_key)
        row->flags |= JETON_SECRET;
    row->name = jt_strdup(row->name);
    if (row->name == NULL)
        return jt_error_no_memory(ret_error);
    status = rows_add(rows, row, what, ret_error);
    if (status != JETON_OK || !is_key)
        return status;
    return rows_add_passphrase(rows, &rows->rows[rows->len - 1], what, ret_error);
}

/* Copies rows that are `stride` bytes apart: the plugin may know more or fewer members than this jeton. Members that
 * the plugin does not have are zero; those that this jeton does not know are skipped. */
static int table_copy_rows(const struct jeton_setting *given, size_t stride, const char *what, bool is_setting,
                           const struct jeton_setting **ret_rows, jeton_error **ret_error)
{
    JT_CLEANUP(rows_done) struct table_rows rows = {calloc(1, sizeof(*rows.rows)), 0};

    if (rows.rows == NULL)
        return jt_error_no_memory(ret_error);
    for (size_t i = 0; given != NULL; i++) {
        struct jeton_setting row = {0};
        int status;

        memcpy(&row, (const char *)given + i * stride, stride < sizeof(row) ? stride : sizeof(row));
        if (row.name == NULL)
            break;
        if (i == TABLE_ROWS_MAX)
            return BROKEN("it has more than %u %ss, or its list of them does not end", TABLE_ROWS_MAX, what);
        status = rows_add_checked(&rows, &row, what, is_setting, ret_error);
        if (status != JETON_OK)
            return status;
    }
    *ret_rows = rows.rows;
    rows = (struct table_rows){NULL, 0};
    return JETON_OK;
}

static int table_check_sizes(const struct jeton_provider *given, jeton_error **ret_error)
{
    if (given->struct_size < TABLE_SIZE_MIN)
        return BROKEN("its table has %u bytes (struct_size), and the shortest that there ever was has %zu: it must be "
                      "sizeof(struct jeton_provider)",
                      given->struct_size, TABLE_SIZE_MIN);
    if (given->struct_size > JT_TABLE_MAX)
        return BROKEN("its table claims %u bytes (struct_size); %u is the limit", given->struct_size, JT_TABLE_MAX);
    if (given->setting_size < TABLE_STRIDE_MIN || given->setting_size > TABLE_STRIDE_MAX ||
        given->setting_size % _Alignof(struct jeton_setting) != 0)
        return BROKEN("its settings have %u bytes each (setting_size), and that must be sizeof(struct jeton_setting)",
                      given->setting_size);
    return JETON_OK;
}

static int table_check_members(const struct jeton_provider *table, const char *name, jeton_error **ret_error)
{
    if (table->name == NULL || strnlen(table->name, TABLE_NAME_MAX + 1) > TABLE_NAME_MAX)
        return BROKEN("it does not say its name, which must be \"%s\", as its file says", name);
    if (strcmp(table->name, name) != 0)
        return BROKEN("it calls itself \"%s\", and its file says \"%s\": a plugin's file is jeton_<name>.so",
                      table_is_line(table->name, TABLE_NAME_MAX) ? table->name : "?", name);
    if (table->version == NULL || !table_is_line(table->version, TABLE_NAME_MAX))
        return BROKEN("it has no version, or one that is not a line of at most %u bytes", TABLE_NAME_MAX);
    if (table->summary == NULL || !table_is_line(table->summary, TABLE_LINE_MAX))
        return BROKEN("it has no summary, or one that is not a line of at most %u bytes", TABLE_LINE_MAX);
    if (table->base_url != NULL && (strnlen(table->base_url, TABLE_LINE_MAX + 1) > TABLE_LINE_MAX ||
                                    jt_value_url_problem(table->base_url) != NULL))
        return BROKEN("its base_url is not an absolute https URL of at most %u bytes", TABLE_LINE_MAX);
    if (table->reserved != 0)
        return BROKEN("its member `reserved` is not 0");
    if ((table->capabilities & TABLE_HIGH_MASK & ~TABLE_KNOWN_HIGH) != 0)
        return BROKEN(
            "it demands the capabilities 0x%016llx, which this jeton does not have: install a newer jeton, or an "
            "older plugin",
            (unsigned long long)(table->capabilities & TABLE_HIGH_MASK & ~TABLE_KNOWN_HIGH));
    if (table->acquire == NULL)
        return BROKEN("it has no acquire, the one operation that every provider must have");
    return JETON_OK;
}

int jt_plugin_table_copy(const struct jeton_provider *given, const char *name, struct jt_plugin *plugin,
                         jeton_error **ret_error)
{
    struct jeton_provider table = {0};
    int status;

    if (given == NULL)
        return BROKEN("it says that it cannot work here (its %s returned NULL)", JETON_PROVIDER_SYMBOL);
    status = table_check_sizes(given, ret_error);
    if (status != JETON_OK)
        return status;
    memcpy(&table, given, given->struct_size < sizeof(table) ? given->struct_size : sizeof(table));
    status = table_check_members(&table, name, ret_error);
    if (status != JETON_OK)
        return status;
    status = table_copy_rows(table.settings, table.setting_size, "setting", true, &plugin->settings, ret_error);
    if (status == JETON_OK)
        status =
            table_copy_rows(table.parameters, table.setting_size, "parameter", false, &plugin->parameters, ret_error);
    if (status != JETON_OK)
        return status;
    plugin->table = table;
    plugin->table.settings = plugin->settings;
    plugin->table.parameters = plugin->parameters;
    return JETON_OK;
}

static void table_free_rows(const struct jeton_setting **rows)
{
    struct table_rows owned = {(struct jeton_setting *)(uintptr_t)*rows, 0};

    while (owned.rows != NULL && owned.rows[owned.len].name != NULL)
        owned.len++;
    rows_done(&owned);
    *rows = NULL;
}

void jt_plugin_table_done(struct jt_plugin *plugin)
{
    table_free_rows(&plugin->settings);
    table_free_rows(&plugin->parameters);
}
