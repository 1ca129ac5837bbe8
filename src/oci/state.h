/* SPDX-License-Identifier: MIT */
/*
 * What runtimes write down about their containers, read instead of asked (`runtime state` costs a
 * start of it): runc's <root>/ID/state.json, crun's <root>/ID/status and config.json, youki's
 * <root>/ID/state.json. In them also stands the hook that the front gave the container, and with it
 * the policy it was started with.
 */
#ifndef OCI_STATE_H
#define OCI_STATE_H

#include <stdbool.h>
#include <sys/types.h>

#include <mpol/error.h>

#define OCI_ID_MAX 1024

struct oci_state {
	pid_t pid;	   /* of the container's init */
	char *hook_policy; /* the --policy= of our hook; NULL: the container has none */
	char *bundle;	   /* NULL: unknown */
};

/*
 * Reads the state of a container below the root directory given with --root; without one (NULL)
 * below those that the runtime of that name ("runc"; "": any known one) uses by itself. -ENOENT: no
 * such container there. -ESRCH: its init has ended.
 */
int oci_state_find(const char *root, const char *runtime, const char *id, struct oci_state *ret,
		   struct mpol_error *err);
void oci_state_done(struct oci_state *s);

/* Whether a text can be a container's id: no path. */
bool oci_id_is_valid(const char *id);

#endif
