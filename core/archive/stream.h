/* SPDX-License-Identifier: MIT */
/* The sealed form in which tokens leave a machine: a stream of messages under a passphrase. */
#ifndef JT_ARCHIVE_STREAM_H
#define JT_ARCHIVE_STREAM_H

#include "base/base.h"

/*
 * The stream, version 1; numbers are little-endian:
 *
 *     "jetonarc"  version (4)  0 (4)  operations (8)  memory (8)  salt (16)  stream header (24)
 *     then messages: length (4), and as many bytes
 *
 * The key is Argon2id of the passphrase with these operations and bytes of memory; messages are libsodium's
 * crypto_secretstream_xchacha20poly1305 with all of the head as additional data. The last one, and only that, has the
 * tag FINAL, and holds how many messages came before it (8). So no bit can be changed, and nothing left out, put in,
 * put in another order or cut off, without its being noticed.
 *
 * A message is a row: members of tag (1), length (4), value; strings with their NUL; unknown tags are skipped.
 */
#define JT_ARCHIVE_VERSION     1u
#define JT_ARCHIVE_MESSAGE_MAX (4u * 1024u * 1024u)
#define JT_ARCHIVE_ROWS_MAX    4000000u
#define JT_ARCHIVE_BYTES_MAX   (UINT64_C(1) << 30) /* of all messages together */
#define JT_ARCHIVE_PHRASE_MIN  8u

/* What deriving the key costs; an archive says it, and is refused outside of these bounds. */
struct jt_archive_cost {
    uint64_t operations;
    uint64_t memory;
};
#define JT_ARCHIVE_COST     ((struct jt_archive_cost){3, UINT64_C(256) << 20}) /* libsodium's "moderate" */
#define JT_ARCHIVE_COST_MIN ((struct jt_archive_cost){2, UINT64_C(64) << 20})
#define JT_ARCHIVE_COST_MAX ((struct jt_archive_cost){16, UINT64_C(1) << 30})

struct jt_archive; /* one stream being written, or being read */

/* write returns 0, or -1 to give up. JETON_USAGE: the passphrase. */
int JT_MUST_CHECK jt_archive_create(const char *passphrase, const struct jt_archive_cost *cost,
                                    int (*write)(void *data, const void *bytes, size_t len), void *data,
                                    struct jt_archive **ret_archive, jeton_error **ret_error);
int JT_MUST_CHECK jt_archive_add(struct jt_archive *archive, const void *plain, size_t len, jeton_error **ret_error);
/* Without this the archive is one that was cut short. */
int JT_MUST_CHECK jt_archive_end(struct jt_archive *archive, jeton_error **ret_error);

/* read fills at most size bytes, *ret_len 0 at the end, and returns 0, or -1 to give up. JETON_BAD_ANSWER: no archive,
 * or a damaged one. JETON_CONFIG: a newer one. */
int JT_MUST_CHECK jt_archive_open(const char *passphrase,
                                  int (*read)(void *data, void *bytes, size_t size, size_t *ret_len), void *data,
                                  struct jt_archive **ret_archive, jeton_error **ret_error);
/* The next message; *ret_end: there is none, and all that came is whole. JETON_USAGE: the passphrase is wrong. */
int JT_MUST_CHECK jt_archive_next(struct jt_archive *archive, struct jt_buf *ret_plain, bool *ret_end,
                                  jeton_error **ret_error);
void jt_archive_free(struct jt_archive **archive);
#define JT_AUTO_ARCHIVE JT_CLEANUP(jt_archive_free)

#endif
