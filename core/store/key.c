/* SPDX-License-Identifier: MIT */
/* The store key: where it comes from, whether it is the one that this store is sealed with, and its change under a
 * running process. It never writes to a store that another key was used on. */
#include "store/parts.h"

#include <stdio.h>
#include <string.h>

char *jt_store_key_source(const struct jt_main_config *config)
{
    const struct jt_raw_setting *key = config->store_key;

    switch (key->source) {
    case JT_SECRET_FILE:
        return jt_printf("key file %s", key->text);
    case JT_SECRET_CREDENTIAL:
        return jt_printf("credential %s", key->text);
    case JT_SECRET_ENV:
        return jt_printf("environment variable %s", key->text);
    case JT_SECRET_COMMAND:
        return jt_printf("key command %s", key->argv != NULL && key->argv[0] != NULL ? key->argv[0] : "");
    case JT_SECRET_INLINE:
        break;
    }
    return jt_printf("`%s` in %s", key->key != NULL ? key->key : "store.key",
                     key->file != NULL ? key->file : "jeton.conf");
}

static struct jt_secret_spec key_spec(const struct jt_main_config *config)
{
    const struct jt_raw_setting *key = config->store_key;

    return (struct jt_secret_spec){
        .source = key->source,
        .name = key->key != NULL ? key->key : "store.key",
        .text = key->text,
        .argv = (const char *const *)key->argv,
    };
}

static int key_resolve(const struct jt_main_config *config, struct jt_seal **ret_seal, jeton_error **ret_error)
{
    const struct jt_secret_spec spec = key_spec(config);
    JT_AUTO_STR char *source = jt_store_key_source(config);
    JT_AUTO_ERROR jeton_error *error = NULL;
    JT_AUTO_GUARDED char *secret = NULL;
    size_t len = 0;
    int status = jt_secret_resolve(&spec, &secret, &len, &error);

    if (status == JETON_OK)
        status = jt_seal_new(secret, len, ret_seal, &error);
    if (status == JETON_OK)
        return JETON_OK;
    jt_error_prefix(&error, "the key of the store %s (%s)", config->store_path, source != NULL ? source : "");
    return jt_error_give(ret_error, &error);
}

void jt_store_key_say(const struct jt_seal *seal, char ret_check[JT_KEY_CHECK_LEN + 1])
{
    (void)snprintf(ret_check, JT_KEY_CHECK_LEN + 1, "%016llx", (unsigned long long)jt_seal_key_id(seal));
}

int jt_store_key_stored(struct jt_store *store, char ret_check[JT_KEY_CHECK_LEN + 1], jeton_error **ret_error)
{
    char why[JT_STORE_WHY_LEN] = "";
    char stored[JT_KEY_CHECK_LEN + 1] = "";
    size_t len = 0;
    int status = store->engine.meta_get(store->opened, JT_KEY_CHECK, stored, JT_KEY_CHECK_LEN, &len, why, sizeof(why));

    if (status != JETON_OK)
        return jt_error_set(ret_error, status, "%s", why);
    memcpy(ret_check, stored, sizeof(stored));
    return JETON_OK;
}

static int key_misfit(const struct jt_store *store, const char *stored, const struct jt_seal *seal,
                      jeton_error **ret_error)
{
    JT_AUTO_STR char *source = jt_store_key_source(store->config);
    char mine[JT_KEY_CHECK_LEN + 1];

    jt_store_key_say(seal, mine);
    return jt_error_set(ret_error, JETON_CONFIG,
                        "the store key does not fit this store: %s is sealed with the key whose id is %s, and the %s "
                        "has id %s; nothing "
                        "was changed: put the former key back, or the new one where `jeton rekey` was run",
                        store->config->store_path, stored, source != NULL ? source : "key", mine);
}

/* A rekey at work commits, then puts the new key in the former one's place: who looks in between finds the key in one
 * place or the other, unless both happened between two looks. */
static int key_find(struct jt_store *store, struct jt_seal **ret_seal, bool *ret_stamped, jeton_error **ret_error)
{
    const struct jt_secret_spec spec = key_spec(store->config);
    const bool is_file = spec.source == JT_SECRET_FILE;

    for (;;) {
        JT_AUTO_ERROR jeton_error *error = NULL;
        JT_AUTO_SEAL struct jt_seal *seal = NULL;
        char stored[JT_KEY_CHECK_LEN + 1], mine[JT_KEY_CHECK_LEN + 1] = "", again[JT_KEY_CHECK_LEN + 1];
        int status = jt_store_key_stored(store, stored, ret_error);
        const uint64_t stamp = is_file ? jt_secret_stamp(&spec) : 0;

        if (status != JETON_OK)
            return status;
        status = key_resolve(store->config, &seal, &error);
        if (status == JETON_OK)
            jt_store_key_say(seal, mine);
        if (status == JETON_OK && (stored[0] == '\0' || strcmp(stored, mine) == 0)) {
            *ret_stamped = stored[0] != '\0';
            *ret_seal = jt_take(&seal);
            return JETON_OK;
        }
        if (is_file && stored[0] != '\0' && jt_store_key_next_find(store, stored, ret_seal)) {
            *ret_stamped = true;
            return JETON_OK;
        }
        if (is_file && jt_store_key_stored(store, again, NULL) == JETON_OK &&
            (strcmp(stored, again) != 0 || jt_secret_stamp(&spec) != stamp))
            continue;
        return status == JETON_OK ? key_misfit(store, stored, seal, ret_error) : jt_error_give(ret_error, &error);
    }
}

/* Called with the mutex held. */
static int key_load(struct jt_store *store, jeton_error **ret_error)
{
    struct jt_seal *seal = NULL;
    bool stamped = false;
    int status = key_find(store, &seal, &stamped, ret_error);

    if (status != JETON_OK)
        return status;
    jt_seal_free(&store->seal);
    store->seal = seal;
    atomic_store(&store->stamped, stamped);
    return JETON_OK;
}

int jt_store_key_need(struct jt_store *store, struct jt_seal **ret_seal, jeton_error **ret_error)
{
    int status = JETON_OK;

    (void)pthread_mutex_lock(&store->key_mutex);
    if (store->seal == NULL)
        status = key_load(store, ret_error);
    if (status == JETON_OK)
        *ret_seal = jt_seal_ref(store->seal);
    (void)pthread_mutex_unlock(&store->key_mutex);
    return status;
}

int jt_store_key_renew(struct jt_store *store, const struct jt_seal *used, bool *ret_changed, jeton_error **ret_error)
{
    char stored[JT_KEY_CHECK_LEN + 1], mine[JT_KEY_CHECK_LEN + 1] = "";
    bool changed, unstamped;
    int status = jt_store_key_stored(store, stored, ret_error);

    if (status != JETON_OK)
        return status;
    unstamped = stored[0] == '\0' && atomic_exchange(&store->stamped, false); /* a fresh store lies there by now */
    (void)pthread_mutex_lock(&store->key_mutex);
    if (store->seal != NULL)
        jt_store_key_say(store->seal, mine);
    if (stored[0] != '\0' && strcmp(stored, mine) != 0)
        status = key_load(store, ret_error);
    changed = store->seal != used || unstamped;
    (void)pthread_mutex_unlock(&store->key_mutex);
    if (status == JETON_OK)
        *ret_changed = changed;
    return status;
}

/* *ret_done false: another process was first. */
static int key_write_check(struct jt_store *store, const struct jt_seal *seal, bool *ret_done, jeton_error **ret_error)
{
    char why[JT_STORE_WHY_LEN] = "";
    char mine[JT_KEY_CHECK_LEN + 1];
    int done = 1;
    int status;

    jt_store_key_say(seal, mine);
    if (ret_done != NULL && store->engine.rewrite != NULL)
        status = store->engine.rewrite(store->opened, NULL, mine, NULL, NULL, &done, why, sizeof(why));
    else
        status = store->engine.meta_put(store->opened, JT_KEY_CHECK, mine, JT_KEY_CHECK_LEN, why, sizeof(why));
    if (status != JETON_OK)
        return jt_error_set(ret_error, status, "%s", why);
    if (ret_done != NULL)
        *ret_done = done != 0;
    return JETON_OK;
}

int jt_store_key_stamp(struct jt_store *store, struct jt_seal **ret_seal, jeton_error **ret_error)
{
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    int status = jt_store_key_need(store, &seal, ret_error);

    while (status == JETON_OK && !atomic_load(&store->stamped)) {
        char stored[JT_KEY_CHECK_LEN + 1], mine[JT_KEY_CHECK_LEN + 1];
        bool done = true;

        jt_store_key_say(seal, mine);
        status = jt_store_key_stored(store, stored, ret_error);
        if (status == JETON_OK && stored[0] == '\0')
            status = key_write_check(store, seal, &done, ret_error);
        else if (status == JETON_OK && strcmp(stored, mine) != 0)
            status = key_misfit(store, stored, seal, ret_error);
        if (status == JETON_OK && done)
            atomic_store(&store->stamped, true);
    }
    if (status == JETON_OK)
        *ret_seal = jt_take(&seal);
    return status;
}

int jt_store_key_restamp(struct jt_store *store, jeton_error **ret_error)
{
    JT_AUTO_SEAL struct jt_seal *seal = NULL;
    int status = key_resolve(store->config, &seal, ret_error);

    if (status == JETON_OK)
        status = key_write_check(store, seal, NULL, ret_error);
    if (status == JETON_OK)
        atomic_store(&store->stamped, true);
    return status;
}
