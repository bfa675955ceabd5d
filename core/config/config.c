/* SPDX-License-Identifier: MIT */
/* Opens jeton_config.so when a configuration is first needed, and passes calls on to it. */
#include "config/config.h"
#include <stdatomic.h>

static _Atomic(const struct jt_config_module *) config_module;

int jt_config_module(const struct jt_config_module **ret_module, jeton_error **ret_error)
{
    const struct jt_config_module *module = atomic_load_explicit(&config_module, memory_order_acquire);

    if (module == NULL) {
        const struct jt_module_head *head;
        int status = jt_module_open_table("jeton_config.so", JT_CONFIG_SYMBOL, sizeof(*module), &head, ret_error);

        if (status != JETON_OK)
            return status;
        module = (const struct jt_config_module *)head;
        atomic_store_explicit(&config_module, module, memory_order_release);
    }
    *ret_module = module;
    return JETON_OK;
}

/* For calls with a configuration at hand: only the module can have made it, so the module is open. */
static const struct jt_config_functions *functions(void)
{
    return atomic_load_explicit(&config_module, memory_order_acquire)->config;
}

static int config_open(const char *dir, bool may_be_missing, struct jt_findings *findings,
                       struct jt_config **ret_config, jeton_error **ret_error)
{
    const struct jt_config_module *module;
    int status = jt_config_module(&module, ret_error);

    return status == JETON_OK ? module->config->open(dir, may_be_missing, findings, ret_config, ret_error) : status;
}

int jt_config_open(const char *dir, struct jt_config **ret_config, jeton_error **ret_error)
{
    return config_open(dir, false, NULL, ret_config, ret_error);
}

int jt_config_open_to_init(const char *dir, struct jt_config **ret_config, jeton_error **ret_error)
{
    return config_open(dir, true, NULL, ret_config, ret_error);
}

int jt_config_open_to_check(const char *dir, struct jt_findings *findings, struct jt_config **ret_config,
                            jeton_error **ret_error)
{
    return config_open(dir, false, findings, ret_config, ret_error);
}

void jt_config_free(struct jt_config **config)
{
    if (*config != NULL)
        functions()->free(config);
}

const char *jt_config_dir(const struct jt_config *config)
{
    return functions()->dir(config);
}

const struct jt_main_config *jt_config_main(const struct jt_config *config)
{
    return functions()->main(config);
}

int jt_config_account(struct jt_config *config, const char *provider, const char *account,
                      struct jt_account **ret_account, jeton_error **ret_error)
{
    return functions()->account(config, provider, account, ret_account, ret_error);
}

int jt_config_each(struct jt_config *config,
                   int (*visit)(void *data, const char *provider, const char *file, struct jt_account *const *accounts,
                                size_t accounts_len, const jeton_error *error),
                   void *data, jeton_error **ret_error)
{
    return functions()->each(config, visit, data, ret_error);
}

int jt_config_findings(struct jt_config *config, const char *provider, struct jt_findings *findings,
                       jeton_error **ret_error)
{
    return functions()->findings(config, provider, findings, ret_error);
}
