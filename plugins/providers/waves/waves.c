/* SPDX-License-Identifier: MIT */
/* Waves.Exchange: logs in with a password that is a signature made with the account's key, and refreshes tokens. Seed
 * and private key stay on this machine. */
#include "base58.h"
#include "waves_key.h"
#include "waves_sign.h"
#include <inttypes.h>
#include <jeton/provider.h>
#include <string.h>
#include <time.h>

#define WEEK_S             604800 /* Waves.Exchange refuses a later end */
#define LIFETIME_DEFAULT_S 604500 /* five minutes less, for a clock that is ahead of theirs */
#define REFRESH_LIFETIME_S 2592000
#define ABSOLUTE_FROM      INT64_C(1000000000) /* expires_in above it is a point in time */

static const struct jeton_host *host;

static const struct jeton_setting settings[] = {
    {.name = "seed",
     .type = JETON_STRING,
     .flags = JETON_SECRET,
     .help = "the account's seed phrase, used byte for byte as given; this or private_key"},
    {.name = "private_key",
     .type = JETON_STRING,
     .flags = JETON_SECRET,
     .help = "the account's private key, 32 bytes in base58; this or seed"},
    {.name = "chain_id",
     .type = JETON_STRING,
     .default_value = "W",
     .help = "one character: W is mainnet, T testnet, S stagenet"},
    {.name = "client_id",
     .type = JETON_STRING,
     .default_value = "waves.exchange",
     .help = "the client that is named in the request and in the signature"},
    {.name = "scope", .type = JETON_LIST, .default_value = "general", .help = "what the token may do"},
    {.name = "token_lifetime",
     .type = JETON_INTEGER,
     .default_value = "604500",
     .minimum = 1,
     .maximum = WEEK_S,
     .help = "seconds that a token lives, at most a week; the default leaves five minutes for a clock that is ahead"},
    {.name = NULL},
};

static const struct jeton_setting parameters[] = {
    {.name = "scope", .type = JETON_LIST, .help = "what this token may do"},
    {.name = NULL},
};

/* What is wrong with a setting; status JETON_OK: nothing. */
struct problem {
    int32_t status;
    const char *setting;
    const char *sentence;
};

static const struct problem no_problem = {JETON_OK, NULL, NULL};

static struct problem wrong_setting(const char *setting, const char *sentence)
{
    return (struct problem){JETON_CONFIG, setting, sentence};
}

static const char *describe_character(jeton_flow *flow, char character)
{
    if (character == ' ')
        return "a space";
    if (character == '\n' || character == '\r')
        return "a line break";
    if (character > 0x20 && character < 0x7f)
        return host->print(flow, "\"%c\"", character);
    return host->print(flow, "the byte 0x%02x", (unsigned)(unsigned char)character);
}

static struct problem read_private_key(jeton_flow *flow, const char *text, unsigned char ret_bytes[WAVES_KEY_LEN])
{
    size_t len = strlen(text), at = 0;
    enum base58_result result = base58_decode(text, len, WAVES_KEY_LEN, ret_bytes, &at);

    if (result == BASE58_OK)
        return no_problem;
    if (result == BASE58_BAD_CHARACTER)
        return wrong_setting("private_key",
                             host->print(flow,
                                         "character %zu of the key is %s, and base58 has only letters and digits, "
                                         "without 0, O, I and l: copy the key again",
                                         at + 1, describe_character(flow, text[at])));
    return wrong_setting("private_key",
                         host->print(flow,
                                     "the key is too %s: the 32 bytes of a private key are 43 or 44 characters in "
                                     "base58, and these %zu stand for %s bytes: copy the key again",
                                     result == BASE58_TOO_LONG ? "long" : "short", len,
                                     result == BASE58_TOO_LONG ? "more" : "fewer"));
}

static struct problem read_key(jeton_flow *flow, struct waves_key *ret_key)
{
    WAVES_AUTO_KEY struct waves_key given = {{0}, {0}};
    const char *seed = host->setting(flow, "seed"), *private_key = host->setting(flow, "private_key");
    const char *setting = seed != NULL ? "seed" : "private_key";
    int status;

    if (seed != NULL && private_key != NULL)
        return wrong_setting("private_key", "seed and private_key are both set: remove one of them");
    if (seed == NULL && private_key == NULL)
        return wrong_setting("seed", "neither seed nor private_key is set: one of them is needed to sign with");
    if (*(seed != NULL ? seed : private_key) == '\0')
        return wrong_setting(setting, "it is empty");
    if (private_key != NULL) {
        struct problem problem = read_private_key(flow, private_key, given.scalar);

        if (problem.status != JETON_OK)
            return problem;
        status = waves_key_from_private(given.scalar, ret_key);
    } else {
        status = waves_key_from_seed(seed, strlen(seed), ret_key);
    }
    if (status != JETON_OK)
        return (struct problem){status, setting, "libsodium cannot derive the account's key on this machine"};
    return no_problem;
}

/* The signed text is "chain:client:end", in which the chain is one byte. */
static struct problem check_chain(jeton_flow *flow)
{
    const char *chain = host->setting(flow, "chain_id");

    if (chain == NULL || strlen(chain) != 1 || *chain <= 0x20 || *chain >= 0x7f)
        return wrong_setting("chain_id", "it must be exactly one ASCII character: W for mainnet, T for testnet");
    return no_problem;
}

static struct problem check_client(jeton_flow *flow)
{
    const char *client = host->setting(flow, "client_id");

    if (client == NULL || *client == '\0')
        return wrong_setting("client_id", "it is empty; leave it out for waves.exchange");
    return no_problem;
}

static struct problem check_scope(jeton_flow *flow)
{
    const char *scope = host->setting(flow, "scope");

    if (scope == NULL || *scope == '\0')
        return wrong_setting("scope", "it is empty; leave it out for general");
    return no_problem;
}

#define PROBLEMS 4

static void check_settings(jeton_flow *flow, struct waves_key *ret_key, struct problem ret_problems[PROBLEMS])
{
    ret_problems[0] = read_key(flow, ret_key);
    ret_problems[1] = check_chain(flow);
    ret_problems[2] = check_client(flow);
    ret_problems[3] = check_scope(flow);
}

static jeton_step check(jeton_flow *flow, const struct jeton_event *event)
{
    WAVES_AUTO_KEY struct waves_key key = {{0}, {0}};
    struct problem problems[PROBLEMS];

    (void)event;
    check_settings(flow, &key, problems);
    for (size_t i = 0; i < PROBLEMS; i++)
        if (problems[i].status != JETON_OK)
            host->complain(flow, problems[i].setting, "%s", problems[i].sentence);
    return JETON_STEP_DONE;
}

static int64_t lifetime_s(jeton_flow *flow)
{
    int64_t lifetime = LIFETIME_DEFAULT_S;

    (void)host->setting_integer(flow, "token_lifetime", &lifetime);
    return lifetime;
}

static void begin(jeton_flow *flow, const char *grant_type)
{
    host->request(flow, "POST", "/v1/oauth2/token");
    host->form(flow, "grant_type", grant_type);
    host->form(flow, "scope", host->param(flow, "scope"));
}

static jeton_step log_in(jeton_flow *flow, const struct waves_key *key)
{
    char username[BASE58_SIZE(WAVES_KEY_LEN)], signature_text[BASE58_SIZE(WAVES_SIGNATURE_LEN)];
    const char *chain = host->setting(flow, "chain_id"), *client = host->setting(flow, "client_id"), *text, *password;
    unsigned char *random = host->scratch(flow, WAVES_RANDOM_LEN), signature[WAVES_SIGNATURE_LEN];
    int64_t end_at = host->now(flow) + lifetime_s(flow);

    if (random == NULL || !host->random(flow, random, WAVES_RANDOM_LEN))
        return host->fail(flow, JETON_TRY_LATER, NULL, "the system gave no random bytes to sign with");
    text = host->print(flow, "%s:%s:%" PRId64, chain, client, end_at);
    if (waves_sign_text(key, random, text, strlen(text), signature) != JETON_OK)
        return host->fail(flow, JETON_INTERNAL, NULL, "libsodium cannot sign with the account's key");
    base58_encode(key->public_key, sizeof(key->public_key), username);
    base58_encode(signature, sizeof(signature), signature_text);
    password = host->print(flow, "%" PRId64 ":%s", end_at, signature_text);
    /* Until it ends, the password is good for a token. Kept values are redacted, also in an answer that repeats
     * them. */
    host->keep(flow, "password", password);
    begin(flow, "password");
    host->form(flow, "username", username);
    host->form(flow, "password", password);
    host->form(flow, "client_id", client);
    return JETON_STEP_SEND;
}

/* Shows the server's clock beside ours, since the server refuses a password that ends over a week ahead of its
 * clock. */
static const char *compare_clocks(jeton_flow *flow)
{
    const char *theirs = host->response_header(flow, "date");
    time_t now = (time_t)host->now(flow);
    char ours[40];
    struct tm tm;

    if (theirs == NULL || gmtime_r(&now, &tm) == NULL || strftime(ours, sizeof(ours), "%Y-%m-%d %H:%M:%S", &tm) == 0)
        return "";
    return host->print(flow, " (%s UTC; theirs said %s)", ours, theirs);
}

enum grant { PASSWORD, REFRESH };

static const char *advice_for(jeton_flow *flow, const struct jeton_event *event, enum grant grant)
{
    const char *error = host->json(flow, "/error");
    size_t body_len = 0;
    int is_page = host->body(flow, &body_len) != NULL && body_len > 0 && host->json_count(flow, "") < 0;

    if (error != NULL && strcmp(error, "invalid_scope") == 0)
        return "look at `scope`: \"general\" is the one that Waves.Exchange documents";
    if (error != NULL && (strcmp(error, "invalid_client") == 0 || strcmp(error, "unauthorized_client") == 0))
        return "look at client_id: \"waves.exchange\" is the one that Waves.Exchange documents";
    if (event->http_status == 404 || (is_page && event->http_status < 500 && event->http_status != 429))
        return "this may not be Waves.Exchange's API: look at base_url";
    if (event->http_status != 400 && event->http_status != 401 && event->http_status != 403)
        return NULL;
    if (grant == REFRESH)
        return "the refresh token is spent or over 30 days old: `jeton acquire` logs in anew, no person is needed";
    return host->print(flow,
                       "look at seed or private_key, at chain_id and client_id, which are signed too, and at this "
                       "machine's clock%s: an end over a week ahead is refused, and a shorter token_lifetime helps",
                       compare_clocks(flow));
}

/* The shape of errors is not documented. Besides RFC 6749's, this handles that of Waves' other services: a `message`,
 * with a number as `error` or with `success` false, possibly with status 200. */
static jeton_step refused(jeton_flow *flow, const struct jeton_event *event, enum grant grant)
{
    const char *error = host->json(flow, "/error"), *message = host->json(flow, "/message");
    const char *success = host->json(flow, "/success"), *advice = advice_for(flow, event, grant);

    if (advice != NULL)
        host->hint(flow, "%s", advice);
    if (event->http_status / 100 != 2 || (message == NULL && (success == NULL || strcmp(success, "false") != 0)))
        return host->token_response(flow);
    return host->fail(flow, JETON_REFUSED, error, "%s%s", error == NULL ? "there is no token in the answer, but: " : "",
                      message != NULL ? message : "success is false");
}

/* By the documentation, expires_in is a point in time; the production server has sent seconds. */
static int64_t read_end(int64_t expires_in, int64_t now)
{
    return expires_in > ABSOLUTE_FROM ? expires_in : now + (expires_in > 0 ? expires_in : 0);
}

/* Sets the end of a new refresh token, a month from now. A refresh token that the answer merely repeats keeps its
 * end. */
static void set_refresh_end(jeton_flow *flow)
{
    const char *refresh_token = host->json(flow, "/refresh_token"), *stored = host->token(flow, "refresh_token");

    if (refresh_token == NULL || *refresh_token == '\0')
        return;
    if (stored != NULL && strcmp(refresh_token, stored) == 0)
        host->set(flow, "refresh_expires_at", host->token(flow, "refresh_expires_at"));
    else
        host->set_integer(flow, "refresh_expires_at", host->now(flow) + REFRESH_LIFETIME_S);
}

static jeton_step answered(jeton_flow *flow, const struct jeton_event *event, enum grant grant)
{
    int64_t expires_in, now = host->now(flow);

    if (event->http_status / 100 != 2 || host->json(flow, "/access_token") == NULL)
        return refused(flow, event, grant);
    if (host->json_integer(flow, "/expires_in", &expires_in)) {
        if (read_end(expires_in, now) <= now) {
            host->hint(flow, "compare this machine's clock%s", compare_clocks(flow));
            return host->fail(flow, JETON_BAD_ANSWER, NULL,
                              "by its expires_in, %" PRId64 ", the token has ended already", expires_in);
        }
        if (expires_in <= ABSOLUTE_FROM) /* else the host reads it: it corrects for the server's clock */
            host->set_expires_in(flow, expires_in);
    } else if (host->json(flow, "/expires_in") == NULL) {
        /* The end that was signed: the production server put it into its tokens as `exp`. */
        host->set_integer(flow, "expires_at", now + lifetime_s(flow));
    }
    set_refresh_end(flow);
    /* RFC 6749 5.1: without a scope in the answer, the requested one was granted. */
    if (host->json(flow, "/scope") == NULL)
        host->set(flow, "scope", host->param(flow, "scope"));
    return host->token_response(flow);
}

static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    WAVES_AUTO_KEY struct waves_key key = {{0}, {0}};
    struct problem problems[PROBLEMS];

    if (event->type == JETON_EVENT_RESPONSE)
        return answered(flow, event, PASSWORD);
    check_settings(flow, &key, problems);
    for (size_t i = 0; i < PROBLEMS; i++)
        if (problems[i].status != JETON_OK)
            return host->fail(flow, problems[i].status, NULL, "%s: %s", problems[i].setting, problems[i].sentence);
    return log_in(flow, &key);
}

static jeton_step refresh(jeton_flow *flow, const struct jeton_event *event)
{
    const char *refresh_token = host->token(flow, "refresh_token");

    if (event->type == JETON_EVENT_RESPONSE)
        return answered(flow, event, REFRESH);
    if (refresh_token == NULL) {
        host->hint(flow, "`jeton acquire` logs in anew, no person is needed");
        return host->fail(flow, JETON_USAGE, NULL, "no refresh token is stored");
    }
    begin(flow, "refresh_token");
    host->form(flow, "refresh_token", refresh_token);
    host->form(flow, "client_id", host->setting(flow, "client_id"));
    return JETON_STEP_SEND;
}

static const struct jeton_provider provider = {
    .struct_size = sizeof(struct jeton_provider),
    .abi_minor = JETON_PROVIDER_ABI_MINOR,
    .setting_size = sizeof(struct jeton_setting),
    .name = "waves",
    .version = "1.0",
    .summary = "Waves.Exchange: tokens for a week by the account's signature",
    .base_url = "https://api.waves.exchange",
    .settings = settings,
    .parameters = parameters,
    .capabilities = JETON_CAP_UNATTENDED,
    .acquire = acquire,
    .refresh = refresh,
    .check = check,
};

const struct jeton_provider *jeton_provider_v1(const struct jeton_host *lent)
{
    host = lent;
    return &provider;
}
