/* SPDX-License-Identifier: MIT */
/* Running one test on this machine, in a child that may crash, hang or be killed without taking the
 * runner along. */
#ifndef HARNESS_RUN_HERE_H
#define HARNESS_RUN_HERE_H

#include "harness/progress.h"
#include "harness/stage.h"

/*
 * stop_fd becomes readable when the run should end early (a signalfd; it is left unread); -1:
 * never. progress may be NULL. The result is always filled: a child that died, hung or said nothing
 * readable is a broken test.
 */
void run_here(const struct mpol_test_entry *entry, const struct stage_options *options, int stop_fd,
	      struct progress *progress, struct mpol_result *ret);

#endif
