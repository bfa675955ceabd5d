/* SPDX-License-Identifier: MIT */
/* The settings that a plugin declares, be it a provider or a store engine. */
#ifndef JETON_SETTING_H
#define JETON_SETTING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One setting that a plugin reads from its configuration file, or one parameter
 * that a call of a provider may pass (jeton acquire -p name=value). The host
 * checks configuration and calls against these tables: unknown, missing,
 * mistyped, out of range; `jeton describe` prints them.
 */
struct jeton_setting {
    const char *name;          /* "client_id": [a-z][a-z0-9_]*                                        */
    uint32_t    type;          /* JETON_STRING, ...                                                   */
    uint32_t    flags;         /* JETON_REQUIRED, ...                                                 */
    const char *default_value; /* as it would be written in the file, without quotes; NULL: none      */
    const char *help;          /* one line                                                            */
    const char *choices;       /* JETON_STRING: the allowed values, separated by spaces; JETON_KEY: the
                                * algorithms of jwt, one of which the key must fit; NULL: any         */
    int64_t     minimum;       /* JETON_INTEGER: inclusive bounds, checked when minimum < maximum     */
    int64_t     maximum;
};
#define JETON_STRING  1u
#define JETON_INTEGER 2u
#define JETON_BOOLEAN 3u /* read as "true" or "false"                                                       */
#define JETON_LIST    4u /* of strings, or one string; read as one string, joined by single spaces          */
#define JETON_KEY     5u /* a private key, PEM or JWK. Always secret. A plugin cannot read it, only sign with it
                          * by name (jwt_sign). A secret setting <name>_passphrase is added by the host     */
#define JETON_URL     6u /* an absolute https URL, or http to a loopback address                            */
#define JETON_PATH    7u /* a file; store engines only. A relative path is below the configuration's directory, a
                          * relative default below jeton's state directory (/var/lib/jeton)                 */

#define JETON_REQUIRED 1u
#define JETON_SECRET   2u /* may be given as x, x_file, x_credential, x_env or x_command; never printed      */
#define JETON_ONE_TIME 4u /* parameters: spent by its first use, like an authorization code                  */

#ifdef __cplusplus
}
#endif

#endif
