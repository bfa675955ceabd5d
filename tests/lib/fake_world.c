/* SPDX-License-Identifier: MIT */
/* The world around the fake network module: directories, contexts, rows and their ages, and gets. */
#include "fake_net.h"
#include <json-c/json.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(const char *what, jeton_error *error)
{
    fprintf(stderr, "%s: %s\n", what, jeton_error_message(error));
    abort();
}

void fake_write(struct fake *fake, const char *file, const char *text)
{
    JT_AUTO_STR char *path = jt_printf("%s/%s", fake->dir, file);
    JT_AUTO_STR char *fresh = jt_printf("%s.new", path);
    FILE *stream = fopen(fresh, "w");

    if (stream == NULL || fputs(text, stream) < 0 || fclose(stream) != 0 || chmod(fresh, 0600) != 0 ||
        rename(fresh, path) != 0)
        die(path, NULL);
}

void fake_configure(struct fake *fake, const char *main_settings)
{
    JT_AUTO_STR char *text = jt_printf("accounts = {\n  main = { client_id = \"main\"; %s };\n"
                                       "  other = { client_id = \"other\"; };\n};\n",
                                       main_settings);

    fake_write(fake, "providers.d/fake.conf", text);
}

static void log_line(void *data, int level, const char *line)
{
    struct fake *fake = data;

    (void)level;
    (void)pthread_mutex_lock(&fake->mutex);
    if (strlen(line) + 2 < sizeof(fake->log) - fake->log_len)
        fake->log_len += (size_t)snprintf(fake->log + fake->log_len, sizeof(fake->log) - fake->log_len, "%s\n", line);
    (void)pthread_mutex_unlock(&fake->mutex);
}

jeton *fake_open(struct fake *fake)
{
    const struct jeton_options options = {
        .struct_size = sizeof(options), .config_dir = fake->dir, .log = log_line, .log_data = fake};
    jeton_error *error = NULL;
    jeton *ctx = NULL;

    if (jeton_open(&options, &ctx, &error) != JETON_OK)
        die("jeton_open", error);
    ctx->load_plugin = fake_load_plugin;
    ctx->pool = (struct jt_net_pool *)(void *)fake;
    ctx->net = &fake->net;
    return ctx;
}

static struct fake *fake_alloc(const char *dir)
{
    struct fake *fake = calloc(1, sizeof(*fake));

    if (fake == NULL)
        abort();
    (void)snprintf(fake->dir, sizeof(fake->dir), "%s", dir);
    (void)pthread_mutex_init(&fake->mutex, NULL);
    (void)pthread_cond_init(&fake->let_go, NULL);
    fake_net_init(fake);
    return fake;
}

struct fake *fake_new(void)
{
    static int count;
    JT_AUTO_STR char *dir = jt_printf("%s/world%d", check_tmpdir(), count++);
    JT_AUTO_STR char *providers = jt_printf("%s/providers.d", dir);
    const struct jeton_options options = {.struct_size = sizeof(options), .config_dir = dir};
    struct fake *fake = fake_alloc(dir);
    jeton_error *error = NULL;

    if (mkdir(dir, 0700) != 0 || mkdir(providers, 0700) != 0)
        die(dir, NULL);
    fake_configure(fake, "");
    fake_write(fake, "jeton.conf", "log = { level = \"info\"; };\n");
    if (jeton_init(&options, NULL, &error) != JETON_OK)
        die("jeton_init", error);
    fake->ctx = fake_open(fake);
    return fake;
}

struct fake *fake_join(const char *dir)
{
    struct fake *fake = fake_alloc(dir);

    fake->ctx = fake_open(fake);
    return fake;
}

void fake_free(struct fake **fake)
{
    if (*fake == NULL)
        return;
    jeton_close(&(*fake)->ctx);
    (void)pthread_cond_destroy(&(*fake)->let_go);
    (void)pthread_mutex_destroy(&(*fake)->mutex);
    free(*fake);
    *fake = NULL;
}

void fake_push(struct fake *fake, struct fake_outcome outcome)
{
    (void)pthread_mutex_lock(&fake->mutex);
    if (fake->script_next == fake->script_len)
        fake->script_next = fake->script_len = 0;
    if (fake->script_len == JT_LEN(fake->script))
        abort();
    fake->script[fake->script_len++] = outcome;
    (void)pthread_mutex_unlock(&fake->mutex);
}

void fake_let_go(struct fake *fake)
{
    (void)pthread_mutex_lock(&fake->mutex);
    fake->holding = false;
    (void)pthread_cond_broadcast(&fake->let_go);
    (void)pthread_mutex_unlock(&fake->mutex);
}

void fake_wait_for_held(struct fake *fake, int count)
{
    bool reached = false;

    for (int i = 0; i < 10000 && !reached; i++) {
        (void)pthread_mutex_lock(&fake->mutex);
        reached = fake->held >= count;
        (void)pthread_mutex_unlock(&fake->mutex);
        (void)usleep(1000);
    }
    CHECK_TRUE(reached);
}

int fake_sent(struct fake *fake)
{
    int sent;

    (void)pthread_mutex_lock(&fake->mutex);
    sent = fake->sent - fake->sent_told;
    fake->sent_told = fake->sent;
    (void)pthread_mutex_unlock(&fake->mutex);
    return sent;
}

int fake_sent_by_all(struct fake *fake)
{
    JT_AUTO_STR char *path = jt_printf("%s/sent", fake->dir);
    struct stat st;

    return stat(path, &st) == 0 ? (int)st.st_size : 0;
}

static struct jt_store *fake_store(struct fake *fake)
{
    struct jt_store *store = NULL;
    jeton_error *error = NULL;

    if (jt_context_store(fake->ctx, &store, &error) != JETON_OK)
        die("the store", error);
    return store;
}

struct jt_entry fake_row(struct fake *fake, const char *name, const char *variant)
{
    struct jt_entry entry = JT_ENTRY_INIT;
    jeton_error *error = NULL;

    CHECK_OK(jt_store_get(fake_store(fake), name, variant, &entry, &error), &error);
    return entry;
}

int64_t fake_version(struct fake *fake, const char *name, const char *variant)
{
    JT_AUTO_ENTRY struct jt_entry entry = fake_row(fake, name, variant);

    return entry.version;
}

void fake_put(struct fake *fake, const char *name, const char *variant, struct jt_entry *entry)
{
    JT_AUTO_ENTRY struct jt_entry stored = fake_row(fake, name, variant);
    jeton_error *error = NULL;
    bool done = false;

    entry->fence = stored.fence;
    CHECK_OK(jt_store_put(fake_store(fake), name, variant, entry, stored.version, true, &done, &error), &error);
    CHECK_TRUE(done);
}

void fake_put_token(struct fake *fake, const char *name, const char *variant, const char *access_token,
                    const char *refresh_token, int64_t age_s, int64_t lifetime_s)
{
    JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;

    entry.state = JT_ROW_TOKEN;
    entry.token.access_token = jt_strdup(access_token);
    entry.token.token_type = jt_strdup("Bearer");
    entry.token.refresh_token = jt_strdup(refresh_token);
    entry.token.issued_at = jt_now() - age_s;
    entry.token.expires_at = lifetime_s == JT_NEVER ? JT_NEVER : entry.token.issued_at + lifetime_s;
    entry.due_at = lifetime_s == JT_NEVER ? JT_NEVER : entry.token.issued_at + lifetime_s * 4 / 5;
    fake_put(fake, name, variant, &entry);
}

static void make_older(int64_t *at, int64_t seconds)
{
    if (*at != JT_NEVER && *at != 0)
        *at -= seconds;
}

void fake_age(struct fake *fake, const char *name, const char *variant, int64_t seconds)
{
    JT_AUTO_ENTRY struct jt_entry entry = fake_row(fake, name, variant);

    make_older(&entry.token.issued_at, seconds);
    make_older(&entry.token.expires_at, seconds);
    make_older(&entry.token.refresh_expires_at, seconds);
    make_older(&entry.due_at, seconds);
    make_older(&entry.failed_at, seconds);
    make_older(&entry.retry_at, seconds);
    fake_put(fake, name, variant, &entry);
}

void fake_disk_full(struct fake *fake)
{
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = RLIM_INFINITY};

    (void)fake;
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &none) != 0)
        die("setrlimit", NULL);
}

void fake_disk_freed(void)
{
    const struct rlimit all = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};

    if (setrlimit(RLIMIT_FSIZE, &all) != 0)
        die("setrlimit", NULL);
}

/* The change counter of the store does not move, so the context is opened anew. */
void fake_damage(struct fake *fake, const char *name)
{
    JT_AUTO_STR char *path = jt_printf("%s/tokens.db", fake->dir);
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = NULL;

    /* Whatever the byte is, it becomes another one. */
    jeton_close(&fake->ctx);
    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    CHECK_INT(
        sqlite3_prepare_v2(
            db,
            "UPDATE row SET blob = CAST(substr(blob, 1, 60) || CASE substr(blob, 61, 1) WHEN x'00' "
            "THEN x'01' ELSE x'00' END || substr(blob, 62) AS BLOB) WHERE kind = 1 AND name = ?1 AND variant = ''",
            -1, &stmt, NULL),
        SQLITE_OK);
    CHECK_INT(sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC), SQLITE_OK);
    CHECK_INT(sqlite3_step(stmt), SQLITE_DONE);
    CHECK_INT(sqlite3_changes(db), 1);
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    fake->ctx = fake_open(fake);
}

/* When it failed stands in the kept words too. */
void fake_set_wall_clock(struct fake *fake, const char *name, const char *variant, int64_t seconds)
{
    JT_AUTO_ENTRY struct jt_entry entry = fake_row(fake, name, variant);
    json_object *object = entry.failure != NULL ? json_tokener_parse(entry.failure) : NULL, *at;

    make_older(&entry.token.issued_at, seconds);
    make_older(&entry.token.expires_at, seconds);
    make_older(&entry.token.refresh_expires_at, seconds);
    make_older(&entry.token.seen_at, seconds);
    make_older(&entry.due_at, seconds);
    make_older(&entry.failed_at, seconds);
    make_older(&entry.retry_at, seconds);
    if (object != NULL && json_object_object_get_ex(object, "at", &at)) {
        (void)json_object_set_int64(at, json_object_get_int64(at) - seconds);
        free(entry.failure);
        entry.failure = jt_strdup(json_object_to_json_string(object));
    }
    (void)json_object_put(object);
    fake_put(fake, name, variant, &entry);
}

int fake_get(struct fake *fake, const struct jeton_request *request, jeton_token **ret_token, jeton_error **ret_error)
{
    return jeton_get(fake->ctx, FAKE_NAME, request, ret_token, ret_error);
}

void fake_get_min_ttl(struct fake *fake, int64_t min_ttl_s, const char *access_token)
{
    const struct jeton_request request = {.struct_size = sizeof(request), .min_ttl_s = min_ttl_s};
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    if (CHECK_OK(fake_get(fake, &request, &token, &error), &error))
        CHECK_STR(jeton_token_access_token(token), access_token);
    jeton_token_free(&token);
}

void fake_get_ok(struct fake *fake, const char *name, const char *access_token)
{
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    if (CHECK_OK(jeton_get(fake->ctx, name, NULL, &token, &error), &error))
        CHECK_STR(jeton_token_access_token(token), access_token);
    jeton_token_free(&token);
}

void fake_get_fails(struct fake *fake, const char *name, int status, const char *part)
{
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jeton_get(fake->ctx, name, NULL, &token, &error), status, part, &error);
    CHECK_TRUE(token == NULL);
    jeton_token_free(&token);
}
