/* SPDX-License-Identifier: MIT */
/* The parts of an answer that `mpol check --json` and --jsonl have in common. */
#ifndef CLI_CHECK_PRINT_H
#define CLI_CHECK_PRINT_H

#include <mpol/check.h>
#include <mpol/predict.h>

#include "json/write.h"

/* "EINVAL" */
const char *check_errno_name(int errnum);
void check_write_nodes(struct json_writer *w, const char *key, const struct mpol_nodeset *nodes);
/* mode, flags and nodes as read back, numa_maps, effective; all null when kept is NULL. */
void check_write_kept(struct json_writer *w, const struct mpol_kept *kept,
		      const struct mpol_policy *readback, const struct mpol_kernel *kernel);
void check_write_finding(struct json_writer *w, const struct mpol_finding *f, bool why);

#endif
