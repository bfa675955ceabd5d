/* SPDX-License-Identifier: MIT */
/* Seals and opens blobs with XChaCha20-Poly1305 and the store key. */
#include "store/seal.h"
#include "base/base.h"

#include <endian.h>
#include <jeton/store.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SEAL_NONCE_LEN crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEAL_TAG_LEN   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SEAL_HEAD_LEN  (1u + sizeof(uint64_t) + SEAL_NONCE_LEN)
#define SEAL_PLAIN_MAX (16u * 1024u * 1024u)

_Static_assert(JT_SEAL_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the key length is the cipher's");

struct jt_seal {
    atomic_uint refs;
    unsigned char *key; /* sodium_malloc, read-only */
    uint64_t key_id;
};

static int seal_start(jeton_error **ret_error)
{
    if (sodium_init() < 0)
        return jt_error_set(ret_error, JETON_INTERNAL, "libsodium does not start: the system gives no random numbers");
    return JETON_OK;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Computes the key's id, a keyed hash. It tells keys apart and reveals nothing about the key. */
static int seal_identify(struct jt_seal *seal)
{
    static const char label[] = "jeton store key id";
    unsigned char hash[crypto_generichash_BYTES_MIN];
    uint64_t id;

    if (crypto_generichash(hash, sizeof(hash), (const unsigned char *)label, sizeof(label) - 1, seal->key,
                           JT_SEAL_KEY_LEN) != 0)
        return -1;
    memcpy(&id, hash, sizeof(id));
    seal->key_id = le64toh(id);
    return 0;
}

int jt_seal_new(const char *hex, size_t len, struct jt_seal **ret_seal, jeton_error **ret_error)
{
    JT_CLEANUP(jt_seal_free) struct jt_seal *seal = NULL;
    size_t bin_len = 0;
    int status = seal_start(ret_error);

    if (status != JETON_OK)
        return status;
    while (len > 0 && is_space(hex[0])) {
        hex++;
        len--;
    }
    while (len > 0 && is_space(hex[len - 1]))
        len--;
    if (len != 2 * JT_SEAL_KEY_LEN)
        return jt_error_set(ret_error, JETON_CONFIG, "the store key is not 64 hexadecimal digits but %zu characters",
                            len);
    if ((seal = calloc(1, sizeof(*seal))) == NULL || (seal->key = sodium_malloc(JT_SEAL_KEY_LEN)) == NULL)
        return jt_error_no_memory(ret_error);
    atomic_init(&seal->refs, 1);
    if (sodium_hex2bin(seal->key, JT_SEAL_KEY_LEN, hex, len, NULL, &bin_len, NULL) != 0 || bin_len != JT_SEAL_KEY_LEN)
        return jt_error_set(ret_error, JETON_CONFIG,
                            "the store key holds characters that are not hexadecimal digits (0-9, a-f)");
    if (seal_identify(seal) != 0)
        return jt_error_set(ret_error, JETON_INTERNAL, "libsodium cannot hash the store key");
    if (sodium_mprotect_readonly(seal->key) != 0)
        return jt_error_set(ret_error, JETON_INTERNAL, "the memory of the store key cannot be made read-only");
    *ret_seal = jt_take(&seal);
    return JETON_OK;
}

struct jt_seal *jt_seal_ref(struct jt_seal *seal)
{
    (void)atomic_fetch_add_explicit(&seal->refs, 1, memory_order_relaxed);
    return seal;
}

void jt_seal_free(struct jt_seal **seal)
{
    struct jt_seal *mine = jt_take(seal);

    if (mine == NULL || atomic_fetch_sub(&mine->refs, 1) > 1)
        return;
    sodium_free(mine->key);
    free(mine);
}

int jt_seal_make_key(char **ret_hex, jeton_error **ret_error)
{
    unsigned char key[JT_SEAL_KEY_LEN];
    char text[2 * JT_SEAL_KEY_LEN + 2];
    char *hex;
    int status = seal_start(ret_error);

    if (status != JETON_OK)
        return status;
    randombytes_buf(key, sizeof(key));
    (void)sodium_bin2hex(text, sizeof(text), key, sizeof(key));
    text[sizeof(text) - 2] = '\n';
    hex = jt_guarded_dup(text, sizeof(text) - 1);
    jt_wipe(key, sizeof(key));
    jt_wipe(text, sizeof(text));
    if (hex == NULL)
        return jt_error_no_memory(ret_error);
    *ret_hex = hex;
    return JETON_OK;
}

uint64_t jt_seal_key_id(const struct jt_seal *seal)
{
    return seal->key_id;
}

static void add_u64(struct jt_buf *buf, uint64_t value)
{
    uint64_t wire = htole64(value);

    jt_buf_add(buf, &wire, sizeof(wire));
}

/* The additional data for a place. Each string has its length in front, so that no two places have the same bytes. */
static int seal_bind(const struct jt_seal *seal, const struct jt_seal_place *place, unsigned format,
                     struct jt_buf *ret_data, jeton_error **ret_error)
{
    if (format != JT_SEAL_FORMAT_TOKENS)
        add_u64(ret_data, place->kind);
    add_u64(ret_data, strlen(place->name));
    jt_buf_puts(ret_data, place->name);
    add_u64(ret_data, strlen(place->variant));
    jt_buf_puts(ret_data, place->variant);
    add_u64(ret_data, (uint64_t)place->version);
    add_u64(ret_data, place->state);
    if (format != JT_SEAL_FORMAT_TOKENS)
        add_u64(ret_data, (uint64_t)place->expires_at);
    add_u64(ret_data, seal->key_id);
    return ret_data->failed ? jt_error_no_memory(ret_error) : JETON_OK;
}

int jt_seal_close(struct jt_seal *seal, const struct jt_seal_place *place, const void *plain, size_t plain_len,
                  struct jt_buf *ret_blob, jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf data = JT_BUF_INIT(JT_RESPONSE_MAX);
    unsigned char head[SEAL_HEAD_LEN];
    unsigned char *nonce = head + 1 + sizeof(uint64_t);
    unsigned char *cipher;
    unsigned long long cipher_len = 0;
    uint64_t key_id = htole64(seal->key_id);
    int status = seal_bind(seal, place, JT_SEAL_FORMAT, &data, ret_error);

    if (status != JETON_OK)
        return status;
    if (plain_len > SEAL_PLAIN_MAX)
        return jt_error_set(ret_error, JETON_USAGE, "%zu bytes are too much for one row of the store", plain_len);
    if ((cipher = malloc(plain_len + SEAL_TAG_LEN)) == NULL)
        return jt_error_no_memory(ret_error);
    head[0] = JT_SEAL_FORMAT;
    memcpy(head + 1, &key_id, sizeof(key_id));
    randombytes_buf(nonce, SEAL_NONCE_LEN);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(cipher, &cipher_len, plain, plain_len, (unsigned char *)data.data,
                                                     data.len, NULL, nonce, seal->key);
    jt_buf_add(ret_blob, head, sizeof(head));
    jt_buf_add(ret_blob, cipher, (size_t)cipher_len);
    free(cipher);
    return ret_blob->failed ? jt_error_no_memory(ret_error) : JETON_OK;
}

bool jt_seal_fits(const struct jt_seal *seal, const void *blob, size_t blob_len)
{
    uint64_t key_id;

    if (blob == NULL || blob_len < SEAL_HEAD_LEN)
        return true;
    memcpy(&key_id, (const unsigned char *)blob + 1, sizeof(key_id));
    return le64toh(key_id) == seal->key_id;
}

/* What can be checked before the key is tried on the blob. */
static int seal_inspect(const struct jt_seal *seal, const struct jt_seal_place *place, const unsigned char *blob,
                        size_t blob_len, jeton_error **ret_error)
{
    uint64_t key_id;

    if (blob_len < SEAL_HEAD_LEN + SEAL_TAG_LEN)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "it is cut short: %zu bytes are left", blob_len);
    if (blob[0] != JT_SEAL_FORMAT && (blob[0] != JT_SEAL_FORMAT_TOKENS || place->kind != JETON_KIND_TOKEN))
        return jt_error_set(
            ret_error, JETON_BAD_ANSWER,
            "its format is %u, which this jeton does not know: it was altered, or a newer jeton wrote it",
            (unsigned)blob[0]);
    if (blob_len > SEAL_PLAIN_MAX)
        return jt_error_set(ret_error, JETON_BAD_ANSWER, "it is too large: %zu bytes", blob_len);
    memcpy(&key_id, blob + 1, sizeof(key_id));
    if (le64toh(key_id) != seal->key_id)
        return jt_error_set(ret_error, JETON_BAD_ANSWER,
                            "it was sealed with another key (id %016llx; the key in use has id %016llx)",
                            (unsigned long long)le64toh(key_id), (unsigned long long)seal->key_id);
    return JETON_OK;
}

int jt_seal_open(struct jt_seal *seal, const struct jt_seal_place *place, const void *blob, size_t blob_len,
                 struct jt_buf *ret_plain, unsigned *ret_format, jeton_error **ret_error)
{
    JT_AUTO_BUF struct jt_buf data = JT_BUF_INIT(JT_RESPONSE_MAX);
    const unsigned char *bytes = blob;
    unsigned char *plain;
    unsigned long long plain_len = 0;
    size_t cipher_len;
    int status = seal_inspect(seal, place, bytes, blob_len, ret_error);

    if (status == JETON_OK)
        status = seal_bind(seal, place, bytes[0], &data, ret_error);
    if (status != JETON_OK)
        return status;
    cipher_len = blob_len - SEAL_HEAD_LEN;
    if ((plain = malloc(cipher_len)) == NULL)
        return jt_error_no_memory(ret_error);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &plain_len, NULL, bytes + SEAL_HEAD_LEN, cipher_len,
                                                   (unsigned char *)data.data, data.len,
                                                   bytes + SEAL_HEAD_LEN - SEAL_NONCE_LEN, seal->key) != 0)
        status =
            jt_error_set(ret_error, JETON_BAD_ANSWER, "it was altered, or belongs to another row or an older version");
    else
        jt_buf_add(ret_plain, plain, (size_t)plain_len);
    jt_wipe(plain, cipher_len);
    free(plain);
    if (status == JETON_OK && ret_plain->failed)
        status = jt_error_no_memory(ret_error);
    if (status == JETON_OK)
        *ret_format = bytes[0];
    return status;
}
