/* SPDX-License-Identifier: MIT */
/* Parses the command line by the tables of options and commands. */
#include "options.h"
#include "report.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_SECONDS_MAX INT64_C(315360000) /* ten years; more is a typing error */

const struct jt_option jt_options[] = {
    {JT_OPTION_MIN_TTL, 0, "min-ttl", "S", "the token is valid for at least S more seconds"},
    {JT_OPTION_SCOPE, 0, "scope", "SCOPE", "another scope than configured, words separated by spaces"},
    {JT_OPTION_AUDIENCE, 0, "audience", "AUDIENCE", "for this audience"},
    {JT_OPTION_RESOURCE, 0, "resource", "URI", "for this resource (RFC 8707)"},
    {JT_OPTION_TIMEOUT, 0, "timeout", "S", "wait at most S seconds"},
    {JT_OPTION_PARAM, 'p', "param", "KEY=VALUE",
     "a parameter of the provider's; KEY=@FILE and KEY=@- read a file, stdin"},
    {JT_OPTION_TOKEN, 0, "token", "@FILE", "only if this is the stored access token; @- reads stdin"},
    {JT_OPTION_PRINT_URL, 0, "print-url", NULL, "print the page to open and stop"},
    {JT_OPTION_NEW_KEY, 0, "new-key-file", "FILE", "the new store key, 64 hexadecimal digits"},
    {JT_OPTION_FILE, 0, "file", "FILE", "the archive; otherwise standard output or input"},
    {JT_OPTION_PHRASE, 0, "passphrase-file", "FILE",
     "the archive's passphrase; @- reads stdin; otherwise it is asked for"},
    {JT_OPTION_REPLACE, 0, "replace", NULL, "also what is stored and expires later"},
    {JT_OPTION_CONFIG, 0, "config", "DIR", "the directory of the configuration"},
    {JT_OPTION_JSON, 0, "json", NULL, "print JSON, errors included"},
    {JT_OPTION_QUIET, 'q', "quiet", NULL, "no notes, hints or log lines on stderr; errors only"},
    {JT_OPTION_VERBOSE, 'v', "verbose", NULL, "tell what is done, requests included, secrets replaced by their names"},
    {JT_OPTION_HELP, 'h', "help", NULL, "this text; behind a command: the command's"},
    {JT_OPTION_VERSION, 0, "version", NULL, "print the version"},
};
const size_t jt_options_len = JT_LEN(jt_options);

/* The parser's position. */
struct options_reader {
    char **argv;
    int argc, index;
    const struct jt_command *commands;
    size_t commands_len;
};

static int JT_PRINTF(3, 4) options_complain(const struct jt_call *call, const char *nearest, const char *format, ...)
{
    char *message = NULL, help[64], hint[160];
    va_list args;
    int len, status;

    va_start(args, format);
    len = vasprintf(&message, format, args);
    va_end(args);
    (void)snprintf(help, sizeof(help), "jeton %s%s--help tells more", call->command != NULL ? call->command->name : "",
                   call->command != NULL ? " " : "");
    if (nearest != NULL)
        (void)snprintf(hint, sizeof(hint), "did you mean %s? %s", nearest, help);
    status = jt_report_failure(call, NULL, JETON_USAGE, nearest != NULL ? hint : help, "%s",
                               len < 0 ? "the command line is wrong" : message);
    free(message);
    return status;
}

static unsigned options_allowed(const struct jt_call *call)
{
    return JT_OPTIONS_GLOBAL | (call->command != NULL ? call->command->options : 0);
}

static int options_unknown(const struct jt_call *call, const char *word)
{
    const char *names[JT_LEN(jt_options)], *name = word + (word[1] == '-' ? 2 : 1), *nearest;
    char shown[64], bare[64];
    size_t names_len = 0;

    (void)snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(name, "="), name);
    for (size_t i = 0; i < JT_LEN(jt_options); i++) {
        if ((jt_options[i].bit & options_allowed(call)) != 0)
            names[names_len++] = jt_options[i].name;
        else if (strcmp(jt_options[i].name, bare) == 0)
            return call->command == NULL
                       ? options_complain(call, NULL, "--%s belongs behind the command", bare)
                       : options_complain(call, NULL, "%s has no option --%s", call->command->name, bare);
    }
    nearest = jt_suggest(bare, names, names_len);
    if (nearest != NULL)
        (void)snprintf(shown, sizeof(shown), "--%s", nearest);
    return options_complain(call, nearest != NULL ? shown : NULL, "there is no option %.60s", word);
}

/* Accepts decimal digits only: strtoll alone would accept " +5x". */
static int options_seconds(const struct jt_call *call, const char *name, const char *text, int64_t least, int64_t *ret)
{
    char *end = NULL;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0 || value < least || value > OPTIONS_SECONDS_MAX)
        return options_complain(call, NULL, "--%s takes whole seconds from %d to %d, not \"%.40s\"", name, (int)least,
                                (int)OPTIONS_SECONDS_MAX, text);
    *ret = value;
    return JETON_OK;
}

static int options_text(const struct jt_call *call, const char *name, const char *text, const char **ret)
{
    if (*text == '\0')
        return options_complain(call, NULL, "--%s needs a value that is not empty", name);
    *ret = text;
    return JETON_OK;
}

static int options_param(struct jt_call *call, char *text)
{
    const char *equals = strchr(text, '=');

    if (equals == NULL || equals == text)
        return options_complain(call, NULL, "-p takes KEY=VALUE, KEY=@FILE or KEY=@-");
    if (call->params_len == JT_CALL_PARAMS_MAX)
        return options_complain(call, NULL, "more than %u parameters were given with -p", JT_CALL_PARAMS_MAX);
    call->params[call->params_len++] = text;
    return JETON_OK;
}

static int options_token(struct jt_call *call, const char *text)
{
    if (text[0] != '@' || text[1] == '\0')
        return options_complain(call, NULL, "--token takes @FILE or @-: a command line can be read by everybody");
    call->token = text;
    return JETON_OK;
}

static int options_take(struct jt_call *call, const struct jt_option *option, char *value)
{
    int64_t timeout_s = 0;
    int status;

    switch (option->bit) {
    case JT_OPTION_CONFIG:
        return options_text(call, option->name, value, &call->config_dir);
    case JT_OPTION_SCOPE:
        return options_text(call, option->name, value, &call->scope);
    case JT_OPTION_AUDIENCE:
        return options_text(call, option->name, value, &call->audience);
    case JT_OPTION_RESOURCE:
        return options_text(call, option->name, value, &call->resource);
    case JT_OPTION_NEW_KEY:
        return options_text(call, option->name, value, &call->new_key_file);
    case JT_OPTION_FILE:
        return options_text(call, option->name, value, &call->file);
    case JT_OPTION_PHRASE:
        return options_text(call, option->name, value, &call->passphrase_file);
    case JT_OPTION_MIN_TTL:
        return options_seconds(call, option->name, value, 0, &call->min_ttl_s);
    case JT_OPTION_TIMEOUT:
        status = options_seconds(call, option->name, value, 1, &timeout_s);
        call->timeout_ms = timeout_s * 1000;
        return status;
    case JT_OPTION_PARAM:
        return options_param(call, value);
    case JT_OPTION_TOKEN:
        return options_token(call, value);
    case JT_OPTION_JSON:
        call->json = true;
        break;
    case JT_OPTION_QUIET:
        call->quiet = true;
        call->verbose = false;
        break;
    case JT_OPTION_VERBOSE:
        call->verbose = true;
        call->quiet = false;
        break;
    case JT_OPTION_PRINT_URL:
        call->print_url = true;
        break;
    case JT_OPTION_REPLACE:
        call->replace = true;
        break;
    case JT_OPTION_HELP:
        call->help = true;
        break;
    default:
        call->version = true;
        break;
    }
    return JETON_OK;
}

/* The value of an option: what follows "=", or the letter of a short option; else the next word. */
static int options_value(struct options_reader *reader, struct jt_call *call, const struct jt_option *option,
                         char *rest)
{
    if (option->value == NULL && rest != NULL)
        return options_complain(call, NULL, "--%s takes no value", option->name);
    if (option->value != NULL && rest == NULL) {
        if (reader->index + 1 >= reader->argc)
            return options_complain(call, NULL, "--%s needs a value: %s", option->name, option->value);
        rest = reader->argv[++reader->index];
    }
    return options_take(call, option, rest);
}

static int options_long(struct options_reader *reader, struct jt_call *call, char *word)
{
    size_t len = strcspn(word + 2, "=");

    for (size_t i = 0; i < JT_LEN(jt_options); i++)
        if ((jt_options[i].bit & options_allowed(call)) != 0 && strlen(jt_options[i].name) == len &&
            strncmp(jt_options[i].name, word + 2, len) == 0)
            return options_value(reader, call, &jt_options[i], word[2 + len] == '=' ? word + 3 + len : NULL);
    return options_unknown(call, word);
}

/* Parses a word of short options: "-q", "-qv", "-pKEY=VALUE". */
static int options_letters(struct options_reader *reader, struct jt_call *call, char *word)
{
    for (char *letter = word + 1; *letter != '\0'; letter++) {
        const struct jt_option *option = NULL;
        int status;

        for (size_t i = 0; i < JT_LEN(jt_options) && option == NULL; i++)
            if (jt_options[i].letter == *letter && (jt_options[i].bit & options_allowed(call)) != 0)
                option = &jt_options[i];
        if (option == NULL)
            return options_unknown(call, word);
        if (option->value != NULL)
            return options_value(reader, call, option, letter[1] != '\0' ? letter + 1 : NULL);
        status = options_take(call, option, NULL);
        if (status != JETON_OK)
            return status;
    }
    return JETON_OK;
}

static bool options_takes_many(const struct jt_command *command)
{
    return command->operand != NULL && command->operand[0] == '[';
}

static int options_word(const struct options_reader *reader, struct jt_call *call, char *word)
{
    const char *names[64];
    size_t names_len = 0;

    if (call->command != NULL && call->command->operand == NULL)
        return options_complain(call, NULL, "%s takes no argument, but \"%.60s\" was given", call->command->name, word);
    if (call->command != NULL && options_takes_many(call->command)) {
        /* Operands are moved to the front of argv, over words that were parsed already. */
        reader->argv[1 + call->operands_len++] = word;
        call->operands = &reader->argv[1];
        return JETON_OK;
    }
    if (call->command != NULL && call->operand != NULL)
        return options_complain(call, NULL, "%s takes one %s, and \"%.60s\" is one too many", call->command->name,
                                call->command->operand, word);
    if (call->command != NULL) {
        call->operand = word;
        return JETON_OK;
    }
    for (size_t i = 0; i < reader->commands_len; i++)
        if (strcmp(reader->commands[i].name, word) == 0) {
            call->command = &reader->commands[i];
            return JETON_OK;
        }
    for (; names_len < reader->commands_len && names_len < JT_LEN(names); names_len++)
        names[names_len] = reader->commands[names_len].name;
    return options_complain(call, jt_suggest(word, names, names_len), "there is no command \"%.60s\"", word);
}

/* Whether --json is anywhere on the command line: a mistake in front of it must be reported as JSON too. */
static bool options_want_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

int jt_options_parse(int argc, char **argv, const struct jt_command *commands, size_t commands_len,
                     struct jt_call *ret_call)
{
    struct options_reader reader = {.argv = argv, .argc = argc, .commands = commands, .commands_len = commands_len};
    struct jt_call call = {.json = options_want_json(argc, argv)};
    bool words_only = false;

    for (reader.index = 1; reader.index < argc; reader.index++) {
        char *word = argv[reader.index];
        int status;

        if (!words_only && strcmp(word, "--") == 0) {
            words_only = true;
            continue;
        }
        if (words_only || word[0] != '-' || word[1] == '\0')
            status = options_word(&reader, &call, word);
        else
            status = word[1] == '-' ? options_long(&reader, &call, word) : options_letters(&reader, &call, word);
        if (status != JETON_OK)
            return status;
    }
    if (call.command == NULL && !call.help && !call.version)
        return options_complain(&call, NULL, "no command was given");
    if (call.command != NULL && call.command->operand != NULL && !options_takes_many(call.command) &&
        call.operand == NULL && !call.help && !call.version)
        return options_complain(&call, NULL, "%s needs a %s%s", call.command->name, call.command->operand,
                                strcmp(call.command->operand, "NAME") == 0 ? ", such as provider/account" : "");
    *ret_call = call;
    return JETON_OK;
}
