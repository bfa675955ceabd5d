/* SPDX-License-Identifier: MIT */
/* The stream of an archive: its messages come back, and nothing else does. Archives are altered as somebody could who
 * has them in hand but not the passphrase. */
#include "test_archive_help.h"

#include <endian.h>
#include <sodium.h>

#define HEAD_LEN 72u

/* Three messages: "one", "two", "three". */
static struct stream three_messages(void)
{
    static const char *const messages[] = {"one", "two", "three"};
    const struct jt_archive_cost cost = JT_ARCHIVE_COST_MIN;
    JT_AUTO_ARCHIVE struct jt_archive *archive = NULL;
    struct stream stream = {0};
    jeton_error *error = NULL;

    CHECK_OK(jt_archive_create(PHRASE, &cost, stream_write, &stream, &archive, &error), &error);
    for (size_t i = 0; i < JT_LEN(messages); i++)
        CHECK_OK(jt_archive_add(archive, messages[i], strlen(messages[i]), &error), &error);
    CHECK_OK(jt_archive_end(archive, &error), &error);
    return stream;
}

/* Where the message of that number begins; 3 is the end. */
static size_t place_of(const struct stream *stream, unsigned number)
{
    size_t at = HEAD_LEN;

    while (number-- > 0) {
        uint32_t len;

        memcpy(&len, stream->data + at, sizeof(len));
        at += sizeof(len) + le32toh(len);
    }
    return at;
}

/* Reads all of it: the status, and how many messages came before that. */
static int read_all(struct stream *stream, const char *phrase, unsigned *ret_count, jeton_error **ret_error)
{
    JT_AUTO_ARCHIVE struct jt_archive *archive = NULL;
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(JT_ARCHIVE_MESSAGE_MAX);
    bool end = false;
    int status = jt_archive_open(phrase, stream_read, stream, &archive, ret_error);

    *ret_count = 0;
    while (status == JETON_OK && !end) {
        status = jt_archive_next(archive, &plain, &end, ret_error);
        *ret_count += status == JETON_OK && !end;
    }
    return status;
}

static void reads_badly(struct stream *stream, int expected, const char *part, unsigned count_max)
{
    jeton_error *error = NULL;
    unsigned count = 0;
    int status = read_all(stream, PHRASE, &count, &error);

    CHECK_FAILS(status, expected, part, &error);
    CHECK_TRUE(count <= count_max);
}

static void test_messages_of_any_length(void)
{
    static const size_t lengths[] = {0, 1, 4095, 4096, 4097, 100000, JT_ARCHIVE_MESSAGE_MAX};
    const struct jt_archive_cost cost = JT_ARCHIVE_COST_MIN;
    JT_AUTO_ARCHIVE struct jt_archive *writer = NULL, *reader = NULL;
    JT_AUTO_BUF struct jt_buf plain = JT_BUF_INIT(JT_ARCHIVE_MESSAGE_MAX);
    AUTO_STREAM struct stream stream = {0};
    char *bytes = malloc(JT_ARCHIVE_MESSAGE_MAX + 1);
    jeton_error *error = NULL;
    bool end = false;

    randombytes_buf(bytes, JT_ARCHIVE_MESSAGE_MAX + 1);
    CHECK_OK(jt_archive_create(PHRASE, &cost, stream_write, &stream, &writer, &error), &error);
    for (size_t i = 0; i < JT_LEN(lengths); i++)
        CHECK_OK(jt_archive_add(writer, bytes + i % 2, lengths[i] - (lengths[i] > 0 && i % 2), &error), &error);
    CHECK_FAILS(jt_archive_add(writer, bytes, JT_ARCHIVE_MESSAGE_MAX + 1, &error), JETON_USAGE, "too long", &error);
    CHECK_OK(jt_archive_end(writer, &error), &error);
    stream.piece = 1000;
    CHECK_OK(jt_archive_open(PHRASE, stream_read, &stream, &reader, &error), &error);
    for (size_t i = 0; i < JT_LEN(lengths); i++) {
        CHECK_OK(jt_archive_next(reader, &plain, &end, &error), &error);
        CHECK_TRUE(!end);
        CHECK_MEM(jt_buf_str(&plain), plain.len, bytes + i % 2, lengths[i] - (lengths[i] > 0 && i % 2));
    }
    CHECK_OK(jt_archive_next(reader, &plain, &end, &error), &error);
    CHECK_TRUE(end);
    free(bytes);
}

static void test_nothing_in_the_open(void)
{
    AUTO_STREAM struct stream one = three_messages();
    AUTO_STREAM struct stream other = three_messages();

    CHECK_TRUE(memmem(one.data, one.len, "three", 5) == NULL);
    CHECK_INT(one.len, other.len);
    CHECK_TRUE(memcmp(one.data + 32, other.data + 32, 16) != 0); /* a salt of its own */
    CHECK_TRUE(memcmp(one.data + place_of(&one, 0), other.data + place_of(&other, 0), 20) != 0);
}

static void test_wrong_passphrase(void)
{
    AUTO_STREAM struct stream stream = three_messages();
    jeton_error *error = NULL;
    unsigned count = 0;

    CHECK_FAILS(read_all(&stream, "correct horse batterz", &count, &error), JETON_USAGE, "passphrase is wrong", &error);
    CHECK_INT(count, 0);
    stream.at = 0;
    CHECK_FAILS(read_all(&stream, "", &count, &error), JETON_USAGE, "passphrase is wrong", &error);
}

static void test_short_passphrase(void)
{
    const struct jt_archive_cost cost = JT_ARCHIVE_COST_MIN;
    AUTO_STREAM struct stream stream = {0};
    struct jt_archive *archive = NULL;
    jeton_error *error = NULL;

    CHECK_FAILS(jt_archive_create("1234567", &cost, stream_write, &stream, &archive, &error), JETON_USAGE, "7 bytes",
                &error);
    CHECK_INT(stream.len, 0);
}

static void test_cut_short(void)
{
    AUTO_STREAM struct stream whole = three_messages();
    const size_t end = place_of(&whole, 3);
    const size_t cuts[] = {8,
                           31,
                           HEAD_LEN - 1,
                           HEAD_LEN,
                           HEAD_LEN + 2,
                           place_of(&whole, 1) - 1,
                           place_of(&whole, 1),
                           place_of(&whole, 2) + 4,
                           end,
                           end + 5,
                           whole.len - 1};

    for (size_t i = 0; i < JT_LEN(cuts); i++) {
        AUTO_STREAM struct stream stream = copy_of(&whole);

        stream.len = cuts[i];
        reads_badly(&stream, JETON_BAD_ANSWER, "cut short", 3);
    }
}

static void test_no_archive(void)
{
    static const char *const texts[] = {"", "j", "jetonar", "jetonarx and more", "SQLite format 3"};

    for (size_t i = 0; i < JT_LEN(texts); i++) {
        AUTO_STREAM struct stream stream = {0};

        CHECK_INT(stream_write(&stream, texts[i], strlen(texts[i])), 0);
        reads_badly(&stream, JETON_BAD_ANSWER, "no archive of `jeton export`", 0);
    }
}

/* A bit in every part: salt, stream header, lengths, sealed bytes, seals. */
static void test_altered(void)
{
    AUTO_STREAM struct stream whole = three_messages();
    const size_t first = place_of(&whole, 0), second = place_of(&whole, 1), end = place_of(&whole, 3);
    const size_t in_front[] = {32, 47, 48, 71, first, first + 4, first + 8, second - 1};
    const size_t behind[] = {second, second + 4, second + 6, place_of(&whole, 2) - 1, end, end + 4, whole.len - 1};

    for (size_t i = 0; i < JT_LEN(in_front); i++) {
        AUTO_STREAM struct stream stream = copy_of(&whole);

        stream.data[in_front[i]] ^= 0x01;
        reads_badly(&stream, JETON_USAGE, "passphrase is wrong, or the archive was altered", 0);
    }
    for (size_t i = 0; i < JT_LEN(behind); i++) {
        AUTO_STREAM struct stream stream = copy_of(&whole);

        stream.data[behind[i]] ^= 0x01;
        reads_badly(&stream, JETON_BAD_ANSWER, "altered or damaged", 3);
    }
}

static void test_moved_messages(void)
{
    AUTO_STREAM struct stream whole = three_messages();
    const size_t first = place_of(&whole, 0), second = place_of(&whole, 1), third = place_of(&whole, 2);
    AUTO_STREAM struct stream swapped = copy_of(&whole);
    AUTO_STREAM struct stream dropped = copy_of(&whole);
    AUTO_STREAM struct stream longer = copy_of(&whole);

    CHECK_INT(second - first, third - second);
    memcpy(swapped.data + first, whole.data + second, third - second);
    memcpy(swapped.data + second, whole.data + first, second - first);
    reads_badly(&swapped, JETON_USAGE, "altered", 0);
    memmove(dropped.data + second, dropped.data + third, dropped.len - third);
    dropped.len -= third - second;
    reads_badly(&dropped, JETON_BAD_ANSWER, "altered", 1);
    longer.data[longer.len++] = 'x';
    reads_badly(&longer, JETON_BAD_ANSWER, "added behind", 3);
}

static void set_head(struct stream *stream, size_t at, uint64_t value, size_t len)
{
    uint64_t wire = htole64(value);

    memcpy(stream->data + at, &wire, len);
}

/* Refused by its head alone: the key is not made, which would take the memory and the time that it asks for. */
static void test_hostile_head(void)
{
    AUTO_STREAM struct stream whole = three_messages();
    static const struct {
        size_t at;
        uint64_t value;
        size_t len;
        int status;
        const char *part;
    } heads[] = {
        {8, 2, 4, JETON_CONFIG, "a newer jeton wrote this archive (version 2"},
        {8, 0, 4, JETON_BAD_ANSWER, "head is damaged (version 0)"},
        {12, 1, 4, JETON_BAD_ANSWER, "head is damaged"},
        {16, 1, 8, JETON_BAD_ANSWER, "asks for 1 rounds"},
        {16, UINT64_MAX, 8, JETON_BAD_ANSWER, "asks for"},
        {24, UINT64_C(1) << 40, 8, JETON_BAD_ANSWER, "over 1048576 MiB"},
        {24, 8192, 8, JETON_BAD_ANSWER, "over 0 MiB"},
    };

    for (size_t i = 0; i < JT_LEN(heads); i++) {
        AUTO_STREAM struct stream stream = copy_of(&whole);

        set_head(&stream, heads[i].at, heads[i].value, heads[i].len);
        reads_badly(&stream, heads[i].status, heads[i].part, 0);
        CHECK_INT(stream.at, HEAD_LEN);
    }
}

static void test_hostile_length(void)
{
    static const uint32_t lengths[] = {0, 16, JT_ARCHIVE_MESSAGE_MAX + 18, UINT32_MAX};
    AUTO_STREAM struct stream whole = three_messages();

    for (size_t i = 0; i < JT_LEN(lengths); i++) {
        AUTO_STREAM struct stream stream = copy_of(&whole);

        set_head(&stream, place_of(&whole, 1), lengths[i], 4);
        reads_badly(&stream, JETON_BAD_ANSWER, "altered or damaged", 1);
        CHECK_INT(stream.at, place_of(&whole, 1) + 4);
    }
}

static void test_streams_that_give_up(void)
{
    const struct jt_archive_cost cost = JT_ARCHIVE_COST_MIN;
    JT_AUTO_ARCHIVE struct jt_archive *archive = NULL;
    AUTO_STREAM struct stream written = {.fails_at = 100};
    AUTO_STREAM struct stream stream = three_messages();
    jeton_error *error = NULL;

    CHECK_OK(jt_archive_create(PHRASE, &cost, stream_write, &written, &archive, &error), &error);
    CHECK_FAILS(jt_archive_add(archive, "some bytes more", 15, &error), JETON_TRY_LATER, "could not be written",
                &error);
    stream.piece = 1;
    stream.fails_at = place_of(&stream, 1) + 1;
    reads_badly(&stream, JETON_TRY_LATER, "cannot be read", 1);
}

static const struct check_case cases[] = {
    {"messages of any length come back as they were", test_messages_of_any_length},
    {"nothing of a message stands in the open, and no two archives are alike", test_nothing_in_the_open},
    {"a wrong passphrase is said to be one", test_wrong_passphrase},
    {"a passphrase that is too short seals nothing", test_short_passphrase},
    {"an archive that is cut anywhere is said to be cut", test_cut_short},
    {"what is no archive is said to be none", test_no_archive},
    {"a bit that is changed anywhere is noticed", test_altered},
    {"messages that are moved, left out or added are noticed", test_moved_messages},
    {"a head that asks for too much is refused before it costs anything", test_hostile_head},
    {"a length that cannot be is refused before it is read", test_hostile_length},
    {"a stream that gives up ends the archive", test_streams_that_give_up},
};

CHECK_MAIN("archive", cases)
