/* SPDX-License-Identifier: MIT */
/* The configuration that is installed: every file reads well, and so does every line in it that is commented out. */
#include "config/main.h"
#include "config/provider.h"
#include "tests/lib/files.h"

static int read_main(const char *text, jeton_error **ret_error)
{
    JT_CLEANUP(jt_main_config_done) struct jt_main_config config = {0};
    struct jt_config_place place = {(char *)(uintptr_t)check_tmpdir(), (char *)(uintptr_t) "/state", false};

    files_text(files_path("jeton.conf"), 0600, text);
    return jt_main_config_read(&place, NULL, &config, ret_error);
}

static int read_provider(const char *text, jeton_error **ret_error)
{
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = NULL;
    int status;

    if (!files_exists(files_path("providers.d")))
        files_mkdir(files_path("providers.d"), 0755);
    files_text(files_path("providers.d/example.conf"), 0600, text);
    status = jt_provider_file_read(check_tmpdir(), "example", &file, ret_error);
    return status == JETON_OK ? jt_findings_error(&file->findings, NULL, ret_error) : status;
}

/* "#name = …" or "#name = {": a setting, not prose, which has a space behind the "#". */
static char *next_commented_out(char *text)
{
    for (char *at = strchr(text, '#'); at != NULL; at = strchr(at + 1, '#'))
        if (at[1] >= 'a' && at[1] <= 'z')
            return at;
    return NULL;
}

static void test_main(void)
{
    char *text = check_read_file("etc/jeton/jeton.conf", NULL);
    jeton_error *error = NULL;
    unsigned count = 0;

    CHECK_OK(read_main(text, &error), &error);
    for (char *at = next_commented_out(text); at != NULL; at = next_commented_out(at + 1)) {
        *at = ' ';
        if (!CHECK_OK(read_main(text, &error), &error))
            printf("  in: %.60s\n", at);
        *at = '#';
        count++;
    }
    CHECK_INT(count, 14);
    free(text);
}

static void test_providers(void)
{
    static const char *const names[] = {"line", "qiwi", "voucherify", "waves", "yoomoney"};
    char path[200];

    for (size_t i = 0; i < JT_LEN(names); i++) {
        char *text;
        jeton_error *error = NULL;

        (void)snprintf(path, sizeof(path), "etc/jeton/providers.d/%s.conf.example", names[i]);
        text = check_read_file(path, NULL);
        CHECK_OK(read_provider(text, &error), &error);
        /* All at once, since accounts that are commented out have several lines. */
        for (char *at = next_commented_out(text); at != NULL; at = next_commented_out(at + 1))
            *at = ' ';
        for (char *at = strstr(text, "\n  #"); at != NULL; at = strstr(at + 1, "\n  #"))
            if (at[4] == '}' || (at[4] == ' ' && at[5] == ' '))
                at[3] = ' ';
        if (!CHECK_OK(read_provider(text, &error), &error))
            printf("  in %s\n", path);
        free(text);
    }
}

static const struct check_case cases[] = {
    {"jeton.conf reads well, and so does each setting in it", test_main},
    {"every provider's example reads well, and so does what is commented out in it", test_providers},
};

CHECK_MAIN("config_examples", cases)
