/* SPDX-License-Identifier: MIT */
/* Writes and reads the stream of an archive: head, sealed messages, end. A message is returned only if not one bit of
 * it was changed. stream.h describes the format. */
#include "archive/stream.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

#define MAGIC      "jetonarc"
#define SALT_LEN   crypto_pwhash_argon2id_SALTBYTES
#define STREAM_LEN crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define KEY_LEN    crypto_secretstream_xchacha20poly1305_KEYBYTES
#define SEAL_LEN   crypto_secretstream_xchacha20poly1305_ABYTES
#define TAG_MORE   crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
#define TAG_END    crypto_secretstream_xchacha20poly1305_TAG_FINAL

struct head {
    char magic[8];
    uint32_t version;
    uint32_t reserved;
    uint64_t operations;
    uint64_t memory;
    unsigned char salt[SALT_LEN];
    unsigned char stream[STREAM_LEN];
};
_Static_assert(sizeof(struct head) == 32 + SALT_LEN + STREAM_LEN, "the head has no holes");

/* In guarded memory, since the state contains the key. */
struct jt_archive {
    crypto_secretstream_xchacha20poly1305_state state;
    struct head head; /* as it stands in the stream */
    int (*write)(void *data, const void *bytes, size_t len);
    int (*read)(void *data, void *bytes, size_t size, size_t *ret_len);
    void *data;
    struct jt_buf sealed;
    uint64_t messages;
    uint64_t plain_bytes;
    uint64_t stream_bytes;
};

void jt_archive_free(struct jt_archive **archive)
{
    struct jt_archive *mine = jt_take(archive);

    if (mine == NULL)
        return;
    jt_buf_done(&mine->sealed);
    sodium_free(mine);
}

static int archive_new(void *data, struct jt_archive **ret_archive, jeton_error **ret_error)
{
    struct jt_archive *archive = sodium_init() < 0 ? NULL : sodium_malloc(sizeof(*archive));

    if (archive == NULL)
        return jt_error_no_memory(ret_error);
    memset(archive, 0, sizeof(*archive));
    archive->sealed = JT_BUF_INIT(JT_ARCHIVE_MESSAGE_MAX + 2 * SEAL_LEN);
    archive->data = data;
    *ret_archive = archive;
    return JETON_OK;
}

/* Appends len zero bytes to the buffer and returns them; NULL: out of memory. */
static unsigned char *archive_room(struct jt_buf *buf, size_t len)
{
    static const char zeros[4096];
    const size_t at = buf->len;

    do {
        const size_t piece = len < sizeof(zeros) ? len : sizeof(zeros);

        jt_buf_add(buf, zeros, piece);
        len -= piece;
    } while (len > 0 && !buf->failed);
    return buf->failed ? NULL : (unsigned char *)buf->data + at;
}

static void key_free(unsigned char **key)
{
    sodium_free(*key);
}

static int archive_key(const struct head *head, const char *passphrase, unsigned char **ret_key,
                       jeton_error **ret_error)
{
    JT_CLEANUP(key_free) unsigned char *key = sodium_malloc(KEY_LEN);
    const uint64_t memory = le64toh(head->memory);

    if (key == NULL)
        return jt_error_no_memory(ret_error);
    if (crypto_pwhash_argon2id(key, KEY_LEN, passphrase, strlen(passphrase), head->salt, le64toh(head->operations),
                               (size_t)memory, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
        return jt_error_set(ret_error, JETON_TRY_LATER,
                            "the passphrase cannot be made into a key: that takes %llu MiB of memory, which are not "
                            "free now",
                            (unsigned long long)(memory >> 20));
    *ret_key = key;
    key = NULL;
    return JETON_OK;
}

static int archive_write(struct jt_archive *archive, const void *bytes, size_t len, jeton_error **ret_error)
{
    if (archive->write(archive->data, bytes, len) != 0)
        return jt_error_set(ret_error, JETON_TRY_LATER,
                            "the archive could not be written behind byte %llu: what is there is of no use",
                            (unsigned long long)archive->stream_bytes);
    archive->stream_bytes += len;
    return JETON_OK;
}

int jt_archive_create(const char *passphrase, const struct jt_archive_cost *cost,
                      int (*write)(void *data, const void *bytes, size_t len), void *data,
                      struct jt_archive **ret_archive, jeton_error **ret_error)
{
    JT_AUTO_ARCHIVE struct jt_archive *archive = NULL;
    JT_CLEANUP(key_free) unsigned char *key = NULL;
    int status;

    if (strlen(passphrase) < JT_ARCHIVE_PHRASE_MIN || strlen(passphrase) > JT_SETTING_MAX)
        return jt_error_set(
            ret_error, JETON_USAGE,
            "the passphrase has %zu bytes: from %u to %u are taken, and whoever guesses it has the tokens",
            strlen(passphrase), JT_ARCHIVE_PHRASE_MIN, JT_SETTING_MAX);
    status = archive_new(data, &archive, ret_error);
    if (status != JETON_OK)
        return status;
    archive->write = write;
    memcpy(archive->head.magic, MAGIC, sizeof(archive->head.magic));
    archive->head.version = htole32(JT_ARCHIVE_VERSION);
    archive->head.operations = htole64(cost->operations);
    archive->head.memory = htole64(cost->memory);
    randombytes_buf(archive->head.salt, sizeof(archive->head.salt));
    status = archive_key(&archive->head, passphrase, &key, ret_error);
    if (status != JETON_OK)
        return status;
    (void)crypto_secretstream_xchacha20poly1305_init_push(&archive->state, archive->head.stream, key);
    status = archive_write(archive, &archive->head, sizeof(archive->head), ret_error);
    if (status == JETON_OK)
        *ret_archive = jt_take(&archive);
    return status;
}

static int archive_push(struct jt_archive *archive, const void *plain, size_t len, unsigned char tag,
                        jeton_error **ret_error)
{
    uint32_t wire_len = htole32((uint32_t)(len + SEAL_LEN));
    unsigned char *sealed;

    jt_buf_reset(&archive->sealed);
    jt_buf_add(&archive->sealed, &wire_len, sizeof(wire_len));
    if ((sealed = archive_room(&archive->sealed, len + SEAL_LEN)) == NULL)
        return jt_error_no_memory(ret_error);
    if (crypto_secretstream_xchacha20poly1305_push(&archive->state, sealed, NULL, plain, len,
                                                   (unsigned char *)&archive->head, sizeof(archive->head), tag) != 0)
        return jt_error_set(ret_error, JETON_INTERNAL, "libsodium cannot seal a message of %zu bytes", len);
    return archive_write(archive, archive->sealed.data, archive->sealed.len, ret_error);
}

static int archive_count(struct jt_archive *archive, size_t len, jeton_error **ret_error)
{
    archive->messages++;
    archive->plain_bytes += len;
    if (archive->messages <= JT_ARCHIVE_ROWS_MAX && archive->plain_bytes <= JT_ARCHIVE_BYTES_MAX)
        return JETON_OK;
    return jt_error_set(ret_error, JETON_USAGE,
                        "this is more than one archive holds (%u rows, %llu MiB): export some names at a time",
                        JT_ARCHIVE_ROWS_MAX, (unsigned long long)(JT_ARCHIVE_BYTES_MAX >> 20));
}

int jt_archive_add(struct jt_archive *archive, const void *plain, size_t len, jeton_error **ret_error)
{
    int status;

    if (len > JT_ARCHIVE_MESSAGE_MAX)
        return jt_error_set(ret_error, JETON_USAGE, "a row of %zu bytes is too long for an archive", len);
    status = archive_count(archive, len, ret_error);
    return status == JETON_OK ? archive_push(archive, plain, len, TAG_MORE, ret_error) : status;
}

int jt_archive_end(struct jt_archive *archive, jeton_error **ret_error)
{
    uint64_t wire = htole64(archive->messages);

    return archive_push(archive, &wire, sizeof(wire), TAG_END, ret_error);
}

/* Reads exactly len bytes. A stream that ends earlier is cut short: only the last message marks the end. */
static int archive_read(struct jt_archive *archive, void *bytes, size_t len, jeton_error **ret_error)
{
    size_t at = 0;

    while (at < len) {
        size_t got = 0;

        if (archive->read(archive->data, (char *)bytes + at, len - at, &got) != 0 || got > len - at)
            return jt_error_set(ret_error, JETON_TRY_LATER, "the archive cannot be read behind byte %llu",
                                (unsigned long long)archive->stream_bytes);
        if (got == 0)
            return jt_error_set(ret_error, JETON_BAD_ANSWER,
                                "the archive is cut short: it ends at byte %llu, in the middle of it",
                                (unsigned long long)archive->stream_bytes);
        at += got;
        archive->stream_bytes += got;
    }
    return JETON_OK;
}

/* Reads the first bytes. A stream that is no archive is reported as that, also if it is shorter than a head. */
static int archive_read_magic(struct jt_archive *archive, jeton_error **ret_error)
{
    JT_AUTO_ERROR jeton_error *error = NULL;
    int status = archive_read(archive, archive->head.magic, sizeof(archive->head.magic), &error);

    if (status == JETON_TRY_LATER)
        return jt_error_give(ret_error, &error);
    if (status != JETON_OK || memcmp(archive->head.magic, MAGIC, sizeof(archive->head.magic)) != 0)
        return jt_error_set(ret_error, JETON_BAD_ANSWER,
                            "this is no archive of `jeton export`: it does not begin like one");
    return JETON_OK;
}

static int archive_check_head(const struct head *head, jeton_error **ret_error)
{
    const struct jt_archive_cost least = JT_ARCHIVE_COST_MIN, most = JT_ARCHIVE_COST_MAX;
    const uint64_t operations = le64toh(head->operations), memory = le64toh(head->memory);

    if (le32toh(head->version) > JT_ARCHIVE_VERSION)
        return jt_error_set(ret_error, JETON_CONFIG,
                            "a newer jeton wrote this archive (version %u, this one knows %u): import it with that one",
                            le32toh(head->version), JT_ARCHIVE_VERSION);
    if (le32toh(head->version) != JT_ARCHIVE_VERSION || head->reserved != 0)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "the archive's head is damaged (version %u)",
                            le32toh(head->version));
    /* Checked before the key is derived: the cost is what an untrusted archive asks for. */
    if (operations < least.operations || operations > most.operations || memory < least.memory || memory > most.memory)
        return jt_error_set(ret_error, JETON_BAD_ANSWER,
                            "the archive's head is damaged: it asks for %llu rounds over %llu MiB to make the key, "
                            "outside of %llu to %llu and %llu to %llu",
                            (unsigned long long)operations, (unsigned long long)(memory >> 20),
                            (unsigned long long)least.operations, (unsigned long long)most.operations,
                            (unsigned long long)(least.memory >> 20), (unsigned long long)(most.memory >> 20));
    return JETON_OK;
}

int jt_archive_open(const char *passphrase, int (*read)(void *data, void *bytes, size_t size, size_t *ret_len),
                    void *data, struct jt_archive **ret_archive, jeton_error **ret_error)
{
    JT_AUTO_ARCHIVE struct jt_archive *archive = NULL;
    JT_CLEANUP(key_free) unsigned char *key = NULL;
    int status = archive_new(data, &archive, ret_error);

    if (status != JETON_OK)
        return status;
    archive->read = read;
    status = archive_read_magic(archive, ret_error);
    if (status == JETON_OK)
        status = archive_read(archive, (char *)&archive->head + sizeof(archive->head.magic),
                              sizeof(archive->head) - sizeof(archive->head.magic), ret_error);
    if (status == JETON_OK)
        status = archive_check_head(&archive->head, ret_error);
    if (status == JETON_OK)
        status = archive_key(&archive->head, passphrase, &key, ret_error);
    if (status != JETON_OK)
        return status;
    if (crypto_secretstream_xchacha20poly1305_init_pull(&archive->state, archive->head.stream, key) != 0)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "the archive's head is damaged");
    *ret_archive = jt_take(&archive);
    return JETON_OK;
}

static int archive_fail_open(const struct jt_archive *archive, jeton_error **ret_error)
{
    if (archive->messages == 0)
        return jt_error_set(ret_error, JETON_USAGE, "the passphrase is wrong, or the archive was altered");
    return jt_error_set(ret_error, JETON_BAD_ANSWER, "the archive was altered or damaged before byte %llu",
                        (unsigned long long)archive->stream_bytes);
}

/* Checks that nothing follows the last message: further bytes would not be sealed. */
static int archive_check_end(struct jt_archive *archive, const struct jt_buf *plain, jeton_error **ret_error)
{
    uint64_t wire = 0;
    size_t got = 0;
    char byte;

    if (plain->len == sizeof(wire))
        memcpy(&wire, plain->data, sizeof(wire));
    if (plain->len != sizeof(wire) || le64toh(wire) != archive->messages)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "the archive's end does not fit the rest of it");
    if (archive->read(archive->data, &byte, 1, &got) != 0)
        return jt_error_set(ret_error, JETON_TRY_LATER, "the archive cannot be read behind byte %llu",
                            (unsigned long long)archive->stream_bytes);
    if (got != 0)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "something was added behind the archive's end (byte %llu)",
                            (unsigned long long)archive->stream_bytes);
    return JETON_OK;
}

int jt_archive_next(struct jt_archive *archive, struct jt_buf *ret_plain, bool *ret_end, jeton_error **ret_error)
{
    uint32_t wire_len = 0, len;
    unsigned char tag = 0;
    unsigned char *sealed, *plain;
    int status = archive_read(archive, &wire_len, sizeof(wire_len), ret_error);

    if (status != JETON_OK)
        return status;
    len = le32toh(wire_len);
    if (len < SEAL_LEN || len > JT_ARCHIVE_MESSAGE_MAX + SEAL_LEN)
        return archive_fail_open(archive, ret_error);
    jt_buf_reset(&archive->sealed);
    jt_buf_reset(ret_plain);
    if ((sealed = archive_room(&archive->sealed, len)) == NULL ||
        (plain = archive_room(ret_plain, len - SEAL_LEN)) == NULL)
        return jt_error_no_memory(ret_error);
    status = archive_read(archive, sealed, len, ret_error);
    if (status != JETON_OK)
        return status;
    if (crypto_secretstream_xchacha20poly1305_pull(&archive->state, plain, NULL, &tag, sealed, len,
                                                   (unsigned char *)&archive->head, sizeof(archive->head)) != 0 ||
        (tag != TAG_MORE && tag != TAG_END))
        return archive_fail_open(archive, ret_error);
    if (tag == TAG_END)
        status = archive_check_end(archive, ret_plain, ret_error);
    else
        status = archive_count(archive, ret_plain->len, ret_error);
    if (status == JETON_OK)
        *ret_end = tag == TAG_END;
    return status;
}
