/* SPDX-License-Identifier: MIT */
/* Single flight inside a process: of the threads that ask for the same name at the same time, one does the work and the
 * others get its result. */
#ifndef JT_BROKER_FLIGHT_H
#define JT_BROKER_FLIGHT_H

#include "base/base.h"

struct jt_flights;

int JT_MUST_CHECK jt_flights_new(struct jt_flights **ret_flights, jeton_error **ret_error);
/* Waits for flights that go on without their callers. */
void jt_flights_free(struct jt_flights **flights);

/* What a flight does: run is called once for all waiting threads, data_free with data when the flight is over. */
struct jt_flight_work {
    int (*run)(void *data, jeton_token **ret_token, jeton_error **ret_error);
    void (*data_free)(void *data);
    void *data;
};

/* Joins the flight for the key, or starts one. deadline_ms is in jt_boot_ms; JT_NEVER: none. With a deadline the work
 * runs in a thread of its own, which goes on when the caller leaves at its deadline (JETON_TRY_LATER). Without one the
 * work runs in the calling thread. work->data is taken over in any case. */
int JT_MUST_CHECK jt_flights_run(struct jt_flights *flights, const char *key, int64_t deadline_ms,
                                 const struct jt_flight_work *work, jeton_token **ret_token, jeton_error **ret_error);

/* The same for a caller that has a valid token already: JETON_TRY_LATER at once if another thread works on the key. */
int JT_MUST_CHECK jt_flights_run_if_idle(struct jt_flights *flights, const char *key, int64_t deadline_ms,
                                         const struct jt_flight_work *work, jeton_token **ret_token,
                                         jeton_error **ret_error);

#endif
