/* SPDX-License-Identifier: MIT */
/*
 * What a question of `mpol check --jsonl` costs: read, predicted, explained and written, in
 * microseconds, on one core; beside it what jansson alone takes to read the line. Below 5 is more
 * than 200000 a second. Prints rows: name, ours, peer, unit, what the peer is.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/macros.h"
#include "cli/check-batch.h"

#define ROUNDS 31
#define TIMES  2000

static const char *const lines[] = {
	"{\"mode\":\"MPOL_BIND\",\"flags\":[\"MPOL_F_STATIC_NODES\"],\"nodes\":\"0-1\",\"mems_"
	"allowed\":\"1-2\",\"kernel\":\"6.12.107\"}",
	"{\"mode\":\"MPOL_INTERLEAVE\",\"flags\":[],\"nodes\":\"0-3\",\"mems_allowed\":\"0-3\","
	"\"kernel\":\"6.1.192\"}",
	"{\"mode\":\"MPOL_PREFERRED\",\"flags\":[],\"nodes\":null,\"mems_allowed\":\"0-3\","
	"\"kernel\":\"5.10.223\"}",
	"{\"mode\":\"MPOL_LOCAL\",\"flags\":[\"MPOL_F_RELATIVE_NODES\"],\"nodes\":\"\",\"mems_"
	"allowed\":\"0\",\"kernel\":\"6.12.107\"}",
	"{\"mode\":7,\"flags\":[],\"nodes\":\"0,63\",\"mems_allowed\":\"0-3\",\"possible\":\"0-4\","
	"\"kernel\":\"6.12.107\"}",
	"{\"mode\":\"MPOL_PREFERRED_MANY\",\"flags\":[\"MPOL_F_NUMA_BALANCING\"],\"nodes\":\"1-2\","
	"\"mems_allowed\":\"0-3\",\"kernel\":\"6.12.107\"}",
};

static struct strbuf out;

static void answer_all(void)
{
	strbuf_clear(&out);
	for (size_t i = 0; i < ELEMENTSOF(lines); i++)
		if (batch_answer(lines[i], strlen(lines[i]), MPOL_PROFILE_KERNEL, &out) < 0)
			abort();
}

static void read_all(void)
{
	for (size_t i = 0; i < ELEMENTSOF(lines); i++)
		json_decref(json_loadb(lines[i], strlen(lines[i]), 0, NULL));
}

/* Microseconds a line. */
static double once(void (*all)(void))
{
	struct timespec from, to;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int i = 0; i < TIMES; i++)
		all();
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	return ((double)(to.tv_sec - from.tv_sec) * 1e6 +
		(double)(to.tv_nsec - from.tv_nsec) / 1e3) /
	       TIMES / ELEMENTSOF(lines);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(void)
{
	double ours[ROUNDS], peer[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = once(answer_all);
		peer[i] = once(read_all);
	}
	qsort(ours, ROUNDS, sizeof(ours[0]), by_value);
	qsort(peer, ROUNDS, sizeof(peer[0]), by_value);
	printf("mpol check --jsonl, a policy\t%.3f\t%.3f\tus\tjansson reading the line, nothing "
	       "else\n",
	       ours[ROUNDS / 2], peer[ROUNDS / 2]);
	strbuf_done(&out);
	return 0;
}
