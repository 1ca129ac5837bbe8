/* SPDX-License-Identifier: MIT */
/* An OCI runtime's command line; see args.h. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "oci/args.h"

#include "base/macros.h"

static const struct mpol_rule rule_option = {
	"front-option",
	EINVAL,
	"Options of the front stand before the runtime's command, as --mpol=POLICY, "
	"--mpol-real=PATH, "
	"--mpol-settings=FILE and --mpol-env.",
	"mpol-runtime(8) lists them",
	NULL,
	NULL,
};

/* Options that take a value; all of runc's, crun's and youki's, as any other takes none. */
enum { GLOBAL = 1 << 0, CREATE = 1 << 1, EXEC = 1 << 2, OURS = 1 << 3 };
#define NO_FIELD 0
static const struct option {
	const char *name;
	char letter;
	unsigned where;
	size_t field; /* of struct oci_args, a const char *; argc's offset, 0, means none */
} options[] = {
	{ "mpol", 0, OURS, offsetof(struct oci_args, policy) },
	{ "mpol-real", 0, OURS, offsetof(struct oci_args, real) },
	{ "real", 0, OURS, offsetof(struct oci_args, real) },
	{ "mpol-settings", 0, OURS, offsetof(struct oci_args, settings) },
	{ "root", 'r', GLOBAL, offsetof(struct oci_args, root) },
	{ "log", 'l', GLOBAL, offsetof(struct oci_args, log) },
	{ "log-format", 0, GLOBAL, offsetof(struct oci_args, log_format) },
	{ "log-level", 0, GLOBAL, NO_FIELD },
	{ "criu", 0, GLOBAL, NO_FIELD },
	{ "rootless", 0, GLOBAL, NO_FIELD },
	{ "cgroup-manager", 0, GLOBAL, offsetof(struct oci_args, cgroup_manager) },
	{ "bundle", 'b', CREATE, offsetof(struct oci_args, bundle) },
	{ "config", 'f', CREATE, offsetof(struct oci_args, config) },
	{ "preserve-fds", 0, CREATE | EXEC, offsetof(struct oci_args, preserve_fds) },
	{ "console-socket", 0, CREATE | EXEC, NO_FIELD },
	{ "pidfd-socket", 0, CREATE | EXEC, NO_FIELD },
	{ "pid-file", 0, CREATE | EXEC, NO_FIELD },
	{ "image-path", 0, CREATE, NO_FIELD },
	{ "work-path", 0, CREATE, NO_FIELD },
	{ "parent-path", 0, CREATE, NO_FIELD },
	{ "lsm-profile", 0, CREATE, NO_FIELD },
	{ "lsm-mount-context", 0, CREATE, NO_FIELD },
	{ "status-fd", 0, CREATE, NO_FIELD },
	{ "page-server", 0, CREATE, NO_FIELD },
	{ "manage-cgroups-mode", 0, CREATE, NO_FIELD },
	{ "empty-ns", 0, CREATE, NO_FIELD },
	{ "process", 'p', EXEC, NO_FIELD },
	{ "cwd", 0, EXEC, NO_FIELD },
	{ "env", 'e', EXEC, NO_FIELD },
	{ "user", 'u', EXEC, NO_FIELD },
	{ "additional-gids", 'g', EXEC, NO_FIELD },
	{ "process-label", 0, EXEC, NO_FIELD },
	{ "apparmor", 0, EXEC, NO_FIELD },
	{ "cap", 'c', EXEC, NO_FIELD },
	{ "cgroup", 0, EXEC, NO_FIELD },
};

/* The option that an argument is; its value within the argument in *value, NULL when the next
 * argument is it. */
static const struct option *find_option(const char *arg, unsigned where, const char **value)
{
	const char *name = arg + 1 + (arg[1] == '-');
	size_t len = strcspn(name, "=");

	*value = name[len] == '=' ? name + len + 1 : NULL;
	for (size_t i = 0; i < ELEMENTSOF(options); i++) {
		const struct option *o = &options[i];

		if (!(o->where & where))
			continue;
		if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
			return o;
		if (arg[1] == '-' || arg[1] != o->letter || !o->letter)
			continue;
		if (arg[2] && arg[2] != '=') /* -bDIR */
			*value = arg + 2;
		return o;
	}
	return NULL;
}

static void keep(struct oci_args *a, const struct option *o, const char *value)
{
	if (o->field != NO_FIELD)
		memcpy((char *)a + o->field, &value, sizeof(value));
}

static int parse_global(struct oci_args *a, int argc, char **argv, int *at, struct mpol_error *err)
{
	const char *arg = argv[*at], *value;
	const struct option *o;

	if (STREQ(arg, "--mpol-env")) {
		a->env = true;
		return 0;
	}
	o = find_option(arg, GLOBAL | OURS, &value);
	if (!o || o->where != OURS)
		a->argv[a->argc++] = argv[*at];
	if (!o && STARTS(arg, "--mpol"))
		return mpol_fail(err, &rule_option, arg, "there is no such option");
	if (!o)
		return 0;
	if (!value && *at + 1 < argc) {
		value = argv[++*at];
		if (o->where != OURS)
			a->argv[a->argc++] = argv[*at];
	}
	if (!value && o->where == OURS)
		return mpol_fail(err, &rule_option, arg, "needs a value");
	keep(a, o, value);
	return 0;
}

static unsigned where_of(const char *command)
{
	return STREQ(command, "exec") ? EXEC : CREATE;
}

/* The options behind the command, up to the end: both runc, which stops at the id, and crun, which
 * does not, are read so; what follows the id of exec is not ours to read. */
static void parse_command(struct oci_args *a)
{
	unsigned where = where_of(a->command);

	for (int i = a->command_at + 1; i < a->argc; i++) {
		const char *arg = a->argv[i], *value;
		const struct option *o;

		if (STREQ(arg, "--") || (arg[0] != '-' && where == EXEC))
			return;
		if (arg[0] != '-' || !arg[1])
			continue;
		if (STREQ(arg, "--ignore-paused") || STREQ(arg, "-ignore-paused"))
			a->ignore_paused = true;
		o = find_option(arg, where, &value);
		if (!o)
			continue;
		if (!value && i + 1 < a->argc)
			value = a->argv[++i];
		keep(a, o, value);
	}
}

int oci_args_parse(int argc, char **argv, struct oci_args *ret, struct mpol_error *err)
{
	struct oci_args a = { .command = "" };
	int i = 1, r;

	a.argv = calloc((size_t)argc + 3, sizeof(*a.argv)); /* room for insertions, and NULL */
	if (!a.argv)
		return mpol_fail_errno(err, &rule_option, ENOMEM, "", "out of memory");
	a.argv[a.argc++] = argv[0];
	for (; i < argc && argv[i][0] == '-' && argv[i][1] && !STREQ(argv[i], "--"); i++) {
		r = parse_global(&a, argc, argv, &i, err);
		if (r < 0) {
			oci_args_done(&a);
			return r;
		}
	}
	if (i < argc && argv[i][0] != '-') {
		a.command = argv[i];
		a.command_at = a.argc;
	}
	while (i < argc)
		a.argv[a.argc++] = argv[i++];
	if (a.command_at)
		parse_command(&a);
	*ret = a;
	return 0;
}

void oci_args_done(struct oci_args *a)
{
	free(a->argv);
	*a = (struct oci_args){ 0 };
}

int oci_args_insert(struct oci_args *a, char *argument)
{
	size_t behind = (size_t)(a->argc - a->command_at - 1);
	char **more = realloc(a->argv, ((size_t)a->argc + 2) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	a->argv = more;
	memmove(&more[a->command_at + 2], &more[a->command_at + 1], behind * sizeof(*more));
	more[a->command_at + 1] = argument;
	more[++a->argc] = NULL;
	return 0;
}

/* The argument that is the value, or has it behind its "="; 0: none. */
static int find_value(const struct oci_args *a, const char *value)
{
	for (int i = 1; value && i < a->argc; i++)
		if (value >= a->argv[i] && value <= a->argv[i] + strlen(a->argv[i]))
			return i;
	return 0;
}

void oci_args_drop(struct oci_args *a, const char *value)
{
	int at = find_value(a, value), n = 1;

	if (at == 0)
		return;
	if (a->argv[at] == value) { /* it stands alone, behind its option */
		at--;
		n = 2;
	}
	memmove(&a->argv[at], &a->argv[at + n],
		((size_t)(a->argc - at - n) + 1) * sizeof(*a->argv));
	a->argc -= n;
	if (at < a->command_at)
		a->command_at -= n;
}

void oci_args_speak_runc(struct oci_args *a)
{
	static char systemd[] = "--systemd-cgroup";
	const char *manager = a->cgroup_manager;
	int at = find_value(a, manager);

	if (at == 0)
		return;
	if (STREQ(manager, "cgroupfs")) { /* which is what they do unless told */
		oci_args_drop(a, manager);
	} else if (STREQ(manager, "systemd")) {
		bool alone = a->argv[at] == manager;

		oci_args_drop(a, manager);
		at -= alone;
		/* In the place that became free. */
		memmove(&a->argv[at + 1], &a->argv[at],
			((size_t)(a->argc - at) + 1) * sizeof(*a->argv));
		a->argv[at] = systemd;
		a->argc++;
		if (a->command_at)
			a->command_at++;
	}
	/* Anything else the runtime refuses, in its own words. */
}

const char *oci_args_operand(const struct oci_args *a, unsigned n)
{
	unsigned where = where_of(a->command);
	bool options_end = false;

	for (int i = a->command_at + 1; i < a->argc; i++) {
		const char *arg = a->argv[i], *value;

		if (!options_end && STREQ(arg, "--")) {
			options_end = true;
			continue;
		}
		if (!options_end && arg[0] == '-' && arg[1]) {
			const struct option *o = find_option(arg, where, &value);

			if (o && !value)
				i++;
			continue;
		}
		if (n-- == 0)
			return arg;
	}
	return NULL;
}

bool oci_args_creates(const struct oci_args *a)
{
	return STREQ(a->command, "create") || STREQ(a->command, "run");
}
