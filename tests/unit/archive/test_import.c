/* SPDX-License-Identifier: MIT */
/* Import: what an archive does to a store with another key, and the many ways in which it does nothing. It looks at
 * rows as the broker reads them. */
#include "broker/broker.h"
#include "test_archive_help.h"
#include "tests/lib/fake_net.h"

#include <stdio.h>

static struct stream export_all(struct fake *fake)
{
    struct stream stream = {0};
    jeton_error *error = NULL;

    CHECK_OK(jeton_export(fake->ctx, NULL, 0, PHRASE, stream_write, &stream, NULL, &error), &error);
    return stream;
}

static void imports(struct fake *fake, struct stream *stream, unsigned flags, const char *answer_part)
{
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;

    stream->at = 0;
    if (CHECK_OK(jeton_import(fake->ctx, PHRASE, flags, stream_read, stream, &answer, &error), &error))
        CHECK_CONTAINS(jeton_answer_json(answer), answer_part);
    jeton_answer_free(&answer);
}

static void import_fails(struct fake *fake, struct stream *stream, const char *phrase, int status, const char *part)
{
    jeton_answer *answer = NULL;
    jeton_error *error = NULL;
    int came;

    stream->at = 0;
    came = jeton_import(fake->ctx, phrase, 0, stream_read, stream, &answer, &error);
    CHECK_STR(jeton_error_hint(error), "nothing was imported");
    CHECK_FAILS(came, status, part, &error);
    CHECK_TRUE(answer == NULL);
}

static void row_is(struct fake *fake, const char *name, const char *variant, uint32_t state, const char *access_token)
{
    JT_AUTO_ENTRY struct jt_entry row = fake_row(fake, name, variant);

    CHECK_INT(row.state, state);
    CHECK_STR(row.token.access_token, access_token);
}

static void another_store_has_what_this_one_had(void)
{
    AUTO_FAKE struct fake *from = fake_new();
    AUTO_FAKE struct fake *to = fake_new();
    AUTO_STREAM struct stream stream = {0};
    JT_AUTO_ENTRY struct jt_entry one = JT_ENTRY_INIT, other = JT_ENTRY_INIT;

    fake_put_token(from, FAKE_NAME, "", "m", "r", 100, 3600);
    fake_put_token(from, FAKE_NAME, "scope=x", "mx", NULL, 0, 3600);
    fake_put_token(from, "gone/account", "", "g", NULL, 0, 3600);
    stream = export_all(from);
    imports(to, &stream, 0, "\"imported\":3,\"replaced\":0,\"kept\":0");
    fake_get_ok(to, FAKE_NAME, "m");
    row_is(to, FAKE_NAME, "scope=x", JT_ROW_TOKEN, "mx");
    row_is(to, "gone/account", "", JT_ROW_TOKEN, "g");
    CHECK_INT(fake_sent(to), 0);
    one = fake_row(from, FAKE_NAME, "");
    other = fake_row(to, FAKE_NAME, "");
    CHECK_STR(other.token.refresh_token, "r");
    CHECK_INT(other.token.expires_at, one.token.expires_at);
    CHECK_INT(other.token.issued_at, one.token.issued_at);
    CHECK_INT(other.due_at, one.due_at);
}

static void the_one_that_expires_later_stays(void)
{
    AUTO_FAKE struct fake *from = fake_new();
    AUTO_FAKE struct fake *to = fake_new();
    AUTO_STREAM struct stream stream = {0};

    fake_put_token(from, FAKE_NAME, "", "later", NULL, 0, 7200);
    fake_put_token(from, "fake/other", "", "earlier", NULL, 0, 100);
    stream = export_all(from);
    fake_put_token(to, FAKE_NAME, "", "m", NULL, 0, 3600);
    fake_put_token(to, "fake/other", "", "o", NULL, 0, 3600);
    fake_get_ok(to, FAKE_NAME, "m");
    imports(to, &stream, 0, "\"imported\":0,\"replaced\":1,\"kept\":1");
    fake_get_ok(to, FAKE_NAME, "later"); /* although it had been handed out from memory */
    fake_get_ok(to, "fake/other", "o");
    imports(to, &stream, 0, "\"replaced\":0,\"kept\":2");
    imports(to, &stream, JETON_IMPORT_REPLACE, "\"replaced\":2,\"kept\":0");
    fake_get_ok(to, "fake/other", "earlier");
}

static void what_is_of_no_use_is_replaced(void)
{
    AUTO_FAKE struct fake *from = fake_new();
    AUTO_FAKE struct fake *to = fake_new();
    AUTO_STREAM struct stream stream = {0};

    fake_put_token(from, FAKE_NAME, "", "m", NULL, 0, 3600);
    fake_put_token(from, "fake/other", "", "o", NULL, 0, 3600);
    stream = export_all(from);
    fake_put_token(to, FAKE_NAME, "", "x", NULL, 0, 7200);
    fake_damage(to, FAKE_NAME);
    fake_push(to, (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_client"});
    fake_get_fails(to, "fake/other", JETON_REFUSED, "");
    imports(to, &stream, 0, "\"imported\":1,\"replaced\":1");
    fake_get_ok(to, FAKE_NAME, "m");
    fake_get_ok(to, "fake/other", "o");
}

static void an_archive_that_is_not_whole_imports_nothing(void)
{
    AUTO_FAKE struct fake *from = fake_new();
    AUTO_FAKE struct fake *to = fake_new();
    AUTO_STREAM struct stream stream = {0};
    AUTO_STREAM struct stream altered = {0};

    fake_put_token(from, FAKE_NAME, "", "m", NULL, 0, 3600);
    fake_put_token(from, "fake/other", "", "o", NULL, 0, 3600);
    stream = export_all(from);
    import_fails(to, &stream, "correct horse", JETON_USAGE, "passphrase is wrong");
    altered = copy_of(&stream);
    altered.data[altered.len - 1] ^= 1;
    import_fails(to, &altered, PHRASE, JETON_BAD_ANSWER, "altered");
    stream.len--;
    import_fails(to, &stream, PHRASE, JETON_BAD_ANSWER, "cut short");
    stream.fails_at = stream.len - 8;
    stream.piece = 1;
    import_fails(to, &stream, PHRASE, JETON_TRY_LATER, "cannot be read");
    CHECK_INT(fake_version(to, FAKE_NAME, ""), 0);
    CHECK_INT(fake_version(to, "fake/other", ""), 0);
}

/* Archives that no export writes, under the right passphrase. */
static struct stream archive_of(const char *const *names, size_t names_len, const char *bad_row)
{
    const struct jt_archive_cost cost = JT_ARCHIVE_COST_MIN;
    JT_AUTO_ARCHIVE struct jt_archive *archive = NULL;
    struct stream stream = {0};
    jeton_error *error = NULL;

    CHECK_OK(jt_archive_create(PHRASE, &cost, stream_write, &stream, &archive, &error), &error);
    for (size_t i = 0; i < names_len; i++) {
        JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(JT_ARCHIVE_MESSAGE_MAX);
        JT_AUTO_ENTRY struct jt_entry entry = JT_ENTRY_INIT;

        entry.state = JT_ROW_TOKEN;
        entry.token.access_token = jt_strdup("x");
        CHECK_OK(jt_archive_row_encode(names[i], "", &entry, &plain, &error), &error);
        CHECK_OK(jt_archive_add(archive, plain.data, plain.len, &error), &error);
    }
    if (bad_row != NULL)
        CHECK_OK(jt_archive_add(archive, bad_row, strlen(bad_row), &error), &error);
    CHECK_OK(jt_archive_end(archive, &error), &error);
    return stream;
}

static void one_bad_row_spoils_the_archive(void)
{
    static const char *const names[] = {FAKE_NAME, "fake/other"};
    static const char *const twice[] = {"fake/other", FAKE_NAME, "fake/other"};
    AUTO_FAKE struct fake *to = fake_new();
    AUTO_STREAM struct stream bad = archive_of(names, 2, "nonsense");
    AUTO_STREAM struct stream double_row = archive_of(twice, 3, NULL);
    AUTO_STREAM struct stream empty = archive_of(NULL, 0, NULL);

    import_fails(to, &bad, PHRASE, JETON_BAD_ANSWER, "a row of the archive");
    import_fails(to, &double_row, PHRASE, JETON_BAD_ANSWER, "a row of fake/other twice");
    CHECK_INT(fake_version(to, FAKE_NAME, ""), 0);
    imports(to, &empty, 0, "\"imported\":0,\"replaced\":0,\"kept\":0,\"entries\":[]");
}

static void a_token_that_is_being_revoked_is_not_brought_back(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    AUTO_STREAM struct stream stream = {0};
    jeton_error *error = NULL;
    char *note = NULL;

    fake_put_token(fake, FAKE_NAME, "", "m", "r", 0, 3600);
    stream = export_all(fake);
    fake_push(fake, (struct fake_outcome){.kind = FAKE_LOST});
    CHECK_FAILS(jeton_revoke(fake->ctx, FAKE_NAME, NULL, &note, &error), JETON_TRY_LATER, "", &error);
    imports(fake, &stream, 0, "\"imported\":0,\"replaced\":0,\"kept\":1");
    imports(fake, &stream, JETON_IMPORT_REPLACE, "its revocation is queued here");
    row_is(fake, FAKE_NAME, "", 0, NULL);
}

static void a_queued_revocation_goes_on_here(void)
{
    AUTO_FAKE struct fake *from = fake_new();
    AUTO_FAKE struct fake *to = fake_new();
    AUTO_STREAM struct stream stream = {0};
    JT_AUTO_STR char *variant = jt_revoke_variant("", "m");
    jeton_error *error = NULL;
    char *note = NULL;

    fake_put_token(from, FAKE_NAME, "", "m", "r", 0, 3600);
    fake_push(from, (struct fake_outcome){.kind = FAKE_LOST});
    CHECK_FAILS(jeton_revoke(from->ctx, FAKE_NAME, NULL, &note, &error), JETON_TRY_LATER, "", &error);
    stream = export_all(from);
    imports(to, &stream, 0, "\"imported\":1");
    row_is(to, FAKE_NAME, variant, JT_ROW_REVOKING, "m");
    imports(to, &stream, 0, "\"kept\":1");
    CHECK_OK(jeton_revoke(to->ctx, FAKE_NAME, NULL, NULL, &error), &error);
    CHECK_STR(to->last.access_token, "m");
    row_is(to, FAKE_NAME, variant, 0, NULL);
}

/* The next renewal says what this machine would have said. */
static void a_lost_answer_is_lost_here_too(void)
{
    AUTO_FAKE struct fake *from = fake_new();
    AUTO_FAKE struct fake *to = fake_new();
    AUTO_STREAM struct stream stream = {0};
    JT_AUTO_ENTRY struct jt_entry row = JT_ENTRY_INIT;

    fake_put_token(from, FAKE_NAME, "", "m", "r", 7200, 3600);
    row = fake_row(from, FAKE_NAME, "");
    row.state = JT_ROW_INTENT;
    fake_put(from, FAKE_NAME, "", &row);
    stream = export_all(from);
    imports(to, &stream, 0, "\"imported\":1");
    row_is(to, FAKE_NAME, "", JT_ROW_INTENT, "m");
    to->plugin.table.capabilities &= ~JETON_CAP_UNATTENDED;
    fake_push(to, (struct fake_outcome){.kind = FAKE_ERROR, .status = JETON_REFUSED, .code = "invalid_grant"});
    fake_get_fails(to, FAKE_NAME, JETON_LOGIN_NEEDED, "the answer to a renewal was lost");
}

static void on_a_full_disk_nothing_is_imported(void)
{
    AUTO_FAKE struct fake *from = fake_new();
    AUTO_FAKE struct fake *to = fake_new();
    AUTO_STREAM struct stream stream = {0};
    char name[64];

    for (int i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof(name), "fake/main/%d", i);
        fake_put_token(from, name, "", "m", "r", 0, 3600);
    }
    stream = export_all(from);
    fake_put_token(to, FAKE_NAME, "", "before", NULL, 0, 3600);
    fake_disk_full(to);
    import_fails(to, &stream, PHRASE, JETON_TRY_LATER, "full");
    fake_disk_freed();
    CHECK_INT(fake_version(to, "fake/main/0", ""), 0);
    CHECK_INT(fake_version(to, "fake/main/299", ""), 0);
    fake_get_ok(to, FAKE_NAME, "before");
    imports(to, &stream, 0, "\"imported\":300");
    CHECK_INT(fake_version(to, "fake/main/299", ""), 1);
}

static void where_there_is_no_store_nothing_is_read(void)
{
    AUTO_FAKE struct fake *fake = fake_new();
    AUTO_STREAM struct stream stream = archive_of(NULL, 0, NULL);
    jeton_error *error = NULL;
    jeton *ctx = fake->ctx;

    CHECK_FAILS(jeton_import(ctx, PHRASE, 2, stream_read, &stream, NULL, &error), JETON_USAGE, "0x2", &error);
    fake_write(fake, "jeton.conf", "store = { path = \"nowhere.db\"; };\n");
    fake->ctx = fake_open(fake);
    CHECK_FAILS(jeton_import(fake->ctx, PHRASE, 0, stream_read, &stream, NULL, &error), JETON_CONFIG, "jeton init",
                &error);
    CHECK_INT(stream.at, 0);
    jeton_close(&fake->ctx);
    fake->ctx = ctx;
}

static const struct check_case cases[] = {
    {"a store with another key has what the first one had", another_store_has_what_this_one_had},
    {"of two tokens the one that expires later stays, unless it is to be replaced", the_one_that_expires_later_stays},
    {"a damaged row and the memory of a failure are replaced", what_is_of_no_use_is_replaced},
    {"an archive that is not whole imports nothing", an_archive_that_is_not_whole_imports_nothing},
    {"one row that cannot be spoils the whole archive", one_bad_row_spoils_the_archive},
    {"a token whose revocation is queued here is not brought back", a_token_that_is_being_revoked_is_not_brought_back},
    {"a queued revocation goes on where it was imported", a_queued_revocation_goes_on_here},
    {"a renewal whose answer was lost is lost here too", a_lost_answer_is_lost_here_too},
    {"on a full disk nothing is imported", on_a_full_disk_nothing_is_imported},
    {"where there is no store nothing is read", where_there_is_no_store_nothing_is_read},
};

CHECK_MAIN("import", cases)
