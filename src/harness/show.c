/* SPDX-License-Identifier: MIT */
/* Writing a test as YAML; see show.h. Keys are the names of the structs' members. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpol/notation.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "checks/metrics.h"
#include "harness/setup.h"
#include "harness/show.h"
#include "harness/step-kinds.h"
#include "work/kinds.h"
#include "work/placing.h"

/* Plain where YAML reads it back as the same string, quoted otherwise. */
static void put_text(struct strbuf *out, const char *text)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789/.-";

	if (*text && strspn(text, plain) == strlen(text) && strchr("-.0123456789", *text) == NULL) {
		strbuf_puts(out, text);
		return;
	}
	strbuf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			strbuf_putc(out, '\\');
		if ((unsigned char)*text < ' ')
			strbuf_printf(out, "\\x%02x", (unsigned char)*text);
		else
			strbuf_putc(out, *text);
	}
	strbuf_putc(out, '"');
}

static void put_member(struct strbuf *out, const char *indent, const char *key, const char *text)
{
	if (!text || !*text)
		return;
	strbuf_printf(out, "%s%s: ", indent, key);
	put_text(out, text);
	strbuf_putc(out, '\n');
}

static void put_number(struct strbuf *out, const char *indent, const char *key,
		       unsigned long long value)
{
	if (value)
		strbuf_printf(out, "%s%s: %llu\n", indent, key, value);
}

/* The shortest text that is read back as the same number. */
static const char *number(char buf[40], double value)
{
	for (int digits = 6; digits <= 17; digits++) {
		(void)snprintf(buf, 40, "%.*g", digits, value);
		if (strtod(buf, NULL) == value)
			break;
	}
	return buf;
}

static void put_flag(struct strbuf *out, const char *indent, const char *key, bool value)
{
	if (value)
		strbuf_printf(out, "%s%s: true\n", indent, key);
}

static void put_nodes(struct strbuf *out, const char *indent, const char *key,
		      const struct mpol_nodeset *s)
{
	char list[MPOL_NODES_TEXT];

	(void)mpol_nodes_print(s, list, sizeof(list));
	put_member(out, indent, key, list);
}

static void put_machine(struct strbuf *out, const struct mpol_shape *m)
{
	if (!m->nodes && !m->llcs && !m->cores && !m->threads && !m->cpus && !m->memory &&
	    !m->hotplug && !m->distance && !m->latency && !m->bandwidth)
		return;
	strbuf_puts(out, "machine:\n");
	put_number(out, "  ", "nodes", m->nodes);
	put_number(out, "  ", "llcs", m->llcs);
	put_number(out, "  ", "cores", m->cores);
	put_number(out, "  ", "threads", m->threads);
	put_member(out, "  ", "cpus", m->cpus);
	put_member(out, "  ", "memory", m->memory);
	put_member(out, "  ", "hotplug", m->hotplug);
	put_member(out, "  ", "distance", m->distance);
	put_member(out, "  ", "latency", m->latency);
	put_member(out, "  ", "bandwidth", m->bandwidth);
}

static void put_needs(struct strbuf *out, const struct mpol_needs *n)
{
	static const struct mpol_needs nothing;

	if (memcmp(n, &nothing, sizeof(nothing)) == 0)
		return;
	strbuf_puts(out, "needs:\n");
	put_number(out, "  ", "nodes", n->nodes);
	put_number(out, "  ", "cpus", n->cpus);
	put_flag(out, "  ", "weighted_interleave", n->weighted_interleave);
	put_flag(out, "  ", "preferred_many", n->preferred_many);
	put_flag(out, "  ", "cgroup_v2", n->cgroup_v2);
	put_flag(out, "  ", "cgroup_v1", n->cgroup_v1);
	put_flag(out, "  ", "cpuset_migrates", n->cpuset_migrates);
	put_flag(out, "  ", "memory_only_node", n->memory_only_node);
	put_flag(out, "  ", "root", n->root);
}

static void put_cpuset(struct strbuf *out, const char *indent, const struct mpol_cpuset_spec *c)
{
	switch (c->kind) {
	case CPUSET_NODE:
		strbuf_printf(out, "%scpuset: node %u\n", indent, c->index);
		break;
	case CPUSET_LLC:
		strbuf_printf(out, "%scpuset: llc %u\n", indent, c->index);
		break;
	case CPUSET_LIST:
		put_member(out, indent, "cpuset", c->list);
		break;
	case CPUSET_NONE:
		break;
	}
}

static void put_bounds(struct strbuf *out, const char *indent,
		       const struct mpol_bound expect[MPOL_N_METRICS])
{
	bool begun = false;
	char value[40];

	for (size_t id = 0; id < MPOL_N_METRICS; id++) {
		if (expect[id].kind == MPOL_INHERIT)
			continue;
		if (!begun)
			strbuf_printf(out, "%sexpect:\n", indent);
		begun = true;
		if (expect[id].kind == MPOL_DISABLED)
			strbuf_printf(out, "%s  %s: unchecked\n", indent, metrics[id].key);
		else
			strbuf_printf(out, "%s  %s: \"%s %s\"\n", indent, metrics[id].key,
				      expect[id].kind == MPOL_MINIMUM ? ">=" : "<=",
				      number(value, expect[id].value));
	}
}

static void put_real(struct strbuf *out, const char *indent, const char *key, double value)
{
	char text[40];

	if (value != 0)
		strbuf_printf(out, "%s%s: %s\n", indent, key, number(text, value));
}

static void put_policy(struct strbuf *out, const char *indent, const struct mpol_policy *p)
{
	char text[MPOL_POLICY_TEXT];

	if (p->mode == MPOL_MODE_DEFAULT && !p->flags && mpol_nodes_empty(&p->nodes))
		return;
	(void)mpol_policy_print(p, text, sizeof(text));
	put_member(out, indent, "policy", text);
}

static void put_affinity(struct strbuf *out, const char *indent, const struct mpol_affinity *a)
{
	switch (a->kind) {
	case MPOL_AFFINITY_LIST:
		put_member(out, indent, "affinity", a->list);
		break;
	case MPOL_AFFINITY_ONE:
		strbuf_printf(out, "%saffinity: one\n", indent);
		break;
	case MPOL_AFFINITY_RANDOM:
		strbuf_printf(out, "%saffinity: random %u\n", indent, a->count);
		break;
	case MPOL_AFFINITY_INHERIT:
		break;
	}
}

static void put_command(struct strbuf *out, const char *indent, const struct mpol_work_spec *w)
{
	if (w->command)
		strbuf_printf(out, "%scommand: [", indent);
	for (size_t i = 0; w->command && w->command[i]; i++) {
		strbuf_puts(out, i ? ", " : "");
		put_text(out, w->command[i]);
	}
	if (w->command)
		strbuf_puts(out, "]\n");
}

/* After its kind, which stands on the line before. */
static void put_work_members(struct strbuf *out, const char *indent, const struct mpol_work_spec *w)
{
	put_number(out, indent, "bytes", w->bytes);
	put_flag(out, indent, "huge", w->huge);
	put_number(out, indent, "seed", w->seed);
	put_real(out, indent, "busy", w->busy);
	put_real(out, indent, "pause", w->pause);
	put_member(out, indent, "file", w->file);
	put_command(out, indent, w);
	put_flag(out, indent, "held", w->held);
	put_number(out, indent, "workers", w->workers);
	put_policy(out, indent, &w->policy);
	put_affinity(out, indent, &w->affinity);
	put_member(out, indent, "sched", sched_names[w->sched]);
	put_real(out, indent, "priority", w->priority);
	put_real(out, indent, "nice", w->nice);
}

static void put_work(struct strbuf *out, const struct mpol_cgroup_def *def)
{
	static const struct mpol_work_spec nothing;
	size_t n = groups_declared(def);

	if (n == 0 && memcmp(&def->work, &nothing, sizeof(nothing)) != 0) {
		strbuf_printf(out, "    work:\n      kind: %s\n", work_kinds[def->work.kind].name);
		put_work_members(out, "      ", &def->work);
	}
	if (n > 0)
		strbuf_puts(out, "    works:\n");
	for (size_t i = 0; i < n; i++) {
		strbuf_printf(out, "      - kind: %s\n", work_kinds[def->works[i].kind].name);
		put_work_members(out, "        ", &def->works[i]);
	}
}

/* shares: { 0: 0.75, 1: 0.25 } */
static void put_shares(struct strbuf *out, const char *indent, const float *shares)
{
	bool begun = false;
	char text[40];

	for (size_t i = 0; i < MPOL_MAX_SHARES; i++) {
		if (shares[i] == 0)
			continue;
		for (int digits = 1; digits <= 9; digits++) { /* the shortest, as a float */
			(void)snprintf(text, sizeof(text), "%.*g", digits, (double)shares[i]);
			if (strtof(text, NULL) == shares[i])
				break;
		}
		strbuf_printf(out, "%s%s%zu: %s", begun ? "" : indent, begun ? ", " : "shares: { ",
			      i, text);
		begun = true;
	}
	if (begun)
		strbuf_puts(out, " }\n");
}

static void put_weights(struct strbuf *out, const char *indent, const uint8_t *weights)
{
	bool begun = false;

	for (size_t i = 0; i < MPOL_MAX_SHARES; i++) {
		if (!weights[i])
			continue;
		strbuf_printf(out, "%s%s%zu: %u", begun ? "" : indent, begun ? ", " : "weights: { ",
			      i, weights[i]);
		begun = true;
	}
	if (begun)
		strbuf_puts(out, " }\n");
}

/* Members that a step does not have are as empty as those that it does not give. */
static void put_step(struct strbuf *out, const struct mpol_step *step)
{
	static const char indent[] = "    ";

	strbuf_printf(out, "  - kind: %s\n", step_kinds[step->kind].name);
	put_member(out, indent, "cgroup", step->cgroup);
	put_number(out, indent, "group", step->group);
	put_member(out, indent, "other", step->other);
	put_cpuset(out, indent, &step->cpuset);
	put_nodes(out, indent, "mems", &step->mems);
	put_policy(out, indent, &step->policy);
	put_member(out, indent, "cpus", step->cpus);
	if (step_kinds[step->kind].takes & STEP_NODE)
		strbuf_printf(out, "%snode: %u\n", indent, step->node);
	put_number(out, indent, "bytes", step->bytes);
	put_real(out, indent, "seconds", step->seconds);
	put_number(out, indent, "rounds", step->rounds);
	put_weights(out, indent, step->weights);
}

static void put_steps(struct strbuf *out, const struct mpol_test *t)
{
	size_t n = steps_declared(t);

	if (n > 0)
		strbuf_puts(out, "then:\n");
	for (size_t i = 0; i < n; i++)
		put_step(out, &t->then[i]);
}

static void put_hugepages(struct strbuf *out, const unsigned *hugepages)
{
	bool begun = false;

	for (size_t i = 0; i < MPOL_MAX_SHARES; i++) {
		if (!hugepages[i])
			continue;
		strbuf_printf(out, "%s%zu: %u", begun ? ", " : "hugepages: { ", i, hugepages[i]);
		begun = true;
	}
	if (begun)
		strbuf_puts(out, " }\n");
}

static void put_cgroup(struct strbuf *out, const struct mpol_cgroup_def *def)
{
	static const char indent[] = "    ";

	strbuf_puts(out, "  - name: ");
	put_text(out, def->name);
	strbuf_putc(out, '\n');
	put_cpuset(out, indent, &def->cpuset);
	put_nodes(out, indent, "mems", &def->mems);
	put_number(out, indent, "workers", def->workers);
	put_work(out, def);
	put_policy(out, indent, &def->policy);
	put_nodes(out, indent, "judge", &def->judge);
	put_shares(out, indent, def->shares);
	put_bounds(out, indent, def->expect);
}

/* --- Functions. --- */

static const char *function_in_cgroup(const struct mpol_cgroup_def *def)
{
	size_t n = groups_declared(def);
	bool found = n == 0 && def->work.kind == MPOL_WORK_FUNCTION;

	for (size_t i = 0; i < n; i++)
		found = found || def->works[i].kind == MPOL_WORK_FUNCTION;
	return found ? "workers" : NULL;
}

/* Whose function it is; NULL: all of the test is data. */
static const char *function_in(const struct mpol_test *t)
{
	const char *found = t->steps ? "steps" : NULL;

	for (size_t i = 0; i < steps_declared(t) && !found; i++)
		found = t->then[i].kind == MPOL_STEP_CALL ? "steps" : NULL;
	for (size_t i = 0; i < MPOL_MAX_CGROUPS && t->cgroups[i].name && !found; i++)
		found = function_in_cgroup(&t->cgroups[i]);
	return found;
}

static void put_test(const struct mpol_test_entry *entry, struct strbuf *out)
{
	const struct mpol_test *t = entry->test;

	put_member(out, "", "name", entry->name);
	put_member(out, "", "why", t->why);
	put_machine(out, &t->machine);
	put_needs(out, &t->needs);
	put_real(out, "", "seconds", t->seconds);
	put_weights(out, "", t->weights);
	put_hugepages(out, t->hugepages);
	put_flag(out, "", "numa_balancing", t->numa_balancing);
	if (t->cgroups[0].name)
		strbuf_puts(out, "cgroups:\n");
	for (size_t i = 0; i < MPOL_MAX_CGROUPS && t->cgroups[i].name; i++)
		put_cgroup(out, &t->cgroups[i]);
	put_steps(out, t);
	put_bounds(out, "", t->expect);
	put_member(out, "", "must_end", t->must_end);
}

static void put_commented(const char *text, struct strbuf *out)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		strbuf_puts(out, "# ");
		strbuf_add(out, text, len);
		strbuf_putc(out, '\n');
		text += len + (text[len] == '\n');
	}
}

bool show_test(const struct mpol_test_entry *entry, struct strbuf *out)
{
	_cleanup_(strbuf_done) struct strbuf text = { 0 };
	const char *function = function_in(entry->test);

	strbuf_printf(out, "# %s:%d\n", entry->file, entry->line);
	if (!function) {
		put_test(entry, out);
		return true;
	}
	strbuf_printf(out,
		      "# No scenario: its %s have a function, which can only be declared in C.\n",
		      function);
	put_test(entry, &text);
	put_commented(strbuf_text(&text), out);
	out->failed = out->failed || text.failed;
	return false;
}

bool show_suite(const struct mpol_bound *expect, struct strbuf *out)
{
	_cleanup_(strbuf_done) struct strbuf text = { 0 };

	if (expect)
		put_bounds(&text, "  ", expect);
	if (text.len > 0)
		strbuf_printf(out, "suite:\n%s", strbuf_text(&text));
	return text.len > 0;
}
