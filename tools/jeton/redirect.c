/* SPDX-License-Identifier: MIT */
/* Serves one page at a loopback redirect address. A request with another Host, path or method is refused, and a silent
 * connection is soon given up. */
#include "redirect.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define REDIRECT_HEAD_MAX 16384u

void jt_redirect_close(struct jt_redirect *redirect)
{
    if (redirect->fd >= 0)
        (void)close(redirect->fd);
    redirect->fd = -1;
}

/* Parses the text after "http://": the address family, by the host, and the port. */
static int redirect_parse(const char *authority, size_t len, int *ret_family, uint16_t *ret_port)
{
    static const struct {
        const char *host;
        int family;
    } hosts[] = {{"127.0.0.1", AF_INET}, {"localhost", AF_INET}, {"[::1]", AF_INET6}};

    for (size_t i = 0; i < JT_LEN(hosts); i++) {
        size_t host_len = strlen(hosts[i].host);
        unsigned long port = 80;
        char *end = NULL;

        if (len < host_len || strncasecmp(authority, hosts[i].host, host_len) != 0)
            continue;
        if (len > host_len && (authority[host_len] != ':' || len == host_len + 1 || authority[host_len + 1] < '0' ||
                               authority[host_len + 1] > '9'))
            continue;
        if (len > host_len) {
            port = strtoul(authority + host_len + 1, &end, 10);
            if (end != authority + len || port == 0 || port > UINT16_MAX)
                continue;
        }
        *ret_family = hosts[i].family;
        *ret_port = (uint16_t)port;
        return 0;
    }
    errno = EAFNOSUPPORT;
    return -1;
}

static int redirect_bind(int fd, int family, uint16_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int on = 1;

    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (family == AF_INET ? bind(fd, (const struct sockaddr *)&v4, sizeof(v4)) != 0
                          : bind(fd, (const struct sockaddr *)&v6, sizeof(v6)) != 0)
        return -1;
    return listen(fd, 8);
}

int jt_redirect_listen(const char *uri, struct jt_redirect *ret_redirect)
{
    struct jt_redirect redirect JT_AUTO_REDIRECT = JT_REDIRECT_INIT;
    const char *authority = uri + strlen("http://"), *path;
    int family = AF_UNSPEC;
    uint16_t port = 0;
    size_t len, path_len;

    if (strncasecmp(uri, "http://", strlen("http://")) != 0 || strpbrk(uri, "#@") != NULL) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    len = strcspn(authority, "/?");
    path = authority[len] == '/' ? authority + len : "/";
    path_len =
        strcspn(path, "?"); /* a query of the registered address comes back together with the provider's answer */
    if (redirect_parse(authority, len, &family, &port) != 0)
        return -1;
    if (len >= sizeof(redirect.host) || path_len >= sizeof(redirect.path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(redirect.host, authority, len);
    memcpy(redirect.path, path, path_len);
    redirect.fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (redirect.fd < 0 || redirect_bind(redirect.fd, family, port) != 0)
        return -1;
    *ret_redirect = redirect;
    redirect.fd = -1;
    return 0;
}

/* Reads the request's head up to the empty line. Returns its length, or 0. */
static size_t redirect_read(int fd, char *head, size_t head_size)
{
    struct timeval patience = {.tv_sec = 1};
    size_t len = 0;

    /* Browsers open connections in advance and send nothing on them. */
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    while (len + 1 < head_size) {
        ssize_t got = recv(fd, head + len, head_size - 1 - len, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return 0;
        len += (size_t)got;
        head[len] = '\0';
        if (strlen(head) < len)
            return 0;
        if (strstr(head, "\r\n\r\n") != NULL)
            return len;
    }
    return 0;
}

/* Checks the Host header: in a DNS rebinding attack, a page's own host name leads to this address, and the browser
 * sends that name. */
static bool redirect_is_ours(const struct jt_redirect *redirect, const char *head)
{
    const char *line = strcasestr(head, "\r\nhost:");
    size_t len = strlen(redirect->host);

    if (line == NULL)
        return false;
    line += strlen("\r\nhost:");
    line += strspn(line, " \t");
    return strncasecmp(line, redirect->host, len) == 0 && strcspn(line, " \t\r") == len;
}

static void redirect_reply(int fd, const char *status, const char *sentence)
{
    char reply[1024];
    int len = snprintf(reply, sizeof(reply),
                       "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
                       "Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
                       "<!DOCTYPE html><title>jeton</title><p>%s</p>\n",
                       status, sentence);

    /* It does not matter whether the browser reads the reply. */
    (void)send(fd, reply, (size_t)len, MSG_NOSIGNAL);
    (void)shutdown(fd, SHUT_WR);
}

static void redirect_close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static void redirect_wipe(char **head)
{
    if (*head != NULL)
        explicit_bzero(*head, REDIRECT_HEAD_MAX);
    free(*head);
}

int jt_redirect_accept(const struct jt_redirect *redirect, char *answer, size_t answer_size)
{
    int fd JT_CLEANUP(redirect_close_fd) = accept4(redirect->fd, NULL, NULL, SOCK_CLOEXEC);
    char *head JT_CLEANUP(redirect_wipe) = calloc(1, REDIRECT_HEAD_MAX);
    size_t path_len = strlen(redirect->path), target_len;
    const char *target;
    int len;

    if (fd < 0 || head == NULL || redirect_read(fd, head, REDIRECT_HEAD_MAX) == 0)
        return 0;
    target = head + strlen("GET ");
    target_len = strcspn(target, " \r\n");
    if (strncmp(head, "GET ", strlen("GET ")) != 0 || !redirect_is_ours(redirect, head) || target_len <= path_len + 1 ||
        strncmp(target, redirect->path, path_len) != 0 || target[path_len] != '?') {
        redirect_reply(fd, "404 Not Found", "There is nothing here.");
        return 0;
    }
    len = snprintf(answer, answer_size, "http://%s%.*s", redirect->host, (int)target_len, target);
    if (len < 0 || (size_t)len >= answer_size) {
        explicit_bzero(answer, answer_size);
        redirect_reply(fd, "414 URI Too Long", "The provider's answer is too long for jeton.");
        return 0;
    }
    redirect_reply(fd, "200 OK", "jeton has the answer. You can close this window and go back to the terminal.");
    return 1;
}
