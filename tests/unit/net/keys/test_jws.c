/* SPDX-License-Identifier: MIT */
/* Signed tokens: the recorded assertions byte for byte, every algorithm verified, and keys that do not fit. */
#include "net/keys/jws.h"
#include "net/keys/key.h"
#include "net/wire/text.h"
#include "test_keys_help.h"
#include "tests/lib/probe.h"
#include <openssl/ec.h>
#include <openssl/rsa.h>

static const struct jeton_host *const host = &jt_host;
static void (*sign)(jeton_flow *flow);
static char signed_text[8192];

static jeton_step acquire(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    signed_text[0] = '\0';
    sign(flow);
    host->set(flow, "access_token", "t");
    return JETON_STEP_DONE;
}

/* Signs with this key; NULL passphrase: none is set. */
static struct drive *signing(const char *key, const char *passphrase, void (*wanted)(jeton_flow *))
{
    struct drive *d = probe_new(acquire);

    sign = wanted;
    drive_setting(d, "private_key", key);
    drive_setting(d, "private_key_passphrase", passphrase);
    drive_setting(d, "client_secret", "your-256-bit-secret");
    (void)drive_start(d, JT_ACQUIRE);
    return d;
}

static void keep_signed(const char *jwt)
{
    (void)snprintf(signed_text, sizeof(signed_text), "%s", jwt != NULL ? jwt : "(none)");
}

static void claims_of_line(jeton_flow *flow)
{
    host->jwt(flow, "RS256");
    host->jwt_header(flow, "kid", "536e453c-aa93-4449-8e90-add2608783c6");
    host->jwt_claim(flow, "iss", "1234567890");
    host->jwt_claim(flow, "sub", "1234567890");
    host->jwt_claim(flow, "nothing", NULL);
    host->jwt_claim(flow, "aud", "https://api.line.me/");
    host->jwt_claim_integer(flow, "exp", 1559702522);
}

static void signs_line_v2_1(jeton_flow *flow)
{
    claims_of_line(flow);
    host->jwt_claim_integer(flow, "token_exp", 86400);
    keep_signed(host->jwt_sign(flow, "private_key"));
}

static void signs_line_stateless(jeton_flow *flow)
{
    claims_of_line(flow);
    keep_signed(host->jwt_sign(flow, "private_key"));
}

static void line_assertions_are_reproduced_byte_for_byte(void)
{
    const char *pem = drive_vector_text("line-jwt.v2_1", "/private_key_pem"),
               *jwk = drive_vector_text("line-jwt.v2_1", "/private_jwk");
    struct drive *d;

    d = signing(pem, NULL, signs_line_v2_1);
    CHECK_STR(signed_text, drive_vector_text("line-jwt.v2_1", "/jwt"));
    drive_free(&d);
    d = signing(jwk, NULL, signs_line_v2_1);
    CHECK_STR(signed_text, drive_vector_text("line-jwt.v2_1", "/jwt"));
    drive_free(&d);
    d = signing(pem, NULL, signs_line_stateless);
    CHECK_STR(signed_text, drive_vector_text("line-jwt.stateless", "/jwt"));
    drive_free(&d);
}

static const char *wanted_alg;

static void signs_with_wanted_alg(jeton_flow *flow)
{
    host->jwt(flow, wanted_alg);
    host->jwt_header(flow, "typ", "client-authentication+jwt");
    host->jwt_claim(flow, "aud", "https://one/");
    host->jwt_claim(flow, "aud", "https://two/");
    host->jwt_claim(flow, "aud", "three \"3\"");
    keep_signed(host->jwt_sign(flow, strcmp(wanted_alg, "HS256") == 0 ? "client_secret" : "private_key"));
}

static void decode_part(const char *part, size_t len, struct jt_buf *buf)
{
    CHECK_TRUE(jt_text_decode_base64url(part, len, buf));
}

static void headers_and_audiences_are_as_rfc_7519_has_them(void)
{
    JT_AUTO_BUF struct jt_buf head = JT_BUF_INIT(1000), claims = JT_BUF_INIT(1000);
    struct drive *d;
    const char *dot;

    wanted_alg = "HS256";
    d = signing(NULL, NULL, signs_with_wanted_alg);
    dot = strchr(signed_text, '.');
    CHECK_TRUE(dot != NULL);
    if (dot != NULL) {
        decode_part(signed_text, (size_t)(dot - signed_text), &head);
        decode_part(dot + 1, strcspn(dot + 1, "."), &claims);
        CHECK_STR(jt_buf_str(&head), "{\"alg\":\"HS256\",\"typ\":\"client-authentication+jwt\"}");
        CHECK_STR(jt_buf_str(&claims), "{\"aud\":[\"https://one/\",\"https://two/\",\"three \\\"3\\\"\"]}");
    }
    drive_free(&d);
}

static void signs_the_famous_one(jeton_flow *flow)
{
    host->jwt(flow, "HS256");
    host->jwt_claim(flow, "sub", "1234567890");
    host->jwt_claim(flow, "name", "John Doe");
    host->jwt_claim_integer(flow, "iat", 1516239022);
    keep_signed(host->jwt_sign(flow, "client_secret"));
}

static void hs256_gives_the_example_that_everybody_knows(void)
{
    struct drive *d = signing(NULL, NULL, signs_the_famous_one);

    CHECK_STR(signed_text, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                           "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
                           "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c");
    drive_free(&d);
}

/* Verifies signed_text with OpenSSL, taking the raw ECDSA form back to DER. */
static bool verifies(EVP_PKEY *key, const char *alg)
{
    JT_AUTO_BUF struct jt_buf signature = JT_BUF_INIT(4096);
    const char *last = strrchr(signed_text, '.');
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_ctx;
    unsigned char *der = NULL;
    int der_len = 0;
    bool good;

    if (last == NULL || !jt_text_decode_base64url(last + 1, strlen(last + 1), &signature))
        abort();
    if (strcmp(alg, "ES256") == 0) {
        ECDSA_SIG *pair = ECDSA_SIG_new();

        CHECK_INT(signature.len, 64);
        (void)ECDSA_SIG_set0(pair, BN_bin2bn((unsigned char *)signature.data, 32, NULL),
                             BN_bin2bn((unsigned char *)signature.data + 32, 32, NULL));
        der_len = i2d_ECDSA_SIG(pair, &der);
        ECDSA_SIG_free(pair);
    }
    good = EVP_DigestVerifyInit(ctx, &key_ctx, strcmp(alg, "EdDSA") == 0 ? NULL : EVP_sha256(), NULL, key) == 1;
    if (good && strcmp(alg, "PS256") == 0)
        good = EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, 32) == 1;
    good = good && EVP_DigestVerify(ctx, der != NULL ? der : (unsigned char *)signature.data,
                                    der != NULL ? (size_t)der_len : signature.len, (const unsigned char *)signed_text,
                                    (size_t)(last - signed_text)) == 1;
    OPENSSL_free(der);
    EVP_MD_CTX_free(ctx);
    return good;
}

static void every_algorithm_signs_what_verifies(void)
{
    EVP_PKEY *rsa = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-256"), *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    const struct {
        const char *alg;
        EVP_PKEY *key;
        const char *passphrase;
        bool traditional;
    } cases_[] = {
        {"RS256", rsa, NULL, false},         {"RS256", rsa, NULL, true},          {"PS256", rsa, NULL, false},
        {"ES256", ec, NULL, false},          {"ES256", ec, NULL, true},           {"EdDSA", ed, NULL, false},
        {"ES256", ec, "open sesame", false}, {"RS256", rsa, "open sesame", true}, {"ES256", ec, "open sesame", true},
    };

    /* Many rounds of ES256: a number with a leading zero must still fill its 32 bytes. */
    for (size_t i = 0; i < JT_LEN(cases_) + 300; i++) {
        size_t at = i < JT_LEN(cases_) ? i : 3;
        char *pem = pem_of(cases_[at].key, cases_[at].passphrase, cases_[at].traditional);
        struct drive *d;

        wanted_alg = cases_[at].alg;
        d = signing(pem, cases_[at].passphrase, signs_with_wanted_alg);
        if (drive_error(d) != NULL)
            CHECK_STR(jeton_error_message(drive_error(d)), "a signature");
        else
            CHECK_TRUE(verifies(cases_[at].key, wanted_alg));
        drive_free(&d);
        free(pem);
    }
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(ed);
}

static void rfc_8037_appendix_a_an_okp_key_is_read(void)
{
    static const char jwk[] =
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
        "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
    JT_AUTO_BUF struct jt_buf signature = JT_BUF_INIT(1000), text = JT_BUF_INIT(1000);
    JT_AUTO_KEY EVP_PKEY *key = NULL;
    jeton_error *error = NULL;

    CHECK_OK(jt_key_parse(jwk, sizeof(jwk) - 1, NULL, &key, &error), &error);
    /* A.4: the signing input and the signature of the RFC */
    CHECK_OK(
        jt_jws_sign("EdDSA", key, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", 56, &signature, &error),
        &error);
    jt_text_add_base64url(&text, signature.data, signature.len);
    CHECK_STR(jt_buf_str(&text),
              "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

static void rfc_7515_appendix_a_3_an_ec_key_is_read(void)
{
    static const char jwk[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                              "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
                              "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}";
    JT_AUTO_KEY EVP_PKEY *key = NULL;
    jeton_error *error = NULL;
    struct drive *d;

    CHECK_OK(jt_key_parse(jwk, sizeof(jwk) - 1, NULL, &key, &error), &error);
    CHECK_OK(jt_key_check(jwk, sizeof(jwk) - 1, NULL, NULL, &error), &error);
    wanted_alg = "ES256";
    d = signing(jwk, NULL, signs_with_wanted_alg);
    CHECK_TRUE(verifies(key, "ES256"));
    drive_free(&d);
}

static void a_key_of_another_kind_is_refused_when_it_signs(void)
{
    static const char *const algs[] = {"ES256", "EdDSA"};

    for (size_t i = 0; i < JT_LEN(algs); i++) {
        struct drive *d;

        wanted_alg = algs[i];
        d = signing(drive_vector_text("line-jwt.v2_1", "/private_key_pem"), NULL, signs_with_wanted_alg);
        CHECK_INT(jeton_error_status(drive_error(d)), JETON_CONFIG);
        CHECK_CONTAINS(jeton_error_message(drive_error(d)), "probe: the setting private_key is not a key for");
        drive_free(&d);
    }
}

static void signs_with_unknown_alg(jeton_flow *flow)
{
    host->jwt(flow, "none");
    host->jwt_claim(flow, "a", "b");
    CHECK_STR(host->jwt_sign(flow, "private_key"), NULL);
}

static void signs_a_claim_twice(jeton_flow *flow)
{
    host->jwt(flow, "HS256");
    host->jwt_claim(flow, "iss", "a");
    host->jwt_claim(flow, "iss", "b");
}

static void signs_before_jwt(jeton_flow *flow)
{
    host->jwt_claim(flow, "iss", "a");
}

static void overrides_alg(jeton_flow *flow)
{
    host->jwt(flow, "HS256");
    host->jwt_header(flow, "alg", "none");
}

static void misuse_of_the_builder_breaks_the_contract(void)
{
    static const struct {
        void (*misuse)(jeton_flow *);
        const char *part;
    } cases_[] = {{signs_with_unknown_alg, "a JWT signed with \"none\""},
                  {signs_a_claim_twice, "the claim \"iss\" of a JWT twice"},
                  {signs_before_jwt, "it calls jwt_claim before jwt"},
                  {overrides_alg, "the header \"alg\""}};

    for (size_t i = 0; i < JT_LEN(cases_); i++) {
        struct drive *d = signing(NULL, NULL, cases_[i].misuse);

        CHECK_INT(jeton_error_status(drive_error(d)), JETON_INTERNAL);
        CHECK_CONTAINS(jeton_error_message(drive_error(d)), cases_[i].part);
        drive_free(&d);
    }
}

static void a_missing_key_is_the_configurations_fault(void)
{
    struct drive *d = signing(NULL, NULL, signs_line_v2_1);

    CHECK_INT(jeton_error_status(drive_error(d)), JETON_CONFIG);
    CHECK_CONTAINS(jeton_error_message(drive_error(d)), "the setting private_key is missing");
    drive_free(&d);
}

static const struct check_case cases[] = {
    {"LINE's assertions are reproduced byte for byte", line_assertions_are_reproduced_byte_for_byte},
    {"RFC 7519 4.1.3: headers and audiences are as the RFC has them", headers_and_audiences_are_as_rfc_7519_has_them},
    {"HS256 gives the example that everybody knows", hs256_gives_the_example_that_everybody_knows},
    {"every algorithm signs what verifies", every_algorithm_signs_what_verifies},
    {"RFC 8037 appendix A: an OKP key is read, and signs as there", rfc_8037_appendix_a_an_okp_key_is_read},
    {"RFC 7515 appendix A.3: an EC key is read", rfc_7515_appendix_a_3_an_ec_key_is_read},
    {"a key of another kind is refused when it signs", a_key_of_another_kind_is_refused_when_it_signs},
    {"misuse of the builder breaks the contract", misuse_of_the_builder_breaks_the_contract},
    {"a missing key is the configuration's fault", a_missing_key_is_the_configurations_fault},
};

CHECK_MAIN("jws", cases)
