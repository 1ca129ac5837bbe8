/* SPDX-License-Identifier: MIT */
/*
 * What a kernel of a given version makes of policies: one row per difference. Only for versions
 * that were given; a running kernel is asked (kernel/probe.c), since distributions carry fixes that
 * their version does not show.
 *
 * release: the kernel's name, "6.12.107+deb13-cloud-amd64". branch: its X.Y. sublevel: its Z.
 */
#include <errno.h>
#include <stdio.h>

#include <mpol/predict.h>

#include "base/macros.h"
#include "model/rebind.h"

static const struct mpol_rule rule_version = {
	"kernel-version",
	EINVAL,
	"What a kernel makes of policies is looked up by the two or three numbers its name begins "
	"with.",
	"write it like 6.12, 6.12.107 or 6.12.107+deb13-cloud-amd64",
	"Makefile KERNELVERSION",
	NULL,
};

/* Kernels before this one are taken for it: nothing about policies changed since 3.8 (MPOL_LOCAL).
 */
#define OLDEST_MODES                                                                  \
	(1u << MPOL_MODE_DEFAULT | 1u << MPOL_MODE_PREFERRED | 1u << MPOL_MODE_BIND | \
	 1u << MPOL_MODE_INTERLEAVE | 1u << MPOL_MODE_LOCAL)

struct version {
	unsigned branch[2];
	unsigned sublevel;
};
#define NEWEST_SUBLEVEL (~0u)

static void learn_balancing(struct mpol_kernel *k)
{
	k->flags |= MPOL_FLAG_NUMA_BALANCING;
	k->balancing_keeps_user_nodes = true;
}
static void learn_local(struct mpol_kernel *k)
{
	k->local_is_a_mode = true;
}
static void learn_preferred_many(struct mpol_kernel *k)
{
	k->modes |= 1u << MPOL_MODE_PREFERRED_MANY;
}
static void learn_whole_words(struct mpol_kernel *k)
{
	k->mask_checks_whole_words = true;
}
static void learn_weighted_interleave(struct mpol_kernel *k)
{
	k->modes |= 1u << MPOL_MODE_WEIGHTED_INTERLEAVE;
}
static void learn_balancing_with_preferred_many(struct mpol_kernel *k)
{
	k->balancing_with_preferred_many = true;
}
static void learn_balancing_is_shown(struct mpol_kernel *k)
{
	k->balancing_is_shown = true;
}
static void learn_balancing_forgets_user_nodes(struct mpol_kernel *k)
{
	k->balancing_keeps_user_nodes = false;
}

static const struct mpol_kernel_feature features[] = {
	{ "balancing", "5.12",
	  "sanitize_mpol_flags(), commit bda420b98505 (\"numa balancing: migrate on fault among "
	  "multiple bound nodes\")",
	  "the flag NUMA_BALANCING, with BIND" },
	{ "local", "5.14",
	  "mpol_new(), mpol_rebind_preferred(), commit 7858d7bca7fb (\"mm/mempolicy: don't handle "
	  "MPOL_LOCAL like a fake MPOL_PREFERRED policy\")",
	  "LOCAL reads back as LOCAL, and a change of the cpuset no longer renumbers PREFERRED" },
	{ "preferred-many", "5.15",
	  "enum in include/uapi/linux/mempolicy.h, commit b27abaccf8e8 (\"mm/mempolicy: add "
	  "MPOL_PREFERRED_MANY for multiple preferred nodes\")",
	  "the mode PREFERRED_MANY" },
	{ "mask-words", "5.15",
	  "get_nodes(), commit e130242dc351 (\"mm: simplify compat numa syscalls\")",
	  "of a node mask longer than 1024 bits the whole last word must be clear" },
	{ "weighted-interleave", "6.9",
	  "enum in include/uapi/linux/mempolicy.h, commit fa3bea4e1f82 (\"mm/mempolicy: introduce "
	  "MPOL_WEIGHTED_INTERLEAVE for weighted interleaving\")",
	  "the mode WEIGHTED_INTERLEAVE" },
	{ "balancing-preferred-many", "6.10",
	  "sanitize_mpol_flags(), commit 133d04b1eee9 (\"mm/numa_balancing: allow migrate on "
	  "protnone reference with MPOL_PREFERRED_MANY policy\")",
	  "the flag NUMA_BALANCING with PREFERRED_MANY" },
	{ "balancing-shown", "6.11, 6.10.3, 6.6.44, 6.1.103, 5.15.165",
	  "mpol_to_str(), commit af649773fb25 (\"mm/numa_balancing: teach mpol_to_str about the "
	  "balancing mode\")",
	  "numa_maps prints \"=balancing\" and no longer \"default\"" },
	{ "balancing-base", "7.0",
	  "mpol_store_user_nodemask(), (\"mm/mempolicy: fix mpol_rebind_nodemask() for "
	  "MPOL_F_NUMA_BALANCING\")",
	  "with NUMA_BALANCING alone get_mempolicy(2) answers the nodes in force, and a change of "
	  "the cpuset renumbers from the old cpuset" },
};

/* since: the mainline release; stable: the branches that took the change, and from which sublevel.
 * Beside features. */
static const struct {
	struct version since, stable[4];
	void (*learn)(struct mpol_kernel *k);
} changes[ELEMENTSOF(features)] = {
	{ { { 5, 12 } }, .learn = learn_balancing },
	{ { { 5, 14 } }, .learn = learn_local },
	{ { { 5, 15 } }, .learn = learn_preferred_many },
	{ { { 5, 15 } }, .learn = learn_whole_words },
	{ { { 6, 9 } }, .learn = learn_weighted_interleave },
	{ { { 6, 10 } }, .learn = learn_balancing_with_preferred_many },
	{ { { 6, 11 } },
	  { { { 6, 10 }, 3 }, { { 6, 6 }, 44 }, { { 6, 1 }, 103 }, { { 5, 15 }, 165 } },
	  learn_balancing_is_shown },
	{ { { 7, 0 } }, .learn = learn_balancing_forgets_user_nodes },
};

static bool same_branch(const struct version *a, const struct version *b)
{
	return a->branch[0] == b->branch[0] && a->branch[1] == b->branch[1];
}

static bool at_least(const struct version *v, const struct version *since)
{
	if (v->branch[0] != since->branch[0])
		return v->branch[0] > since->branch[0];
	return v->branch[1] >= since->branch[1];
}

static bool has(const struct version *v, size_t change)
{
	if (at_least(v, &changes[change].since))
		return true;
	for (size_t i = 0; i < ELEMENTSOF(changes[change].stable); i++) {
		const struct version *stable = &changes[change].stable[i];

		if (stable->branch[0] && same_branch(v, stable) && v->sublevel >= stable->sublevel)
			return true;
	}
	return false;
}

/* A number of at most four digits at *p; advances p. */
static bool read_number(const char **p, unsigned *ret)
{
	unsigned value = 0, digits = 0;

	for (; **p >= '0' && **p <= '9'; (*p)++, digits++)
		if (digits < 5)
			value = value * 10 + (unsigned)(**p - '0');
	*ret = value;
	return digits > 0 && digits < 5;
}

/*
 * Distributions that leave the sublevel at 0 and count their own builds behind a dash
 * ("6.1.0-56-cloud-amd64", "5.15.0-91-generic") follow the stable branch without showing how far:
 * such a kernel is taken for the branch's newest, as is one named by its branch alone.
 */
static bool hides_sublevel(const char *rest)
{
	return rest[0] == '-' && rest[1] >= '0' && rest[1] <= '9';
}

static bool read_version(const char *text, struct version *ret)
{
	struct version v = { .sublevel = NEWEST_SUBLEVEL };
	const char *p = text;

	if (!read_number(&p, &v.branch[0]) || *p++ != '.' || !read_number(&p, &v.branch[1]))
		return false;
	if (*p == '.') {
		p++;
		if (!read_number(&p, &v.sublevel))
			return false;
		if (v.sublevel == 0 && hides_sublevel(p))
			v.sublevel = NEWEST_SUBLEVEL;
	}
	*ret = v;
	return true;
}

int mpol_kernel_from_version(const char *version, struct mpol_kernel *ret, struct mpol_error *err)
{
	struct mpol_kernel k = {
		.known = true,
		.modes = OLDEST_MODES,
		.flags = MPOL_FLAG_STATIC_NODES | MPOL_FLAG_RELATIVE_NODES,
	};
	struct version v;

	if (!read_version(version, &v))
		return mpol_fail(err, &rule_version, "",
				 "'%.64s' does not begin with a kernel version", version);
	(void)snprintf(k.release, sizeof(k.release), "%.64s", version);
	for (size_t i = 0; i < ELEMENTSOF(changes); i++)
		if (has(&v, i))
			changes[i].learn(&k);
	*ret = k;
	return 0;
}

const struct mpol_kernel *kernel_newest(void)
{
	static const struct mpol_kernel newest = {
		.known = true,
		.modes = (1u << MPOL_N_MODES) - 1,
		.flags = MPOL_ALL_FLAGS,
		.balancing_with_preferred_many = true,
		.local_is_a_mode = true,
		.balancing_is_shown = true,
		.mask_checks_whole_words = true,
	};

	return &newest;
}

const struct mpol_kernel_feature *mpol_kernel_features(size_t *n)
{
	*n = ELEMENTSOF(features);
	return features;
}
