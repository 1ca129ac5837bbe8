/* SPDX-License-Identifier: MIT */
/* Every mode and flag with its name in each notation: the one table. */
#ifndef NOTATION_NAMES_H
#define NOTATION_NAMES_H

#include <mpol/notation.h>

struct mode_names {
	const char *kernel;  /* "prefer (many)": mpol_to_str() and numa_maps */
	const char *word;    /* "preferred-many": the same without spaces, on command lines and in
				annotations */
	const char *oci;     /* "MPOL_PREFERRED_MANY" */
	const char *numactl; /* "preferred-many", the long option; NULL: numactl cannot say it */
	const char *systemd; /* NUMAPolicy= */
	const char *c;	     /* "MPOL_MODE_PREFERRED_MANY", the enumerator */
	const char *make;    /* "mpol_preferred_many", the macro that makes one */
	bool takes_nodes;
};
extern const struct mode_names mode_names[MPOL_N_MODES];

struct flag_names {
	enum mpol_flags flag;
	const char *kernel; /* "static" */
	const char *oci;    /* "MPOL_F_STATIC_NODES" */
	const char *c;	    /* "MPOL_FLAG_STATIC_NODES" */
};
#define N_FLAGS 3
extern const struct flag_names flag_names[N_FLAGS]; /* in the kernel's order of printing */

/* The mode of a kernel text's name, also of the words people write for it ("preferred"); -1: none.
 */
int mode_of_kernel_name(const char *name, size_t len);
/* The mode of its name in any notation, for hints; -1: none. */
int mode_of_any_name(const char *name, size_t len);

#endif
