/* SPDX-License-Identifier: MIT */
/* Keeps the resolved values of accounts from one flow to the next: guarded memory costs half a dozen system calls for
 * each value, too much for a service that acquires often. Values are found by jt_account_digest, so those of an older
 * configuration are not used. */
#include "settings/settings.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_MAX 256u

struct jt_resolutions {
    pthread_mutex_t mutex;
    struct jt_resolved *kept[KEPT_MAX];
    size_t next; /* the place to overwrite when all are taken */
};

int jt_resolutions_new(struct jt_resolutions **ret_resolutions, jeton_error **ret_error)
{
    struct jt_resolutions *resolutions = calloc(1, sizeof(*resolutions));

    if (resolutions == NULL)
        return jt_error_no_memory(ret_error);
    (void)pthread_mutex_init(&resolutions->mutex, NULL);
    *ret_resolutions = resolutions;
    return JETON_OK;
}

void jt_resolutions_free(struct jt_resolutions **resolutions)
{
    if (*resolutions == NULL)
        return;
    for (size_t i = 0; i < KEPT_MAX; i++)
        jt_resolved_free(&(*resolutions)->kept[i]);
    (void)pthread_mutex_destroy(&(*resolutions)->mutex);
    free(*resolutions);
    *resolutions = NULL;
}

void jt_resolved_free(struct jt_resolved **resolved)
{
    struct jt_resolved *mine = jt_take(resolved);

    if (mine == NULL || __atomic_sub_fetch(&mine->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    jt_fields_done(&mine->settings);
    jt_account_free(&mine->account);
    free(mine);
}

static struct jt_resolved *resolved_ref(struct jt_resolved *resolved)
{
    (void)__atomic_add_fetch(&resolved->refs, 1, __ATOMIC_RELAXED);
    return resolved;
}

static bool resolved_is_of(const struct jt_resolved *resolved, const struct jt_account *account)
{
    return resolved != NULL && strcmp(resolved->account->account, account->account) == 0 &&
           strcmp(resolved->account->provider, account->provider) == 0;
}

static bool resolved_may_be_kept(const struct jt_account *account)
{
    for (size_t i = 0; i < account->settings_len; i++)
        if (account->settings[i].source == JT_SECRET_COMMAND)
            return false;
    return true;
}

static struct jt_resolved *resolutions_find(struct jt_resolutions *resolutions, const struct jt_account *account,
                                            uint64_t digest)
{
    struct jt_resolved *found = NULL;

    (void)pthread_mutex_lock(&resolutions->mutex);
    for (size_t i = 0; i < KEPT_MAX && found == NULL; i++)
        if (resolved_is_of(resolutions->kept[i], account) && resolutions->kept[i]->digest == digest)
            found = resolved_ref(resolutions->kept[i]);
    (void)pthread_mutex_unlock(&resolutions->mutex);
    return found;
}

static void resolutions_keep(struct jt_resolutions *resolutions, struct jt_resolved *resolved)
{
    JT_AUTO_RESOLVED struct jt_resolved *old = NULL;
    size_t place = KEPT_MAX;

    (void)pthread_mutex_lock(&resolutions->mutex);
    for (size_t i = 0; i < KEPT_MAX && place == KEPT_MAX; i++)
        if (resolutions->kept[i] == NULL || resolved_is_of(resolutions->kept[i], resolved->account))
            place = i;
    if (place == KEPT_MAX)
        place = resolutions->next++ % KEPT_MAX;
    old = resolutions->kept[place];
    resolutions->kept[place] = resolved_ref(resolved);
    (void)pthread_mutex_unlock(&resolutions->mutex);
}

int jt_resolved_get(struct jt_resolutions *resolutions, struct jt_account *account, const struct jt_plugin *plugin,
                    const struct jt_net *net, struct jt_resolved **ret_resolved, jeton_error **ret_error)
{
    bool keep = resolved_may_be_kept(account);
    /* The digest is taken before the sources are read: if one changes in between, the next call notices. */
    uint64_t digest = jt_account_digest(account);
    JT_AUTO_RESOLVED struct jt_resolved *resolved = keep ? resolutions_find(resolutions, account, digest) : NULL;
    int status;

    if (resolved == NULL) {
        resolved = calloc(1, sizeof(*resolved));
        if (resolved == NULL)
            return jt_error_no_memory(ret_error);
        resolved->refs = 1;
        resolved->digest = digest;
        resolved->account = jt_account_ref(account);
        status = jt_settings_resolve(account, plugin, net, &resolved->settings, ret_error);
        if (status != JETON_OK)
            return status;
        if (keep)
            resolutions_keep(resolutions, resolved);
    }
    *ret_resolved = jt_take(&resolved);
    return JETON_OK;
}
