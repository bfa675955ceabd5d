/* SPDX-License-Identifier: MIT */
/* A former version of jeton and this engine on one store. $JETON_FORMER is the prefix under which jeton 0.1, whose
 * stores have version 1, is installed. */
#include "help.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* The exit status of the former command, and all that it printed. */
static int former(const char *arguments, char *ret_text, size_t size)
{
    char command[16384];
    size_t len;
    FILE *stream;

    (void)snprintf(command, sizeof(command), "LD_LIBRARY_PATH=%s/lib %s/bin/jeton --config %s %s 2>&1",
                   getenv("JETON_FORMER"), getenv("JETON_FORMER"), help_dir(), arguments);
    stream = popen(command, "r");
    len = fread(ret_text, 1, size - 1, stream);
    ret_text[len] = '\0';
    return WEXITSTATUS(pclose(stream));
}

static void test_former(void)
{
    struct jeton_row_key key = row_key(JETON_KIND_STORE, "key_check", "");
    char text[8192], config[8192];
    STORE store = NULL;
    ROWS rows = ROWS_NONE;

    if (getenv("JETON_FORMER") == NULL) {
        check_skip("$JETON_FORMER does not name an installed jeton 0.1");
        return;
    }
    settings_fresh();
    (void)snprintf(config, sizeof(config), "store = { path = \"%s\"; key_file = \"%s/store.key\"; };\n", help_file(""),
                   help_dir());
    (void)snprintf(text, sizeof(text), "%s/jeton.conf", help_dir());
    help_write_file(text, config, strlen(config), 0600);
    CHECK_INT(former("init", text, sizeof(text)), 0);
    CHECK_CONTAINS(text, "made store");
    CHECK_INT(help_number("PRAGMA user_version"), 1);
    store = store_open();
    easy_read(store, key, &rows);
    if (CHECK_INT(rows.count, 1))
        CHECK_INT(rows.at[0].blob_len, 16);
    CHECK_INT(easy_put(store, "a/b", 0, "x"), 1);
    CHECK_INT(former("get a/b", text, sizeof(text)), 78);
    CHECK_CONTAINS(text, "written by a newer jeton (store version 2, this one knows 1)");
    CHECK_INT(former("init", text, sizeof(text)), 78);
    CHECK_CONTAINS(text, "written by a newer jeton (store version 2, this one knows 1)");
    CHECK_BLOB(store, "a/b", "x");
}

static const struct check_case cases[] = {
    {"a former version's store is taken over, and the former version refuses it then by name", test_former},
};

HELP_MAIN("stores/sqlite/former", cases)
