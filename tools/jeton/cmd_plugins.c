/* SPDX-License-Identifier: MIT */
/* providers and describe: which plugins there are, what they can do, and which providers use them. */
#include "commands.h"
#include "json.h"
#include "output.h"
#include "report.h"
#include "session.h"
#include <stdio.h>
#include <string.h>

#define PLUGINS_NAME_WIDTH 14u

static const char *plugins_or_none(const char *text)
{
    return text != NULL ? text : "-";
}

/* Prints the strings of an array, separated, and ends the line. */
static void plugins_print_joined(struct json_object *object, const char *key, const char *prefix)
{
    size_t len = 0;
    struct json_object *array = jt_json_array(object, key, &len);

    for (size_t i = 0; i < len; i++) {
        const char *item = json_object_get_string(json_object_array_get_idx(array, i));

        jt_output_puts(i > 0 ? " " : "");
        jt_output_puts(prefix);
        jt_output_cell(item != NULL ? item : "?", 0, JT_PLAIN);
    }
    jt_output_puts(len > 0 ? "\n" : "-\n");
}

static void plugins_print_plugin(struct json_object *plugin)
{
    const char *error = jt_json_string(plugin, "error");

    jt_output_puts("  ");
    jt_output_cell(plugins_or_none(jt_json_string(plugin, "name")), PLUGINS_NAME_WIDTH, JT_BOLD);
    if (error != NULL) {
        jt_output_puts("  ");
        jt_output_cell("cannot be used:", 0, JT_RED);
        jt_output_line(" %s", error);
        return;
    }
    jt_output_line("  %s (version %s)", plugins_or_none(jt_json_string(plugin, "summary")),
                   plugins_or_none(jt_json_string(plugin, "version")));
    jt_output_line("  %*s  %s", (int)PLUGINS_NAME_WIDTH, "", plugins_or_none(jt_json_string(plugin, "path")));
    jt_output_puts("                  ");
    plugins_print_joined(plugin, "operations", "");
}

static void plugins_print_provider(struct json_object *provider)
{
    const char *error = jt_json_string(provider, "error"), *name = plugins_or_none(jt_json_string(provider, "name"));
    char prefix[300];

    jt_output_puts("  ");
    jt_output_cell(name, PLUGINS_NAME_WIDTH, JT_BOLD);
    if (error != NULL) {
        jt_output_puts("  ");
        jt_output_cell("cannot be read:", 0, JT_RED);
        jt_output_line(" %s", error);
        return;
    }
    jt_output_line("  plugin %s, %s", plugins_or_none(jt_json_string(provider, "plugin")),
                   plugins_or_none(jt_json_string(provider, "file")));
    jt_output_puts("                  ");
    (void)snprintf(prefix, sizeof(prefix), "%s/", name);
    plugins_print_joined(provider, "accounts", prefix);
}

static void plugins_print_section(struct json_object *object, const char *key, const char *title, const char *none,
                                  void (*print)(struct json_object *))
{
    size_t len = 0;
    struct json_object *array = jt_json_array(object, key, &len);

    jt_output_line("%s:", title);
    for (size_t i = 0; i < len; i++)
        print(json_object_array_get_idx(array, i));
    if (len == 0)
        jt_output_line("  %s", none);
}

int jt_cmd_providers(const struct jt_call *call, struct jt_session *session)
{
    jeton_answer *answer JT_CLEANUP(jeton_answer_free) = NULL;
    struct json_object *object JT_AUTO_JSON = NULL;
    jeton_error *error = NULL;
    int status = jt_session_open(call, session);

    if (status != JETON_OK)
        return status;
    status = jeton_providers(session->ctx, &answer, &error);
    if (status != JETON_OK)
        return jt_report_error(call, NULL, status, &error);
    object = jt_json_parse(jeton_answer_json(answer));
    if (object == NULL)
        return jt_report_bad_answer(call);
    if (call->json) {
        jt_json_print(object);
        return JETON_OK;
    }
    plugins_print_section(object, "plugins", "Plugins", "none is installed", plugins_print_plugin);
    jt_output_puts("\n");
    plugins_print_section(object, "providers", "Providers", "none is configured: see jeton.conf(5)",
                          plugins_print_provider);
    return JETON_OK;
}

/* ", one of: v2 v3"; of a key: ", for: RS256". */
static void plugins_word_choices(struct json_object *setting, char *text, size_t text_size)
{
    const char *type = jt_json_string(setting, "type");
    struct json_object *choices;
    size_t len = 0;

    *text = '\0';
    if (!json_object_object_get_ex(setting, "choices", &choices) || !json_object_is_type(choices, json_type_array))
        return;
    for (size_t i = 0; i < json_object_array_length(choices) && len < text_size; i++)
        len += (size_t)snprintf(text + len, text_size - len, "%s%s",
                                i > 0                                      ? " "
                                : type != NULL && strcmp(type, "key") == 0 ? ", for: "
                                                                           : ", one of: ",
                                json_object_get_string(json_object_array_get_idx(choices, i)));
}

/* "string, required, secret, one of: v2 v3, default v2" */
static void plugins_word_setting(struct json_object *setting, char *text, size_t text_size)
{
    const char *initial = jt_json_string(setting, "default");
    int64_t minimum = jt_json_integer(setting, "minimum", 0), maximum = jt_json_integer(setting, "maximum", 0);
    char bounds[64] = "", choices[512];

    plugins_word_choices(setting, choices, sizeof(choices));
    if (minimum < maximum)
        (void)snprintf(bounds, sizeof(bounds), ", %lld to %lld", (long long)minimum, (long long)maximum);
    (void)snprintf(text, text_size, "%s%s%s%s%s%s%s", plugins_or_none(jt_json_string(setting, "type")),
                   jt_json_boolean(setting, "required") ? ", required" : "",
                   jt_json_boolean(setting, "secret") ? ", secret" : "", choices, bounds,
                   initial != NULL ? ", default " : "", initial != NULL ? initial : "");
}

static void plugins_print_settings(struct json_object *object, const char *key, const char *title)
{
    size_t len = 0;
    struct json_object *settings = jt_json_array(object, key, &len);
    bool any_secret = false;

    if (len == 0)
        return;
    jt_output_puts("\n");
    jt_output_line("%s:", title);
    for (size_t i = 0; i < len; i++) {
        struct json_object *setting = json_object_array_get_idx(settings, i);
        const char *help = jt_json_string(setting, "help");
        char kind[1024];

        plugins_word_setting(setting, kind, sizeof(kind));
        any_secret = any_secret || jt_json_boolean(setting, "secret");
        jt_output_puts("  ");
        jt_output_cell(plugins_or_none(jt_json_string(setting, "name")), 0, JT_BOLD);
        jt_output_line(" (%s)", kind);
        if (help != NULL)
            jt_output_line("      %s", help);
    }
    if (any_secret && strcmp(key, "settings") == 0)
        jt_output_line("  A secret x can be given as x, x_file, x_credential, x_env or x_command: see jeton.conf(5).");
}

int jt_cmd_describe(const struct jt_call *call, struct jt_session *session)
{
    jeton_answer *answer JT_CLEANUP(jeton_answer_free) = NULL;
    struct json_object *object JT_AUTO_JSON = NULL;
    jeton_error *error = NULL;
    int status = jt_session_open(call, session);

    if (status != JETON_OK)
        return status;
    status = jeton_describe(session->ctx, call->operand, &answer, &error);
    if (status != JETON_OK)
        return jt_report_error(call, NULL, status, &error);
    object = jt_json_parse(jeton_answer_json(answer));
    if (object == NULL)
        return jt_report_bad_answer(call);
    if (call->json) {
        jt_json_print(object);
        return JETON_OK;
    }
    jt_output_cell(plugins_or_none(jt_json_string(object, "name")), 0, JT_BOLD);
    jt_output_line(" %s: %s", plugins_or_none(jt_json_string(object, "version")),
                   plugins_or_none(jt_json_string(object, "summary")));
    jt_output_line("  file:       %s", plugins_or_none(jt_json_string(object, "path")));
    jt_output_line("  base_url:   %s", jt_json_string(object, "base_url") != NULL
                                           ? jt_json_string(object, "base_url")
                                           : "none: every provider must name one");
    jt_output_puts("  operations: ");
    plugins_print_joined(object, "operations", "");
    plugins_print_settings(object, "settings", "Settings");
    plugins_print_settings(object, "parameters", "Parameters of a call (-p)");
    return JETON_OK;
}
