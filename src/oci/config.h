/* SPDX-License-Identifier: MIT */
/*
 * A container's config.json: what in it concerns memory policies, as spans of its text.
 * Specification: config.md, config-linux.md of the OCI runtime specification 1.3.
 */
#ifndef OCI_CONFIG_H
#define OCI_CONFIG_H

#include <stdbool.h>

#include "json/path.h"
#include "json/scan.h"

/* Engines write some ten or hundred KiB. */
#define OCI_CONFIG_MAX ((size_t)8 << 20)

/* linux.memoryPolicy, where struct oci_config's policy stands. */
extern const struct json_path oci_policy_path;

struct oci_config {
	char *text;
	size_t len;
	struct span root;
	/* Absent where the text has none, or null. */
	struct scan_member linux_; /* the object "linux" */
	struct scan_member policy; /* linux.memoryPolicy */
	struct span annotations;
	struct scan_member hooks;
	struct scan_member create_runtime; /* hooks.createRuntime */
	struct span cpus, mems;		   /* of linux.resources.cpu, strings */
};

/*
 * Reads the file `name` below dir_fd. A symbolic link is followed, as runtimes do; anything but a
 * regular file, or more than OCI_CONFIG_MAX bytes, is refused. Objects where the specification
 * wants none, and keys that stand twice on the way to what is looked at, are refused.
 */
int oci_config_read(int dir_fd, const char *name, struct oci_config *ret, struct mpol_error *err);
/* The same of a text; it is taken over in any case. */
int oci_config_take(char *text, size_t len, struct oci_config *ret, struct mpol_error *err);
void oci_config_done(struct oci_config *c);

/* An annotation's value, freed by the caller; NULL in ret when it is not there. */
int oci_config_annotation(const struct oci_config *c, const char *key, char **ret,
			  struct mpol_error *err);
/* The value of a variable of process.env, freed by the caller; NULL in ret when it is not there. */
int oci_config_env(const struct oci_config *c, const char *name, char **ret,
		   struct mpol_error *err);

/*
 * Editing: each returns a new text, freed by the caller, in which all else stands as before; ret
 * and c do not share memory.
 */
/* policy: JSON of the object, or NULL to take the member out. */
int oci_config_with_policy(const struct oci_config *c, const char *policy, char **ret,
			   size_t *ret_len, struct mpol_error *err);
/*
 * Without linux.memoryPolicy (when drop_policy), without hooks of ours in hooks.createRuntime, and
 * with `hook`, JSON of an object, as the last one there.
 */
int oci_config_with_hook(const struct oci_config *c, const char *hook, bool drop_policy, char **ret,
			 size_t *ret_len, struct mpol_error *err);

/* Whether an element of hooks.createRuntime is ours; its --policy= in ret_policy, or NULL, freed by
 * the caller (may be NULL). */
bool oci_hook_is_ours(const char *text, struct span hook, char **ret_policy);

#endif
