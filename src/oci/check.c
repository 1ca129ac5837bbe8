/* SPDX-License-Identifier: MIT */
/* Checking a container's configuration; see check.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oci/check.h"
#include "oci/patch.h"

#include "base/cleanup.h"
#include "base/macros.h"
#include "model/nodes-expr.h"
#include "notation/notation.h"
#include "notation/oci.h"

static const struct mpol_rule rule_sets = {
	"oci-node-sets",
	EINVAL,
	"The specification knows node numbers only; the sets (all, cpu) are understood by "
	"mpol-runtime, "
	"and by no runtime itself.",
	"write the nodes as numbers, or use mpol-runtime",
	"runtime-spec config-linux.md, memoryPolicy.nodes",
	NULL,
};
static const struct mpol_rule rule_both = {
	"oci-policy-twice",
	EINVAL,
	"linux.memoryPolicy counts before any annotation; a policy that stands in both is probably "
	"meant to be one.",
	"keep one of them",
	"mpol-runtime(8)",
	NULL,
};
static const struct mpol_rule rule_cpuset = {
	"oci-cpuset",
	EINVAL,
	"The runtime writes linux.resources.cpu into the container's cpuset; what the kernel "
	"refuses "
	"there ends the container before its policy is looked at.",
	"name CPUs and nodes that are online",
	"runtime-spec config-linux.md, resources.cpu; kernel/cgroup/cpuset.c",
	NULL,
};

static struct mpol_finding *next(struct oci_check *c, enum mpol_severity severity)
{
	struct mpol_finding *f;

	if (c->n_findings == OCI_MAX_FINDINGS)
		return NULL;
	f = &c->findings[c->n_findings++];
	*f = (struct mpol_finding){ .severity = severity };
	return f;
}

static void add(struct oci_check *c, enum mpol_severity severity, const struct mpol_error *err)
{
	struct mpol_finding *f = next(c, severity);

	if (f)
		f->error = *err;
}

static bool refused(const struct oci_check *c)
{
	for (size_t i = 0; i < c->n_findings; i++)
		if (c->findings[i].severity == MPOL_REFUSED)
			return true;
	return false;
}

/* linux.memoryPolicy with all findings about its shape. */
static void check_shape(struct oci_check *c, const struct oci_config *config)
{
	size_t n = oci_policy_findings(config->text, config->policy.value, &oci_policy_path,
				       &c->source.policy, c->findings, OCI_MAX_FINDINGS);

	c->n_findings = MIN(n, OCI_MAX_FINDINGS);
	c->source.in_config = true;
	c->source.found = c->valid = !refused(c);
	(void)snprintf(c->source.where, sizeof(c->source.where), "linux.memoryPolicy");
}

static void check_source(struct oci_check *c, const struct oci_config *config)
{
	static const struct oci_settings none;
	struct mpol_error err = { 0 };
	struct oci_source annotated;
	int r = oci_source_annotations(config, &none, &annotated, &err);

	if (c->source.in_config) {
		if (r < 0 || annotated.found) {
			(void)mpol_fail(&err, &rule_both, "linux.memoryPolicy",
					"there is a policy in the annotations as well");
			add(c, MPOL_WARNING, &err);
		}
		return;
	}
	c->source = annotated;
	c->valid = annotated.found;
	if (r < 0)
		add(c, MPOL_REFUSED, &err);
}

/* A list of linux.resources.cpu; *ret is untouched when there is none. */
static bool read_list(struct oci_check *c, const struct oci_config *config, struct span value,
		      const char *key, int (*parse)(const char *, void *, struct mpol_error *),
		      void *ret)
{
	_cleanup_free_ char *text = NULL;
	char where[96], place[SCAN_PLACE];
	struct mpol_error err = { 0 };

	if (span_absent(value))
		return false;
	text = scan_string(config->text, value);
	if (!text || !*text)
		return false;
	if (parse(text, ret, &err) >= 0)
		return true;
	(void)snprintf(where, sizeof(where), "linux.resources.cpu.%s, %s", key,
		       scan_place(config->text, value.start, place));
	(void)mpol_fail(&err, &rule_cpuset, where, "\"%.60s\" is no list", text);
	add(c, MPOL_REFUSED, &err);
	return false;
}

static int parse_mems(const char *text, void *ret, struct mpol_error *err)
{
	return mpol_nodes_parse(text, ret, err);
}

static int parse_cpus(const char *text, void *ret, struct mpol_error *err)
{
	return mpol_cpus_parse(text, ret, err);
}

static void check_mems(struct oci_check *c, struct mpol_machine *m, const struct mpol_nodeset *mems)
{
	struct mpol_nodeset missing = mpol_nodes_minus(mems, &m->with_memory);
	char text[MPOL_NODES_TEXT], have[MPOL_NODES_TEXT];
	struct mpol_error err = { 0 };

	if (!mpol_nodes_empty(&missing)) {
		(void)mpol_nodes_print(&missing, text, sizeof(text));
		(void)mpol_nodes_print(&m->with_memory, have, sizeof(have));
		(void)mpol_fail(&err, &rule_cpuset, "linux.resources.cpu.mems",
				"%.60s: no such nodes with memory (there are %.60s)", text, have);
		add(c, MPOL_REFUSED, &err);
	}
	m->mems_allowed = mpol_nodes_and(mems, &m->with_memory);
}

static void check_cpus(struct oci_check *c, struct mpol_machine *m, const struct mpol_cpus *cpus)
{
	struct mpol_error err = { 0 };

	if (!mpol_cpus_subset(cpus, &m->cpus_online)) {
		(void)mpol_fail(&err, &rule_cpuset, "linux.resources.cpu.cpus",
				"not all of these CPUs are online");
		add(c, MPOL_REFUSED, &err);
	}
	m->cpus_allowed = mpol_cpus_and(cpus, &m->cpus_online);
}

/* The machine as the container will see it: a copy, the arrays stay the original's. */
static struct mpol_machine container_view(struct oci_check *c, const struct oci_config *config,
					  const struct mpol_machine *machine)
{
	struct mpol_machine m = *machine;
	struct mpol_nodeset mems;
	struct mpol_cpus cpus;

	if (read_list(c, config, config->mems, "mems", parse_mems, &mems))
		check_mems(c, &m, &mems);
	if (read_list(c, config, config->cpus, "cpus", parse_cpus, &cpus))
		check_cpus(c, &m, &cpus);
	return m;
}

/* Numbers from sets; false when there are none for this container. */
static bool resolve(struct oci_check *c, const struct mpol_machine *m)
{
	static const struct mpol_nodeset none;
	const struct mpol_policy_expr *e = &c->source.policy;
	struct mpol_error err = { 0 };
	int r;

	c->policy = (struct mpol_policy){ e->mode, e->flags, e->nodes.nodes };
	if (mpol_nodes_expr_is_literal(&e->nodes))
		return true;
	if (c->source.in_config) {
		(void)mpol_fail(&err, &rule_sets, "linux.memoryPolicy.nodes", "a set, not numbers");
		add(c, MPOL_WARNING, &err);
	}
	if (!m)
		return false;
	r = nodes_expr_evaluate(&e->nodes, m, NULL, &none, &c->policy.nodes, &err);
	if (r < 0)
		add(c, MPOL_REFUSED, &err);
	return r >= 0;
}

static void check_rules(struct oci_check *c, const struct mpol_machine *m)
{
	size_t room = OCI_MAX_FINDINGS - c->n_findings;
	int n = mpol_check_profile(&c->policy, m, MPOL_PROFILE_OCI, &c->findings[c->n_findings],
				   room);

	for (size_t i = 0; i < MIN((size_t)n, room); i++)
		mpol_error_within(&c->findings[c->n_findings + i].error, c->source.where);
	c->n_findings += MIN((size_t)n, room);
}

static void check_config(const struct oci_config *config, const struct mpol_machine *machine,
			 struct oci_check *ret)
{
	struct mpol_machine view;

	if (!span_absent(config->policy.value))
		check_shape(ret, config);
	check_source(ret, config);
	if (machine)
		view = container_view(ret, config, machine);
	if (ret->source.found && resolve(ret, machine ? &view : NULL))
		check_rules(ret, machine ? &view : NULL);
}

int oci_check(const char *path, const struct mpol_machine *machine, struct oci_check *ret,
	      struct mpol_error *err)
{
	_cleanup_(oci_config_done) struct oci_config config = { 0 };
	_cleanup_close_ int dir = -1;
	const char *name;
	int r = oci_bundle_open(path, &dir, &name, err);

	*ret = (struct oci_check){ 0 };
	if (r >= 0)
		r = oci_config_read(dir, name, &config, err);
	if (r < 0)
		return r;
	check_config(&config, machine, ret);
	return 0;
}
