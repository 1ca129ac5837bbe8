/* SPDX-License-Identifier: MIT */
/* The real runtime behind the front: which program it is, and what is known about it. */
#ifndef OCI_REAL_H
#define OCI_REAL_H

#include <mpol/policy.h>

#include "oci/args.h"
#include "oci/settings.h"

#define REAL_PATH 4096

struct oci_real {
	char path[REAL_PATH]; /* absolute */
	bool is_crun;	      /* takes --config=FILE */
};

/*
 * --mpol-real, $MPOL_REAL, "real" of the settings, the name the front was called by (mpol-crun:
 * crun), then the first of runc, crun and youki in the usual directories. The front itself is
 * refused.
 */
int oci_real_find(const struct oci_args *a, const struct oci_settings *s, struct oci_real *ret,
		  struct mpol_error *err);

/* Whether the runtime itself is left to apply linux.memoryPolicy: as the settings say, or where
 * oci_runtimes[] says that it does so exactly for p. */
bool oci_real_is_native(const struct oci_real *real, const struct oci_settings *s,
			const struct mpol_policy *p);

/* Runs it with these arguments; its stdout, freed by the caller. -EPIPE when it failed. */
int oci_real_ask(const struct oci_real *real, const char *const *argv, char **ret,
		 struct mpol_error *err);
/* Asks it for its name and version, "runc" and "1.1.5+ds1". */
int oci_real_version(const struct oci_real *real, char name[32], char version[64],
		     struct mpol_error *err);

/* Becomes it. Returns only when that fails. */
int oci_real_exec(const struct oci_real *real, const struct oci_args *a, struct mpol_error *err);

#endif
