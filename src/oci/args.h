/* SPDX-License-Identifier: MIT */
/*
 * The command line of an OCI runtime, as engines write it for runc, crun and youki: global options,
 * a command, its options, a container's id. What the front does not need to know it passes on as it
 * came.
 */
#ifndef OCI_ARGS_H
#define OCI_ARGS_H

#include <stdbool.h>

#include <mpol/error.h>

struct oci_args {
	/* What the real runtime gets: argv[0], everything but options of ours, NULL. */
	int argc;
	char **argv;	     /* the array is ours, the strings are the caller's */
	int command_at;	     /* index into argv; 0: there is no command */
	const char *command; /* "" when there is none */

	/* Ours, before the command; NULL when not given. */
	const char *policy;   /* --mpol=POLICY */
	const char *real;     /* --mpol-real=PATH, --real=PATH */
	const char *settings; /* --mpol-settings=FILE; "" : none */
	bool env;	      /* --mpol-env */

	/* The runtime's, NULL when not given. */
	const char *root, *log, *log_format;
	const char *bundle, *config; /* of create, run and restore */
	const char *preserve_fds;
	const char *cgroup_manager; /* crun's name for what runc says with --systemd-cgroup */
	bool ignore_paused;
};

/* Refuses only what is wrong with options of ours. Release with oci_args_done(). */
int oci_args_parse(int argc, char **argv, struct oci_args *ret, struct mpol_error *err);
void oci_args_done(struct oci_args *a);
/* Puts an argument behind the command; it must outlive a. */
int oci_args_insert(struct oci_args *a, char *argument);
/* Takes an option out of argv by the value that was found for it; NULL: nothing. */
void oci_args_drop(struct oci_args *a, const char *value);
/* Says in runc's and youki's words what was said in crun's: --cgroup-manager. */
void oci_args_speak_runc(struct oci_args *a);
/* The n-th argument behind the command that is no option, from 0, as far as that can be told: an
 * unknown option's value counts, too. NULL when there are fewer. */
const char *oci_args_operand(const struct oci_args *a, unsigned n);

bool oci_args_creates(const struct oci_args *a); /* create or run */

#endif
