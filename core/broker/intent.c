/* SPDX-License-Identifier: MIT */
/* Intents. A row in state INTENT says: a refresh token went out, and whether its answer came back is not known. */
#include "broker/intent.h"
#include "broker/failure.h"
#include "broker/row.h"
#include <string.h>

struct jt_intent jt_intent_of(const struct jt_call *call, struct jt_entry *entry, enum jt_operation operation)
{
    struct jt_intent intent = {
        .call = call,
        .entry = entry,
        .operation = operation,
        .state_before = entry->state == JT_ROW_INTENT ? JT_ROW_TOKEN : entry->state,
        .was_lost = entry->state == JT_ROW_INTENT && operation == JT_REFRESH,
    };

    return intent;
}

void jt_intent_expire_token(struct jt_entry *entry)
{
    /* A life of no length is over under any clock, also one that is set back later. */
    if (entry->token.expires_at > entry->token.issued_at)
        entry->token.expires_at = entry->token.issued_at;
}

/* Other processes hand out the token of a row that is an intent, so a token that was invalidated must not look valid
 * there. */
static void intent_begin(struct jt_intent *intent)
{
    intent->entry->state = JT_ROW_INTENT;
    if (intent->entry->token.access_token == NULL)
        intent->entry->due_at = 0; /* by this a list, which opens no row, knows that there is no token in it */
    if (intent->state_before == JT_ROW_INVALID)
        jt_intent_expire_token(intent->entry);
}

static bool intent_is_same(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

/* Whether another writer has stored other tokens without a lease, as an import does. Then the refresh token that was
 * read must not be spent, and the row must not be overwritten. */
static bool intent_is_spent(const struct jt_intent *intent, const struct jt_entry *other)
{
    const struct jt_tokenset *mine = &intent->entry->token, *theirs = &other->token;

    return (theirs->access_token != NULL || theirs->refresh_token != NULL) &&
           (!intent_is_same(mine->access_token, theirs->access_token) ||
            !intent_is_same(mine->refresh_token, theirs->refresh_token));
}

static int intent_fail_overtaken(const char *name, jeton_error **ret_error)
{
    (void)jt_error_set(ret_error, JETON_TRY_LATER,
                       "%s: another process has just stored other tokens of this name: nothing was sent", name);
    jt_error_set_retry_after(ret_error, 0); /* a get looks again by itself */
    return JETON_TRY_LATER;
}

static int intent_overtaken(void *data, struct jt_entry *other, bool *ret_stop, jeton_error **ret_error)
{
    struct jt_intent *intent = data;

    (void)ret_stop;
    if (intent_is_spent(intent, other))
        return intent_fail_overtaken(intent->call->name.full, ret_error);
    if (other->state == JT_ROW_INVALID)
        intent->state_before = JT_ROW_INVALID;
    intent_begin(intent);
    return JETON_OK;
}

int jt_intent_record(void *data, jeton_error **ret_error)
{
    struct jt_intent *intent = data;
    /* There must be room for the answer too, not only for the intent. */
    int status = jt_store_prove_writable(intent->call->store, ret_error);

    if (status != JETON_OK)
        return status;
    intent_begin(intent);
    status = jt_row_commit(intent->call, intent->entry, true, intent_overtaken, intent, ret_error);
    intent->recorded = status == JETON_OK;
    if (!intent->recorded)
        intent->entry->state = intent->state_before;
    return status;
}

static void intent_replace_error(jeton_error **error, int status, const char *name, const char *sentence)
{
    JT_AUTO_ERROR jeton_error *before = jt_take(error);

    (void)jt_error_set(error, status, "%s: login needed: %s (%s)", name, sentence, jeton_error_message(before));
    jt_error_set_name(error, name);
    jt_error_set_provider(error, jeton_error_code(before), jeton_error_description(before),
                          jeton_error_http_status(before), -1);
    jt_error_set_hint(error, "run: jeton login %s", name);
}

void jt_intent_end_failed(struct jt_intent *intent, const struct jt_plugin *plugin, const struct jt_flow_result *result,
                          jeton_error **error)
{
    bool unattended = (plugin->table.capabilities & JETON_CAP_UNATTENDED) != 0;
    bool lost = result->sent_once && !result->answered_once;
    bool dead = jt_failure_kills_refresh_token(*error);
    const char *name = intent->call->name.full;

    if (intent->entry->token.access_token == NULL)
        intent->entry->due_at = JT_NEVER;
    if (intent->operation == JT_REFRESH) {
        /* An earlier lost answer stays recorded until the provider accepts or refuses the token itself. */
        if (lost || (intent->was_lost && !dead)) {
            intent->entry->state = JT_ROW_INTENT;
            return;
        }
        intent->entry->state = intent->state_before;
        if (intent->was_lost && jeton_error_status(*error) == JETON_REFUSED && !unattended)
            intent_replace_error(error, JETON_LOGIN_NEEDED, name, "the answer to a renewal was lost");
        else if (jeton_error_status(*error) == JETON_REFUSED && !unattended && jeton_error_code(*error) != NULL &&
                 strcmp(jeton_error_code(*error), "invalid_grant") == 0)
            intent_replace_error(error, JETON_LOGIN_NEEDED, name, "the provider no longer takes the refresh token");
        return;
    }
    intent->entry->state = intent->state_before;
    if (lost && !unattended)
        intent_replace_error(error, JETON_LOGIN_NEEDED, name,
                             "the answer to the exchange of a one-time code was lost: start again");
}
