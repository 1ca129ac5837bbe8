/* SPDX-License-Identifier: MIT */
/* Victims as seen by the tests; see prey.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mpol/apply.h>

#include "check.h"
#include "prey.h"

#define PATIENCE_MS 60000

bool prey_line(struct prey *p, char *buf, size_t size)
{
	struct pollfd wait = { .fd = p->out, .events = POLLIN };
	size_t n = 0;

	for (;;) {
		char c;

		if (poll(&wait, 1, PATIENCE_MS) <= 0 || read(p->out, &c, 1) != 1)
			return false;
		if (c == '\n')
			break;
		if (n + 1 < size)
			buf[n++] = c;
	}
	buf[n] = '\0';
	return true;
}

static struct prey start(const char *const argv[], const char *ready, int user)
{
	struct prey p = { 0 };
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		abort();
	p.pid = fork();
	if (p.pid == 0) {
		if (user >= 0 && (setgid((gid_t)user) != 0 || setuid((uid_t)user) != 0))
			_exit(99);
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of user forgets it */
		prctl(PR_SET_DUMPABLE, 1);	  /* likewise */
		(void)mpol_apply(&mpol_policy(MPOL_MODE_DEFAULT),
				 NULL); /* whatever we were started under */
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execvp(argv[0], (char *const *)(size_t)argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	p.in = in[1];
	p.out = out[0];
	while (ready) {
		if (!prey_line(&p, p.line, sizeof(p.line)))
			check_skip("%s did not start", argv[0]);
		if (strstr(p.line, ready))
			break;
	}
	return p;
}

struct prey prey_exec(const char *const argv[], const char *ready)
{
	return start(argv, ready, -1);
}

struct prey prey_start_as(int user, const char *mode)
{
	const char *argv[] = { getenv("PREY_VICTIM"), mode, NULL };

	if (!argv[0])
		check_skip("PREY_VICTIM: this machine cannot build it");
	return start(argv, "ready", user);
}

struct prey prey_start(const char *variable, const char *mode, const char *number)
{
	const char *program = getenv(variable ? variable : "PREY_VICTIM");
	const char *argv[] = { program, mode, number, NULL };

	if (!program || !*program)
		check_skip("%s: this machine cannot build it", variable ? variable : "PREY_VICTIM");
	return prey_exec(argv, "ready");
}

bool prey_ends_well(struct prey *p)
{
	char line[256] = "", last[256] = "";
	int status = -1;

	close(p->in);
	while (prey_line(p, line, sizeof(line))) {
		if (strcmp(line, "ok") != 0)
			printf("# victim: %s\n", line);
		memcpy(last, line, sizeof(last));
	}
	close(p->out);
	if (waitpid(p->pid, &status, 0) != p->pid || status != 0) {
		printf("# victim: wait status 0x%x\n", (unsigned)status);
		return false;
	}
	return strcmp(last, "ok") == 0;
}

void prey_kill(struct prey *p)
{
	kill(p->pid, SIGKILL);
	close(p->in);
	close(p->out);
	(void)waitpid(p->pid, NULL, 0);
}

static FILE *open_file(pid_t pid, pid_t tid, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", pid, tid ? tid : pid, name);
	return fopen(path, "re");
}

void prey_policy(pid_t pid, pid_t tid, char *buf, size_t size)
{
	FILE *f = open_file(pid, tid, "numa_maps");
	char line[512];

	buf[0] = '\0';
	if (f && fgets(line, sizeof(line), f) && strchr(line, ' ')) {
		char *policy = strchr(line, ' ') + 1;

		policy[strcspn(policy, " \n")] = '\0';
		(void)snprintf(buf, size, "%s", policy);
	}
	if (f)
		fclose(f);
	if (strchr("ZX-", prey_state(pid, tid))) /* "default" is what one that ends shows last */
		buf[0] = '\0';
}

size_t prey_threads(pid_t pid, pid_t *tids, size_t max)
{
	char path[64];
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && n < max && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			tids[n++] = atoi(entry->d_name);
	if (dir)
		closedir(dir);
	return n;
}

char prey_state(pid_t pid, pid_t tid)
{
	FILE *f = open_file(pid, tid, "stat");
	char line[512], *close = NULL;

	if (f && fgets(line, sizeof(line), f))
		close = strrchr(line, ')');
	if (f)
		fclose(f);
	return close ? close[2] : '-';
}

bool prey_reaches(pid_t pid, pid_t tid, char state)
{
	for (unsigned i = 0; i < 10000; i++) {
		if (prey_state(pid, tid) == state)
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return false;
}

int prey_tracer(pid_t pid, pid_t tid)
{
	FILE *f = open_file(pid, tid, "status");
	char line[256];
	int tracer = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	if (f)
		fclose(f);
	return tracer;
}

int prey_root(void)
{
	return open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}
