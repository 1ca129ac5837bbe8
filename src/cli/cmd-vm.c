/* SPDX-License-Identifier: MIT */
/*
 * `mpol vm`: a command, or a shell, inside a virtual machine of a shape. The command is packed with
 * its libraries; its stdout, stderr and exit status are passed through.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/commands.h"
#include "cli/vm-session.h"
#include "harness/host.h"
#include "harness/on.h"
#include "vm/child.h"
#include "vm/kernel.h"
#include "vm/module.h"
#include "vm/pack.h"

enum { OUR_FAILURE = 125, NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

static const char *const shells[] = { "sh", "bash", "dash", "busybox" };

static int report(const struct mpol_error *err)
{
	(void)cli_report(err);
	return OUR_FAILURE;
}

static void on_console(void *ctx, const char *data, size_t len)
{
	(void)ctx;
	(void)fwrite(data, 1, len, stderr); /* only to be looked at */
}

static void on_notice(void *ctx, const char *text)
{
	(void)ctx;
	cli_say("mpol", "%s", text);
}

/* Where a command lies: 0, or the exit code that says it does not. */
static int find_command(const char *name, char ret[PATH_MAX])
{
	const char *path = getenv("PATH");
	int code = NOT_FOUND;

	if (strchr(name, '/')) {
		(void)snprintf(ret, PATH_MAX, "%s", name);
		return access(name, F_OK) < 0	? NOT_FOUND
		       : access(name, X_OK) < 0 ? NOT_EXECUTABLE
						: 0;
	}
	for (path = path ? path : "/usr/bin:/bin"; *name && *path;) {
		size_t len = strcspn(path, ":");

		if (snprintf(ret, PATH_MAX, "%.*s/%s", (int)len, path, name) < PATH_MAX &&
		    access(ret, F_OK) == 0) {
			if (access(ret, X_OK) == 0)
				return 0;
			code = NOT_EXECUTABLE;
		}
		path += len + (path[len] == ':');
	}
	return code;
}

/* busybox and a link for each of its applets, where the guest has nothing of that name. */
static int pack_busybox(struct vm_pack *pack, struct mpol_error *err)
{
	_cleanup_free_ char *list = NULL;
	char busybox[PATH_MAX], link[PATH_MAX], *save = NULL;
	const struct child applets = { .argv = (const char *const[]){ busybox, "--list", NULL } };
	int r;

	if (find_command("busybox", busybox) != 0)
		return 0;
	r = vm_pack_file(pack, busybox, NULL, err);
	if (r < 0)
		return r;
	if (child_run(&applets, &list, NULL) != 0)
		return 0; /* without links it is still called as `busybox ls` */
	for (char *name = strtok_r(list, "\n", &save); name; name = strtok_r(NULL, "\n", &save)) {
		(void)snprintf(link, sizeof(link), "/bin/%s", name);
		r = vm_pack_link(pack, busybox, link, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_shell(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < ELEMENTSOF(shells); i++)
		if (STREQ(name, shells[i]))
			return true;
	return false;
}

/* The first line begins with #!. */
static bool is_script(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");

	return f && getc(f) == '#' && getc(f) == '!';
}

/* The command's absolute path into ret; 0, or an exit code. */
static int pack_command(struct vm_pack *pack, const char *name, char ret[PATH_MAX],
			struct mpol_error *err)
{
	char found[PATH_MAX], cwd[PATH_MAX] = "";
	int code;

	if (vm_pack_has(pack, name)) { /* by --file */
		(void)snprintf(ret, PATH_MAX, "%s", name);
		return 0;
	}
	code = find_command(name, found);
	if (code) {
		cli_say("mpol", "%s: %s", *name ? name : "''",
			code == NOT_FOUND ? "there is no such command here"
					  : "it is not executable");
		fputs("      Hint: mpol vm SHAPE -- COMMAND; a shape is like 2n4l4c1t\n", stderr);
		return code;
	}
	if (*found != '/' && !getcwd(cwd, sizeof(cwd)))
		return NOT_FOUND;
	if (snprintf(ret, PATH_MAX, "%s%s%s", cwd, *cwd ? "/" : "", found) >= PATH_MAX)
		return NOT_FOUND;
	if (vm_pack_file(pack, ret, NULL, err) < 0)
		return report(err);
	if ((is_shell(found) || is_script(found)) && pack_busybox(pack, err) < 0)
		return report(err);
	return 0;
}

static const char *shell(void)
{
	char ignored[PATH_MAX];

	return find_command("busybox", ignored) == 0 ? "busybox" : "sh";
}

/* Everything the guest is to have, and the command as it is called there. */
static int pack_all(const struct cli_args *args, char **command, struct vm_pack *pack,
		    char path[PATH_MAX])
{
	struct mpol_error err = { 0 };
	const char *file;

	if (vm_pack_init(pack, "/proc/self/exe", NULL, &err) < 0)
		return report(&err);
	for (size_t n = 0; (file = cli_value_n(args, "file", n)); n++)
		if (vm_pack_given(pack, file, &err) < 0)
			return report(&err);
	return pack_command(pack, *command ? *command : shell(), path, &err);
}

static bool parse_accel(const char *text, enum vm_accel *ret)
{
	static const char *const names[] = {
		[VM_ACCEL_AUTO] = "auto", [VM_ACCEL_KVM] = "kvm", [VM_ACCEL_TCG] = "tcg"
	};

	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		if (!text || STREQ(text, names[i])) {
			*ret = i;
			return true;
		}
	return false;
}

/* A number of seconds above 0; 0 when not given. */
static bool parse_seconds(const char *text, double *ret)
{
	char *end;

	*ret = text ? strtod(text, &end) : 0;
	return !text || (*text >= '0' && *text <= '9' && !*end && *ret > 0 && *ret <= 1e6);
}

struct asked {
	const char *shape;
	char **command; /* NULL first: a shell */
	enum vm_accel accel;
	unsigned cgroup;
	double seconds;
};

/* Whether the first operand is a machine and not the command: alone before a "--", or what no
 * command is called. */
static bool says_machine(const struct cli_args *args)
{
	const char *first = args->argc > 0 ? args->argv[0] : NULL;
	struct stat st;

	if (!first)
		return false;
	if (args->n_before == 1 && args->argc > 1)
		return true;
	if (stat(first, &st) == 0)
		return !S_ISREG(st.st_mode) || !(st.st_mode & 0111);
	return (*first >= '0' && *first <= '9') || strchr(first, '=');
}

/* Looks at the options; 0, or the exit code of a usage error. */
static int parse(const struct cli_args *args, struct asked *ret)
{
	const char *cgroup = cli_value(args, "cgroup");
	bool shape = says_machine(args);

	if (!parse_accel(cli_value(args, "accel"), &ret->accel))
		return cli_usage(args, "--accel is auto, kvm or tcg, not '%s'",
				 cli_value(args, "accel"));
	if (!parse_seconds(cli_value(args, "timeout"), &ret->seconds))
		return cli_usage(args, "--timeout is a number of seconds, not '%s'",
				 cli_value(args, "timeout"));
	if (cgroup && !STREQ(cgroup, "v1") && !STREQ(cgroup, "v2"))
		return cli_usage(args, "--cgroup is v1 or v2, not '%s'", cgroup);
	ret->cgroup = cgroup && STREQ(cgroup, "v1") ? 1 : 2;
	ret->shape = shape ? args->argv[0] : "1n";
	ret->command = args->argv + shape;
	return 0;
}

static int run_in(const struct cli_args *args, const struct asked *asked, struct vm_options *o)
{
	_cleanup_(vm_pack_freep) struct vm_pack *pack = NULL;
	_cleanup_(vm_kernel_done) struct vm_kernel kernel = { 0 };
	_cleanup_free_ char **argv = NULL, *here = NULL;
	struct mpol_error err = { 0 };
	char path[PATH_MAX];
	size_t n = 1;
	int code;

	if (vm_pack_new(&pack, &err) < 0)
		return report(&err);
	code = pack_all(args, asked->command, pack, path);
	if (code)
		return code;
	if (vm_kernel_find(cli_value(args, "kernel"), on_notice, NULL, &kernel, &err) < 0)
		return report(&err);
	o->kernel = kernel.path;
	for (size_t m = 0; cli_value_n(args, "module", m); m++)
		if (vm_pack_module(pack, &kernel, cli_value_n(args, "module", m), &err) < 0)
			return report(&err);
	if (vm_pack_here(pack, &here, &err) < 0)
		return report(&err);
	o->initramfs = vm_pack_seal(pack, &err);
	if (o->initramfs < 0)
		return report(&err);
	while (*asked->command && asked->command[n])
		n++;
	argv = calloc(n + 2, sizeof(*argv));
	if (!argv)
		return cli_no_memory(), OUR_FAILURE;
	argv[0] = path;
	if (!*asked->command && STREQ(shell(), "busybox"))
		argv[1] = (char *)(uintptr_t) "sh";
	for (size_t i = 1; *asked->command && asked->command[i]; i++)
		argv[i] = asked->command[i];
	code = vm_session(o, (const char *const *)argv, here, asked->seconds, &err);
	return code < 0 ? OUR_FAILURE : code;
}

static struct vm_shape_limits limits(enum vm_accel accel)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return host_limits(root, accel);
}

static int run(const struct cli_args *args)
{
	_cleanup_(on_done) struct on_list on = { .notice = on_notice };
	struct asked asked = { 0 };
	struct vm_options o = { .append = cli_value(args, "append"),
				.events = { .notice = on_notice } };
	_cleanup_free_ char *cache = NULL;
	struct mpol_error err = { 0 };
	int code = parse(args, &asked);

	if (code)
		return code;
	on.limits = limits(asked.accel);
	if (on_add(&on, asked.shape, &err) < 0)
		return report(&err);
	if (on.n > 1)
		return cli_usage(args, "%s is %zu machines, and a command runs on one", asked.shape,
				 on.n);
	o.shape = on.of[0].shape;
	if (vm_cache(&cache, &err) < 0)
		return report(&err);
	o.cache = cache;
	o.accel = asked.accel;
	o.cgroup = asked.cgroup;
	if (cli_has(args, "console"))
		o.events.console = on_console;
	return run_in(args, &asked, &o);
}

static const struct cli_option options[] = {
	{ "kernel", 'k', "FILE|VERSION", "the guest's kernel: a file, or a version such as 6.12" },
	{ "file", 'f', "PATH[:DEST]", "pack this file or directory, too; repeatable" },
	{ "module", 'm', "NAME", "load this kernel module in the guest; repeatable" },
	{ "timeout", 't', "SECONDS", "limit for the command, from its start in the guest" },
	{ "accel", 0, "auto|kvm|tcg", "auto: KVM where it works, else emulation" },
	{ "append", 0, "ARGUMENTS", "more arguments for the guest's kernel", true },
	{ "cgroup", 0, "v1|v2", "the cgroup version that is mounted; v2 unless said" },
	{ "console", 0, NULL, "show what the guest's kernel prints, on stderr" },
	{ NULL },
};

const struct cli_command cmd_vm = {
	.name = "vm",
	.synopsis = "[OPTION…] [SHAPE|FILE|DIRECTORY] [-- COMMAND [ARGUMENT…]]",
	.summary = "runs a command, or a shell, in a virtual NUMA machine",
	.details =
		"SHAPE is like 2n4l4c1t (nodes, last-level caches, cores, threads) or "
		"nodes=3,cpus=2:2:0,memory=256M;\n"
		"a file with one, or with what mpol machine --json printed; or a recorded machine: "
		"a folder with its\n"
		"sys/ and proc/. "
		"The command is packed with its libraries; its output and exit status come back.",
	.options = options,
	.usage_exit = OUR_FAILURE,
	.run = run,
};
