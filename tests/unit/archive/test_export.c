/* SPDX-License-Identifier: MIT */
/* Export: which rows an archive holds, and what is said of those that it does not. It reads archives with the same code
 * that an import does. */
#include "broker/broker.h"
#include "test_archive_help.h"
#include "tests/lib/fake_net.h"

#include <stdio.h>
#include <unistd.h>

/* The rows of an archive as text, a line each: "name|variant|state|access|refresh". */
static char *rows_of(struct stream *stream)
{
    JT_AUTO_ARCHIVE struct jt_archive *archive = NULL;
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(JT_ARCHIVE_MESSAGE_MAX), text = JT_BUF_INIT(JT_RESPONSE_MAX);
    jeton_error *error = NULL;
    bool end = false;

    CHECK_OK(jt_archive_open(PHRASE, stream_read, stream, &archive, &error), &error);
    for (;;) {
        JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;
        const char *name = "", *variant = "";

        if (!CHECK_OK(jt_archive_next(archive, &plain, &end, &error), &error) || end)
            break;
        CHECK_OK(jt_archive_row_decode(plain.data, plain.len, &name, &variant, &entry, &error), &error);
        jt_buf_printf(&text, "%s|%s|%u|%s|%s\n", name, variant, entry.state,
                      entry.token.access_token != NULL ? entry.token.access_token : "-",
                      entry.token.refresh_token != NULL ? entry.token.refresh_token : "-");
    }
    return jt_strdup(jt_buf_str(&text));
}

/* Exports the names (NULL at the end; none: all), and checks rows and answer. */
static void exports(struct fake *fake, const char *const *names, const char *rows, const char *answer_part)
{
    AUTO_STREAM struct stream stream = {0};
    JT_AUTO_STR char *came = NULL;
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;
    size_t len = 0;

    while (names != NULL && names[len] != NULL)
        len++;
    if (!CHECK_OK(jeton_export(fake->ctx, names, len, PHRASE, stream_write, &stream, &answer, &error), &error))
        return;
    came = rows_of(&stream);
    CHECK_STR(came, rows);
    CHECK_CONTAINS(jeton_answer_json(answer), answer_part);
    jeton_answer_free(&answer);
}

static void export_fails(struct fake *fake, const char *name, const char *phrase, int status, const char *part)
{
    AUTO_STREAM struct stream stream = {0};
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jeton_export(fake->ctx, &name, name != NULL, phrase, stream_write, &stream, &answer, &error), status,
                part, &error);
    CHECK_TRUE(answer == NULL);
}

static void everything_is_exported_without_names(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_put_token(fake, "fake/other", "", "o", NULL, 0, 3600);
    fake_put_token(fake, FAKE_NAME, "", "m", "r", 0, 3600);
    fake_put_token(fake, FAKE_NAME, "scope=x y", "ms", NULL, 0, 3600);
    fake_put_token(fake, "gone/account", "", "g", NULL, 0, 3600);
    exports(fake, NULL,
            "fake/main||1|m|r\n"
            "fake/main|scope=x y|1|ms|-\n"
            "fake/other||1|o|-\n"
            "gone/account||1|g|-\n",
            "\"exported\":4,\"revocations\":0,\"intents\":0,\"skipped\":0");
    CHECK_INT(fake_version(fake, FAKE_NAME, ""), 1);
    CHECK_INT(fake_sent(fake), 0);
}

static void names_bring_their_variants_and_not_their_subjects(void)
{
    static const char *const names[] = {FAKE_NAME, "fake/other/b", FAKE_NAME, NULL};
    AUTO_FAKE struct fake *fake = fake_new();

    fake_put_token(fake, FAKE_NAME, "", "m", "r", 0, 3600);
    fake_put_token(fake, FAKE_NAME, "audience=x", "ma", NULL, 0, 3600);
    fake_put_token(fake, "fake/main/a", "", "sub", NULL, 0, 3600);
    fake_put_token(fake, "fake/main2", "", "m2", NULL, 0, 3600);
    fake_put_token(fake, "fake/other/b", "", "ob", NULL, 0, 3600);
    exports(fake, names,
            "fake/main||1|m|r\n"
            "fake/main|audience=x|1|ma|-\n"
            "fake/other/b||1|ob|-\n",
            "{\"name\":\"fake/main\",\"audience\":\"x\",\"done\":\"exported\"}");
}

static void many_rows_are_exported_page_by_page(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    AUTO_STREAM struct stream stream = {0};
    JT_AUTO_STR char *rows = NULL;
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;
    unsigned lines = 0;

    for (int i = 0; i < 600; i++) {
        char name[64], variant[64];

        (void)snprintf(name, sizeof(name), "fake/main/%d", i / 3);
        (void)snprintf(variant, sizeof(variant), "scope=%d", i);
        fake_put_token(fake, name, i % 3 == 0 ? "" : variant, "t", NULL, 0, 3600);
    }
    CHECK_OK(jeton_export(fake->ctx, NULL, 0, PHRASE, stream_write, &stream, &answer, &error), &error);
    CHECK_CONTAINS(jeton_answer_json(answer), "\"exported\":600");
    rows = rows_of(&stream);
    for (const char *at = rows; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    CHECK_INT(lines, 600);
    jeton_answer_free(&answer);
}

static void damaged_rows_are_left_out_and_told_of(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_put_token(fake, FAKE_NAME, "", "m", "r", 0, 3600);
    fake_put_token(fake, "fake/other", "", "o", NULL, 0, 3600);
    fake_damage(fake, FAKE_NAME);
    exports(fake, NULL, "fake/other||1|o|-\n",
            "{\"name\":\"fake/main\",\"done\":\"skipped\",\"message\":\"the stored row is damaged\"}");
}

static void the_memory_of_a_failure_stays_here(void)
{
    AUTO_FAKE struct fake *fake = fake_new();

    fake_push(fake, (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_client"});
    fake_get_fails(fake, FAKE_NAME, JETON_REFUSED, "");
    fake_put_token(fake, "fake/other", "", "o", NULL, 0, 3600);
    exports(fake, NULL, "fake/other||1|o|-\n", "\"exported\":1");
    export_fails(fake, FAKE_NAME, PHRASE, JETON_USAGE, "nothing is stored for this name");
}

static void what_is_not_there_cannot_be_exported(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_STR char *path = jt_printf("%s/nowhere.db", fake->dir);
    jeton *ctx;

    export_fails(fake, NULL, PHRASE, JETON_USAGE, "holds no token");
    export_fails(fake, "fake/nope", PHRASE, JETON_USAGE, "nothing is stored");
    export_fails(fake, "nonsense", PHRASE, JETON_USAGE, "is not a token name");
    fake_put_token(fake, FAKE_NAME, "", "m", "r", 0, 3600);
    export_fails(fake, FAKE_NAME, "1234567", JETON_USAGE, "7 bytes");
    fake_write(fake, "jeton.conf", "store = { path = \"nowhere.db\"; };\n");
    ctx = fake->ctx;
    fake->ctx = fake_open(fake);
    export_fails(fake, NULL, PHRASE, JETON_CONFIG, "jeton init");
    jeton_close(&fake->ctx);
    fake->ctx = ctx;
    CHECK_TRUE(access(path, F_OK) != 0);
}

static void a_lost_answer_is_carried_as_one(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    fake_put_token(fake, FAKE_NAME, "", "m", "r", 7200, 3600);
    row = fake_row(fake, FAKE_NAME, "");
    row.state = JT_ROW_INTENT;
    fake_put(fake, FAKE_NAME, "", &row);
    exports(fake, NULL, "fake/main||2|m|r\n", "\"intents\":1");
}

static void *get_in_thread(void *data)
{
    jeton_token *token = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jeton_get(data, FAKE_NAME, NULL, &token, &error), &error);
    jeton_token_free(&token);
    return NULL;
}

static void *let_go_later(void *data)
{
    (void)usleep(300000);
    fake_let_go(data);
    return NULL;
}

static void a_renewal_under_way_is_waited_for(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    pthread_t getter, later;

    fake_put_token(fake, FAKE_NAME, "", "old", "r1", 7200, 3600);
    fake_push(fake, (struct fake_outcome){.access_token = "new", .refresh_token = "r2", .hold = true});
    CHECK_INT(pthread_create(&getter, NULL, get_in_thread, fake->ctx), 0);
    fake_wait_for_held(fake, 1);
    CHECK_INT(pthread_create(&later, NULL, let_go_later, fake), 0);
    exports(fake, NULL, "fake/main||1|new|r2\n", "\"intents\":0");
    (void)pthread_join(getter, NULL);
    (void)pthread_join(later, NULL);
}

static void a_queued_revocation_is_carried(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    JT_AUTO_STR char *variant = jt_revoke_variant("", "m");
    JT_AUTO_STR char *rows = jt_printf("fake/main|%s|3|m|r\n", variant);
    jeton_error *error = NULL;
    char *note = NULL;

    fake_put_token(fake, FAKE_NAME, "", "m", "r", 0, 3600);
    fake_push(fake, (struct fake_outcome){.kind = FAKE_LOST});
    CHECK_FAILS(jeton_revoke(fake->ctx, FAKE_NAME, NULL, &note, &error), JETON_TRY_LATER, "", &error);
    exports(fake, NULL, rows, "\"revocations\":1");
}

static void a_writer_that_gives_up_ends_it(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    AUTO_STREAM struct stream stream = {.fails_at = 80};
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;

    fake_put_token(fake, FAKE_NAME, "", "m", "r", 0, 3600);
    CHECK_FAILS(jeton_export(fake->ctx, NULL, 0, PHRASE, stream_write, &stream, &answer, &error), JETON_TRY_LATER,
                "could not be written", &error);
}

static const struct check_case cases[] = {
    {"without names everything is exported, and nothing changes", everything_is_exported_without_names},
    {"a name brings its variants, once, and not its subjects", names_bring_their_variants_and_not_their_subjects},
    {"many rows are exported page by page", many_rows_are_exported_page_by_page},
    {"damaged rows are left out and told of", damaged_rows_are_left_out_and_told_of},
    {"the memory of a failure stays on its machine", the_memory_of_a_failure_stays_here},
    {"what is not there cannot be exported, and it is said why", what_is_not_there_cannot_be_exported},
    {"a renewal whose answer was lost is carried as one", a_lost_answer_is_carried_as_one},
    {"a renewal that is under way is waited for", a_renewal_under_way_is_waited_for},
    {"a queued revocation is carried", a_queued_revocation_is_carried},
    {"a writer that gives up ends the export", a_writer_that_gives_up_ends_it},
};

CHECK_MAIN("export", cases)
