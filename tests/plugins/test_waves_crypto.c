/* SPDX-License-Identifier: MIT */
/* Proves the key derivation and the signatures of the Waves plugin against every value that Waves' own library gave,
 * and against a verification that shares no code with them. It draws no random byte. */
#include "plugins/providers/waves/base58.h"
#include "plugins/providers/waves/waves_sign.h"
#include "tests/lib/check.h"
#include "waves_verify.h"
#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_LEN 32u

static json_object *vectors(void)
{
    static json_object *parsed;
    size_t len;
    char *text;

    if (parsed != NULL)
        return parsed;
    text = check_read_file("tests/vectors/waves-crypto.json", &len);
    parsed = json_tokener_parse(text);
    free(text);
    if (!json_object_is_type(parsed, json_type_array))
        abort();
    return parsed;
}

/* A member that must be there; a vector file that lost one would prove nothing. */
static json_object *member(json_object *object, const char *name)
{
    json_object *value;

    if (!json_object_object_get_ex(object, name, &value)) {
        printf("the vector lacks %s\n", name);
        abort();
    }
    return value;
}

static const char *text_of(json_object *object, const char *name)
{
    return json_object_get_string(member(object, name));
}

static size_t bytes_of(json_object *object, const char *name, unsigned char *out, size_t size)
{
    const char *hex = text_of(object, name);
    size_t len;

    if (sodium_hex2bin(out, size, hex, strlen(hex), NULL, &len, NULL) != 0)
        abort();
    return len;
}

static void check_bytes(json_object *object, const char *name, const void *actual, size_t actual_len)
{
    unsigned char expected[512];
    size_t len = bytes_of(object, name, expected, sizeof(expected));

    if (!CHECK_MEM(actual, actual_len, expected, len))
        printf("    in %s\n", name);
}

static json_object *vector_named(const char *name)
{
    for (size_t i = 0; i < json_object_array_length(vectors()); i++)
        if (strcmp(text_of(json_object_array_get_idx(vectors(), i), "name"), name) == 0)
            return json_object_array_get_idx(vectors(), i);
    abort();
}

/* Calls the function for each recorded account; they are those with a seed. */
static void each_account(void (*call)(json_object *account))
{
    size_t count = 0;

    for (size_t i = 0; i < json_object_array_length(vectors()); i++) {
        json_object *vector = json_object_array_get_idx(vectors(), i);

        if (json_object_object_get_ex(vector, "seed", NULL)) {
            call(vector);
            count++;
        }
    }
    CHECK_INT(count, 9);
}

static void check_hashes(json_object *account)
{
    const char *seed = text_of(account, "seed");
    struct waves_key_hashes hashes;

    check_bytes(account, "seed_bytes_hex", seed, strlen(seed));
    CHECK_INT(waves_key_hash_seed(seed, strlen(seed), &hashes), JETON_OK);
    check_bytes(account, "blake2b256_hex", hashes.blake2b, sizeof(hashes.blake2b));
    check_bytes(account, "keccak256_hex", hashes.keccak, sizeof(hashes.keccak));
    check_bytes(account, "account_seed_sha256_hex", hashes.account_seed, sizeof(hashes.account_seed));
}

static void every_hash_on_the_way_from_the_seed_is_the_recorded_one(void)
{
    each_account(check_hashes);
}

static void check_key(json_object *account)
{
    char text[BASE58_SIZE(WAVES_KEY_LEN)];
    struct waves_key key;

    CHECK_INT(waves_key_from_seed(text_of(account, "seed"), strlen(text_of(account, "seed")), &key), JETON_OK);
    check_bytes(account, "private_key_hex", key.scalar, sizeof(key.scalar));
    check_bytes(account, "public_key_hex", key.public_key, sizeof(key.public_key));
    base58_encode(key.scalar, sizeof(key.scalar), text);
    CHECK_STR(text, text_of(account, "private_key_b58"));
    base58_encode(key.public_key, sizeof(key.public_key), text);
    CHECK_STR(text, text_of(account, "public_key_b58"));
    CHECK_STR(text, text_of(account, "username"));
}

static void the_seed_gives_the_recorded_key_pair(void)
{
    each_account(check_key);
}

static void check_private_key(json_object *account)
{
    const char *text = text_of(account, "private_key_b58");
    unsigned char bytes[WAVES_KEY_LEN], unclamped[WAVES_KEY_LEN];
    struct waves_key key;
    size_t bad_at;

    CHECK_INT(base58_decode(text, strlen(text), sizeof(bytes), bytes, &bad_at), BASE58_OK);
    check_bytes(account, "private_key_hex", bytes, sizeof(bytes));
    CHECK_INT(waves_key_from_private(bytes, &key), JETON_OK);
    check_bytes(account, "private_key_hex", key.scalar, sizeof(key.scalar));
    check_bytes(account, "public_key_hex", key.public_key, sizeof(key.public_key));
    bytes_of(account, "account_seed_sha256_hex", unclamped, sizeof(unclamped));
    CHECK_INT(waves_key_from_private(unclamped, &key), JETON_OK);
    check_bytes(account, "private_key_hex", key.scalar, sizeof(key.scalar));
}

static void a_private_key_gives_the_same_pair_clamped_or_not(void)
{
    each_account(check_private_key);
}

static void check_signatures(json_object *account)
{
    json_object *signatures = member(account, "deterministic_signatures");
    const char *seed = text_of(account, "seed"), *text = text_of(account, "text");
    struct waves_key key;
    size_t count = json_object_array_length(signatures);

    CHECK_INT(count, 4);
    CHECK_INT(waves_key_from_seed(seed, strlen(seed), &key), JETON_OK);
    for (size_t i = 0; i < count; i++) {
        json_object *recorded = json_object_array_get_idx(signatures, i);
        unsigned char random[WAVES_RANDOM_LEN], signature[WAVES_SIGNATURE_LEN];
        char signature_text[BASE58_SIZE(WAVES_SIGNATURE_LEN)];

        CHECK_INT(bytes_of(recorded, "random_hex", random, sizeof(random)), sizeof(random));
        CHECK_INT(waves_sign_text(&key, random, text, strlen(text), signature), JETON_OK);
        check_bytes(recorded, "signature_hex", signature, sizeof(signature));
        base58_encode(signature, sizeof(signature), signature_text);
        CHECK_STR(signature_text, text_of(recorded, "signature_b58"));
    }
}

static void the_recorded_random_bytes_give_the_recorded_signature(void)
{
    each_account(check_signatures);
}

static void check_message(json_object *account)
{
    const char *text = text_of(account, "text");
    char expected[128];
    unsigned char message[256] = WAVES_SIGN_PREFIX;

    snprintf(expected, sizeof(expected), "%s:%s:%" PRId64, text_of(account, "chain_id"), text_of(account, "client_id"),
             json_object_get_int64(member(account, "expiry")));
    CHECK_STR(text, expected);
    memcpy(message + WAVES_SIGN_PREFIX_LEN, text, strlen(text));
    check_bytes(account, "message_hex", message, WAVES_SIGN_PREFIX_LEN + strlen(text));
}

static void what_is_signed_is_the_prefix_and_the_text(void)
{
    each_account(check_message);
}

/* Under the vector's public key, message and the signature in base58. */
static bool verifies(json_object *vector, const char *signature_name, int flip)
{
    const char *text = text_of(vector, signature_name);
    unsigned char key[WAVES_KEY_LEN], signature[WAVES_SIGNATURE_LEN], message[256];
    size_t message_len = bytes_of(vector, "message_hex", message, sizeof(message)), bad_at;

    bytes_of(vector, "public_key_hex", key, sizeof(key));
    CHECK_INT(base58_decode(text, strlen(text), sizeof(signature), signature, &bad_at), BASE58_OK);
    if (flip)
        message[message_len - 1] ^= 1;
    return waves_verify(key, signature, message, message_len);
}

static void check_recorded_signature(json_object *account)
{
    CHECK_TRUE(verifies(account, "random_signature_b58", 0));
    CHECK_TRUE(!verifies(account, "random_signature_b58", 1));
}

static void recorded_signatures_verify_and_altered_messages_do_not(void)
{
    each_account(check_recorded_signature);
}

static void a_signature_that_production_accepted_in_2020_verifies(void)
{
    json_object *real = vector_named("waves.real.2020");
    unsigned char key[WAVES_KEY_LEN];
    char text[BASE58_SIZE(WAVES_KEY_LEN)];

    CHECK_TRUE(verifies(real, "signature_b58", 0));
    CHECK_TRUE(!verifies(real, "signature_b58", 1));
    bytes_of(real, "public_key_hex", key, sizeof(key));
    base58_encode(key, sizeof(key), text);
    CHECK_STR(text, text_of(real, "public_key_b58"));
}

/* Seeds, texts and random bytes of many lengths and values, the same in each run. */
static void signatures_over_many_seeds_verify_with_both_signs_of_the_public_key(void)
{
    unsigned char stream_seed[randombytes_SEEDBYTES] = {0}, stream[WAVES_RANDOM_LEN + 64];
    size_t with_sign = 0;

    for (unsigned i = 0; i < 300; i++) {
        unsigned char message[WAVES_SIGN_PREFIX_LEN + 80] = WAVES_SIGN_PREFIX, signature[WAVES_SIGNATURE_LEN];
        char seed[32], *text = (char *)message + WAVES_SIGN_PREFIX_LEN;
        struct waves_key key;
        size_t seed_len, text_len;

        memcpy(stream_seed, &i, sizeof(i));
        randombytes_buf_deterministic(stream, sizeof(stream), stream_seed);
        seed_len = 1 + i % sizeof(seed);
        memcpy(seed, stream + WAVES_RANDOM_LEN, seed_len);
        text_len = (size_t)snprintf(text, 80, "%c:client-%u:%u", "WTS"[i % 3], i * i, 1500000000u + i);
        CHECK_INT(waves_key_from_seed(seed, seed_len, &key), JETON_OK);
        CHECK_INT(waves_sign_text(&key, stream, text, text_len, signature), JETON_OK);
        with_sign += signature[63] >> 7;
        if (!CHECK_TRUE(waves_verify(key.public_key, signature, message, WAVES_SIGN_PREFIX_LEN + text_len)))
            return;
        signature[i % 64] ^= (unsigned char)(1u << i % 8);
        CHECK_TRUE(!waves_verify(key.public_key, signature, message, WAVES_SIGN_PREFIX_LEN + text_len));
    }
    CHECK_TRUE(with_sign > 100 && with_sign < 200);
}

static void check_keccak(const void *data, size_t len, const char *expected_hex)
{
    unsigned char digest[HASH_LEN];
    char hex[2 * HASH_LEN + 1];

    waves_key_keccak256(data, len, digest);
    CHECK_STR(sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest)), expected_hex);
}

static void keccak_256_is_the_one_before_fips_202(void)
{
    json_object *known = vector_named("waves.keccak.kat");
    unsigned char digest[HASH_LEN], sha3[HASH_LEN];

    check_keccak("", 0, text_of(known, "empty_keccak256"));
    check_keccak("abc", 3, text_of(known, "abc_keccak256"));
    waves_key_keccak256((const unsigned char *)"", 0, digest);
    bytes_of(known, "empty_sha3_256", sha3, sizeof(sha3));
    CHECK_TRUE(memcmp(digest, sha3, sizeof(sha3)) != 0);
}

/* The bytes 0, 1, 2, …, 250, 0, …; digests from another implementation, which agrees with SHA3-256 but for the pad. */
static void keccak_256_is_right_around_the_ends_of_its_blocks(void)
{
    unsigned char data[300];

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)(i % 251);
    check_keccak(data, 135, "cbdfd9dee5faad3818d6b06f95a219fd290b0e1706f6a82e5a595b9ce9faca62");
    check_keccak(data, 136, "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e");
    check_keccak(data, 137, "ac73d4fae68b8453f764007c1a20ce95994187861f0c3227a3a8e99a73a3b1db");
    check_keccak(data, 272, "8e2476e65823b24d96ebe239f2c1534cdf763e689e2410c3b1cb0c74e6177bfc");
    check_keccak(data, 300, "4699841dafd5e26cca72b05a41d38c96b4b468e5a6cbf694cbebe77dacdf6528");
}

static void wiping_leaves_only_zeros(void)
{
    static const unsigned char zeros[sizeof(struct waves_key_hashes)];
    struct waves_key_hashes hashes;
    struct waves_key key;

    CHECK_INT(waves_key_hash_seed("a", 1, &hashes), JETON_OK);
    CHECK_INT(waves_key_from_seed("a", 1, &key), JETON_OK);
    waves_key_wipe_hashes(&hashes);
    waves_key_wipe(&key);
    CHECK_MEM(&hashes, sizeof(hashes), zeros, sizeof(hashes));
    CHECK_MEM(&key, sizeof(key), zeros, sizeof(key));
}

static const struct check_case cases[] = {
    {"every hash on the way from the seed is the recorded one",
     every_hash_on_the_way_from_the_seed_is_the_recorded_one},
    {"the seed gives the recorded key pair (RFC 7748 5)", the_seed_gives_the_recorded_key_pair},
    {"a private key gives the same pair, clamped or not", a_private_key_gives_the_same_pair_clamped_or_not},
    {"what is signed is the prefix and the text", what_is_signed_is_the_prefix_and_the_text},
    {"the recorded random bytes give the recorded signature", the_recorded_random_bytes_give_the_recorded_signature},
    {"recorded signatures verify, and altered messages do not", recorded_signatures_verify_and_altered_messages_do_not},
    {"a signature that production accepted in 2020 verifies", a_signature_that_production_accepted_in_2020_verifies},
    {"signatures over many seeds verify with both signs of the public key (RFC 8032 5.1.7)",
     signatures_over_many_seeds_verify_with_both_signs_of_the_public_key},
    {"Keccak-256 is the one before FIPS 202", keccak_256_is_the_one_before_fips_202},
    {"Keccak-256 is right around the ends of its blocks", keccak_256_is_right_around_the_ends_of_its_blocks},
    {"wiping leaves only zeros", wiping_leaves_only_zeros},
};

CHECK_MAIN("waves crypto", cases)
