/* SPDX-License-Identifier: MIT */
/*
 * What it costs to read and write policies, a policy each time: JSON without a tree beside jansson,
 * our writer beside jansson's, and the kernel's text, which has no peer. Prints rows: name, ours,
 * peer, unit, what the peer is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>
#include <mpol/notation.h>

#include "json/quick.h"
#include "json/write.h"

#define ROUNDS 31
#define TIMES  20000

static const char line[] =
	"{\"mode\":\"MPOL_BIND\",\"flags\":[\"MPOL_F_STATIC_NODES\"],\"nodes\":\"0-1\","
	"\"mems_allowed\":\"1-2\",\"kernel\":\"6.12.107\"}";
static volatile size_t sink; /* what was read goes somewhere */

static void skip_value(struct json_quick *q)
{
	struct json_slice s = { 0 };

	if (json_quick_peek(q) == '"') {
		if (json_quick_string(q, &s))
			sink += s.len;
		return;
	}
	for (json_quick_array(q); json_quick_element(q);)
		skip_value(q);
}

static void read_quickly(void)
{
	struct json_quick q = json_quick(line, sizeof(line) - 1);
	struct json_slice key;

	for (json_quick_object(&q); json_quick_key(&q, &key);)
		skip_value(&q);
	if (!json_quick_end(&q))
		abort();
}

static void read_with_jansson(void)
{
	json_t *root = json_loadb(line, sizeof(line) - 1, JSON_REJECT_DUPLICATES, NULL);

	sink += json_object_size(root);
	json_decref(root);
}

static struct strbuf text;

static void write_ours(void)
{
	struct json_writer w = json_writer(&text, JSON_LINE);

	strbuf_clear(&text);
	json_begin_object(&w);
	json_member_bool(&w, "accepted", true);
	json_member_string(&w, "mode", "MPOL_BIND");
	json_member_string(&w, "nodes", "0-1");
	json_member_int(&w, "errno", 22);
	json_end_object(&w);
	sink += text.len;
}

static void write_with_jansson(void)
{
	json_t *root = json_object();
	char *out;

	(void)json_object_set_new(root, "accepted", json_true());
	(void)json_object_set_new(root, "mode", json_string("MPOL_BIND"));
	(void)json_object_set_new(root, "nodes", json_string("0-1"));
	(void)json_object_set_new(root, "errno", json_integer(22));
	out = json_dumps(root, JSON_COMPACT);
	sink += strlen(out);
	free(out);
	json_decref(root);
}

static struct mpol_policy_expr policy;

static void read_text(void)
{
	if (mpol_policy_parse("bind=static|balancing:0-3,8-11", &policy, NULL) < 0)
		abort();
}

static double cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Microseconds a call, of one round. */
static double once(void (*body)(void))
{
	double start = cpu_us();

	for (int i = 0; i < TIMES; i++)
		body();
	return (cpu_us() - start) / TIMES;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Medians of both, in turn; peer may be NULL. */
static void row(const char *name, void (*ours)(void), void (*peer)(void), const char *peer_name)
{
	double times[2][ROUNDS] = { { 0 } };

	for (int i = 0; i < ROUNDS; i++) {
		times[0][i] = once(ours);
		if (peer)
			times[1][i] = once(peer);
	}
	qsort(times[0], ROUNDS, sizeof(double), by_size);
	qsort(times[1], ROUNDS, sizeof(double), by_size);
	printf("%s\t%.3f\t%.3f\tus\t%s\n", name, times[0][ROUNDS / 2], times[1][ROUNDS / 2],
	       peer_name);
}

int main(void)
{
	row("a policy as a line of JSON, read", read_quickly, read_with_jansson, "jansson, a tree");
	row("an answer as a line of JSON, written", write_ours, write_with_jansson,
	    "jansson, a tree");
	row("a policy in the kernel's notation, read", read_text, NULL, "none");
	strbuf_done(&text);
	return 0;
}
