/* SPDX-License-Identifier: MIT */
/* Every mode and flag with its name in each notation; see names.h. */
#include <string.h>

#include "base/macros.h"
#include "notation/names.h"

/*
 * kernel: policy_modes[] of mm/mempolicy.c. oci: runtime-spec 1.3 config-linux.md. numactl: the
 * long options of numactl(8), which sets no default. systemd: systemd.exec(5), the last two since
 * its pull request 42688.
 */
/* clang-format off */
const struct mode_names mode_names[MPOL_N_MODES] = {
	[MPOL_MODE_DEFAULT] = {
		.kernel = "default", .word = "default", .oci = "MPOL_DEFAULT", .systemd = "default",
		.c = "MPOL_MODE_DEFAULT", .make = "mpol_default" },
	[MPOL_MODE_PREFERRED] = {
		.kernel = "prefer", .word = "prefer", .oci = "MPOL_PREFERRED", .numactl = "preferred", .systemd = "preferred",
		.c = "MPOL_MODE_PREFERRED", .make = "mpol_preferred", .takes_nodes = true },
	[MPOL_MODE_BIND] = {
		.kernel = "bind", .word = "bind", .oci = "MPOL_BIND", .numactl = "membind", .systemd = "bind",
		.c = "MPOL_MODE_BIND", .make = "mpol_bind", .takes_nodes = true },
	[MPOL_MODE_INTERLEAVE] = {
		.kernel = "interleave", .word = "interleave", .oci = "MPOL_INTERLEAVE", .numactl = "interleave", .systemd = "interleave",
		.c = "MPOL_MODE_INTERLEAVE", .make = "mpol_interleave", .takes_nodes = true },
	[MPOL_MODE_LOCAL] = {
		.kernel = "local", .word = "local", .oci = "MPOL_LOCAL", .numactl = "localalloc", .systemd = "local",
		.c = "MPOL_MODE_LOCAL", .make = "mpol_local" },
	[MPOL_MODE_PREFERRED_MANY] = {
		.kernel = "prefer (many)", .word = "preferred-many", .oci = "MPOL_PREFERRED_MANY", .numactl = "preferred-many", .systemd = "preferred-many",
		.c = "MPOL_MODE_PREFERRED_MANY", .make = "mpol_preferred_many", .takes_nodes = true },
	[MPOL_MODE_WEIGHTED_INTERLEAVE] = {
		.kernel = "weighted interleave", .word = "weighted-interleave", .oci = "MPOL_WEIGHTED_INTERLEAVE",
		.numactl = "weighted-interleave", .systemd = "weighted-interleave",
		.c = "MPOL_MODE_WEIGHTED_INTERLEAVE", .make = "mpol_weighted_interleave", .takes_nodes = true },
};

/* mpol_to_str() of mm/mempolicy.c prints static or relative first. */
const struct flag_names flag_names[N_FLAGS] = {
	{ MPOL_FLAG_STATIC_NODES, "static", "MPOL_F_STATIC_NODES", "MPOL_FLAG_STATIC_NODES" },
	{ MPOL_FLAG_RELATIVE_NODES, "relative", "MPOL_F_RELATIVE_NODES", "MPOL_FLAG_RELATIVE_NODES" },
	{ MPOL_FLAG_NUMA_BALANCING, "balancing", "MPOL_F_NUMA_BALANCING", "MPOL_FLAG_NUMA_BALANCING" },
};
/* clang-format on */

/* What is read besides the names that are printed: other notations' words for the same. */
static const struct {
	const char *name;
	enum mpol_mode mode;
} aliases[] = {
	{ "preferred", MPOL_MODE_PREFERRED },
	{ "prefer-many", MPOL_MODE_PREFERRED_MANY },
};

static bool is(const char *name, size_t len, const char *known)
{
	return strlen(known) == len && memcmp(name, known, len) == 0;
}

int mode_of_kernel_name(const char *name, size_t len)
{
	for (int m = 0; m < MPOL_N_MODES; m++)
		if (is(name, len, mode_names[m].kernel) || is(name, len, mode_names[m].word))
			return m;
	for (size_t i = 0; i < ELEMENTSOF(aliases); i++)
		if (is(name, len, aliases[i].name))
			return (int)aliases[i].mode;
	return -1;
}

int mode_of_any_name(const char *name, size_t len)
{
	for (int m = 0; m < MPOL_N_MODES; m++) {
		const struct mode_names *n = &mode_names[m];

		if (is(name, len, n->oci) || is(name, len, n->systemd) ||
		    (n->numactl && is(name, len, n->numactl)))
			return m;
	}
	return mode_of_kernel_name(name, len);
}

const char *mpol_mode_name(enum mpol_mode mode)
{
	return (unsigned)mode < MPOL_N_MODES ? mode_names[mode].kernel : NULL;
}

const char *mpol_flag_name(enum mpol_flags flag)
{
	for (size_t i = 0; i < N_FLAGS; i++)
		if (flag_names[i].flag == flag)
			return flag_names[i].kernel;
	return NULL;
}
