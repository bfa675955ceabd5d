/* SPDX-License-Identifier: MIT */
/* The sealed form in which tokens leave a machine: a stream of messages under a passphrase, and rows as such messages.
 * It knows nothing of stores and never keeps a passphrase. */
#ifndef JT_ARCHIVE_H
#define JT_ARCHIVE_H

#include "base/base.h"
#include "store/store.h"

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

/* row.c: a row as a message. */

/* What an entry is without its place: state, tokens, when renewal is due. Failures stay where they happened. */
int JT_MUST_CHECK jt_archive_row_encode(const char *name, const char *variant, const struct jt_entry *entry,
                                        struct jt_buf *plain, jeton_error **ret_error);
/* Takes hostile bytes. name and variant point into them. JETON_BAD_ANSWER with what is wrong. */
int JT_MUST_CHECK jt_archive_row_decode(const void *plain, size_t len, const char **ret_name, const char **ret_variant,
                                        struct jt_entry *ret_entry, jeton_error **ret_error);

/* report.c: what an export or an import did, row by row, as far as somebody will read it. */

#define JT_ARCHIVE_REPORT_MAX 1000u /* rows that are listed */

struct json_object;
struct jt_archive_report {
    struct json_object *entries;
    size_t len; /* those that are not listed, too */
};
int JT_MUST_CHECK jt_archive_report_add(struct jt_archive_report *report, const char *name, const char *variant,
                                        const char *done, const char *message, jeton_error **ret_error);
/* The answer: an object of these numbers, and the entries. */
struct jt_archive_count {
    const char *member;
    size_t count;
};
int JT_MUST_CHECK jt_archive_report_answer(struct jt_archive_report *report, const struct jt_archive_count *counts,
                                           size_t counts_len, jeton_answer **ret_answer, jeton_error **ret_error);
void jt_archive_report_done(struct jt_archive_report *report);

#endif
