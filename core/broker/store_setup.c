/* SPDX-License-Identifier: MIT */
/* From jeton.conf to what a store is opened with. The engine's settings cannot be checked when the file is read: only
 * the engine's table says which there are. */
#include "broker/store_setup.h"

/* Loads the engine and reads its settings; what is wrong with them is added to findings. */
static int setup_read(const struct jt_config *config, struct jeton_store_engine *ret_engine,
                      struct jt_findings *findings, struct jt_fields *ret_settings, jeton_error **ret_error)
{
    const struct jt_main_config *main_config = jt_config_main(config);
    int status = jt_store_engine_load(main_config->plugindir, main_config->store_engine, ret_engine, ret_error);

    if (status != JETON_OK)
        return status;
    (void)findings;
    return jt_fields_set(ret_settings, "path", main_config->store_path, 0, ret_error);
}

int jt_store_setup_init(struct jt_store_setup *setup, const struct jt_config *config, struct jt_log *log,
                        jeton_error **ret_error)
{
    JT_AUTO_FINDINGS struct jt_findings findings = {0};
    int status;

    *setup = (struct jt_store_setup){0};
    status = setup_read(config, &setup->engine, &findings, &setup->settings, ret_error);
    if (status != JETON_OK) {
        jt_store_setup_done(setup);
        return status;
    }
    setup->options = (struct jt_store_options){.engine = &setup->engine,
                                               .settings = &setup->settings,
                                               .key = {.source = jt_config_main(config)->store_key->source, .name = jt_config_main(config)->store_key->key, .text = jt_config_main(config)->store_key->text, .argv = (const char *const *)jt_config_main(config)->store_key->argv},
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
