/* SPDX-License-Identifier: MIT */
/* Proves that deriving a key and signing with it leave no secret on the stack: both run on a stack of the test's own,
 * which is searched afterwards. It never looks into registers. */
#include "plugins/providers/waves/base58.h"
#include "plugins/providers/waves/waves_sign.h"
#include "tests/lib/check.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define STACK_LEN (256u * 1024u)
#define DEPTH_LEN (64u * 1024u)
#define PAGE_LEN  4096u
#define HALF_LEN  16u /* of a secret; that much is not there by chance */

static const char seed[] = "a seed phrase that is long enough to be found where it was left behind";
static const char text[] = "W:waves.exchange:1700000000";
static const unsigned char random_bytes[WAVES_RANDOM_LEN] = {1, 2, 3};

/* One call of a function that has secrets in its hands. Alone, since the next one would wipe what this one left. */
enum call { HASH_SEED, FROM_PRIVATE, FROM_SEED, SIGN, READ_PRIVATE_KEY, LEAVE_IT };

/* What a call works with and gives; not on the stack that is searched. */
struct work {
    enum call call;
    struct waves_key_hashes hashes;
    struct waves_key key;
    unsigned char signature[WAVES_SIGNATURE_LEN];
    char private_key[BASE58_SIZE(WAVES_KEY_LEN)];
    struct waves_key_hashes ret_hashes;
    struct waves_key ret_key;
    unsigned char ret_bytes[WAVES_KEY_LEN];
    int status;
};

/* Its locals are on this stack under AddressSanitizer too. */
__attribute__((no_sanitize_address)) static int leave_it(const struct work *work)
{
    volatile unsigned char left[WAVES_KEY_LEN];

    for (size_t i = 0; i < sizeof(left); i++)
        left[i] = work->key.scalar[i];
    return JETON_OK;
}

static int make_call(struct work *work)
{
    size_t at;

    switch (work->call) {
    case HASH_SEED:
        return waves_key_hash_seed(seed, strlen(seed), &work->ret_hashes);
    case FROM_PRIVATE:
        return waves_key_from_private(work->hashes.account_seed, &work->ret_key);
    case FROM_SEED:
        return waves_key_from_seed(seed, strlen(seed), &work->ret_key);
    case SIGN:
        return waves_sign_text(&work->key, random_bytes, text, strlen(text), work->signature);
    case READ_PRIVATE_KEY:
        return base58_decode(work->private_key, strlen(work->private_key), WAVES_KEY_LEN, work->ret_bytes, &at) ==
                       BASE58_OK
                   ? JETON_OK
                   : JETON_INTERNAL;
    default:
        return leave_it(work);
    }
}

/* The end of a thread writes over the upper part of its stack, which could hide what was left there. */
static void *run_deep_down(void *data)
{
    volatile unsigned char above[DEPTH_LEN];

    above[0] = above[DEPTH_LEN - 1] = 0;
    ((struct work *)data)->status = make_call(data);
    return above[0] == 0 ? NULL : data;
}

/* Runs it on this stack; what is there afterwards is what was left. */
static void run_on(unsigned char *stack, struct work *work)
{
    pthread_attr_t attr;
    pthread_t thread;

    memset(stack, 0, STACK_LEN);
    if (pthread_attr_init(&attr) != 0 || pthread_attr_setstack(&attr, stack, STACK_LEN) != 0 ||
        pthread_create(&thread, &attr, run_deep_down, work) != 0 || pthread_join(thread, NULL) != 0)
        abort();
    (void)pthread_attr_destroy(&attr);
    CHECK_INT(work->status, JETON_OK);
}

static bool is_left(const unsigned char *stack, const void *secret, size_t len)
{
    return memmem(stack, STACK_LEN, secret, len) != NULL;
}

/* r of the signature, and the hash that it is made of. */
static void nonce_of(const struct waves_key *key, unsigned char ret_hash[64], unsigned char ret_nonce[32])
{
    static const unsigned char rest[31] = {[0 ... 30] = 0xff};
    crypto_hash_sha512_state state;

    (void)crypto_hash_sha512_init(&state);
    (void)crypto_hash_sha512_update(&state, (const unsigned char *)"\xfe", 1);
    (void)crypto_hash_sha512_update(&state, rest, sizeof(rest));
    (void)crypto_hash_sha512_update(&state, key->scalar, sizeof(key->scalar));
    (void)crypto_hash_sha512_update(&state, (const unsigned char *)WAVES_SIGN_PREFIX, WAVES_SIGN_PREFIX_LEN);
    (void)crypto_hash_sha512_update(&state, (const unsigned char *)text, strlen(text));
    (void)crypto_hash_sha512_update(&state, random_bytes, sizeof(random_bytes));
    (void)crypto_hash_sha512_final(&state, ret_hash);
    crypto_core_ed25519_scalar_reduce(ret_nonce, ret_hash);
}

/* Makes the call on a fresh stack; true: nothing secret is on it afterwards. */
static bool leaves_nothing(enum call call)
{
    unsigned char *stack = aligned_alloc(PAGE_LEN, STACK_LEN), nonce_hash[64], nonce[32], r[32];
    struct work *work = calloc(1, sizeof(*work));
    bool nothing;

    if (stack == NULL || work == NULL || waves_key_hash_seed(seed, strlen(seed), &work->hashes) != JETON_OK ||
        waves_key_from_seed(seed, strlen(seed), &work->key) != JETON_OK)
        abort();
    work->call = call;
    base58_encode(work->key.scalar, sizeof(work->key.scalar), work->private_key);
    nonce_of(&work->key, nonce_hash, nonce);
    /* Once before, on another stack: where functions are bound at their first call, the dynamic linker puts all
     * registers on the stack then. Shared objects of jeton are bound when they are loaded. */
    CHECK_INT(make_call(work), JETON_OK);
    run_on(stack, work);
    if (call == SIGN && CHECK_INT(crypto_scalarmult_ed25519_base_noclamp(r, nonce), 0))
        CHECK_MEM(work->signature, sizeof(r), r, sizeof(r)); /* it is the nonce that was used */
    nothing = !is_left(stack, seed, 16) && !is_left(stack, work->hashes.blake2b, HALF_LEN) &&
              !is_left(stack, work->hashes.keccak, HALF_LEN) && !is_left(stack, work->hashes.account_seed, HALF_LEN) &&
              !is_left(stack, work->key.scalar, HALF_LEN) && !is_left(stack, work->key.scalar + HALF_LEN, HALF_LEN) &&
              !is_left(stack, nonce_hash, HALF_LEN) && !is_left(stack, nonce, HALF_LEN);
    free(work);
    free(stack);
    return nothing;
}

static void deriving_a_key_leaves_nothing(void)
{
    CHECK_TRUE(leaves_nothing(HASH_SEED));
    CHECK_TRUE(leaves_nothing(FROM_PRIVATE));
    CHECK_TRUE(leaves_nothing(FROM_SEED));
    CHECK_TRUE(leaves_nothing(READ_PRIVATE_KEY));
}

static void signing_leaves_nothing(void)
{
    CHECK_TRUE(leaves_nothing(SIGN));
}

static void what_is_left_is_found(void)
{
    CHECK_TRUE(!leaves_nothing(LEAVE_IT));
}

static const struct check_case cases[] = {
    {"deriving a key leaves nothing of it on the stack", deriving_a_key_leaves_nothing},
    {"signing leaves nothing of the key and the nonce on the stack", signing_leaves_nothing},
    {"what is left is found", what_is_left_is_found},
};

CHECK_MAIN("waves crypto wiped", cases)
