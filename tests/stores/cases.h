/* SPDX-License-Identifier: MIT */
/* The cases of every file. Each list ends with a NULL name. */
#ifndef STORES_CASES_H
#define STORES_CASES_H

#include "check.h"

extern const struct check_case table_cases[]; /* the only ones for an engine that is refused */
extern const struct check_case conditions_cases[];
extern const struct check_case transactions_cases[];
extern const struct check_case kinds_cases[];
extern const struct check_case kept_cases[];
extern const struct check_case get_cases[];
extern const struct check_case order_cases[];
extern const struct check_case due_cases[];
extern const struct check_case claims_cases[];
extern const struct check_case leases_cases[];
extern const struct check_case lease_processes_cases[];
extern const struct check_case deadlines_cases[];
extern const struct check_case numbers_cases[];
extern const struct check_case notices_cases[];
extern const struct check_case opening_cases[];
extern const struct check_case forks_cases[];
extern const struct check_case rewrite_cases[];
extern const struct check_case limits_cases[];
extern const struct check_case shortages_cases[];
extern const struct check_case writable_cases[];
extern const struct check_case hostile_cases[];
extern const struct check_case killed_cases[];
extern const struct check_case storms_cases[];

#endif
