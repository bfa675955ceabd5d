/* SPDX-License-Identifier: MIT */
/* Makes, from jeton.conf, the options that a store is opened with. The engine's settings are checked here and not when
 * the file is read, since only the engine's table says which there are. */
#include "broker/store_setup.h"
#include "settings/settings.h"

/* Loads the engine and reads its settings; what is wrong with them is added to findings. */
static int setup_read(const struct jt_config *config, struct jeton_store_engine *ret_engine,
                      struct jt_findings *findings, struct jt_fields *ret_settings, jeton_error **ret_error)
{
    const struct jt_main_config *main_config = jt_config_main(config);
    int status = jt_store_engine_load(main_config->plugindir, main_config->store_engine, ret_engine, ret_error);

    if (status != JETON_OK)
        return status;
    return jt_settings_fill(main_config->store_settings, main_config->store_settings_len, ret_engine->settings,
                            "store.", jt_config_dir(config), main_config->state_dir, findings, ret_settings, ret_error);
}

int jt_store_setup_init(struct jt_store_setup *setup, const struct jt_config *config, struct jt_log *log,
                        jeton_error **ret_error)
{
    JT_AUTO_FINDINGS struct jt_findings findings = {0};
    int status;

    *setup = (struct jt_store_setup){0};
    status = setup_read(config, &setup->engine, &findings, &setup->settings, ret_error);
    if (status == JETON_OK)
        status = jt_findings_error(&findings, NULL, ret_error);
    if (status != JETON_OK) {
        jt_store_setup_done(setup);
        return status;
    }
    setup->options = (struct jt_store_options){.engine = &setup->engine,
                                               .settings = &setup->settings,
                                               .key = jt_raw_setting_spec(jt_config_main(config)->store_key),
                                               .key_written_in = jt_config_main(config)->store_key->file,
                                               .log = log};
    return JETON_OK;
}

void jt_store_setup_done(struct jt_store_setup *setup)
{
    jt_fields_done(&setup->settings);
}

int jt_store_setup_check(const struct jt_config *config, struct jt_findings *findings, jeton_error **ret_error)
{
    JT_AUTO_FIELDS struct jt_fields settings = {0};
    struct jeton_store_engine engine;

    return setup_read(config, &engine, findings, &settings, ret_error);
}

int jt_store_setup_open(const struct jt_config *config, struct jt_log *log, struct jt_store **ret_store,
                        jeton_error **ret_error)
{
    JT_AUTO_STORE_SETUP struct jt_store_setup setup;
    int status = jt_store_setup_init(&setup, config, log, ret_error);

    return status == JETON_OK ? jt_store_open(&setup.options, ret_store, ret_error) : status;
}
