/* SPDX-License-Identifier: MIT */
/* list and show: what is configured and stored, until when it is valid, and what went wrong last. The library's
 * listings contain no secrets. */
#include "commands.h"
#include "json.h"
#include "output.h"
#include "report.h"
#include "session.h"
#include "times.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIST_PAGE    500u
#define LIST_COLUMNS 5u

static enum jt_colour list_colour(const char *state)
{
    if (strcmp(state, "valid") == 0)
        return JT_GREEN;
    if (strcmp(state, "due") == 0 || strcmp(state, "none") == 0)
        return JT_YELLOW;
    return JT_RED;
}

/* Whether the state means that there is a good token. "no limit" is printed for those only. */
static bool list_is_good(const char *state)
{
    return strcmp(state, "valid") == 0 || strcmp(state, "due") == 0;
}

static void list_word_time(int64_t at, const char *state, const char *without, char *ret_text, size_t text_size)
{
    if (at != INT64_MAX)
        jt_times_relative(at, (int64_t)time(NULL), ret_text, text_size);
    else
        (void)snprintf(ret_text, text_size, "%s", list_is_good(state) ? without : "-");
}

/* The five columns of a row. expires and renewed are the buffers for two of them. */
static void list_columns(const jeton_list *list, size_t row, char *expires, char *renewed, size_t text_size,
                         const char **ret_columns)
{
    const char *state = jeton_list_state(list, row), *last_error = jeton_list_last_error(list, row);

    list_word_time(jeton_list_expires_at(list, row), state, "no limit", expires, text_size);
    list_word_time(jeton_list_renew_at(list, row), state, "never", renewed, text_size);
    ret_columns[0] = jeton_list_name(list, row);
    ret_columns[1] = state;
    ret_columns[2] = expires;
    ret_columns[3] = renewed;
    ret_columns[4] = last_error != NULL ? last_error : "";
}

static void list_print_row(const char *const *columns, const size_t *widths, enum jt_colour colour)
{
    for (size_t column = 0; column < LIST_COLUMNS; column++) {
        bool last = column + 1 == LIST_COLUMNS || columns[column + 1][0] == '\0';

        jt_output_cell(columns[column], last ? 0 : widths[column], column == 1 ? colour : JT_PLAIN);
        if (last)
            break;
        jt_output_puts("  ");
    }
    jt_output_puts("\n");
}

/* Each column is as wide as its widest cell so far, so that pages line up as far as possible. */
static void list_print_table(const jeton_list *list, bool first_page, size_t *widths)
{
    static const char *const titles[LIST_COLUMNS] = {"NAME", "STATE", "EXPIRES", "RENEWAL", "LAST ERROR"};
    char expires[JT_TIMES_SIZE], renewed[JT_TIMES_SIZE];
    const char *columns[LIST_COLUMNS];

    for (size_t row = 0; row < jeton_list_len(list); row++) {
        list_columns(list, row, expires, renewed, sizeof(expires), columns);
        for (size_t column = 0; column < LIST_COLUMNS; column++) {
            size_t width = jt_output_width(columns[column]), title = strlen(titles[column]);

            width = width > title ? width : title;
            widths[column] = width > widths[column] ? width : widths[column];
        }
    }
    if (first_page && jeton_list_len(list) > 0)
        list_print_row(titles, widths, JT_PLAIN);
    for (size_t row = 0; row < jeton_list_len(list); row++) {
        list_columns(list, row, expires, renewed, sizeof(expires), columns);
        list_print_row(columns, widths, list_colour(columns[1]));
    }
}

static struct json_object *list_object(const jeton_list *list, size_t row)
{
    struct json_object *object = jt_json_new();

    jt_json_add_string(object, "name", jeton_list_name(list, row));
    jt_json_add_string(object, "state", jeton_list_state(list, row));
    jt_json_add_time(object, "expires_at", jeton_list_expires_at(list, row));
    jt_json_add_time(object, "renew_at", jeton_list_renew_at(list, row));
    jt_json_add_string_or_null(object, "last_error", jeton_list_last_error(list, row));
    return object;
}

/* Prints one entry on each line, so that a million of them need not be in memory together. */
static void list_print_json(const jeton_list *list, bool first_page)
{
    for (size_t row = 0; row < jeton_list_len(list); row++) {
        struct json_object *object JT_AUTO_JSON = list_object(list, row);

        jt_output_puts(first_page && row == 0 ? "[" : ",");
        jt_json_print(object);
    }
}

static void list_free_text(char **text)
{
    free(*text);
}

int jt_cmd_list(const struct jt_call *call, struct jt_session *session)
{
    char *after JT_CLEANUP(list_free_text) = NULL;
    size_t widths[LIST_COLUMNS] = {0}, len = LIST_PAGE;
    bool first_page = true, any = false;
    int status = jt_session_open(call, session);

    for (; status == JETON_OK && len == LIST_PAGE; first_page = false) {
        jeton_list *list JT_CLEANUP(jeton_list_free) = NULL;
        jeton_error *error = NULL;

        status = jeton_list_names(session->ctx, after, LIST_PAGE, &list, &error);
        if (status != JETON_OK && any && call->json) {
            /* The array is not closed: half a listing must not look like a complete one. */
            struct jt_call plain = *call;

            plain.json = false;
            return jt_report_error(&plain, NULL, status, &error);
        }
        if (status != JETON_OK)
            return jt_report_error(call, NULL, status, &error);
        len = jeton_list_len(list);
        any = any || len > 0;
        if (call->json)
            list_print_json(list, first_page);
        else
            list_print_table(list, first_page, widths);
        if (!jt_output_part())
            return JETON_OK;
        free(after);
        after = len == 0 ? NULL : strdup(jeton_list_name(list, len - 1));
        if (len > 0 && after == NULL)
            jt_output_no_memory();
    }
    if (status != JETON_OK)
        return status;
    if (call->json)
        jt_output_puts(any ? "]\n" : "[]\n");
    else if (!any)
        jt_report_note(call, "no accounts are configured: write a file in providers.d, see jeton.conf(5)");
    return JETON_OK;
}

/* Members that an entry may have besides the columns of list. */
static const char *const show_fields[] = {"scope",     "audience",  "resource", "token_type",         "key_id",
                                          "issued_at", "failed_at", "retry_at", "refresh_expires_at", "plugin"};

static bool show_number(const char *text, int64_t *ret_value)
{
    char *end = NULL;
    long long value = strtoll(text, &end, 10);

    if (end == text || *end != '\0')
        return false;
    *ret_value = value;
    return true;
}

static void show_line(const char *key, const char *value)
{
    char label[32];

    (void)snprintf(label, sizeof(label), "  %s:", key);
    jt_output_cell(label, 18, JT_PLAIN);
    jt_output_line(" %s", value);
}

static void show_time(const char *key, int64_t at, const char *without)
{
    char text[2 * JT_TIMES_SIZE];

    if (at == INT64_MAX)
        (void)snprintf(text, sizeof(text), "%s", without);
    else
        jt_times_full(at, (int64_t)time(NULL), text, sizeof(text));
    show_line(key, text);
}

static bool show_is_time(const char *field)
{
    size_t len = strlen(field);

    return len > 3 && strcmp(field + len - 3, "_at") == 0;
}

static void show_print_text(const jeton_list *list, size_t row)
{
    const char *state = jeton_list_state(list, row), *value;
    bool good = list_is_good(state);
    int64_t at;

    jt_output_cell(jeton_list_name(list, row), 0, JT_BOLD);
    jt_output_puts(": ");
    jt_output_cell(state, 0, list_colour(state));
    jt_output_puts("\n");
    if (good || jeton_list_expires_at(list, row) != INT64_MAX)
        show_time("expires", jeton_list_expires_at(list, row), "no limit is known");
    if (good || jeton_list_renew_at(list, row) != INT64_MAX)
        show_time("renewal", jeton_list_renew_at(list, row), "never");
    for (size_t i = 0; i < JT_LEN(show_fields); i++) {
        value = jeton_list_field(list, row, show_fields[i]);
        if (value != NULL && show_is_time(show_fields[i]) && show_number(value, &at))
            show_time(show_fields[i], at, "never");
        else if (value != NULL)
            show_line(show_fields[i], value);
    }
    if (jeton_list_field(list, row, "refresh_token") != NULL)
        show_line("refresh token", jeton_list_field(list, row, "refresh_token"));
    if (jeton_list_last_error(list, row) != NULL)
        show_line("last error", jeton_list_last_error(list, row));
}

static struct json_object *show_object(const jeton_list *list, size_t row)
{
    struct json_object *object = list_object(list, row);
    const char *refreshable = jeton_list_field(list, row, "refresh_token");
    int64_t number;

    for (size_t i = 0; i < JT_LEN(show_fields); i++) {
        const char *value = jeton_list_field(list, row, show_fields[i]);

        if (value != NULL && show_is_time(show_fields[i]) && show_number(value, &number))
            jt_json_add_time(object, show_fields[i], number);
        else
            jt_json_add_string(object, show_fields[i], value);
    }
    if (refreshable != NULL)
        jt_json_add_boolean(object, "has_refresh_token", strcmp(refreshable, "yes") == 0);
    return object;
}

int jt_cmd_show(const struct jt_call *call, struct jt_session *session)
{
    jeton_list *list JT_CLEANUP(jeton_list_free) = NULL;
    struct json_object *array JT_AUTO_JSON = NULL;
    jeton_error *error = NULL;
    int status = jt_session_open(call, session);

    if (status != JETON_OK)
        return status;
    status = jeton_show(session->ctx, call->operand, &list, &error);
    if (status != JETON_OK)
        return jt_report_error(call, call->operand, status, &error);
    array = json_object_new_array();
    if (array == NULL)
        jt_output_no_memory();
    for (size_t row = 0; row < jeton_list_len(list); row++) {
        if (!call->json)
            show_print_text(list, row);
        else if (json_object_array_add(array, show_object(list, row)) != 0)
            jt_output_no_memory();
    }
    if (call->json)
        jt_json_print(array);
    return JETON_OK;
}
