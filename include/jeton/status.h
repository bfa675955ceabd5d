/* SPDX-License-Identifier: MIT */
/* The statuses that all of jeton's interfaces share. */
#ifndef JETON_STATUS_H
#define JETON_STATUS_H

/*
 * Every function that can fail returns one of these. They are the exit
 * statuses of jeton(1) too, and follow sysexits.h; JETON_STATUS_EXIT folds
 * the two that share one. New ones may be added: treat an unknown one as
 * JETON_REFUSED.
 */
#define JETON_OK            0
#define JETON_USAGE         64  /* the call itself is wrong: a name, a parameter                           */
#define JETON_BAD_ANSWER    65  /* the provider's answer makes no sense                                    */
#define JETON_REFUSED       69  /* the provider refused, and asking again will not help                    */
#define JETON_INTERNAL      70  /* a defect: in a plugin that broke its contract, or in jeton              */
#define JETON_TRY_LATER     75  /* it may pass by itself: network, 429, 5xx, disk full                     */
#define JETON_NOT_SUPPORTED 76  /* this provider does not have the operation                               */
#define JETON_NOT_PERMITTED 77  /* the operating system or an access rule refuses it                       */
#define JETON_CONFIG        78  /* the configuration must be changed first                                 */
#define JETON_LOGIN_NEEDED  177 /* a person must sign in (jeton login); exit status 77                     */

#define JETON_STATUS_EXIT(status) ((status) == JETON_LOGIN_NEEDED ? 77 : (status))

#endif
