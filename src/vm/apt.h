/* SPDX-License-Identifier: MIT */
/*
 * apt with a state of its own: other suites than this host's, without touching what the host has
 * configured. The mirror is the one that the host's own sources name.
 */
#ifndef VM_APT_H
#define VM_APT_H

#include "vm/strv.h"

#include <mpol/error.h>

struct apt_suite {
	const char *distribution; /* "debian", "ubuntu": which of the host's mirrors, and which
				     keyring */
	const char *name;	  /* "trixie" */
};

/* ID and VERSION_CODENAME of this host's os-release; "" when unknown. */
void apt_host(char distribution[32], char codename[32]);

/*
 * Options for apt-get and apt-cache that make them use this suite (with its -updates and
 * -security), in a directory below cache; refreshes its package lists. NULL suite: the host's own
 * configuration, as it is.
 */
int apt_prepare(const char *cache, const struct apt_suite *suite, struct strv *ret_options,
		struct mpol_error *err);
/* What a package depends on, one name a line, alternatives included; freed by the caller. -ENOENT
 * when there is no such package. */
int apt_depends(const struct strv *options, const char *package, char **ret);
/* Downloads packages into a directory and unpacks them there with dpkg -x. */
int apt_unpack(const struct strv *options, const struct strv *packages, const char *directory,
	       struct mpol_error *err);

#endif
