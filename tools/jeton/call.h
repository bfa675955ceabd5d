/* SPDX-License-Identifier: MIT */
/* One call of jeton(1) as parsed from the command line. No file has been opened or read yet. */
#ifndef JT_TOOL_CALL_H
#define JT_TOOL_CALL_H

#include "base/base.h"

/* The options, as bits of the set that a command takes. */
#define JT_OPTION_CONFIG    0x0001u
#define JT_OPTION_JSON      0x0002u
#define JT_OPTION_QUIET     0x0004u
#define JT_OPTION_VERBOSE   0x0008u
#define JT_OPTION_HELP      0x0010u
#define JT_OPTION_VERSION   0x0020u
#define JT_OPTION_MIN_TTL   0x0040u
#define JT_OPTION_SCOPE     0x0080u
#define JT_OPTION_AUDIENCE  0x0100u
#define JT_OPTION_RESOURCE  0x0200u
#define JT_OPTION_TIMEOUT   0x0400u
#define JT_OPTION_PARAM     0x0800u
#define JT_OPTION_TOKEN     0x1000u
#define JT_OPTION_PRINT_URL 0x2000u
#define JT_OPTION_NEW_KEY   0x4000u
#define JT_OPTION_FILE      0x8000u
#define JT_OPTION_PHRASE    0x10000u
#define JT_OPTION_REPLACE   0x20000u

#define JT_OPTIONS_GLOBAL                                                                                              \
    (JT_OPTION_CONFIG | JT_OPTION_JSON | JT_OPTION_QUIET | JT_OPTION_VERBOSE | JT_OPTION_HELP | JT_OPTION_VERSION)
#define JT_OPTIONS_VARIANT (JT_OPTION_SCOPE | JT_OPTION_AUDIENCE | JT_OPTION_RESOURCE)
#define JT_OPTIONS_FLOW    (JT_OPTIONS_VARIANT | JT_OPTION_TIMEOUT | JT_OPTION_PARAM)

#define JT_CALL_PARAMS_MAX 32u

struct jt_call;
struct jt_session;

struct jt_command {
    const char *name;
    const char *operand;     /* "NAME", "PLUGIN", or "[NAME ...]" for any number; NULL: none */
    const char *summary;     /* one line, for the list of commands */
    const char *description; /* for the command's own help */
    unsigned options;        /* JT_OPTION_*, beside the global ones */
    int (*run)(const struct jt_call *call, struct jt_session *session);
};

/* The strings point into argv. Zero means "as configured" for every member. */
struct jt_call {
    const struct jt_command *command;
    const char *operand;
    char *const *operands; /* for a command that takes any number */
    size_t operands_len;
    const char *config_dir;
    const char *scope, *audience, *resource;
    const char *token; /* "@FILE" */
    const char *new_key_file, *file, *passphrase_file;
    char *params[JT_CALL_PARAMS_MAX]; /* "key=value"; inline values are blanked once they have been copied */
    size_t params_len;
    int64_t min_ttl_s;
    int64_t timeout_ms;
    bool json, quiet, verbose, print_url, replace;
    bool help, version;
};

#endif
