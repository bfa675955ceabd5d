/* SPDX-License-Identifier: MIT */
/* A world for tests of the broker: a configuration directory with the real store, and a network module and a plugin
 * that answer from a script. */
#ifndef FAKE_NET_H
#define FAKE_NET_H

#include "check.h"
#include "broker/context.h"
#include "broker/renew.h"

#define FAKE_NAME "fake/main"

enum fake_kind {
    FAKE_SUCCESS, /* a token set; for the other operations an answer */
    FAKE_ERROR,   /* the provider answered, and this is the error */
    FAKE_LOST     /* the request went out, no answer came back: JETON_TRY_LATER */
};

struct fake;

/* What one request brings. */
struct fake_outcome {
    enum fake_kind kind;
    const char *access_token; /* NULL: "token-<n>", counted from 1 */
    const char *refresh_token;
    const char *scope;
    int64_t lifetime_s; /* 0: 3600; JT_NEVER: the provider sets no limit */
    int status;         /* ERROR */
    const char *code;
    const char *hint; /* ERROR: the plugin's advice */
    int http_status;
    int64_t retry_after_s; /* 0: none */
    bool once;             /* it spends something; a refresh always does */
    bool hold;             /* waits for fake_let_go */
    bool ask;              /* then asks the person, if the flow has one */
    int delay_ms;
    void (*at_start)(struct fake *fake);  /* called when the flow begins */
    void (*at_answer)(struct fake *fake); /* called when its request was sent */
};

/* What the last flow was asked for; copies. */
struct fake_last {
    enum jt_operation operation;
    char name[JT_NAME_MAX + 1];
    char access_token[128];
    char refresh_token[128];
    char scope[128];
    char code[128];
};

struct fake {
    jeton *ctx;
    char dir[256];
    /* The plugin that every account has; a test changes it before its first call. */
    struct jt_plugin plugin;
    struct jeton_host host;
    struct jt_net net;
    pthread_mutex_t mutex; /* over what follows */
    pthread_cond_t let_go;
    struct fake_outcome script[64];
    size_t script_len, script_next;
    bool holding;
    int held;  /* flows that wait for fake_let_go now */
    int flows; /* that were begun */
    int sent;  /* requests that went out, of this process */
    int sent_told;
    int sent_of[JT_OPERATIONS];
    struct fake_last last;
    char log[32 * 1024]; /* lines, each with its newline */
    size_t log_len;
};

/* A fresh directory with one provider, fake, and its accounts main and other; `jeton init`; one context open. */
struct fake *fake_new(void);
/* The world of another process, by its directory. */
struct fake *fake_join(const char *dir);
/* Closes the context. */
void fake_free(struct fake **fake);
#define AUTO_FAKE JT_CLEANUP(fake_free)

/* One more context on the same directory, as another process would have it; jeton_close it first. */
jeton *fake_open(struct fake *fake);
/* Writes providers.d/fake.conf anew with this text inside the account main, e.g. "min_ttl = 5;". */
void fake_configure(struct fake *fake, const char *main_settings);
/* Writes any file below the directory, mode 0600. */
void fake_write(struct fake *fake, const char *file, const char *text);

/* The next outcome; when the script is over every request succeeds. */
void fake_push(struct fake *fake, struct fake_outcome outcome);
/* Flows that hold go on, also those that come later. */
void fake_let_go(struct fake *fake);
void fake_wait_for_held(struct fake *fake, int count);
/* Requests that went out since this was last asked. */
int fake_sent(struct fake *fake);
/* The same of all processes, since the world began. */
int fake_sent_by_all(struct fake *fake);

/* The row as it is stored; the caller ends it with jt_entry_done. */
struct jt_entry fake_row(struct fake *fake, const char *name, const char *variant);
/* Its version; 0: there is none. */
int64_t fake_version(struct fake *fake, const char *name, const char *variant);
/* Writes a row, whatever is there. */
void fake_put(struct fake *fake, const char *name, const char *variant, struct jt_entry *entry);
/* A row with a token: issued so many seconds ago, living so long. */
void fake_put_token(struct fake *fake, const char *name, const char *variant, const char *access_token,
                    const char *refresh_token, int64_t age_s, int64_t lifetime_s);
/* Moves all times of the row into the past, as if so many seconds had gone by. */
void fake_age(struct fake *fake, const char *name, const char *variant, int64_t seconds);
/* Makes the row what it would be if the wall clock had been set forward by so many seconds (back, if negative) since it
 * was written. */
void fake_set_wall_clock(struct fake *fake, const char *name, const char *variant, int64_t seconds);
/* From now on no file of this process can grow, as on a full disk; at_start and at_answer take it. */
void fake_disk_full(struct fake *fake);
void fake_disk_freed(void);
/* Flips a bit in the sealed part of the account's own row, behind the store's back. */
void fake_damage(struct fake *fake, const char *name);

/* A get of FAKE_NAME with this request. */
int fake_get(struct fake *fake, const struct jeton_request *request, jeton_token **ret_token, jeton_error **ret_error);
/* Such a get for a token that lives so long gives this one. */
void fake_get_min_ttl(struct fake *fake, int64_t min_ttl_s, const char *access_token);
/* Gets and checks: the token's text, or NULL for a get that must fail with the status and the part in its message. */
void fake_get_ok(struct fake *fake, const char *name, const char *access_token);
void fake_get_fails(struct fake *fake, const char *name, int status, const char *part);

/* fake_net.c, for fake_world.c. */
void fake_net_init(struct fake *fake);
int JT_MUST_CHECK fake_load_plugin(const char *dir, const char *name, const struct jeton_host *host,
                                   const struct jt_plugin **ret_plugin, jeton_error **ret_error);

#endif
