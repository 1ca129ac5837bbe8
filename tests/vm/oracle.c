/* SPDX-License-Identifier: MIT */
/*
 * Asks the kernel it runs on: every mode, flag and node mask in several cpusets, and what happens
 * to a policy when its task moves between them. Runs in a virtual machine as root, with raw system
 * calls; tests/vm/oracle holds the answers against `mpol check --jsonl`. One JSON line each:
 *
 *     {"kernel":"6.12.107+…","possible":"0-4","probed":{…},"by_version":{…}}
 *     {"set":["0-3",32770,"0-1",errno,mode,"nodes","numa_maps"]}            in a cpuset, arguments,
 * answers
 *     {"move":["1-2",32770,"0-1",[["2-3",mode,"nodes","numa_maps"],…]]}     and then through other
 * cpusets
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpol/predict.h>

#include "base/list.h"
#include "base/macros.h"
#include "kernel/probe.h"

#define SAMPLE	  11 /* shares no factor with the numbers of masks, modes and flags */
#define WORDS	  32 /* of the mask that is passed: bits 0 to 2047 */
#define MAX_MOVES 4

static const char *const cpusets[] = { "0-3", "0", "1-2", "2-3", "3", "1,3" };

static const char *const masks[] = { NULL,   "",       "0",    "1",	 "2",	  "3",	  "4",
				     "5",    "0-1",    "1-2",  "2-3",	 "0-3",	  "0-4",  "0,4",
				     "0,5",  "1,3",    "0-5",  "5,7",	 "63",	  "0,63", "64",
				     "1023", "0,1023", "1024", "0,1024", "3,1030" };

static const int odd_modes[] = { -1,	 7,	  8,	      0x1000,
				 0x1002, 0x10002, 0x40000002, (int)0x80000002,
				 0xa,	 0x2001 };

static const char *const move_masks[] = { "0",	 "1",	"3",   "0-1", "1-2",
					  "0,2", "0-3", "1,5", "5,1", "4-5,2" };

static const char *const paths[][MAX_MOVES + 1] = {
	{ "0-3", "1-2", "2-3", "0-3" },
	{ "0-3", "3", "0", "1,3", "0-3" },
	{ "1-2", "0", "0-3", "1-2" },
	{ "1,3", "2-3", "1-2", "0-3" },
};

static const unsigned flag_sets[] = { 0,       1 << 15, 1 << 14, 3 << 14,
				      1 << 13, 5 << 13, 3 << 13, 7 << 13 };

/* The mode without its flags: 0 to 7, of which no kernel has the last. */
#define N_MODES 8

static void die(const char *what)
{
	fprintf(stderr, "oracle: %s: %s\n", what, strerror(errno));
	exit(3);
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		(void)close(fd);
	return n < 0 ? -errno : 0;
}

/* The group of a cpuset: "/sys/fs/cgroup/m1-2" (cgroup v2) or "/sys/fs/cgroup/cpuset/m1-2" (v1). */
static const char *hierarchy;

static void group_path(const char *mems, const char *file, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s/m%s%s%s", hierarchy, mems, *file ? "/" : "", file);
}

static void make_group(const char *mems)
{
	char path[256], cpus[64] = "";
	FILE *f = fopen("/sys/devices/system/cpu/online", "re");

	if (!f || !fgets(cpus, sizeof(cpus), f))
		die("CPUs");
	(void)fclose(f);
	group_path(mems, "", path, sizeof(path));
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		die(path);
	group_path(mems, "cpuset.cpus", path, sizeof(path));
	if (write_text(path, cpus) < 0)
		die(path);
	group_path(mems, "cpuset.mems", path, sizeof(path));
	if (write_text(path, mems) < 0)
		die(path);
}

static void enter(const char *mems)
{
	char path[256];

	group_path(mems, "cgroup.procs", path, sizeof(path));
	if (write_text(path, "0") < 0)
		die(path);
}

static void make_groups(void)
{
	hierarchy = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0
			    ? "/sys/fs/cgroup"
			    : "/sys/fs/cgroup/cpuset";
	(void)write_text("/sys/fs/cgroup/cgroup.subtree_control",
			 "+cpuset"); /* v1 has no such file */
	for (size_t i = 0; i < ELEMENTSOF(cpusets); i++)
		make_group(cpusets[i]);
}

/* Node 4's memory was plugged: without it the node is possible, and has none. */
static void take_offline(const char *pattern)
{
	glob_t found;

	if (glob(pattern, 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (write_text(found.gl_pathv[i], "0") < 0)
			die(found.gl_pathv[i]);
	globfree(&found);
}

static int set_policy(int mode, const char *nodes)
{
	uint64_t mask[WORDS] = { 0 };

	if (nodes && list_parse(nodes, WORDS * 64 - 1, "node", mask, NULL) < 0)
		die(nodes);
	return syscall(SYS_set_mempolicy, mode, nodes ? mask : NULL,
		       (unsigned long)WORDS * 64 + 1) < 0
		       ? errno
		       : 0;
}

/* The second field of the first line, which is a file's mapping: its name may contain a space. */
static void read_text(char *buf, size_t size)
{
	int fd = open("/proc/self/numa_maps", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);
	char *start, *end;

	if (n <= 0)
		die("numa_maps");
	(void)close(fd);
	buf[n] = '\0';
	start = strchr(buf, ' ');
	end = start ? strstr(start, " file=") : NULL;
	if (!end)
		die("numa_maps has no file first");
	*end = '\0';
	memmove(buf, start + 1, strlen(start + 1) + 1);
}

/* mode,"nodes","numa_maps" */
static void print_policy(void)
{
	uint64_t mask[16] = { 0 };
	char nodes[8192], text[4096];
	int mode;

	if (syscall(SYS_get_mempolicy, &mode, mask, 1024UL, NULL, 0UL) < 0)
		die("get_mempolicy");
	(void)list_print(mask, ELEMENTSOF(mask), nodes, sizeof(nodes));
	read_text(text, sizeof(text));
	printf("%d,\"%s\",\"%s\"", mode, nodes, text);
}

static void print_nodes(const char *nodes)
{
	if (nodes)
		printf("\"%s\"", nodes);
	else
		printf("null");
}

/* Whether this question is asked: all are, but in a sample. */
static bool sampling;
static bool is_asked(void)
{
	static unsigned n;

	return !sampling || n++ % SAMPLE == 0;
}

static void ask_set(const char *mems, int mode, const char *nodes)
{
	int errnum;

	if (!is_asked())
		return;
	errnum = set_policy(mode, nodes);
	printf("{\"set\":[\"%s\",%d,", mems, mode);
	print_nodes(nodes);
	printf(",%d", errnum);
	if (!errnum) {
		printf(",");
		print_policy();
	}
	printf("]}\n");
}

static void ask_sets(const char *mems)
{
	enter(mems);
	for (size_t m = 0; m < ELEMENTSOF(masks); m++) {
		for (int mode = 0; mode < N_MODES; mode++)
			for (size_t f = 0; f < ELEMENTSOF(flag_sets); f++)
				ask_set(mems, mode | (int)flag_sets[f], masks[m]);
		for (size_t i = 0; i < ELEMENTSOF(odd_modes); i++)
			ask_set(mems, odd_modes[i], masks[m]);
	}
}

/* in_place: the cpuset's nodes are rewritten, and the task stays where it is. */
static void follow(const char *const path[MAX_MOVES + 1], int mode, const char *nodes,
		   bool in_place)
{
	char mems_file[256];

	if (!is_asked())
		return;
	group_path(path[0], "cpuset.mems", mems_file, sizeof(mems_file));
	enter(path[0]);
	if (set_policy(mode, nodes) != 0)
		return;
	printf("{\"move\":[\"%s\",%d,\"%s\",[", path[0], mode, nodes);
	for (size_t i = 1; i <= MAX_MOVES && path[i]; i++) {
		if (!in_place)
			enter(path[i]);
		else if (write_text(mems_file, path[i]) < 0)
			die(mems_file);
		printf("%s[\"%s\",", i > 1 ? "," : "", path[i]);
		print_policy();
		printf("]");
	}
	printf("]]}\n");
	if (in_place && write_text(mems_file, path[0]) < 0)
		die(mems_file);
}

static void ask_moves(const char *mems)
{
	(void)mems;
	for (size_t p = 0; p < ELEMENTSOF(paths); p++)
		for (int mode = 0; mode < N_MODES; mode++)
			for (size_t f = 0; f < ELEMENTSOF(flag_sets); f++)
				for (size_t m = 0; m < ELEMENTSOF(move_masks); m++)
					follow(paths[p], mode | (int)flag_sets[f], move_masks[m],
					       p == 0 && m % 3 == 0);
}

/* Each part in a child, so that the policy and the cgroup end with it. */
static void in_child(void (*part)(const char *mems), const char *mems)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		part(mems);
		fflush(stdout);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die("fork");
	if (status) {
		fprintf(stderr, "oracle: a part ended with status 0x%x\n", (unsigned)status);
		exit(3);
	}
}

static void print_kernel(const char *name, const struct mpol_kernel *k)
{
	printf(",\"%s\":{\"modes\":%u,\"flags\":%u,\"balancing_with_preferred_many\":%d,\"local_is_"
	       "a_mode\":%d,"
	       "\"balancing_keeps_user_nodes\":%d,\"balancing_is_shown\":%d,\"mask_checks_whole_"
	       "words\":%d}",
	       name, k->modes, k->flags, k->balancing_with_preferred_many, k->local_is_a_mode,
	       k->balancing_keeps_user_nodes, k->balancing_is_shown, k->mask_checks_whole_words);
}

/* What the live form learns by trying, beside what the version alone tells. */
static void print_header(void)
{
	struct mpol_kernel probed, by_version;
	struct utsname name;
	char possible[64] = "";
	FILE *f = fopen("/sys/devices/system/node/possible", "re");

	if (!f || !fgets(possible, sizeof(possible), f) || uname(&name) < 0)
		die("possible nodes");
	(void)fclose(f);
	possible[strcspn(possible, "\n")] = '\0';
	printf("{\"kernel\":\"%s\",\"possible\":\"%s\"", name.release, possible);
	if (kernel_probe(&probed, NULL) < 0 ||
	    mpol_kernel_from_version(name.release, &by_version, NULL) < 0)
		die("kernel");
	print_kernel("probed", &probed);
	print_kernel("by_version", &by_version);
	printf("}\n");
}

int main(int argc, char **argv)
{
	static char buffer[1 << 16];

	sampling = argc > 1 && STREQ(argv[1], "--sample");
	(void)setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	take_offline("/sys/devices/system/node/node4/memory*/online");
	make_groups();
	print_header();
	for (size_t i = sampling ? 2 : 0; i < (sampling ? 3 : ELEMENTSOF(cpusets)); i++)
		in_child(ask_sets, cpusets[i]);
	in_child(ask_moves, NULL);
	printf("{\"done\":true}\n");
	return fflush(stdout) ? 3 : 0;
}
