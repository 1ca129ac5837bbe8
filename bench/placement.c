/* SPDX-License-Identifier: MIT */
/*
 * What it costs to know where 1 GiB is: a process with that much in pages of 4 KiB is read by
 * mpol_placement_of() and, in turn, by a bare read of its numa_maps, which is the floor. As whole
 * programs, `mpol show` beside `numastat -p`. Prints rows: name, ours, peer, unit, what the peer
 * is.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mpol/sample.h>

#define GIB    ((size_t)1 << 30)
#define ROUNDS 31

static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

_Noreturn static void give_up(const char *what)
{
	fprintf(stderr, "bench/placement: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The process that is looked at. Waits until it has touched its memory. */
static pid_t start_target(struct mpol_range *ret)
{
	char *p = mmap(NULL, GIB, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int fds[2];
	pid_t pid;
	char byte;

	if (p == MAP_FAILED || pipe2(fds, O_CLOEXEC) < 0)
		give_up("mmap");
	(void)madvise(p, GIB, MADV_NOHUGEPAGE);
	pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		memset(p, 1, GIB);
		(void)!write(fds[1], "x", 1); /* the parent reads the end of file otherwise */
		for (;;)
			(void)pause();
	}
	(void)close(fds[1]);
	if (read(fds[0], &byte, 1) != 1)
		give_up("the target did not start");
	(void)close(fds[0]);
	(void)munmap(p, GIB);
	*ret = (struct mpol_range){ (uint64_t)(uintptr_t)p, (uint64_t)(uintptr_t)p + GIB };
	return pid;
}

struct target {
	int root_fd;
	pid_t pid;
	struct mpol_range range;
};

static void read_bare(const struct target *t)
{
	static char buf[65536];
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/numa_maps", (int)t->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		give_up(path);
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	(void)close(fd);
}

static void read_placement(const struct target *t)
{
	struct mpol_placement p;
	struct mpol_error err;

	if (mpol_placement_of(t->root_fd, t->pid, &p, &err) < 0 ||
	    mpol_placement_on(&p, NULL) < GIB)
		give_up(err.what);
}

static void read_range(const struct target *t)
{
	struct mpol_placement p;
	struct mpol_error err;

	if (mpol_placement_of_ranges(t->root_fd, t->pid, &t->range, 1, &p, &err) < 0 ||
	    mpol_placement_on(&p, NULL) != GIB)
		give_up(err.what);
}

static void sample(const struct target *t)
{
	static struct mpol_sample s;
	struct mpol_error err;

	if (mpol_placement_sample(t->root_fd, t->pid, 0, 1, &s, &err) < 0 ||
	    s.n != MPOL_SAMPLE_PAGES)
		give_up(err.what);
}

static void run_program(char *const argv[])
{
	posix_spawn_file_actions_t actions;
	extern char **environ;
	int status;
	pid_t pid;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	errno = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	if (errno || waitpid(pid, &status, 0) < 0 || status != 0)
		give_up(argv[0]);
	(void)posix_spawn_file_actions_destroy(&actions);
}

static char mpol_path[4096] = "mpol";

static void run_mpol(const struct target *t)
{
	char pid[16], show[] = "show", exact[] = "--exact";

	(void)snprintf(pid, sizeof(pid), "%d", (int)t->pid);
	run_program((char *[]){ mpol_path, show, exact, pid, NULL });
}

static void run_numastat(const struct target *t)
{
	char pid[16], numastat[] = "numastat", option[] = "-p";

	(void)snprintf(pid, sizeof(pid), "%d", (int)t->pid);
	run_program((char *[]){ numastat, option, pid, NULL });
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double times[ROUNDS])
{
	qsort(times, ROUNDS, sizeof(*times), by_size);
	return times[ROUNDS / 2];
}

/* In turn, one round of warming up first. */
static void compare(const struct target *t, const char *name, void (*ours)(const struct target *),
		    void (*peer)(const struct target *), const char *peer_name)
{
	double times[2][ROUNDS];

	for (int i = -1; i < ROUNDS; i++) {
		double start = now_ms(), middle, end;

		ours(t);
		middle = now_ms();
		peer(t);
		end = now_ms();
		if (i >= 0) {
			times[0][i] = middle - start;
			times[1][i] = end - middle;
		}
	}
	printf("%s\t%.3f\t%.3f\tms\t%s\n", name, median(times[0]), median(times[1]), peer_name);
}

static bool installed(const char *program)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", program);
	return system(command) == 0;
}

int main(void)
{
	struct target t = { .root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	ssize_t n = readlink("/proc/self/exe", mpol_path, sizeof(mpol_path) - 1);
	char *slash;

	if (access("/proc/self/numa_maps", R_OK) < 0) {
		fprintf(stderr, "bench/placement: this kernel has no numa_maps\n");
		return 0;
	}
	/* build/bench/placement stands beside build/mpol's folder */
	mpol_path[n > 0 ? n : 0] = '\0';
	for (int i = 0; i < 2; i++) {
		slash = strrchr(mpol_path, '/');
		if (slash)
			*slash = '\0';
	}
	(void)strncat(mpol_path, "/mpol", sizeof(mpol_path) - strlen(mpol_path) - 1);
	t.pid = start_target(&t.range);
	compare(&t, "placement of 1 GiB, the process", read_placement, read_bare,
		"a bare read of numa_maps");
	compare(&t, "placement of 1 GiB, one range", read_range, read_bare,
		"a bare read of numa_maps");
	compare(&t, "placement of 1 GiB, sampled", sample, read_bare, "a bare read of numa_maps");
	if (access(mpol_path, X_OK) == 0 && installed("numastat"))
		compare(&t, "mpol show --exact of 1 GiB", run_mpol, run_numastat, "numastat -p");
	(void)kill(t.pid, SIGKILL);
	(void)waitpid(t.pid, NULL, 0);
	return 0;
}
