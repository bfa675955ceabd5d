/* SPDX-License-Identifier: MIT */
/* Owns the program: options, start, the READY line, the end.
   It never serves a request itself. */
#include "certificate.h"
#include "delay.h"
#include "http.h"
#include "server.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define EXIT_USAGE    64
#define EXIT_SOFTWARE 70
#define EXIT_OS       71

#define THREADS_MAX 64

struct options {
    unsigned short port, tls_port, control_port;
    unsigned threads;
    const char *certificate;
    bool until_eof;
    bool die_with_parent;
};

static const char usage[] = "usage: jeton-simulator [options]\n"
                            "Plays the providers of jeton on 127.0.0.1, with memory.\n"
                            "\n"
                            "  --port P              HTTP port (0, the default: any free one)\n"
                            "  --tls-port P          HTTPS port\n"
                            "  --control-port P      control port, plain HTTP\n"
                            "  --certificate FILE    write the HTTPS certificate there, as PEM\n"
                            "  --threads N           threads for each of HTTP and HTTPS (default 4)\n"
                            "  --until-eof           end when standard input is closed\n"
                            "  --die-with-parent     end when the parent process ends\n"
                            "  --help                this text\n"
                            "\n"
                            "Prints \"READY http=PORT https=PORT control=PORT\" when everything listens.\n"
                            "Ends with status 0 on SIGTERM or SIGINT.\n";

static unsigned read_number(const char *option, const char *text, unsigned min, unsigned max)
{
    char *end;
    unsigned long number;

    errno = 0;
    number = strtoul(text, &end, 10);
    if (errno || *text < '0' || *text > '9' || *end || number < min || number > max) {
        fprintf(stderr, "jeton-simulator: --%s takes a number from %u to %u, not \"%s\"\n", option, min, max, text);
        exit(EXIT_USAGE);
    }
    return (unsigned)number;
}

static void read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"port", required_argument, NULL, 'p'},
        {"tls-port", required_argument, NULL, 't'},
        {"control-port", required_argument, NULL, 'c'},
        {"certificate", required_argument, NULL, 'f'},
        {"threads", required_argument, NULL, 'n'},
        {"until-eof", no_argument, NULL, 'e'},
        {"die-with-parent", no_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int which;

    while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (which) {
        case 'p':
            options->port = (unsigned short)read_number("port", optarg, 0, 65535);
            break;
        case 't':
            options->tls_port = (unsigned short)read_number("tls-port", optarg, 0, 65535);
            break;
        case 'c':
            options->control_port = (unsigned short)read_number("control-port", optarg, 0, 65535);
            break;
        case 'f':
            options->certificate = optarg;
            break;
        case 'n':
            options->threads = read_number("threads", optarg, 1, THREADS_MAX);
            break;
        case 'e':
            options->until_eof = true;
            break;
        case 'd':
            options->die_with_parent = true;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            fputs(usage, stderr);
            exit(EXIT_USAGE);
        }
    }
    if (optind != argc) {
        fprintf(stderr, "jeton-simulator: unexpected argument \"%s\"\n", argv[optind]);
        exit(EXIT_USAGE);
    }
}

/* The parent may be gone before the kernel was told to watch it. */
static void follow_parent(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        exit(0);
}

/* Many kept connections at once are what benchmarks do. */
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Blocked before the first thread starts, so that only the descriptor receives them. */
static int catch_signals(void)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static void wait_for_end(int signals, bool until_eof)
{
    struct pollfd sources[2] = {
        {.fd = signals, .events = POLLIN},
        {.fd = until_eof ? STDIN_FILENO : -1, .events = POLLIN},
    };
    char drain[256];

    for (;;) {
        if (poll(sources, 2, -1) < 0 && errno != EINTR)
            return;
        if (sources[0].revents)
            return;
        if (sources[1].revents && read(STDIN_FILENO, drain, sizeof(drain)) <= 0)
            return;
    }
}

static struct http_server *start(const char *what, const struct http_options *options, unsigned short *ret_port)
{
    struct http_server *server = http_start(options, ret_port);

    if (!server) {
        fprintf(stderr, "jeton-simulator: cannot listen for %s on 127.0.0.1:%u: %s\n", what, options->port,
                strerror(errno));
        exit(EXIT_OS);
    }
    return server;
}

int main(int argc, char **argv)
{
    pid_t parent = getppid();
    struct options options = {.threads = 4};
    char *key = NULL, *certificate = NULL;
    unsigned short port, tls_port, control_port;
    int signals;

    read_options(argc, argv, &options);
    if (options.die_with_parent)
        follow_parent(parent);
    raise_file_limit();
    signals = catch_signals();
    server_reset();
    if (certificate_make(&key, &certificate)) {
        fputs("jeton-simulator: cannot make a certificate\n", stderr);
        return EXIT_SOFTWARE;
    }
    if (options.certificate && certificate_write(options.certificate, certificate)) {
        fprintf(stderr, "jeton-simulator: cannot write %s: %s\n", options.certificate, strerror(errno));
        return EXIT_OS;
    }
    if (signals < 0 || delay_start()) {
        fputs("jeton-simulator: cannot start\n", stderr);
        return EXIT_OS;
    }

    struct http_server *plain = start(
        "HTTP", &(struct http_options){.port = options.port, .threads = options.threads, .dispatch = server_dispatch},
        &port);
    struct http_server *tls = start("HTTPS",
                                    &(struct http_options){.port = options.tls_port,
                                                           .threads = options.threads,
                                                           .tls_key_pem = key,
                                                           .tls_certificate_pem = certificate,
                                                           .dispatch = server_dispatch},
                                    &tls_port);
    struct http_server *control = start(
        "control", &(struct http_options){.port = options.control_port, .threads = 1, .dispatch = control_dispatch},
        &control_port);

    printf("READY http=%u https=%u control=%u\n", port, tls_port, control_port);
    fflush(stdout);
    wait_for_end(signals, options.until_eof);

    delay_stop();
    http_stop(control);
    http_stop(tls);
    http_stop(plain);
    close(signals);
    server_free();
    free(key);
    free(certificate);
    return 0;
}
