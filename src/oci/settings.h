/* SPDX-License-Identifier: MIT */
/*
 * The operator's settings, /etc/mpol/runtime.json; a missing file is an empty one.
 *
 *     { "real": "/usr/bin/runc", "policy": "interleave:all", "env": false, "native": "auto",
 *       "classes": { "database": "interleave:0-1" } }
 */
#ifndef OCI_SETTINGS_H
#define OCI_SETTINGS_H

#include <stdbool.h>

#include "json/scan.h"

#define OCI_SETTINGS_FILE "/etc/mpol/runtime.json"

/* Whether a runtime that knows linux.memoryPolicy itself is left to apply it. */
enum oci_native {
	OCI_NATIVE_AUTO, /* where it is known to do so exactly */
	OCI_NATIVE_NEVER,
	OCI_NATIVE_ALWAYS, /* for architectures without an injector */
};

struct oci_settings {
	char *text;	     /* of the file; NULL: there was none */
	char *real, *policy; /* NULL: not set */
	bool env;
	enum oci_native native;
	struct span classes;
};

/*
 * path NULL: OCI_SETTINGS_FILE, where there is one; "": none; another has to be there. Unknown keys
 * are errors, as they would be misspelt wishes.
 */
int oci_settings_read(const char *path, struct oci_settings *ret, struct mpol_error *err);
void oci_settings_done(struct oci_settings *s);
/* The policy of a class, freed by the caller; NULL in ret when there is no such class. */
int oci_settings_class(const struct oci_settings *s, const char *name, char **ret,
		       struct mpol_error *err);

#endif
