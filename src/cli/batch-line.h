/* SPDX-License-Identifier: MIT */
/* A line of the batch, decoded: what is asked, and in which situation. */
#ifndef CLI_BATCH_LINE_H
#define CLI_BATCH_LINE_H

#include "model/question.h"

#define BATCH_MAX_MOVES 64

struct batch_line {
	char unknown_mode[64], unknown_flag[64]; /* names that no kernel has; "": none */
	bool situated;				 /* mems_allowed was given */
	bool moved;				 /* then_mems was given */
	size_t n_moves;
	struct mpol_situation situation;
	struct mpol_request request;		    /* its mask is the one below, or NULL */
	uint64_t mask[QUESTION_LONGEST_MASK / 64];  /* not initialised beyond maxnode */
	struct mpol_nodeset moves[BATCH_MAX_MOVES]; /* not initialised beyond n_moves */
};

/* A negative errno with the reason when the line is malformed. */
int batch_line_read(const char *text, size_t len, struct batch_line *ret, struct mpol_error *err);

#endif
