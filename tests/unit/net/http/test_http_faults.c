/* SPDX-License-Identifier: MIT */
/* How the faults of an exchange are named: a network that fails, an answer that is too long or too slow. */
#include "test_http_help.h"

static void faults_of_the_network_are_named(void)
{
    static const struct {
        unsigned flags;
        const char *answer;
        int status;
        const char *part;
    } faults[] = {
        {WIRE_CLOSE, "", JETON_TRY_LATER, "closed the connection without an answer"},
        {WIRE_CLOSE, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"access", JETON_TRY_LATER, "was truncated"},
        {WIRE_CLOSE, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"acc", JETON_TRY_LATER,
         "was truncated"},
        {WIRE_CLOSE, "SSH-2.0-OpenSSH_9.2\r\n", JETON_BAD_ANSWER, "not HTTP"},
        {WIRE_CLOSE, "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n{", JETON_BAD_ANSWER,
         "longer than 1048576 bytes"},
    };

    for (size_t i = 0; i < JT_LEN(faults); i++) {
        struct wire *wire = wire_start(false);

        wire_answer(wire, faults[i].flags, 0, faults[i].answer);
        get_fails(wire_url(wire), NULL, faults[i].status, faults[i].part);
        wire_stop(&wire);
    }
    get_fails("http://127.0.0.1:1", NULL, JETON_TRY_LATER, "cannot connect to 127.0.0.1:1: connection refused");
    get_fails("https://no-such-host.invalid", NULL, JETON_TRY_LATER,
              "cannot resolve the host name of no-such-host.invalid");
}

static void a_body_over_the_cap_is_cut_off(void)
{
    struct wire *wire = wire_start(false);
    size_t len = JT_RESPONSE_MAX + 1;
    char *text = malloc(len + 100);
    int head;

    if (text == NULL)
        abort();
    head = snprintf(text, 100, "HTTP/1.1 200 OK\r\n\r\n"); /* no length: until the end of the connection */
    memset(text + head, 'x', len);
    text[(size_t)head + len] = '\0';
    wire_answer(wire, WIRE_CLOSE, 0, text);
    get_fails(wire_url(wire), NULL, JETON_BAD_ANSWER, "longer than 1048576 bytes");
    free(text);
    wire_stop(&wire);
}

static void headers_over_the_cap_are_cut_off(void)
{
    struct wire *wire = wire_start(false);
    JT_AUTO_BUF struct jt_buf text = JT_BUF_INIT(100000);

    jt_buf_puts(&text, "HTTP/1.1 200 OK\r\n");
    for (unsigned i = 0; i < 700; i++)
        jt_buf_printf(&text, "X-Header-%03u: %090u\r\n", i, i);
    jt_buf_puts(&text, "\r\n{}");
    wire_answer(wire, WIRE_CLOSE, 0, jt_buf_str(&text));
    get_fails(wire_url(wire), NULL, JETON_BAD_ANSWER, "over 65536 bytes of headers");
    wire_stop(&wire);
}

/* These never reach the cap of our own: libcurl has one for a line, and one for everything before the answer. */
static void one_header_that_is_too_long_is_not_a_lack_of_memory(void)
{
    struct wire *wire = wire_start(false);
    JT_AUTO_BUF struct jt_buf line = JT_BUF_INIT(1000000), hundreds = JT_BUF_INIT(1000000);

    jt_buf_puts(&line, "HTTP/1.1 200 OK\r\nX-Long: ");
    for (unsigned i = 0; i < 4000; i++)
        jt_buf_printf(&line, "%0100u", i);
    jt_buf_puts(&line, "\r\n\r\n{}");
    wire_answer(wire, WIRE_CLOSE, 0, jt_buf_str(&line));
    get_fails(wire_url(wire), NULL, JETON_BAD_ANSWER, "over 65536 bytes of headers");
    for (unsigned i = 0; i < 20000; i++)
        jt_buf_puts(&hundreds, "HTTP/1.1 100 Continue\r\n\r\n");
    wire_answer(wire, WIRE_CLOSE, 0, jt_buf_str(&hundreds));
    get_fails(wire_url(wire), NULL, JETON_BAD_ANSWER, "over 65536 bytes of headers");
    wire_stop(&wire);
}

static void a_slow_answer_times_out_and_says_after_what(void)
{
    struct wire *wire = wire_start(false);
    struct jt_http_options options = {.connect_timeout_s = 1, .timeout_s = 1};
    struct exchange x = exchange_to(wire_url(wire), "/");
    jeton_error *error = NULL;
    int64_t before_ms;

    wire_answer(wire, 0, 1500, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    get_fails(wire_url(wire), &options, JETON_TRY_LATER, "timed out after 1 s: 127.0.0.1");
    wire_answer(wire, 0, 700, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    before_ms = jt_boot_ms();
    x.deadline_ms = before_ms + 200;
    CHECK_FAILS(exchange_run(&x, &error), JETON_TRY_LATER, "within the 0.2 s that were left", &error);
    CHECK_TRUE(jt_boot_ms() - before_ms < 600);
    x.deadline_ms = before_ms;
    CHECK_FAILS(exchange_run(&x, &error), JETON_TRY_LATER, "before the request could be sent", &error);
    CHECK_INT(wire_requests(wire), 2);
    exchange_done(&x);
    wire_stop(&wire);
}

static void whether_something_was_sent_is_known(void)
{
    struct wire *wire = wire_start(false);
    struct exchange refused = exchange_to("http://127.0.0.1:1", "/"), closed = exchange_to(wire_url(wire), "/");
    jeton_error *error = NULL;

    refused.sent = true;
    CHECK_INT(exchange_run(&refused, &error), JETON_TRY_LATER);
    CHECK_TRUE(!refused.sent);
    jeton_error_free(&error);
    wire_answer(wire, WIRE_CLOSE, 0, "");
    CHECK_INT(exchange_run(&closed, &error), JETON_TRY_LATER);
    CHECK_TRUE(closed.sent);
    jeton_error_free(&error);
    exchange_done(&refused);
    exchange_done(&closed);
    wire_stop(&wire);
}

static const struct check_case cases[] = {
    {"faults of the network are named", faults_of_the_network_are_named},
    {"a body over the cap is cut off", a_body_over_the_cap_is_cut_off},
    {"headers over the cap are cut off", headers_over_the_cap_are_cut_off},
    {"one header that is too long is not a lack of memory", one_header_that_is_too_long_is_not_a_lack_of_memory},
    {"a slow answer times out and says after what", a_slow_answer_times_out_and_says_after_what},
    {"whether something was sent is known", whether_something_was_sent_is_known},
};

HTTP_MAIN("http_faults", cases)
