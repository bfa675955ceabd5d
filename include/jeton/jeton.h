/* SPDX-License-Identifier: MIT */
/* The interface for services that need OAuth tokens. A service asks for a token by name; the configuration says how to
 * get it. */
#ifndef JETON_JETON_H
#define JETON_JETON_H

/*
 * A service needs five calls:
 *
 *     jeton *ctx = NULL;
 *     jeton_token *token = NULL;
 *     jeton_error *error = NULL;
 *
 *     if (jeton_open(NULL, &ctx, &error) != JETON_OK || jeton_get(ctx, "line/bot", NULL, &token, &error) != JETON_OK)
 *         syslog(LOG_ERR, "%s", jeton_error_message(error));
 *     else
 *         use(jeton_token_access_token(token));
 *     jeton_error_free(&error);
 *     jeton_token_free(&token);
 *     jeton_close(&ctx);
 *
 * Call jeton_get before every use; do not keep tokens. A valid token is handed out from memory, and renewed when it is
 * time.
 *
 * Threads: a context may be used by any number of threads at once. Tokens, errors and the other results never change
 * and may be shared. After fork() the child must open a context of its own. A thread that is cancelled (pthread_cancel,
 * deferred, as is the default) ends after its call has returned.
 *
 * Ownership: an object in a ret_ parameter belongs to the caller, which passes the pointer's address to the matching
 * _free function. That accepts NULL, and sets the pointer to NULL. Strings read from an object live as long as the
 * object. ret_ parameters are written only on success, ret_error only on failure; ret_error may be NULL. A ret_ pointer
 * is overwritten: an object that it pointed to is not freed.
 *
 * Units: names that end in _s are seconds, _ms milliseconds, _at seconds since 1970-01-01 UTC.
 */

#include <stddef.h>
#include <stdint.h>
#include <jeton/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define JETON_MUST_CHECK __attribute__((warn_unused_result))
#define JETON_PUBLIC     __attribute__((visibility("default")))
#else
#define JETON_MUST_CHECK
#define JETON_PUBLIC
#endif

typedef struct jeton       jeton;       /* a context: configuration, store, cache */
typedef struct jeton_token jeton_token; /* a token set, as it was when it was handed out */
typedef struct jeton_error jeton_error;
typedef struct jeton_list  jeton_list;  /* a page of what is configured and stored */
typedef struct jeton_answer jeton_answer; /* the result of an introspection or a key listing */

/* How a context is opened. Zero it, set struct_size, then what you need; or pass NULL for all defaults. */
struct jeton_options {
    size_t      struct_size; /* sizeof(struct jeton_options) */
    const char *config_dir;  /* NULL: $JETON_CONFIG, else the user's, else the system's: see jeton.conf(5) */
    /* Called with each line that would be logged, secrets already replaced; NULL: as jeton.conf says. Level as in
     * syslog(3). May be called from any thread that is inside a jeton function. */
    void (*log)(void *log_data, int level, const char *line);
    void  *log_data;
    int    log_level; /* the least important level that is logged, as in syslog(3); 0: as jeton.conf says */
};

/* Opens a context and reads jeton.conf. A provider's file is read when one of its names is first asked for.
 * Errors: JETON_CONFIG (file and line in the message), JETON_NOT_PERMITTED, JETON_TRY_LATER (no memory). */
JETON_PUBLIC JETON_MUST_CHECK int jeton_open(const struct jeton_options *options, jeton **ret_ctx,
                                             jeton_error **ret_error);
JETON_PUBLIC void jeton_close(jeton **ctx);

/* A question that a flow has for a person. See struct jeton_conversation. */
struct jeton_question {
    size_t      struct_size;
    const char *name;   /* "otp" */
    const char *prompt;
    int         secret; /* do not echo */
};

/* How a flow that needs a person talks to one. Every function returns 0, or -1 to give up. If the function for a step is
 * NULL, the step ends in JETON_LOGIN_NEEDED. Called in the thread that called into jeton. */
struct jeton_conversation {
    size_t struct_size; /* sizeof(struct jeton_conversation) */
    void  *data;
    /* Writes the answer, NUL-terminated, to answer (answer_size bytes). */
    int (*ask)(void *data, const struct jeton_question *question, char *answer, size_t answer_size);
    /* The person is to open url, and to type user_code there unless that is NULL (RFC 8628 3.3). */
    int (*display)(void *data, const char *url, const char *url_complete, const char *user_code);
    /* The person is to open url, and the provider will send the browser to redirect_uri. Writes the URL that the browser
     * arrived at, query included, to answer. */
    int (*browse)(void *data, const char *url, const char *redirect_uri, char *answer, size_t answer_size);
};

/* A parameter of a call, for parameters that the provider names (jeton describe PLUGIN). */
struct jeton_param {
    const char *name;
    const char *value;
};

/* What a call may ask for besides the name. Zero it, set struct_size, then what you need; or pass NULL. */
struct jeton_request {
    size_t      struct_size; /* sizeof(struct jeton_request) */
    int64_t     min_ttl_s;   /* get: the token is valid for at least this long; 0: as configured */
    int64_t     timeout_ms;  /* how long the caller waits; 0: as configured. A renewal goes on afterwards */
    const char *scope;       /* narrower than configured: an entry of its own. NULL: as configured */
    const char *audience;    /* likewise */
    const char *resource;    /* likewise (RFC 8707) */
    const struct jeton_param *params; /* params_len of them; not for get */
    size_t      params_len;
    const struct jeton_conversation *conversation; /* NULL: no person is there */
};

/* A token for NAME ("provider/account" or "provider/account/subject") that is valid now: from memory, from the store, or
 * renewed or acquired over the network. Of many callers, in this process and others, one renews the token and the others
 * get the result. While the stored token is valid, a renewal that fails is no error.
 * Blocks at most timeout_ms.
 * Errors: JETON_USAGE (no such name; the message lists those there are), JETON_LOGIN_NEEDED, JETON_REFUSED,
 * JETON_TRY_LATER, JETON_BAD_ANSWER, JETON_CONFIG, JETON_NOT_PERMITTED, JETON_INTERNAL. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_get(jeton *ctx, const char *name, const struct jeton_request *request,
                                            jeton_token **ret_token, jeton_error **ret_error);

/* Tokens for many names at once, in this thread: what has to be fetched is fetched in parallel. request holds for all (no
 * params, no conversation; timeout_ms is not supported and must be 0). ret_tokens and ret_errors have room for count;
 * each place receives a token or NULL, and NULL or an error; ret_errors may be NULL. Returns JETON_OK when every name has its
 * token, else the status of the first that has none. Unlike elsewhere, both arrays are filled in also on failure; names may
 * repeat. Errors as for jeton_get. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_get_many(jeton *ctx, const char *const *names, size_t count,
                                                 const struct jeton_request *request, jeton_token **ret_tokens,
                                                 jeton_error **ret_errors);

/* Acquires a new token set, which replaces what is stored (RFC 6749 4). Errors as for jeton_get. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_acquire(jeton *ctx, const char *name, const struct jeton_request *request,
                                                jeton_token **ret_token, jeton_error **ret_error);

/* A new token set for the stored refresh token (RFC 6749 6). Errors as for jeton_get; JETON_NOT_SUPPORTED where the
 * provider has no refresh, JETON_LOGIN_NEEDED where no refresh token is stored. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_refresh(jeton *ctx, const char *name, const struct jeton_request *request,
                                                jeton_token **ret_token, jeton_error **ret_error);

/* Revokes the stored token at the provider (RFC 7009) and forgets it. From this call on, the token is not handed out on
 * this machine any more, even if the provider cannot be reached (JETON_TRY_LATER: the revocation is queued and tried
 * again). ret_note, which may be NULL, receives a sentence for the person, or NULL; free() it.
 * Errors: as for jeton_get, JETON_NOT_SUPPORTED, and JETON_USAGE where no token is stored. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_revoke(jeton *ctx, const char *name, const struct jeton_request *request,
                                               char **ret_note, jeton_error **ret_error);

/* What the provider says about the stored token, in RFC 7662's terms. An inactive token is an answer, not an error. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_introspect(jeton *ctx, const char *name, const struct jeton_request *request,
                                                   jeton_answer **ret_answer, jeton_error **ret_error);

/* The ids of the tokens or keys that are valid at the provider now. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_list_keys(jeton *ctx, const char *name, const struct jeton_request *request,
                                                  jeton_answer **ret_answer, jeton_error **ret_error);

/* Says that an API answered 401 to this access token: it is not handed out again. access_token NULL: whichever is stored.
 * A token that was renewed meanwhile stays valid. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_invalidate(jeton *ctx, const char *name, const struct jeton_request *request,
                                                   const char *access_token, jeton_error **ret_error);

/* Forgets what is stored for the name, on this machine only. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_forget(jeton *ctx, const char *name, const struct jeton_request *request,
                                               jeton_error **ret_error);

/* Tokens. Functions that return a string return NULL if the provider sent none. */
JETON_PUBLIC jeton_token *jeton_token_ref(jeton_token *token); /* adds an owner; each owner frees */
JETON_PUBLIC void         jeton_token_free(jeton_token **token);
JETON_PUBLIC const char  *jeton_token_access_token(const jeton_token *token);
JETON_PUBLIC const char  *jeton_token_type(const jeton_token *token); /* "Bearer" */
JETON_PUBLIC int64_t      jeton_token_expires_at(const jeton_token *token); /* INT64_MAX: no limit is known */
JETON_PUBLIC int64_t      jeton_token_issued_at(const jeton_token *token);
JETON_PUBLIC const char  *jeton_token_scope(const jeton_token *token);
JETON_PUBLIC const char  *jeton_token_key_id(const jeton_token *token);
JETON_PUBLIC const char  *jeton_token_extra(const jeton_token *token); /* a JSON object: what else the provider sent */
JETON_PUBLIC const char  *jeton_token_note(const jeton_token *token);  /* a sentence for the person */

/* Answers: a JSON object as text, as jeton(1) prints it with --json. */
JETON_PUBLIC void        jeton_answer_free(jeton_answer **answer);
JETON_PUBLIC const char *jeton_answer_json(const jeton_answer *answer);
JETON_PUBLIC int         jeton_answer_active(const jeton_answer *answer); /* introspection: 1 or 0 */

/* What is configured and what is stored: names in order, without secrets. after NULL or "": from the start; else names
 * behind that one. At most limit entries; fewer mean the end. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_list_names(jeton *ctx, const char *after, size_t limit, jeton_list **ret_list,
                                                   jeton_error **ret_error);
/* The entries of one name: one for each scope, audience and resource that was asked for. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_show(jeton *ctx, const char *name, jeton_list **ret_list,
                                             jeton_error **ret_error);
JETON_PUBLIC void        jeton_list_free(jeton_list **list);
JETON_PUBLIC size_t      jeton_list_len(const jeton_list *list);
JETON_PUBLIC const char *jeton_list_name(const jeton_list *list, size_t index);
/* "valid", "due" (renewal is wanted), "expired", "invalidated", "none" (nothing stored), "login needed", "failing" (no
 * valid token, and the last try to get one failed), "revoking" (a revocation is queued); from jeton_show also "unreadable" (the stored row is damaged). */
JETON_PUBLIC const char *jeton_list_state(const jeton_list *list, size_t index);
JETON_PUBLIC int64_t     jeton_list_expires_at(const jeton_list *list, size_t index); /* INT64_MAX: none known */
JETON_PUBLIC int64_t     jeton_list_renew_at(const jeton_list *list, size_t index);   /* INT64_MAX: never */
JETON_PUBLIC const char *jeton_list_last_error(const jeton_list *list, size_t index); /* NULL: none */
/* Any of "scope", "audience", "resource", "key_id", "token_type", "refresh_token" ("yes"), ...; NULL: unknown. */
JETON_PUBLIC const char *jeton_list_field(const jeton_list *list, size_t index, const char *field);

/* Errors. The message says what happened, for which name and why, in one line. */
JETON_PUBLIC void        jeton_error_free(jeton_error **error);
JETON_PUBLIC int         jeton_error_status(const jeton_error *error);
JETON_PUBLIC const char *jeton_error_message(const jeton_error *error);
JETON_PUBLIC const char *jeton_error_name(const jeton_error *error);        /* the token's name */
JETON_PUBLIC const char *jeton_error_code(const jeton_error *error);        /* the provider's "error" */
JETON_PUBLIC const char *jeton_error_description(const jeton_error *error); /* its "error_description" */
JETON_PUBLIC const char *jeton_error_hint(const jeton_error *error);        /* what to do about it */
JETON_PUBLIC int         jeton_error_http_status(const jeton_error *error); /* 0: none */
JETON_PUBLIC int64_t     jeton_error_retry_after(const jeton_error *error); /* seconds until the provider is asked again; -1: unknown */

/* For administration tools: what jeton(1) does for `init`, `rekey`, `export`, `import`, `check`, `describe` and
 * `providers`. */

/* Makes the directories, the store key and the store that the configuration names, where they are missing; nothing that
 * exists is changed. ret_what: a line for each thing made or found; free() it. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_init(const struct jeton_options *options, char **ret_what,
                                             jeton_error **ret_error);
/* Seals the whole store anew with another key, in one transaction: if the process is killed at any moment, the store
 * still opens by itself, with the former key or the new one. Processes that have the store open go on. new_key_file NULL:
 * with a fresh key, which replaces the one in `store.key_file`. Else it is the file with the new key (64 hexadecimal
 * digits); that is the only way if the configuration does not use `store.key_file`, and the configuration must be changed
 * afterwards. ret_what: a line for each thing done, and what is left to do; free() it.
 * Errors: JETON_CONFIG, JETON_NOT_PERMITTED, JETON_TRY_LATER (disk full; another rekey), JETON_NOT_SUPPORTED (the store
 * engine cannot). */
JETON_PUBLIC JETON_MUST_CHECK int jeton_rekey(const struct jeton_options *options, const char *new_key_file,
                                              char **ret_what, jeton_error **ret_error);
/* Reads the whole configuration and checks every account against its plugin: {"findings": [{"file", "line", "message"}],
 * "providers", "accounts"} with the two counted. JETON_OK with findings is an answer, not an error. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_check(const struct jeton_options *options, jeton_answer **ret_answer,
                                              jeton_error **ret_error);
/* A plugin: {"name", "version", "summary", "base_url", "path", "abi", "capabilities", "operations": […], "settings":
 * [{"name", "type", "required", "secret", "default", "choices", "minimum", "maximum", "help"}], "parameters": […]}. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_describe(jeton *ctx, const char *plugin, jeton_answer **ret_answer,
                                                 jeton_error **ret_error);
/* What can be used: {"plugins": [{"name", "version", "summary", "operations", "path"} or {"name", "path", "error"}],
 * "providers": [{"name", "file", "plugin", "accounts": […]} or {"name", "file", "error"}]}. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_providers(jeton *ctx, jeton_answer **ret_answer, jeton_error **ret_error);

/* Writes an archive that is sealed with a passphrase, as a backup or for another machine: every row of these names, or of
 * all (names_len 0), with its tokens and its queued revocations. write is called with one piece after the other and
 * returns 0, or -1 to give up. passphrase: 8 bytes to 64 KiB. ret_answer: the counts {"exported", "revocations",
 * "intents", "skipped"}, and "entries": [{"name", "scope", "audience", "resource", "done", "message"}] for rows that need
 * a remark, at most 1000.
 * If two machines hold the same refresh token, only one of them can renew it: stop using the names here.
 * Errors: JETON_USAGE (nothing is stored for a name; the passphrase), JETON_TRY_LATER (write gave up; a name is being
 * renewed), JETON_CONFIG, JETON_NOT_PERMITTED. */
JETON_PUBLIC JETON_MUST_CHECK int jeton_export(jeton *ctx, const char *const *names, size_t names_len,
                                               const char *passphrase,
                                               int (*write)(void *data, const void *bytes, size_t len), void *data,
                                               jeton_answer **ret_answer, jeton_error **ret_error);

#define JETON_IMPORT_REPLACE 1u /* replaces existing rows, whichever expires later */

/* Writes the rows of an archive of jeton_export to the store, all or none. An existing row is replaced only by one that
 * expires later, unless JETON_IMPORT_REPLACE is set in flags. A token whose revocation is queued here is left out. read
 * stores at most size bytes (*ret_len 0: the end) and returns 0, or -1 to give up. ret_answer: the counts {"imported",
 * "replaced", "kept"}, and "entries" as above.
 * Errors: JETON_USAGE (wrong passphrase, or altered: nobody can tell which), JETON_BAD_ANSWER (cut short, damaged, no
 * archive), JETON_CONFIG (a newer jeton's; the store), JETON_TRY_LATER (read gave up, disk full), JETON_NOT_SUPPORTED
 * (the store engine cannot write all or nothing). */
JETON_PUBLIC JETON_MUST_CHECK int jeton_import(jeton *ctx, const char *passphrase, unsigned flags,
                                               int (*read)(void *data, void *bytes, size_t size, size_t *ret_len),
                                               void *data, jeton_answer **ret_answer, jeton_error **ret_error);

JETON_PUBLIC const char *jeton_version(void);

#ifdef __cplusplus
}
#endif

#endif
