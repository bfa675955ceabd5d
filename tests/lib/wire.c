/* SPDX-License-Identifier: MIT */
/* The scripted server of wire.h: a thread that accepts, a thread a connection. It never closes what the
 * script did not. */
#include "wire.h"
#include "check.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define WIRE_MAX         512u
#define WIRE_REQUEST_MAX (2u * 1024u * 1024u)

struct wire_step {
    unsigned flags;
    int delay_ms;
    char *text;
};

struct wire {
    int listener;
    bool tls, stopping;
    SSL_CTX *ctx;
    char url[64], ca_file[256];
    pthread_t thread;
    pthread_t talkers[WIRE_MAX];
    int sockets[WIRE_MAX];
    unsigned connections, requests, steps_len, steps_at, busy, most_busy;
    struct wire_step steps[WIRE_MAX];
    char *received[WIRE_MAX];
    pthread_mutex_t lock;
};

struct wire_talk {
    struct wire *wire;
    int fd;
    SSL *ssl;
};

static ssize_t wire_read(struct wire_talk *talk, char *data, size_t len)
{
    return talk->ssl != NULL ? SSL_read(talk->ssl, data, (int)len) : recv(talk->fd, data, len, 0);
}

static void wire_write(struct wire_talk *talk, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t done =
            talk->ssl != NULL ? SSL_write(talk->ssl, data, (int)len) : send(talk->fd, data, len, MSG_NOSIGNAL);

        if (done <= 0)
            return;
        data += done;
        len -= (size_t)done;
    }
}

/* Where a request ends: behind its head, and as much as Content-Length says. */
static size_t wire_request_len(const char *text, size_t len)
{
    const char *end = memmem(text, len, "\r\n\r\n", 4);
    size_t body = 0;

    if (end == NULL)
        return SIZE_MAX;
    for (const char *line = text; line < end; line++)
        if ((line == text || line[-1] == '\n') && strncasecmp(line, "content-length:", 15) == 0)
            body = strtoul(line + 15, NULL, 10);
    return (size_t)(end - text) + 4 + body;
}

static struct wire_step wire_take_step(struct wire *wire, const char *request, size_t len)
{
    static const char token[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 43\r\n\r\n"
                                "{\"access_token\":\"default\",\"expires_in\":900}";
    struct wire_step step = {.text = (char *)(uintptr_t)token};

    (void)pthread_mutex_lock(&wire->lock);
    if (wire->requests < WIRE_MAX && request != NULL)
        wire->received[wire->requests] = strndup(request, len);
    wire->requests += request != NULL;
    if (wire->steps_at < wire->steps_len)
        step = wire->steps[wire->steps_at++];
    if (++wire->busy > wire->most_busy)
        wire->most_busy = wire->busy;
    (void)pthread_mutex_unlock(&wire->lock);
    return step;
}

static void wire_reset(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* One request and its answer; false: the connection is over. */
static bool wire_exchange(struct wire_talk *talk, char *buf, size_t *len)
{
    struct wire *wire = talk->wire;
    struct wire_step step;
    size_t whole;

    while ((whole = wire_request_len(buf, *len)) > *len) {
        ssize_t got = *len < WIRE_REQUEST_MAX ? wire_read(talk, buf + *len, WIRE_REQUEST_MAX - *len) : 0;

        if (got <= 0)
            return false;
        *len += (size_t)got;
    }
    step = wire_take_step(wire, buf, whole);
    memmove(buf, buf + whole, *len - whole);
    *len -= whole;
    if (step.delay_ms > 0)
        (void)usleep((useconds_t)step.delay_ms * 1000);
    wire_write(talk, step.text, strlen(step.text));
    if ((step.flags & WIRE_RESET) != 0) {
        wire_reset(talk->fd);
        if (talk->ssl != NULL)
            SSL_set_quiet_shutdown(talk->ssl, 1);
    }
    (void)pthread_mutex_lock(&wire->lock);
    wire->busy--;
    (void)pthread_mutex_unlock(&wire->lock);
    return (step.flags & (WIRE_CLOSE | WIRE_RESET)) == 0;
}

static void *wire_talk_run(void *data)
{
    struct wire_talk *talk = data;
    char *buf = malloc(WIRE_REQUEST_MAX);
    size_t len = 0;

    if (talk->wire->tls) {
        talk->ssl = SSL_new(talk->wire->ctx);
        (void)SSL_set_fd(talk->ssl, talk->fd);
    }
    if (buf != NULL && (talk->ssl == NULL || SSL_accept(talk->ssl) == 1))
        while (wire_exchange(talk, buf, &len))
            continue;
    if (talk->ssl != NULL)
        (void)SSL_shutdown(talk->ssl);
    SSL_free(talk->ssl);
    (void)pthread_mutex_lock(&talk->wire->lock);
    for (unsigned i = 0; i < WIRE_MAX; i++)
        if (talk->wire->sockets[i] == talk->fd)
            talk->wire->sockets[i] = -1;
    (void)close(talk->fd);
    (void)pthread_mutex_unlock(&talk->wire->lock);
    free(buf);
    free(talk);
    return NULL;
}

static void *wire_run(void *data)
{
    struct wire *wire = data;

    for (;;) {
        int fd = accept(wire->listener, NULL, NULL);
        struct wire_talk *talk = calloc(1, sizeof(*talk));
        bool early;

        (void)pthread_mutex_lock(&wire->lock);
        if (fd < 0 || talk == NULL || wire->stopping || wire->connections == WIRE_MAX) {
            (void)pthread_mutex_unlock(&wire->lock);
            free(talk);
            if (fd >= 0)
                (void)close(fd);
            return NULL;
        }
        early = wire->steps_at < wire->steps_len && (wire->steps[wire->steps_at].flags & WIRE_EARLY) != 0;
        wire->steps_at += early;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        *talk = (struct wire_talk){.wire = wire, .fd = fd};
        wire->sockets[wire->connections] = early ? -1 : fd;
        wire->talkers[wire->connections] = 0;
        if (early || pthread_create(&wire->talkers[wire->connections], NULL, wire_talk_run, talk) != 0) {
            (void)close(fd);
            free(talk);
        }
        wire->connections++;
        (void)pthread_mutex_unlock(&wire->lock);
    }
}

static void wire_make_certificate(struct wire *wire)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    FILE *file;

    (void)snprintf(wire->ca_file, sizeof(wire->ca_file), "%s/wire-%d.pem", check_tmpdir(), wire->listener);
    (void)X509_set_version(cert, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(cert), 1 + wire->listener);
    (void)X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"wire", -1, -1, 0);
    (void)X509_set_issuer_name(cert, name);
    (void)X509_set_pubkey(cert, key);
    (void)X509_add_ext(cert, san, -1);
    wire->ctx = SSL_CTX_new(TLS_server_method());
    file = fopen(wire->ca_file, "w");
    if (X509_sign(cert, key, EVP_sha256()) == 0 || wire->ctx == NULL || file == NULL ||
        PEM_write_X509(file, cert) != 1 || SSL_CTX_use_certificate(wire->ctx, cert) != 1 ||
        SSL_CTX_use_PrivateKey(wire->ctx, key) != 1)
        abort();
    (void)fclose(file);
    X509_EXTENSION_free(san);
    X509_free(cert);
    EVP_PKEY_free(key);
}

struct wire *wire_start(bool tls)
{
    struct wire *wire = calloc(1, sizeof(*wire));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    if (wire == NULL)
        abort();
    wire->tls = tls;
    wire->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)pthread_mutex_init(&wire->lock, NULL);
    for (unsigned i = 0; i < WIRE_MAX; i++)
        wire->sockets[i] = -1;
    if (bind(wire->listener, (struct sockaddr *)&address, size) != 0 || listen(wire->listener, 128) != 0 ||
        getsockname(wire->listener, (struct sockaddr *)&address, &size) != 0)
        abort();
    (void)snprintf(wire->url, sizeof(wire->url), "%s://127.0.0.1:%u", tls ? "https" : "http",
                   (unsigned)ntohs(address.sin_port));
    if (tls)
        wire_make_certificate(wire);
    if (pthread_create(&wire->thread, NULL, wire_run, wire) != 0)
        abort();
    return wire;
}

void wire_stop(struct wire **wire)
{
    struct wire *own = *wire;

    (void)pthread_mutex_lock(&own->lock);
    own->stopping = true;
    (void)shutdown(own->listener, SHUT_RDWR);
    for (unsigned i = 0; i < own->connections; i++)
        if (own->sockets[i] >= 0)
            (void)shutdown(own->sockets[i], SHUT_RDWR);
    (void)pthread_mutex_unlock(&own->lock);
    (void)pthread_join(own->thread, NULL);
    for (unsigned i = 0; i < own->connections; i++)
        if (own->talkers[i] != 0)
            (void)pthread_join(own->talkers[i], NULL);
    (void)close(own->listener);
    SSL_CTX_free(own->ctx);
    for (unsigned i = 0; i < WIRE_MAX; i++) {
        free(own->steps[i].text);
        free(own->received[i]);
    }
    (void)pthread_mutex_destroy(&own->lock);
    free(own);
    *wire = NULL;
}

const char *wire_url(const struct wire *wire)
{
    return wire->url;
}

const char *wire_ca_file(const struct wire *wire)
{
    return wire->ca_file;
}

void wire_answer(struct wire *wire, unsigned flags, int delay_ms, const char *text)
{
    (void)pthread_mutex_lock(&wire->lock);
    if (wire->steps_len == WIRE_MAX)
        abort();
    wire->steps[wire->steps_len++] = (struct wire_step){.flags = flags, .delay_ms = delay_ms, .text = strdup(text)};
    (void)pthread_mutex_unlock(&wire->lock);
}

void wire_answer_json(struct wire *wire, const char *status_line, const char *body)
{
    char *text = NULL;

    if (asprintf(&text, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status_line,
                 strlen(body), body) < 0)
        abort();
    wire_answer(wire, 0, 0, text);
    free(text);
}

static unsigned wire_count(struct wire *wire, const unsigned *counter)
{
    unsigned value;

    (void)pthread_mutex_lock(&wire->lock);
    value = *counter;
    (void)pthread_mutex_unlock(&wire->lock);
    return value;
}

unsigned wire_connections(struct wire *wire)
{
    return wire_count(wire, &wire->connections);
}

unsigned wire_requests(struct wire *wire)
{
    return wire_count(wire, &wire->requests);
}

unsigned wire_most_at_once(struct wire *wire)
{
    return wire_count(wire, &wire->most_busy);
}

const char *wire_request(struct wire *wire, unsigned index)
{
    const char *text;

    (void)pthread_mutex_lock(&wire->lock);
    text = index < WIRE_MAX && wire->received[index] != NULL ? wire->received[index] : "";
    (void)pthread_mutex_unlock(&wire->lock);
    return text;
}
