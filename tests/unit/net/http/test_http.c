/* SPDX-License-Identifier: MIT */
/* The rules of an exchange, against a scripted server on loopback: what goes out, over which connections, and what is
 * taken for the answer. */
#include "test_http_help.h"
#include <pthread.h>

static void a_post_goes_out_as_it_was_prepared(void)
{
    struct wire *wire = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/oauth/token?a=b%20c");
    jeton_error *error = NULL;
    const char *seen;

    exchange_post(&x, "grant_type=client_credentials&scope=a+b");
    CHECK_OK(jt_fields_set(&x.request.headers, "Content-Type", "application/x-www-form-urlencoded", 0, &error), &error);
    CHECK_OK(jt_fields_set(&x.request.headers, "X-App-Id", "id 1", 0, &error), &error);
    CHECK_OK(jt_fields_set(&x.request.headers, "X-Empty", "", 0, &error), &error);
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_INT(x.http_status, 200);
    CHECK_STR(x.body, "{\"access_token\":\"default\",\"expires_in\":900}");
    seen = wire_request(wire, 0);
    CHECK_CONTAINS(seen, "POST /oauth/token?a=b%20c HTTP/1.1\r\n");
    CHECK_CONTAINS(seen, "\r\nContent-Type: application/x-www-form-urlencoded\r\n");
    CHECK_CONTAINS(seen, "\r\nX-App-Id: id 1\r\n");
    CHECK_CONTAINS(seen, "\r\nX-Empty:\r\n");
    CHECK_CONTAINS(seen, "\r\nUser-Agent: jeton/" JETON_VERSION "\r\n");
    CHECK_CONTAINS(seen, "\r\nContent-Length: 39\r\n");
    CHECK_CONTAINS(seen, "\r\n\r\ngrant_type=client_credentials&scope=a+b");
    CHECK_TRUE(strstr(seen, "Expect") == NULL && strstr(seen, "Cookie") == NULL &&
               strstr(seen, "Accept-Encoding") == NULL);
    exchange_done(&x);
    wire_stop(&wire);
}

static void an_empty_post_has_length_zero_and_no_type(void)
{
    struct wire *wire = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/api/revoke");
    jeton_error *error = NULL;

    exchange_post(&x, "");
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_CONTAINS(wire_request(wire, 0), "\r\nContent-Length: 0\r\n");
    CHECK_TRUE(strstr(wire_request(wire, 0), "Content-Type") == NULL);
    exchange_done(&x);
    wire_stop(&wire);
}

static void a_large_post_does_not_wait_for_a_100(void)
{
    struct wire *wire = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/");
    char *body = malloc(JT_RESPONSE_MAX + 1);
    jeton_error *error = NULL;

    if (body == NULL)
        abort();
    memset(body, 'x', JT_RESPONSE_MAX);
    body[JT_RESPONSE_MAX] = '\0';
    exchange_post(&x, body);
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_TRUE(strcasestr(wire_request(wire, 0), "\r\nexpect:") == NULL);
    free(body);
    exchange_done(&x);
    wire_stop(&wire);
}

static void methods_follow_each_other_on_one_handle(void)
{
    static const char *const methods[] = {"POST", "GET", "DELETE", "HEAD", "POST", "PUT", "GET"};
    struct wire *wire = wire_start(false);

    for (unsigned i = 0; i < JT_LEN(methods); i++) {
        struct exchange x = exchange_to(wire_url(wire), "/m");
        jeton_error *error = NULL;
        char start[32];

        if (methods[i][0] == 'P')
            exchange_post(&x, "body=1");
        x.request.method = methods[i];
        if (strcmp(methods[i], "HEAD") == 0)
            wire_answer(wire, 0, 0, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        else
            wire_answer_json(wire, "200 OK", "{}");
        CHECK_OK(exchange_run(&x, &error), &error);
        (void)snprintf(start, sizeof(start), "%s /m HTTP/1.1\r\n", methods[i]);
        check_int(strncmp(wire_request(wire, i), start, strlen(start)), 0, methods[i], __FILE__, __LINE__);
        CHECK_INT(strstr(wire_request(wire, i), "body=1") != NULL, methods[i][0] == 'P');
        exchange_done(&x);
    }
    CHECK_INT(wire_connections(wire), 1);
    wire_stop(&wire);
}

static void connections_are_kept_and_once_gets_a_fresh_one(void)
{
    struct wire *wire = wire_start(false);
    jeton_error *error = NULL;

    for (unsigned i = 0; i < 4; i++) {
        struct exchange x = exchange_to(wire_url(wire), "/");

        x.request.once = i == 3;
        CHECK_OK(exchange_run(&x, &error), &error);
        CHECK_INT(wire_connections(wire), i == 3 ? 2 : 1);
        exchange_done(&x);
    }
    wire_stop(&wire);
}

static void hosts_do_not_push_out_each_others_connections(void)
{
    struct wire *one = wire_start(false), *two = wire_start(false);
    jeton_error *error = NULL;

    for (unsigned i = 0; i < 6; i++) {
        struct exchange x = exchange_to(wire_url(i % 2 == 0 ? one : two), "/");

        CHECK_OK(exchange_run(&x, &error), &error);
        exchange_done(&x);
    }
    CHECK_INT(wire_connections(one), 1);
    CHECK_INT(wire_connections(two), 1);
    wire_stop(&one);
    wire_stop(&two);
}

static void what_spends_something_is_never_sent_again_by_itself(void)
{
    struct wire *wire = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/first"), y = exchange_to(wire_url(wire), "/second");
    jeton_error *error = NULL;

    CHECK_OK(exchange_run(&x, &error), &error);
    exchange_post(&y, "code=1");
    y.request.once = true;
    wire_answer(wire, WIRE_RESET, 0, "");
    CHECK_INT(exchange_run(&y, &error), JETON_TRY_LATER);
    CHECK_TRUE(y.sent);
    CHECK_INT(wire_requests(wire), 2);
    jeton_error_free(&error);
    exchange_done(&x);
    exchange_done(&y);
    wire_stop(&wire);
}

static void a_redirect_is_handed_over_and_not_followed(void)
{
    struct wire *wire = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/");
    jeton_error *error = NULL;

    wire_answer(wire, 0, 0, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_INT(x.http_status, 302);
    CHECK_CONTAINS(x.head, "Location: /elsewhere");
    CHECK_INT(wire_requests(wire), 1);
    exchange_done(&x);
    wire_stop(&wire);
}

static void an_interim_response_is_passed_over(void)
{
    struct wire *wire = wire_start(false);
    struct exchange x = exchange_to(wire_url(wire), "/");
    jeton_error *error = NULL;

    wire_answer(
        wire, 0, 0,
        "HTTP/1.1 103 Early Hints\r\nX-Interim: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Final: 1\r\nContent-Length: 2\r\n\r\n{}");
    CHECK_OK(exchange_run(&x, &error), &error);
    CHECK_INT(x.http_status, 200);
    CHECK_CONTAINS(x.head, "X-Final: 1");
    CHECK_TRUE(strstr(x.head, "X-Interim") == NULL);
    exchange_done(&x);
    wire_stop(&wire);
}

static void *many_threads_run(void *base)
{
    for (unsigned i = 0; i < 20; i++) {
        struct exchange x = exchange_to(base, "/");
        jeton_error *error = NULL;

        CHECK_OK(exchange_run(&x, &error), &error);
        exchange_done(&x);
    }
    return NULL;
}

static void threads_share_a_pool(void)
{
    struct wire *wire = wire_start(false);
    pthread_t threads[4];

    for (size_t i = 0; i < JT_LEN(threads); i++)
        if (pthread_create(&threads[i], NULL, many_threads_run, (void *)(uintptr_t)wire_url(wire)) != 0)
            abort();
    for (size_t i = 0; i < JT_LEN(threads); i++)
        (void)pthread_join(threads[i], NULL);
    CHECK_INT(wire_requests(wire), 80);
    CHECK_TRUE(wire_connections(wire) <= 4);
    wire_stop(&wire);
}

static const struct check_case cases[] = {
    {"a POST goes out as it was prepared", a_post_goes_out_as_it_was_prepared},
    {"an empty POST has length zero and no type", an_empty_post_has_length_zero_and_no_type},
    {"a large POST does not wait for a 100", a_large_post_does_not_wait_for_a_100},
    {"methods follow each other on one handle", methods_follow_each_other_on_one_handle},
    {"connections are kept, and once gets a fresh one", connections_are_kept_and_once_gets_a_fresh_one},
    {"hosts do not push out each other's connections", hosts_do_not_push_out_each_others_connections},
    {"what spends something is never sent again by itself", what_spends_something_is_never_sent_again_by_itself},
    {"a redirect is handed over and not followed", a_redirect_is_handed_over_and_not_followed},
    {"an interim response is passed over", an_interim_response_is_passed_over},
    {"threads share a pool", threads_share_a_pool},
};

HTTP_MAIN("http", cases)
