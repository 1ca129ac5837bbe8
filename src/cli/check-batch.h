/* SPDX-License-Identifier: MIT */
/* `mpol check --jsonl`: one question a line, one answer a line; mpol-check(1) documents both. */
#ifndef CLI_CHECK_BATCH_H
#define CLI_CHECK_BATCH_H

#include <mpol/check.h>

#include "base/strbuf.h"

/*
 * Answers one line (without its newline), as JSON and a newline added to out. 0, or -EINVAL for a
 * malformed line, which is answered by {"error":…}. Nothing is read from the machine.
 */
int batch_answer(const char *line, size_t len, enum mpol_profile profile, struct strbuf *out);
/*
 * Answers the lines of in_fd on out_fd, in order, and as soon as they are there: a program may
 * write a line and wait for its answer. 0; 1 when a line was malformed; a negative errno when
 * reading or writing failed.
 */
int batch_run(int in_fd, int out_fd, enum mpol_profile profile);

#endif
