/* SPDX-License-Identifier: MIT */
/* The account object, which may have several owners, and a digest that changes when the account's configuration
 * does. */
#include "config/config.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct jt_account *jt_account_ref(struct jt_account *account)
{
    if (account != NULL)
        __atomic_add_fetch(&account->refs, 1, __ATOMIC_RELAXED);
    return account;
}

void jt_account_free(struct jt_account **account)
{
    struct jt_account *last = jt_take(account);

    if (last == NULL || __atomic_sub_fetch(&last->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    free(last->provider);
    free(last->account);
    free(last->plugin);
    free(last->file);
    jt_own_settings_done(jt_core_settings_table, &last->core);
    jt_raw_settings_free(&last->settings, &last->settings_len);
    jt_raw_settings_free(&last->core_settings, &last->core_settings_len);
    free(last);
}

static void digest_text(crypto_generichash_state *state, const char *text)
{
    crypto_generichash_update(state, (const unsigned char *)text, strlen(text) + 1);
}

static void digest_settings(crypto_generichash_state *state, const struct jt_raw_setting *settings, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const struct jt_secret_spec spec = jt_raw_setting_spec(&settings[i]);
        const uint64_t stamp = jt_secret_stamp(&spec);

        digest_text(state, settings[i].key);
        crypto_generichash_update(state, (const unsigned char *)&stamp, sizeof(stamp));
    }
}

uint64_t jt_account_digest(const struct jt_account *account)
{
    crypto_generichash_state state;
    unsigned char hash[crypto_generichash_BYTES_MIN];
    uint64_t digest;

    crypto_generichash_init(&state, NULL, 0, sizeof(hash));
    crypto_generichash_update(&state, (const unsigned char *)&account->file_stamp, sizeof(account->file_stamp));
    digest_text(&state, account->provider);
    digest_text(&state, account->account);
    digest_text(&state, account->plugin);
    digest_settings(&state, account->core_settings, account->core_settings_len);
    digest_settings(&state, account->settings, account->settings_len);
    crypto_generichash_final(&state, hash, sizeof(hash));
    memcpy(&digest, hash, sizeof(digest));
    jt_wipe(&state, sizeof(state));
    return digest;
}
