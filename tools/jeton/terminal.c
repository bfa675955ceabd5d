/* SPDX-License-Identifier: MIT */
/* Asks a person for one line. Reads nothing behind the line's end, so that several answers can come through one
 * pipe. */
#include "terminal.h"
#include "output.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t terminal_caught;

static const int terminal_signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};

/* What must be restored. */
struct terminal_state {
    bool changed;
    struct termios modes;
    struct sigaction actions[JT_LEN(terminal_signals)];
};

static void terminal_catch(int number)
{
    terminal_caught = number;
}

static void terminal_hide(struct terminal_state *state)
{
    /* No SA_RESTART: read() must return, so that the terminal is restored before the signal takes effect. */
    struct sigaction action = {.sa_handler = terminal_catch};
    struct termios modes;

    if (tcgetattr(STDIN_FILENO, &state->modes) != 0)
        return;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < JT_LEN(terminal_signals); i++)
        (void)sigaction(terminal_signals[i], &action, &state->actions[i]);
    modes = state->modes;
    modes.c_lflag &= ~(tcflag_t)ECHO;
    modes.c_lflag |= ECHONL;
    state->changed = true;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &modes);
}

static void terminal_restore(struct terminal_state *state)
{
    if (!state->changed)
        return;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &state->modes);
    for (size_t i = 0; i < JT_LEN(terminal_signals); i++)
        (void)sigaction(terminal_signals[i], &state->actions[i], NULL);
    state->changed = false;
    if (terminal_caught != 0)
        (void)raise(terminal_caught);
}

static int terminal_read(char *answer, size_t answer_size)
{
    size_t len = 0;

    for (;;) {
        char byte = '\0';
        ssize_t got = read(STDIN_FILENO, &byte, 1);

        if (got < 0 && errno == EINTR && terminal_caught == 0)
            continue;
        if (got < 0 || (got == 0 && len == 0)) {
            jt_output_message("%s",
                              got == 0 ? "there was no answer on standard input" : "the answer could not be read");
            return -1;
        }
        if (got == 0 || byte == '\n')
            break;
        if (byte == '\0' || len + 1 >= answer_size) {
            jt_output_message("%s", byte == '\0' ? "the answer holds a NUL byte" : "the answer is too long");
            return -1;
        }
        answer[len++] = byte;
    }
    answer[len] = '\0';
    return 0;
}

int jt_terminal_ask(const char *prompt, bool secret, char *answer, size_t answer_size)
{
    struct terminal_state state JT_CLEANUP(terminal_restore) = {.changed = false};
    char *tame = strdup(prompt);
    int failed;

    if (tame == NULL)
        jt_output_no_memory();
    jt_output_tame(tame);
    terminal_caught = 0;
    if (secret)
        terminal_hide(&state);
    (void)fprintf(stderr, "%s%s", tame, *tame != '\0' && tame[strlen(tame) - 1] == ' ' ? "" : ": ");
    free(tame);
    failed = terminal_read(answer, answer_size);
    if (failed != 0)
        explicit_bzero(answer, answer_size);
    return failed;
}
