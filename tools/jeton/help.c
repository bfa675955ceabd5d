/* SPDX-License-Identifier: MIT */
/* Prints help from the tables of commands and options, the same tables by which the command line is parsed. */
#include "options.h"
#include "output.h"
#include <stdio.h>
#include <string.h>

#define HELP_OPTION_WIDTH  28u
#define HELP_COMMAND_WIDTH 12u

static void help_option(const struct jt_option *option)
{
    char left[64], letter[8] = "    ";

    if (option->letter != 0)
        (void)snprintf(letter, sizeof(letter), "-%c, ", option->letter);
    (void)snprintf(left, sizeof(left), "  %s--%s%s%s", letter, option->name, option->value != NULL ? " " : "",
                   option->value != NULL ? option->value : "");
    jt_output_cell(left, HELP_OPTION_WIDTH, JT_PLAIN);
    jt_output_line(" %s", option->help);
}

static void help_options(const char *title, unsigned set)
{
    jt_output_line("%s", "");
    jt_output_line("%s:", title);
    for (size_t i = 0; i < jt_options_len; i++)
        if ((jt_options[i].bit & set) != 0)
            help_option(&jt_options[i]);
}

static void help_command(const struct jt_command *command)
{
    jt_output_line("Usage: jeton %s%s%s [options]", command->name, command->operand != NULL ? " " : "",
                   command->operand != NULL ? command->operand : "");
    jt_output_line("%s", "");
    jt_output_puts(command->description);
    jt_output_puts("\n");
    if (command->options != 0)
        help_options("Options", command->options);
    help_options("Options of every command", JT_OPTIONS_GLOBAL);
}

static void help_overall(const struct jt_command *commands, size_t commands_len)
{
    jt_output_puts("Usage: jeton [options] COMMAND [argument] [options]\n"
                   "\n"
                   "OAuth tokens for this machine's programs: gets them, renews them, keeps them sealed.\n"
                   "A NAME is provider/account or provider/account/subject, as configured.\n"
                   "\n"
                   "Commands:\n");
    for (size_t i = 0; i < commands_len; i++) {
        jt_output_puts("  ");
        jt_output_cell(commands[i].name, HELP_COMMAND_WIDTH, JT_BOLD);
        jt_output_line(" %s", commands[i].summary);
    }
    help_options("Options", JT_OPTIONS_GLOBAL);
    jt_output_puts("\n"
                   "jeton COMMAND --help tells about one command; jeton(1) has everything.\n");
}

void jt_help_print(const struct jt_command *command, const struct jt_command *commands, size_t commands_len)
{
    if (command != NULL)
        help_command(command);
    else
        help_overall(commands, commands_len);
}
