/* SPDX-License-Identifier: MIT */
/* The generation page: every commit by anyone changes the number, and a page that is missing, strange or replaced does
 * no harm. Time is moved by hand, not waited for. */
#include "token/name.h"
#include "tests/unit/store/test_store_help.h"

static const struct jeton_store_engine *engine;

static uint32_t shard_of(const char *name)
{
    return jt_name_shard(jt_name_hash(name, ""));
}

static struct jeton_row row_of(const char *name)
{
    struct jeton_row row = token_row(name, "", "x");

    row.shard = shard_of(name);
    return row;
}

/* What is looked at: the shard that a/b is in. */
static uint64_t generation(void *store)
{
    return engine->generation(store, shard_of("a/b"));
}

static void put_new(void *store)
{
    static int count;
    char name[16];
    struct jeton_row row;

    do
        (void)snprintf(name, sizeof(name), "n/%d", ++count);
    while (shard_of(name) != shard_of("a/b"));
    row = row_of(name);
    CHECK_INT(put(store, &row, 0, 0), JETON_OK);
}

/* As if the seconds had passed after which the page is looked at again; that happens where a row is read, since no
 * entry in memory goes for longer without that. */
static void let_time_pass(void *store)
{
    struct jeton_row row;

    atomic_store(&((struct jt_store_sqlite *)store)->generation.check_at_ms, 0);
    CHECK_INT(engine->get(store, "no/row", "", &row, why, sizeof(why)), JETON_OK);
    engine->free_row(store, &row);
}

static void test_changes(void)
{
    char path[4096];
    void *store, *other;
    uint64_t before, after;
    int done = 0;
    struct jeton_row row = row_of("a/b"), elsewhere = row_of("n/1");

    (void)snprintf(path, sizeof(path), "%s", new_path());
    store = open_store(path, 1);
    other = open_store(path, 0);
    before = generation(store);
    CHECK_TRUE(generation(store) == before);
    CHECK_TRUE(elsewhere.shard != row.shard);
    CHECK_INT(put(other, &elsewhere, 0, 0), JETON_OK);
    CHECK_TRUE(generation(store) == before);
    CHECK_INT(engine->remove(other, "n/1", "", 1, &done, why, sizeof(why)), JETON_OK);
    CHECK_TRUE(generation(store) == before);
    CHECK_INT(put(other, &row, 0, 0), JETON_OK);
    after = generation(store);
    CHECK_TRUE(after != before);
    CHECK_INT(put(other, &row, 0, 0), -1);
    CHECK_TRUE(generation(store) == after);
    CHECK_INT(engine->remove(other, "a/b", "", 1, &done, why, sizeof(why)), JETON_OK);
    CHECK_TRUE(generation(store) != after);
    CHECK_TRUE(generation(store) != before);
    engine->close(store);
    engine->close(other);
}

static void put_elsewhere(struct report *report, void *data)
{
    void *store = NULL;
    struct jeton_row row = row_of("a/b");

    report->status = engine->open(data, 0, &store, report->text, sizeof(report->text));
    if (report->status == JETON_OK)
        report->status = put(store, &row, 0, 0);
}

static void test_other_process(void)
{
    char path[4096];
    void *store;
    uint64_t before;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    store = open_store(path, 1);
    before = generation(store);
    CHECK_INT(in_child(0, put_elsewhere, path).status, JETON_OK);
    CHECK_TRUE(generation(store) != before);
    engine->close(store);
}

static void test_strange_pages(void)
{
    static const size_t lens[] = {0, 1, 4096, 12287, 12288, 13000};
    char path[4096], page[13000];

    (void)snprintf(path, sizeof(path), "%s", new_path());
    engine->close(open_store(path, 1));
    memset(page, 0xff, sizeof(page));
    for (size_t i = 0; i < JT_LEN(lens); i++) {
        void *store, *other;
        uint64_t before;

        (void)unlink(beside(path, "-gen"));
        write_file(beside(path, "-gen"), page, lens[i], 0600);
        store = open_store(path, 0);
        other = open_store(path, 0);
        before = generation(store);
        put_new(other);
        CHECK_TRUE(generation(store) != before);
        before = generation(store);
        put_new(other);
        CHECK_TRUE(generation(store) != before);
        engine->close(store);
        engine->close(other);
    }
}

static void test_replaced_page(void)
{
    char path[4096], zeros[12288] = "";
    void *store, *other;
    uint64_t before;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    store = open_store(path, 1);
    other = open_store(path, 0);
    before = generation(store);
    CHECK_INT(unlink(beside(path, "-gen")), 0);
    put_new(other); /* makes another page */
    let_time_pass(store);
    CHECK_TRUE(generation(store) != before);
    before = generation(store);
    put_new(other);
    CHECK_TRUE(generation(store) != before);

    /* A copy put in its place has the same number, but what happened meanwhile is not known. */
    before = generation(store);
    write_file(beside(path, "-copy"), zeros, sizeof(zeros), 0600);
    CHECK_INT(rename(beside(path, "-copy"), beside(path, "-gen")), 0);
    let_time_pass(store);
    CHECK_TRUE(generation(store) != before);
    engine->close(store);
    engine->close(other);
}

static void test_page_of_others(void)
{
    char path[4096];
    void *store;
    uint64_t before;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    engine->close(open_store(path, 1));
    write_file(beside(path, "-gen"), "", 0, 0666);
    store = open_store(path, 0);
    before = generation(store);
    CHECK_TRUE(generation(store) == before);
    let_time_pass(store);
    CHECK_TRUE(generation(store) != before);
    before = generation(store);
    put_new(store);
    CHECK_TRUE(generation(store) != before);
    engine->close(store);
}

static void test_no_store(void)
{
    char path[4096];
    void *store;
    uint64_t before;

    (void)snprintf(path, sizeof(path), "%s", new_path());
    store = open_store(path, 0);
    before = generation(store);
    CHECK_TRUE(generation(store) == before);
    CHECK_TRUE(access(beside(path, "-gen"), F_OK) != 0);
    engine->close(open_store(path, 1));
    let_time_pass(store);
    CHECK_TRUE(generation(store) != before);
    before = generation(store);
    put_new(store);
    CHECK_TRUE(generation(store) != before);
    engine->close(store);
}

static const struct check_case cases[] = {
    {"a shard's number changes with every put and remove of its rows, and with nothing else", test_changes},
    {"a put of another process is seen at once", test_other_process},
    {"a page of any length and content is used or mended", test_strange_pages},
    {"a page that was replaced is noticed within seconds", test_replaced_page},
    {"a page that others can write is not used: the number changes with time", test_page_of_others},
    {"without a store there is a number, and no page is made", test_no_store},
};

int main(int argc, char **argv)
{
    engine = jt_store_sqlite_engine();
    return check_main(argc, argv, "store_generation", cases, sizeof(cases) / sizeof(cases[0]));
}
