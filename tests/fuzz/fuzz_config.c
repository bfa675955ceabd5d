/* SPDX-License-Identifier: MIT */
/* The readers of jeton.conf and of a provider's file: our own scan, libconfig, and what is made of its tree. A refusal
 * names the file, and an account is what the format promises. */
#include "config_dir.h"
#include "config/main.h"
#include "config/provider.h"

static void check_findings(const struct jt_findings *findings)
{
    for (size_t i = 0; i < findings->len; i++) {
        FUZZ_CHECK(findings->items[i].line >= 0 && *findings->items[i].message != '\0');
        fuzz_check_line(findings->items[i].message);
    }
}

/* findings NULL: the first one is the error. */
static int read_main(struct jt_findings *findings)
{
    JT_CLEANUP(jt_config_place_done) struct jt_config_place place = {0};
    JT_CLEANUP(jt_main_config_done) struct jt_main_config config = {0};
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status;

    FUZZ_CHECK(jt_config_place_choose(dir, &place, NULL) == JETON_OK);
    status = jt_main_config_read(&place, findings, &config, &error);
    fuzz_check_error(status, error);
    if (status != JETON_OK)
        FUZZ_CHECK(strstr(jeton_error_message(error), main_path) != NULL);
    else
        FUZZ_CHECK(config.state_dir != NULL && config.store_key != NULL && config.timeout_s > 0);
    return status;
}

static void read_main_twice(void)
{
    JT_AUTO_FINDINGS struct jt_findings findings = {0};
    int status = read_main(NULL);
    int gathered = read_main(&findings);

    check_findings(&findings);
    FUZZ_CHECK((status == JETON_OK) == (gathered == JETON_OK && findings.len == 0));
}

static void read_provider(void)
{
    JT_CLEANUP(jt_provider_file_free) struct jt_provider_file *file = NULL;
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status = jt_provider_file_read(dir, "fuzz", &file, &error);

    fuzz_check_error(status, error);
    FUZZ_CHECK(status == JETON_OK ? file != NULL : strstr(jeton_error_message(error), provider_path) != NULL);
    if (status != JETON_OK)
        return;
    check_findings(&file->findings);
    for (size_t i = 0; i < file->accounts_len; i++) {
        const struct jt_account *account = file->accounts[i];

        FUZZ_CHECK(*account->account != '\0' && strlen(account->account) <= JT_NAME_MAX && account->plugin != NULL);
        (void)jt_account_digest(account);
        for (size_t j = 0; j < account->settings_len; j++)
            FUZZ_CHECK(account->settings[j].name != NULL &&
                       (account->settings[j].text == NULL || strlen(account->settings[j].text) <= JT_SETTING_MAX));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    make_dir();
    write_file(main_path, data, size);
    read_main_twice();
    write_file(provider_path, data, size);
    read_provider();
    return 0;
}
