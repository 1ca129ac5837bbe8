/* SPDX-License-Identifier: MIT */
/*
 * `mpol test`: runs executables that contain tests. Each has a main of its own (libmpol-test),
 * which understands the same options; this finds out that it is one before it is run, runs them in
 * turn, and joins their exit codes. Nothing is compiled. Scenario files are read by mpol-scenario,
 * which then is the executable.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "cli/commands.h"
#include "harness/report.h"

#define SECTION "mpol_tests" /* what MPOL_TEST fills, see mpol/test.h */

static const struct mpol_rule rule_file = {
	"test-file",
	ENOENT,
	"mpol test runs executables that contain tests declared with MPOL_TEST, and scenario files "
	"(.yaml); it compiles nothing.",
	"build one: cc tests.c $(pkg-config --cflags --libs mpol-test)",
	"mpol-test(7)",
	NULL,
};

static const struct mpol_rule rule_reader = {
	"test-reader",
	ENOENT,
	"Scenario files are read by mpol-scenario, which stands beside mpol.",
	"from a clone, `make` builds both; `make install` installs both",
	"mpol-test(1)",
	NULL,
};

struct image {
	const unsigned char *data;
	size_t size;
};

static void image_done(struct image *i)
{
	if (i->data)
		(void)munmap((void *)(uintptr_t)i->data, i->size); /* read only: nothing is lost */
}

static int image_open(const char *path, struct image *ret, struct mpol_error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *data;

	if (fd < 0 || fstat(fd, &st) < 0)
		return mpol_fail_errno(err, &rule_file, errno, path, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return mpol_fail(err, &rule_file, path, "it is no regular file");
	if (st.st_size == 0)
		return mpol_fail(err, &rule_file, path, "it is empty");
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return mpol_fail_errno(err, &rule_file, errno, path, "%s", strerror(errno));
	*ret = (struct image){ data, (size_t)st.st_size };
	return 0;
}

/* len bytes at offset; NULL when they are not all in the file. */
static const void *at(const struct image *i, uint64_t offset, uint64_t len)
{
	return offset <= i->size && len <= i->size - offset ? i->data + offset : NULL;
}

static const char *name_of(const struct image *i, const Elf64_Shdr *names, uint32_t offset)
{
	const char *name = offset < names->sh_size ? at(i, names->sh_offset + offset, 1) : NULL;

	return name && memchr(name, '\0', i->size - (size_t)((const unsigned char *)name - i->data))
		       ? name
		       : NULL;
}

/* Whether the executable has a section of tests. */
static bool has_tests(const struct image *i)
{
	const Elf64_Ehdr *e = at(i, 0, sizeof(*e));
	const Elf64_Shdr *s, *names;

	if (!e || memcmp(e->e_ident, ELFMAG, SELFMAG) != 0 || e->e_ident[EI_CLASS] != ELFCLASS64 ||
	    e->e_shentsize != sizeof(*s) || e->e_shoff % _Alignof(Elf64_Shdr) ||
	    e->e_shstrndx >= e->e_shnum)
		return false;
	s = at(i, e->e_shoff, (uint64_t)e->e_shnum * sizeof(*s));
	if (!s)
		return false;
	names = &s[e->e_shstrndx];
	for (unsigned n = 0; n < e->e_shnum; n++) {
		const char *name = name_of(i, names, s[n].sh_name);

		if (name && STREQ(name, SECTION))
			return true;
	}
	return false;
}

static bool is_scenario(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (STREQ(dot, ".yaml") || STREQ(dot, ".yml"));
}

/* The reader of scenario files: beside ourselves. */
static const char *scenario_program(char path[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	path[MAX(len, 0)] = '\0';
	slash = strrchr(path, '/');
	if (!slash || slash - path > PATH_MAX - 32)
		return MPOL_BINDIR "/mpol-scenario";
	(void)snprintf(slash + 1, 32, "mpol-scenario");
	return path;
}

static int check_reader(struct mpol_error *err)
{
	char path[PATH_MAX];
	const char *program = scenario_program(path);

	if (access(program, X_OK) == 0)
		return 0;
	return mpol_fail_errno(err, &rule_reader, errno, program, "%s", strerror(errno));
}

static int check_file(const char *path, struct mpol_error *err)
{
	_cleanup_(image_done) struct image image = { 0 };
	int r = image_open(path, &image, err);

	if (r == 0 && is_scenario(path)) /* its reader tells what is wrong in it */
		return check_reader(err);
	if (r < 0)
		return r;
	if (!has_tests(&image))
		return mpol_fail(err, &rule_file, path, "it contains no tests");
	if (access(path, X_OK) < 0)
		return mpol_fail_errno(err, &rule_file, errno, path, "%s", strerror(errno));
	return 0;
}

static const struct cli_option options[] = {
	{ "here", 0, NULL, "on this machine; a test whose needs it does not meet is skipped" },
	{ "on", 0, "SHAPE[,SHAPE…]",
	  "on virtual machines of these shapes (2n4l4c1t, nodes=3,cpus=2:2:0), or after a file or "
	  "a recorded machine" },
	{ "kernel", 0, "KERNEL[,…]",
	  "the virtual machines': files or versions; repeatable; of several, each test on each" },
	{ "file", 'f', "PATH[:DEST]",
	  "take this file or directory into the guest, for what workers execute; repeatable" },
	{ "machines", 'j', "N",
	  "virtual machines at once, at most; by the host's CPUs and memory" },
	{ "accel", 0, "NAME", "kvm or tcg; what works is found out otherwise" },
	{ "format", 0, "FORMAT", "text, tap, json, junit or html; =FILE writes it there" },
	{ "timeout", 0, "SECONDS", "for each test; 60" },
	{ "list", 0, NULL, "only list the tests there are" },
	{ "show", 0, NULL, "only print them, as scenario files" },
	{ 0 },
};

/* What follows the files: the names of tests. */
struct operands {
	char **files, **names;
	size_t n_files, n_names;
};

static struct operands split(const struct cli_args *args)
{
	struct operands o = { .files = args->argv };

	while (o.n_files < (size_t)args->argc && !STREQ(args->argv[o.n_files], "--"))
		o.n_files++;
	if (o.n_files < (size_t)args->argc) {
		o.names = args->argv + o.n_files + 1;
		o.n_names = (size_t)args->argc - o.n_files - 1;
	}
	return o;
}

/* FILE run OPTIONS… -- NAME…: the executables take the same options. */
static int exec_tests(const struct cli_args *args, const struct operands *o, char *file)
{
	char *argv[2 * ELEMENTSOF(args->given) + 512];
	char option[ELEMENTSOF(args->given)][64];
	char run[] = "run", list[] = "list", show[] = "show", separator[] = "--", path[PATH_MAX];
	const char *program = is_scenario(file) ? scenario_program(path) : file;
	bool runs = !cli_has(args, "list") && !cli_has(args, "show");
	size_t n = 0;

	if (is_scenario(file))
		argv[n++] = (char *)(uintptr_t)program;
	argv[n++] = file;
	argv[n++] = runs ? run : cli_has(args, "list") ? list : show;
	for (size_t i = 0; i < args->n_given && runs; i++) {
		(void)snprintf(option[i], sizeof(option[i]), "--%s", args->given[i].option->name);
		argv[n++] = option[i];
		if (args->given[i].value)
			argv[n++] = (char *)(uintptr_t)args->given[i].value;
	}
	if (o->n_names && runs)
		argv[n++] = separator;
	for (size_t i = 0; i < o->n_names; i++)
		argv[n++] = o->names[i];
	argv[n] = NULL;
	execv(program, argv);
	cli_say("mpol", "%s: %s", program, strerror(errno));
	return REPORT_BROKEN;
}

/* Runs one executable to its end; its exit code, broken when it died. */
static int run_tests(const struct cli_args *args, const struct operands *o, char *file)
{
	pid_t pid;
	int status;

	(void)fflush(stdout); /* so that the child has nothing of ours to write */
	pid = fork();
	if (pid == 0)
		_exit(exec_tests(args, o, file));
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return REPORT_BROKEN;
	if (pid < 0 || !WIFEXITED(status)) {
		cli_say("mpol", "%s: %s", file,
			pid < 0 ? strerror(errno) : strsignal(WTERMSIG(status)));
		return REPORT_BROKEN;
	}
	return WEXITSTATUS(status);
}

/* The graver of two ends: failed, usage, broken, passed. */
static int join(int a, int b)
{
	static const int gravity[] = { REPORT_FAILED, REPORT_USAGE, REPORT_BROKEN };

	for (size_t i = 0; i < ELEMENTSOF(gravity); i++)
		if (a == gravity[i] || b == gravity[i])
			return gravity[i];
	return a ? a : b;
}

/* Of several files each writes a report of its own: some forms cannot be joined. */
static int check_formats(const struct cli_args *args)
{
	for (size_t i = 0; i < args->n_given; i++) {
		const char *format = args->given[i].value;

		if (!STREQ(args->given[i].option->name, "format"))
			continue;
		if (STARTS(format, "tap")) {
			(void)cli_usage(args, "a TAP stream has one plan: run one file at a time");
			return -EINVAL;
		}
		if (strchr(format, '=')) {
			(void)cli_usage(args,
					"%s: the second file's report would replace the first's: "
					"run one file at a time",
					format);
			return -EINVAL;
		}
	}
	return 0;
}

static int run(const struct cli_args *args)
{
	struct operands o = split(args);
	struct mpol_error err;
	int code = REPORT_PASSED;

	if (!o.n_files)
		return cli_usage(args, "a file is missing");
	if (o.n_names > 500)
		return cli_usage(args, "%zu names are too many, 500 at most", o.n_names);
	for (size_t i = 0; i < o.n_files; i++)
		if (o.files[i][0] == '-')
			return cli_usage(args, "%s: options stand before the files", o.files[i]);
	if (o.n_files > 1 && check_formats(args) < 0)
		return CLI_USAGE;
	for (size_t i = 0; i < o.n_files; i++)
		if (check_file(o.files[i], &err) < 0) {
			(void)cli_report(&err);
			return CLI_USAGE;
		}
	if (o.n_files == 1)
		return exec_tests(args, &o, o.files[0]);
	for (size_t i = 0; i < o.n_files; i++)
		code = join(code, run_tests(args, &o, o.files[i]));
	return code;
}

const struct cli_command cmd_test = {
	.name = "test",
	.synopsis = "[OPTION…] FILE… [-- NAME…]",
	.summary = "runs tests of memory placement, here or on virtual machines",
	.details = "FILE is an executable of tests, or a scenario file (.yaml); NAME selects "
		   "tests, and may be a\n"
		   "pattern. See mpol-test(7) for writing them. Exit status: 0 all passed or were "
		   "skipped, 1\n"
		   "something failed, 2 usage, 4 nothing failed, something broke.",
	.options = options,
	.execs = true, /* so that the -- between files and names stays */
	.run = run,
};
