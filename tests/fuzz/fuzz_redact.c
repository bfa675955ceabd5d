/* SPDX-License-Identifier: MIT */
/* Feeds hostile texts to what takes the secrets out of messages. It asserts that no secret comes through, nor the end
 * of one, wherever it stands and whatever stands around it, and that one short line comes out. In the input, byte 1
 * stands for a secret, 2 for the same as it is in a form, 3 for a secret that is one word. */
#include "fuzz.h"
#include "net/flow/flow.h"
#include "net/host/host.h"
#include "net/wire/text.h"

#define PHRASE_TAIL "Tail77zQ" /* in none of the names that take a secret's place */
#define PHRASE      "S3cr+t/V4lue Qx," PHRASE_TAIL
#define ENCODED     "S3cr%2Bt%2FV4lue+Qx%2C" PHRASE_TAIL
#define WORD_TAIL   "Rest88xJ"
#define WORD        "Pl4inW0rd" WORD_TAIL
#define SHOWN       300u

static jeton_step nothing(jeton_flow *flow, const struct jeton_event *event)
{
    (void)event;
    return jt_host.fail(flow, JETON_INTERNAL, NULL, "never called");
}

static const struct jeton_setting no_settings[1];
static const struct jt_plugin plugin = {
    .table = {.struct_size = sizeof(struct jeton_provider), .name = "fuzz", .acquire = nothing},
    .settings = no_settings,
    .parameters = no_settings,
};

static void fill_in(struct jt_buf *text, const char *data, size_t size)
{
    static const char *const secrets[] = {PHRASE, ENCODED, WORD};

    for (size_t i = 0; i < size; i++) {
        if (data[i] >= 1 && data[i] <= 3)
            jt_buf_puts(text, secrets[data[i] - 1]);
        else
            jt_buf_add(text, &data[i], 1);
    }
}

static void redact(struct jt_flow *flow, const struct jt_buf *text, bool shapes)
{
    JT_AUTO_BUF struct jt_buf shown = JT_BUF_INIT(8u * JT_RESPONSE_MAX);
    size_t chars = 0;

    jt_redact_add(&shown, flow, jt_buf_str(text), text->len, SHOWN, shapes);
    FUZZ_CHECK(!shown.failed);
    FUZZ_CHECK(strstr(jt_buf_str(&shown), PHRASE_TAIL) == NULL && strstr(jt_buf_str(&shown), WORD_TAIL) == NULL);
    FUZZ_CHECK(jt_utf8_is_valid(jt_buf_str(&shown), shown.len));
    fuzz_check_line(jt_buf_str(&shown));
    for (size_t i = 0; i < shown.len; i++)
        chars += ((unsigned char)shown.data[i] & 0xc0) != 0x80;
    FUZZ_CHECK(chars <= 2 * SHOWN); /* a name is never cut in two */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JT_AUTO_FIELDS struct jt_fields settings = {0};
    const struct jt_flow_spec spec = {.plugin = &plugin,
                                      .operation = JT_ACQUIRE,
                                      .base_url = "https://as.example",
                                      .settings = &settings,
                                      .deadline_ms = JT_NEVER};
    JT_AUTO_FLOW struct jt_flow *flow = NULL;
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(8u * JT_RESPONSE_MAX);
    char *bytes;

    /* An input that spells the end of a secret by itself says nothing. */
    if (memmem(data, size, PHRASE_TAIL, strlen(PHRASE_TAIL)) != NULL ||
        memmem(data, size, WORD_TAIL, strlen(WORD_TAIL)) != NULL)
        return 0;
    bytes = fuzz_bytes(data, size);
    FUZZ_CHECK(jt_fields_set(&settings, "client_secret", PHRASE, JT_FIELD_SECRET, NULL) == JETON_OK);
    FUZZ_CHECK(jt_fields_set(&settings, "api_key", WORD, JT_FIELD_SECRET, NULL) == JETON_OK);
    FUZZ_CHECK(jt_flow_new(&spec, &flow, NULL) == JETON_OK);
    fill_in(&text, bytes, size);
    redact(flow, &text, false);
    redact(flow, &text, true);
    free(bytes);
    return 0;
}
