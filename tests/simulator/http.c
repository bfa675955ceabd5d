/* SPDX-License-Identifier: MIT */
/* Owns the sockets: libmicrohttpd daemons, reading requests whole, sending answers.
   It never looks into a request beyond its framing. */
#include "http.h"

#include "clock.h"
#include "delay.h"
#include "text.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTION_MEMORY ((size_t)128 << 10) /* request line and headers; more is a 431 */
#define CONNECTIONS_MAX   4096
#define IDLE_TIMEOUT_S    120

struct http_server {
    struct MHD_Daemon *daemon;
    void (*dispatch)(struct request *request, struct answer *answer);
    bool tls;
};

struct exchange {
    struct request *request; /* until it is dispatched */
    struct answer answer;
    size_t body_room;
    bool headers_read;
    bool answered; /* the answer is ready, and was delayed */
};

static atomic_uint_fast64_t last_connection;

static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct exchange *exchange = text_alloc(sizeof(*exchange));

    (void)cls;
    (void)connection;
    exchange->request = request_new(target);
    return exchange;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode how)
{
    struct exchange *exchange = *state;

    (void)cls;
    (void)connection;
    (void)how;
    if (!exchange)
        return;
    request_free(exchange->request);
    answer_clear(&exchange->answer);
    free(exchange);
    *state = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **socket_state,
                          enum MHD_ConnectionNotificationCode how)
{
    (void)cls;
    if (how != MHD_CONNECTION_NOTIFY_STARTED)
        return;

    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int on = 1;

    if (info)
        setsockopt(info->connect_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    *socket_state = (void *)(uintptr_t)(atomic_fetch_add(&last_connection, 1) + 1);
}

static enum MHD_Result take_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct request *request = cls;

    (void)kind;
    fields_add(&request->headers, name, value);
    return MHD_YES;
}

static void read_headers(struct http_server *server, struct MHD_Connection *connection, const char *method,
                         struct request *request)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    request->method = text_copy(method);
    request->tls = server->tls;
    request->connection = info ? (uint64_t)(uintptr_t)info->socket_context : 0;
    request->at_ms = clock_real_ms();
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, request);
}

/* Past the limit the body is read and dropped: the client shall see the answer, not a reset. */
static void read_body(struct exchange *exchange, const char *data, size_t len)
{
    struct request *request = exchange->request;

    if (request->too_large)
        return;
    if (request->body_len + len > REQUEST_BODY_MAX) {
        free(request->body);
        request->body = NULL;
        request->body_len = 0;
        request->too_large = true;
        return;
    }
    if (request->body_len + len > exchange->body_room) {
        size_t room = (request->body_len + len) * 2;
        char *grown = text_alloc(room + 1);

        if (request->body_len)
            memcpy(grown, request->body, request->body_len);
        free(request->body);
        request->body = grown;
        exchange->body_room = room;
    }
    memcpy(request->body + request->body_len, data, len);
    request->body_len += len;
}

struct half_body {
    size_t len;
    char bytes[];
};

static ssize_t read_half(void *cls, uint64_t pos, char *out, size_t max)
{
    const struct half_body *half = cls;

    if (pos >= half->len)
        return MHD_CONTENT_READER_END_WITH_ERROR;

    size_t left = half->len - (size_t)pos;
    size_t part = left < max ? left : max;

    memcpy(out, half->bytes + pos, part);
    return (ssize_t)part;
}

static struct MHD_Response *make_response(struct answer *answer)
{
    struct MHD_Response *response;

    if (answer->delivery == DELIVER_HALF) {
        struct half_body *half = text_alloc(sizeof(*half) + answer->body_len);

        half->len = answer->body_len / 2;
        if (half->len)
            memcpy(half->bytes, answer->body, half->len);
        /* An empty body has no half; announcing one byte more keeps the answer broken. */
        return MHD_create_response_from_callback(answer->body_len ? answer->body_len : 1, 16384, read_half, half, free);
    }
    response = MHD_create_response_from_buffer(answer->body_len, answer->body, MHD_RESPMEM_MUST_FREE);
    if (response)
        answer->body = NULL;
    return response;
}

/* By the simulator's clock, whose hour the provider believes it to be. */
static void add_date(struct MHD_Response *response)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = (time_t)clock_now();
    char date[64];
    struct tm tm;

    if (!gmtime_r(&now, &tm))
        return;
    snprintf(date, sizeof(date), "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
             tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    MHD_add_response_header(response, MHD_HTTP_HEADER_DATE, date);
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct answer *answer)
{
    struct MHD_Response *response;
    enum MHD_Result result;

    if (answer->delivery == DELIVER_NOTHING)
        return MHD_NO;
    response = make_response(answer);
    if (!response)
        return MHD_NO;
    for (size_t i = 0; i < answer->header_count; i++)
        MHD_add_response_header(response, answer->headers[i].name, answer->headers[i].value);
    add_date(response);
    result = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *data_len, void **state)
{
    struct http_server *server = cls;
    struct exchange *exchange = *state;

    (void)url;
    (void)version;
    if (!exchange->headers_read) {
        exchange->headers_read = true;
        read_headers(server, connection, method, exchange->request);
        return MHD_YES;
    }
    if (*data_len) {
        read_body(exchange, data, *data_len);
        *data_len = 0;
        return MHD_YES;
    }
    if (exchange->answered)
        return send_answer(connection, &exchange->answer);

    struct request *request = exchange->request;

    exchange->request = NULL;
    exchange->answered = true;
    server->dispatch(request, &exchange->answer);
    if (exchange->answer.delay_ms) {
        delay_connection(connection, exchange->answer.delay_ms);
        return MHD_YES;
    }
    return send_answer(connection, &exchange->answer);
}

static int listen_on(unsigned short port, unsigned short *ret_port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t len = sizeof(address);
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, SOMAXCONN) ||
        getsockname(fd, (struct sockaddr *)&address, &len)) {
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }
    *ret_port = ntohs(address.sin_port);
    return fd;
}

struct http_server *http_start(const struct http_options *options, unsigned short *ret_port)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
    struct MHD_OptionItem items[4] = {{MHD_OPTION_END, 0, NULL}};
    size_t used = 0;
    unsigned short port = 0;
    int fd = listen_on(options->port, &port);

    if (fd < 0)
        return NULL;
    if (options->tls_key_pem) {
        flags |= MHD_USE_TLS;
        items[used++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->tls_key_pem};
        items[used++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->tls_certificate_pem};
    }
    if (options->threads > 1)
        items[used++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)options->threads, NULL};
    items[used] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};

    struct http_server *server = text_alloc(sizeof(*server));

    server->dispatch = options->dispatch;
    server->tls = options->tls_key_pem != NULL;
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL, MHD_OPTION_ARRAY, items, MHD_OPTION_END);
    if (!server->daemon) {
        close(fd);
        free(server);
        errno = EIO;
        return NULL;
    }
    *ret_port = port;
    return server;
}

void http_stop(struct http_server *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->daemon);
    free(server);
}
