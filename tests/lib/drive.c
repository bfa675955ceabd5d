/* SPDX-License-Identifier: MIT */
/* The harness of drive.h over jt_flow. It never touches the network: what a plugin would send goes no further than
 * here. */
#include "drive_state.h"
#include "drive_vector.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Somebody is there, so that steps which need a person are not refused; the test answers itself. */
static int drive_talk_ask(void *data, const struct jeton_question *question, char *answer, size_t answer_size)
{
    (void)data, (void)question, (void)answer, (void)answer_size;
    return -1;
}

static int drive_talk_display(void *data, const char *url, const char *url_complete, const char *user_code)
{
    (void)data, (void)url, (void)url_complete, (void)user_code;
    return 0;
}

static int drive_talk_browse(void *data, const char *url, const char *redirect_uri, char *answer, size_t answer_size)
{
    (void)data, (void)url, (void)redirect_uri, (void)answer, (void)answer_size;
    return -1;
}

static const struct jeton_setting *drive_declared(const struct jeton_setting *table, const char *name)
{
    for (; table != NULL && table->name != NULL; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

struct drive *drive_new(drive_entry *entry)
{
    static const struct jeton_setting none[1];
    struct drive *d = calloc(1, sizeof(*d));
    const struct jeton_provider *table = entry(&jt_host);

    if (d == NULL || table == NULL)
        abort();
    memcpy(&d->plugin.table, table, table->struct_size < sizeof(*table) ? table->struct_size : sizeof(*table));
    d->plugin.settings = table->settings != NULL ? table->settings : none;
    d->plugin.parameters = table->parameters != NULL ? table->parameters : none;
    d->plugin.table.settings = d->plugin.settings;
    d->plugin.table.parameters = d->plugin.parameters;
    d->token = JT_TOKENSET_INIT;
    d->now = DRIVE_NOW;
    d->text = JT_BUF_INIT(4u * JT_RESPONSE_MAX);
    d->talk = (struct jeton_conversation){.struct_size = sizeof(d->talk),
                                          .ask = drive_talk_ask,
                                          .display = drive_talk_display,
                                          .browse = drive_talk_browse};
    for (const struct jeton_setting *row = d->plugin.settings; row->name != NULL; row++)
        if (row->default_value != NULL)
            drive_setting(d, row->name, row->default_value);
    return d;
}

struct drive *drive_load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    drive_entry *entry = NULL;
    struct drive *d;

    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        abort();
    }
    *(void **)&entry = dlsym(library, JETON_PROVIDER_SYMBOL);
    if (entry == NULL)
        abort();
    d = drive_new(entry);
    d->library = library;
    return d;
}

void drive_free(struct drive **d)
{
    if (*d == NULL)
        return;
    drive_end_flow(*d);
    jt_fields_done(&(*d)->settings);
    jt_fields_done(&(*d)->params);
    jt_tokenset_done(&(*d)->token);
    jt_buf_done(&(*d)->text);
    free((*d)->subject);
    free((*d)->base_url);
    free((*d)->random);
    if ((*d)->library != NULL)
        (void)dlclose((*d)->library);
    free(*d);
    *d = NULL;
}

static void drive_put(struct jt_fields *fields, const struct jeton_setting *row, const char *name, const char *value)
{
    uint32_t flags = 0;

    if (value == NULL) {
        jt_fields_remove(fields, name);
        return;
    }
    if (row != NULL && row->type == JETON_KEY)
        flags = JT_FIELD_KEY | JT_FIELD_SECRET;
    else if ((row != NULL && (row->flags & JETON_SECRET) != 0) || strstr(name, "_passphrase") != NULL)
        flags = JT_FIELD_SECRET;
    if (jt_fields_set(fields, name, value, flags, NULL) != JETON_OK)
        abort();
}

void drive_setting(struct drive *d, const char *name, const char *value)
{
    drive_put(&d->settings, drive_declared(d->plugin.settings, name), name, value);
}

void drive_param(struct drive *d, const char *name, const char *value)
{
    drive_put(&d->params, drive_declared(d->plugin.parameters, name), name, value);
}

void drive_token(struct drive *d, const char *field, const char *value)
{
    struct jt_tokenset *token = &d->token;
    char **place = strcmp(field, "access_token") == 0    ? &token->access_token
                   : strcmp(field, "refresh_token") == 0 ? &token->refresh_token
                   : strcmp(field, "token_type") == 0    ? &token->token_type
                   : strcmp(field, "scope") == 0         ? &token->scope
                   : strcmp(field, "key_id") == 0        ? &token->key_id
                   : strcmp(field, "extra") == 0         ? &token->extra
                                                         : NULL;

    d->has_token = true;
    if (strcmp(field, "issued_at") == 0) {
        token->issued_at = value != NULL ? atoll(value) : 0;
    } else if (strcmp(field, "expires_at") == 0) {
        token->expires_at = value != NULL ? atoll(value) : JT_NEVER;
    } else if (place == NULL) {
        fprintf(stderr, "drive_token: no field \"%s\"\n", field);
        abort();
    } else {
        free(*place);
        *place = jt_strdup(value);
    }
}

void drive_subject(struct drive *d, const char *subject)
{
    free(d->subject);
    d->subject = jt_strdup(subject);
}

void drive_base_url(struct drive *d, const char *url)
{
    free(d->base_url);
    d->base_url = jt_strdup(url);
}

void drive_clock(struct drive *d, int64_t now)
{
    d->now = now;
}

void drive_random_hex(struct drive *d, const char *hex)
{
    free(d->random);
    d->random_len = strlen(hex) / 2;
    d->random_at = 0;
    d->random = malloc(d->random_len + 1);
    for (size_t i = 0; i < d->random_len; i++) {
        unsigned byte = 0;

        if (d->random == NULL || sscanf(hex + 2 * i, "%2x", &byte) != 1)
            abort();
        d->random[i] = (unsigned char)byte;
    }
}

void drive_inputs(struct drive *d, const char *vector)
{
    static const char *const token_fields[] = {"access_token", "refresh_token"};
    struct json_object *inputs = drive_vector_object(vector, "/inputs");

    json_object_object_foreach(inputs, name, value)
    {
        const char *text = json_object_is_type(value, json_type_array) ? NULL : json_object_get_string(value);

        if (text == NULL)
            continue;
        if (drive_declared(d->plugin.settings, name) != NULL)
            drive_setting(d, name, text);
        else if (drive_declared(d->plugin.parameters, name) != NULL)
            drive_param(d, name, text);
        else
            for (size_t i = 0; i < JT_LEN(token_fields); i++)
                if (strcmp(name, token_fields[i]) == 0)
                    drive_token(d, name, text);
    }
}
