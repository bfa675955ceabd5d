/* SPDX-License-Identifier: MIT */
/* The stream of an archive: messages sealed with a passphrase. */
#ifndef JT_ARCHIVE_STREAM_H
#define JT_ARCHIVE_STREAM_H

#include "base/base.h"

/* The stream, version 1; numbers are little-endian:
 *
 *     "jetonarc"  version (4)  0 (4)  operations (8)  memory (8)  salt (16)  stream header (24)
 *     then messages: length (4), and as many bytes
 *
 * The key is Argon2id of the passphrase with these operations and bytes of memory; messages are libsodium's
 * crypto_secretstream_xchacha20poly1305 with all of the head as additional data. Only the last message has the tag
 * FINAL; it holds the number of messages before it (8). So a reader notices every changed bit, and messages that were
 * left out, added, reordered or cut off.
 *
 * A message is a row: members of tag (1), length (4), value; strings with their NUL; unknown tags are skipped.
 */
#define JT_ARCHIVE_VERSION     1u
#define JT_ARCHIVE_MESSAGE_MAX (4u * 1024u * 1024u)
#define JT_ARCHIVE_ROWS_MAX    4000000u
#define JT_ARCHIVE_BYTES_MAX   (UINT64_C(1) << 30) /* of all messages together */
#define JT_ARCHIVE_PHRASE_MIN  8u

/* The cost of deriving the key. An archive says which it uses; outside of the bounds below it is refused. */
struct jt_archive_cost {
    uint64_t operations;
    uint64_t memory;
};
#define JT_ARCHIVE_COST     ((struct jt_archive_cost){3, UINT64_C(256) << 20}) /* libsodium's "moderate" */
#define JT_ARCHIVE_COST_MIN ((struct jt_archive_cost){2, UINT64_C(64) << 20})
#define JT_ARCHIVE_COST_MAX ((struct jt_archive_cost){16, UINT64_C(1) << 30})

struct jt_archive; /* one stream that is being written or read */

/* Begins writing an archive. write returns 0, or -1 to give up. JETON_USAGE: the passphrase is too short. */
int JT_MUST_CHECK jt_archive_create(const char *passphrase, const struct jt_archive_cost *cost,
                                    int (*write)(void *data, const void *bytes, size_t len), void *data,
                                    struct jt_archive **ret_archive, jeton_error **ret_error);
int JT_MUST_CHECK jt_archive_add(struct jt_archive *archive, const void *plain, size_t len, jeton_error **ret_error);
/* Writes the end, without which a reader takes the archive for one that was cut short. */
int JT_MUST_CHECK jt_archive_end(struct jt_archive *archive, jeton_error **ret_error);

/* Begins reading an archive. read returns 0 after reading at most size bytes (*ret_len 0: the end), or -1 to give up.
 * JETON_BAD_ANSWER: it is no archive, or damaged. JETON_CONFIG: it has a newer format. */
int JT_MUST_CHECK jt_archive_open(const char *passphrase,
                                  int (*read)(void *data, void *bytes, size_t size, size_t *ret_len), void *data,
                                  struct jt_archive **ret_archive, jeton_error **ret_error);
/* Reads the next message. *ret_end: there are no more, and the archive was complete. JETON_USAGE: the passphrase is
 * wrong. */
int JT_MUST_CHECK jt_archive_next(struct jt_archive *archive, struct jt_buf *ret_plain, bool *ret_end,
                                  jeton_error **ret_error);
void jt_archive_free(struct jt_archive **archive);
#define JT_AUTO_ARCHIVE JT_CLEANUP(jt_archive_free)

#endif
