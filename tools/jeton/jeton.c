/* SPDX-License-Identifier: MIT */
/* jeton(1): the table of commands, and main. */
#include "background.h"
#include "commands.h"
#include "json.h"
#include "options.h"
#include "output.h"

static const struct jt_command commands[] = {
    {"get", "NAME", "print an access token that is valid now",
     "Prints an access token for NAME that is valid now, and nothing else. A stored token is\n"
     "handed out as it is; otherwise one is renewed or acquired, whatever that takes.",
     JT_OPTION_MIN_TTL | JT_OPTIONS_VARIANT | JT_OPTION_TIMEOUT, jt_cmd_get},
    {"acquire", "NAME", "acquire a new token, whatever is stored",
     "Asks the provider for a new token, stores it in place of what was stored, and prints it.\n"
     "Providers that need more than their settings take it with -p (jeton describe PLUGIN).",
     JT_OPTIONS_FLOW, jt_cmd_acquire},
    {"refresh", "NAME", "renew with the stored refresh token",
     "Exchanges the stored refresh token for a new token, stores it and prints it.", JT_OPTIONS_FLOW, jt_cmd_refresh},
    {"revoke", "NAME", "make the stored token worthless",
     "Has the provider revoke the stored token and forgets it here. Where the provider cannot be\n"
     "reached, the token is unusable on this machine at once and the revocation is tried again.",
     JT_OPTIONS_FLOW, jt_cmd_revoke},
    {"introspect", "NAME", "ask the provider about the stored token",
     "Prints what the provider says about the stored token. That it is not active is an answer,\n"
     "not an error.",
     JT_OPTIONS_FLOW, jt_cmd_introspect},
    {"keys", "NAME", "list the ids of the tokens or keys that are valid",
     "Prints the ids of the tokens or keys that are valid at the provider now, one a line.",
     JT_OPTION_TIMEOUT | JT_OPTION_PARAM, jt_cmd_keys},
    {"invalidate", "NAME", "the API said 401: do not hand this token out again",
     "Stops the stored access token from being handed out; the next get brings another one. With\n"
     "--token, only if that token is still the stored one: one that was renewed meanwhile stays.",
     JT_OPTIONS_VARIANT | JT_OPTION_TOKEN, jt_cmd_invalidate},
    {"login", "NAME", "sign in, where that takes a person",
     "Acquires a token with a person's help: asks what the provider asks, shows the page to open,\n"
     "and takes the answer at the redirect address or as the address pasted from the browser.\n"
     "Prints no token; jeton get does.",
     JT_OPTIONS_FLOW | JT_OPTION_PRINT_URL, jt_cmd_login},
    {"logout", "NAME", "revoke the token and forget all of it",
     "Revokes the stored token, where the provider can do that, and forgets the whole token set,\n"
     "refresh token included.",
     JT_OPTIONS_FLOW, jt_cmd_logout},
    {"list", NULL, "list the names, what is stored and until when",
     "Lists every configured and stored name with its state, when it expires, when it is renewed\n"
     "and what went wrong last. Prints no secrets.",
     0, jt_cmd_list},
    {"show", "NAME", "show what is known of one name",
     "Shows the entries of NAME, one for each scope, audience and resource that was asked for.\n"
     "Prints no secrets.",
     0, jt_cmd_show},
    {"check", NULL, "check the configuration",
     "Reads the whole configuration and prints every finding as file:line: message. Exits with 78\n"
     "when there are any. Sends nothing.",
     0, jt_cmd_check},
    {"describe", "PLUGIN", "tell what a plugin can do and which settings it has",
     "Prints the plugin's operations, settings and parameters.", 0, jt_cmd_describe},
    {"providers", NULL, "list the plugins and the configured providers",
     "Lists the plugins that can be used and the providers that are configured.", 0, jt_cmd_providers},
    {"init", NULL, "make the directories, the store key and the store",
     "Makes the directories, the store key and the store that the configuration names. Nothing\n"
     "that exists is changed.",
     0, jt_cmd_init},
    {"rekey", NULL, "give the store a new key",
     "Makes a new store key, seals the whole store with it and puts it in the place of key_file.\n"
     "Whatever stops it, the store opens with the former key or the new one. Programs that use the\n"
     "store go on. Where the configuration gives the key in another way, --new-key-file names a\n"
     "file with the new one, and the configuration has to be changed afterwards.",
     JT_OPTION_NEW_KEY, jt_cmd_rekey},
    {"export", "[NAME ...]", "write tokens to an archive for another machine",
     "Writes what is stored for these names, or for all, to an archive that is sealed with a\n"
     "passphrase. The tokens stay here too: stop using them, since of two machines that hold a\n"
     "refresh token only one can go on with it.",
     JT_OPTION_FILE | JT_OPTION_PHRASE, jt_cmd_export},
    {"import", NULL, "take the tokens from an archive",
     "Takes all of an archive into the store, or nothing where anything is wrong with it. What is\n"
     "stored already and expires no earlier stays.",
     JT_OPTION_FILE | JT_OPTION_PHRASE | JT_OPTION_REPLACE, jt_cmd_import},
};

static int main_print_version(const struct jt_call *call)
{
    struct json_object *object JT_AUTO_JSON = NULL;

    if (!call->json) {
        jt_output_line("jeton %s", jeton_version());
        return JETON_OK;
    }
    object = jt_json_new();
    jt_json_add_string(object, "version", jeton_version());
    jt_json_print(object);
    return JETON_OK;
}

static int main_run(const struct jt_call *call, struct jt_session *session)
{
    if (call->help) {
        jt_help_print(call->command, commands, JT_LEN(commands));
        return JETON_OK;
    }
    return call->version ? main_print_version(call) : call->command->run(call, session);
}

int main(int argc, char **argv)
{
    struct jt_background background JT_AUTO_BACKGROUND = JT_BACKGROUND_INIT;
    struct jt_call call = {.command = NULL};
    struct jt_session session JT_AUTO_SESSION = {.ctx = NULL}; /* its log uses call */
    int status, written;

    jt_output_guard();
    status = jt_options_parse(argc, argv, commands, JT_LEN(commands), &call);
    /* With a timeout, jeton_get may return while a renewal is still running, and closing the context waits for that. So
     * the work is done in a child, and this process can exit in time. */
    if (status == JETON_OK && call.timeout_ms > 0 && call.command != NULL && call.command->run == jt_cmd_get)
        jt_background_enter(&background);
    if (status == JETON_OK)
        status = main_run(&call, &session);
    written = jt_output_finish();
    status = JETON_STATUS_EXIT(status != JETON_OK ? status : written);
    jt_background_report(&background, status);
    return status;
}
