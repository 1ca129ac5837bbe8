/* SPDX-License-Identifier: MIT */
/* mpol oci: a bundle's config.json, and what a runtime answers. The verbs stand in oci-<verb>.c. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/commands.h"
#include "cli/oci.h"
#include "cli/policy.h"
#include "oci/features.h"
#include "oci/patch.h"

static int run_patch(const struct cli_args *args)
{
	struct mpol_policy_expr policy;
	struct mpol_error err = { 0 };
	const char *text = cli_value(args, "policy");
	bool remove = cli_has(args, "remove");
	struct mpol_finding finding;
	int r;

	if (args->argc != 2)
		return cli_usage(args, "patch takes one BUNDLE");
	if (!text == !remove)
		return cli_usage(args, "patch needs --policy POLICY, or --remove");
	if (text && mpol_policy_parse(text, &policy, &err) < 0) {
		(void)cli_report(&err);
		return CLI_USAGE;
	}
	if (text && mpol_nodes_expr_is_literal(&policy.nodes)) {
		struct mpol_policy p = { policy.mode, policy.flags, policy.nodes.nodes };

		/* What every runtime refuses is not worth writing down. */
		if (mpol_check_profile(&p, NULL, MPOL_PROFILE_OCI, &finding, 1) > 0 &&
		    finding.severity == MPOL_REFUSED)
			return cli_report(&finding.error);
	}
	r = oci_patch(args->argv[1], text ? &policy : NULL, &err);
	if (r < 0)
		return cli_report(&err);
	cli_say("mpol", "%s: %s", args->argv[1],
		r ? "linux.memoryPolicy was written" : "nothing to change");
	return CLI_DONE;
}

static int run_features(const struct cli_args *args)
{
	struct oci_args front = { .argv = (char *[]){ (char[]){ "mpol-runtime" }, NULL } };
	struct oci_settings settings = { 0 };
	_cleanup_free_ char *text = NULL;
	struct mpol_error err = { 0 };
	struct oci_real real;
	int r;

	if (args->argc > 2)
		return cli_usage(args, "features takes at most one RUNTIME");
	front.real = args->argv[1];
	r = oci_settings_read(front.real ? "" : NULL, &settings, &err);
	if (r >= 0)
		r = oci_real_find(&front, &settings, &real, &err);
	if (r >= 0)
		r = oci_features(&real, &text, &err);
	oci_settings_done(&settings);
	if (r < 0)
		return cli_report(&err);
	fputs(text, stdout);
	return CLI_DONE;
}

static const struct {
	const char *name;
	int (*run)(const struct cli_args *args);
} verbs[] = {
	{ "check", oci_run_check },
	{ "patch", run_patch },
	{ "features", run_features },
	{ "conformance", oci_run_conformance },
};

static int run(const struct cli_args *args)
{
	if (args->argc == 0)
		return cli_usage(args, "check, patch, features or conformance is missing");
	for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
		if (STREQ(verbs[i].name, args->argv[0]))
			return verbs[i].run(args);
	return cli_usage(args, "there is no '%s': check, patch, features or conformance",
			 args->argv[0]);
}

static const struct cli_option options[] = {
	{ "policy", 'p', "POLICY", "patch: the policy to write, in any notation" },
	{ "remove", 0, NULL, "patch: take linux.memoryPolicy out" },
	{ "strict", 0, NULL, "check: a warning is a refusal" },
	{ "root", 0, "DIR", "check: against a recorded machine" },
	{ "no-machine", 0, NULL, "check: only what holds on every machine" },
	{ "on", 0, "SHAPE", "conformance: in a virtual machine of this shape" },
	{ "here", 0, NULL, "conformance: on this machine, as root" },
	{ "kernel", 'k', "FILE|VERSION", "conformance: the virtual machine's kernel" },
	{ "cgroup", 0, "v1|v2", "conformance: the virtual machine's cgroup version" },
	{ "only", 0, "TEXT", "conformance: only policies with this in their text" },
	{ "no-exec", 0, NULL, "conformance: leave exec out" },
	{ "json", 'j', NULL, "print JSON" },
	{ NULL },
};

const struct cli_command cmd_oci = {
	.name = "oci",
	.synopsis = "check|patch|features|conformance [OPTION…] [ARGUMENT…]",
	.summary =
		"checks and writes a bundle's linux.memoryPolicy; tests what runtimes make of it",
	.details = "oci check [--strict] [--root DIR | --no-machine] BUNDLE|CONFIG\n"
		   "oci patch --policy POLICY|--remove BUNDLE|CONFIG\n"
		   "oci features [RUNTIME]\n"
		   "oci conformance [--on SHAPE | --here] [--kernel K] [--cgroup v1|v2] -- RUNTIME "
		   "[ARGUMENT…]",
	.options = options,
	.run = run,
};
