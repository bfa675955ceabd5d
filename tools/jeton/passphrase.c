/* SPDX-License-Identifier: MIT */
/* Reads the passphrase of an archive. */
#include "passphrase.h"
#include "output.h"
#include "report.h"
#include "terminal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASSPHRASE_SIZE 1024u

static void passphrase_wipe(char (*answer)[PASSPHRASE_SIZE])
{
    explicit_bzero(*answer, sizeof(*answer));
}
#define AUTO_WIPE JT_CLEANUP(passphrase_wipe)

static int passphrase_from_file(const struct jt_call *call, bool stdin_taken, char **ret_passphrase)
{
    const char *path = call->passphrase_file + (call->passphrase_file[0] == '@');
    char *source = NULL;
    int status;

    if (*path == '\0')
        return jt_report_failure(call, NULL, JETON_USAGE, NULL, "--passphrase-file needs the name of a file, or @-");
    if (strcmp(call->passphrase_file, "@-") == 0 && stdin_taken)
        return jt_report_failure(call, NULL, JETON_USAGE, "name the archive with --file",
                                 "the archive and its passphrase cannot both come from standard input");
    /* "-" alone means a file of that name; only "@-" is standard input. */
    if (strcmp(call->passphrase_file, "@-") == 0
            ? (source = strdup("@-")) == NULL
            : asprintf(&source, "@%s%s", strcmp(path, "-") == 0 ? "./" : "", path) < 0)
        jt_output_no_memory();
    status = jt_input_read(call, "the passphrase", source, ret_passphrase);
    free(source);
    return status;
}

static int passphrase_ask(const struct jt_call *call, bool is_new, char **ret_passphrase)
{
    char answer[PASSPHRASE_SIZE] AUTO_WIPE = "";
    char again[PASSPHRASE_SIZE] AUTO_WIPE = "";

    if (jt_terminal_ask(is_new ? "New passphrase for the archive" : "Passphrase of the archive", true, answer,
                        sizeof(answer)) != 0 ||
        (is_new && jt_terminal_ask("The same once more", true, again, sizeof(again)) != 0))
        return JETON_USAGE;
    if (is_new && strcmp(answer, again) != 0)
        return jt_report_failure(call, NULL, JETON_USAGE, NULL, "the two passphrases differ: nothing was done");
    *ret_passphrase = strdup(answer);
    if (*ret_passphrase == NULL)
        jt_output_no_memory();
    return JETON_OK;
}

int jt_passphrase_read(const struct jt_call *call, bool is_new, bool stdin_taken, char **ret_passphrase)
{
    if (call->passphrase_file != NULL)
        return passphrase_from_file(call, stdin_taken, ret_passphrase);
    if (stdin_taken || !isatty(STDIN_FILENO))
        return jt_report_failure(call, NULL, JETON_USAGE, "give --passphrase-file FILE, or @- for standard input",
                                 "there is no terminal to ask for the passphrase%s",
                                 stdin_taken ? ", since the archive comes from standard input" : "");
    return passphrase_ask(call, is_new, ret_passphrase);
}
