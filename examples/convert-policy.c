/* SPDX-License-Identifier: MIT */
/*
 * From text to a policy and back: reads a policy in any notation, asks this machine what its sets
 *mean, and prints it in every notation that can say it.
 *
 *	$ convert-policy bind=static:all
 */
#include <fcntl.h>
#include <mpol/mpol.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int fail(const struct mpol_error *err)
{
	fprintf(stderr, "%s%s%s\n", err->where, *err->where ? ": " : "", err->what);
	return 1;
}

static int resolve(const struct mpol_policy_expr *expr, struct mpol_policy *ret,
		   struct mpol_error *err)
{
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mpol_machine machine;
	int r = mpol_machine_read(root, 0, &machine, err);

	if (r == 0) {
		r = mpol_policy_resolve(root, &machine, expr, ret, err);
		mpol_machine_done(&machine);
	}
	close(root);
	return r;
}

int main(int argc, char **argv)
{
	static struct mpol_policy_expr expr;
	struct mpol_error err = { 0 };
	struct mpol_policy policy;

	if (argc != 2) {
		fprintf(stderr, "Usage: %s POLICY\n", argv[0]);
		return 2;
	}
	if (mpol_policy_parse(argv[1], &expr, &err) < 0 || resolve(&expr, &policy, &err) < 0)
		return fail(&err);
	mpol_policy_expr_from(&policy, &expr);
	for (size_t i = 0; mpol_notations[i]; i++) {
		char *text = NULL;

		if (mpol_notations[i]->print(&expr, &text, &err) < 0)
			printf("# %s: %s\n", mpol_notations[i]->name, err.what);
		else
			printf("# %s\n%s\n", mpol_notations[i]->name, text);
		free(text);
	}
	return 0;
}
