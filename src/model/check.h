/* SPDX-License-Identifier: MIT */
/* Checking a question that was taken apart already, for those who also predict (cli/cmd-check.c).
 */
#ifndef MODEL_CHECK_H
#define MODEL_CHECK_H

#include "model/question.h"

/* The situation of the task that the machine was read for. */
struct mpol_situation machine_situation(const struct mpol_machine *m);
/* mpol_check() of a question; kept is from question_keep(). How many there are; may exceed max. */
size_t question_check(const struct question *q, const struct mpol_kept *kept,
		      enum mpol_profile profile, struct mpol_finding *out, size_t max);

#endif
