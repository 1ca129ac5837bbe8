/* SPDX-License-Identifier: MIT */
/* Containers of the conformance kit; see conform-container.h. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "oci/conform-container.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "json/write.h"
#include "notation/notation.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

#define PROGRAM_MAX ((size_t)64 << 20)
#define TIMEOUT_MS  300000 /* an emulated machine on a busy host is slow */

static const struct mpol_rule rule_bundle = {
	"conformance-bundle",
	EIO,
	"The kit makes a bundle of its own for each container.",
	NULL,
	NULL,
	NULL,
};

static int wrong(const char *what, int r, struct mpol_error *err)
{
	return mpol_fail_errno(err, &rule_bundle, r < 0 ? -r : errno, what, "%s",
			       strerror(r < 0 ? -r : errno));
}

static int copy_program(const char *dir, const char *program)
{
	_cleanup_close_ int in = open(program, O_RDONLY | O_CLOEXEC), out = -1;
	_cleanup_free_ char *data = NULL;
	char path[PATH_MAX + 32];
	size_t len;
	int r;

	(void)snprintf(path, sizeof(path), "%s/rootfs/probe", dir);
	if (in < 0)
		return -errno;
	r = fd_read_all(in, PROGRAM_MAX, &data, &len);
	if (r < 0)
		return r;
	out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	return out < 0 ? -errno : fd_write_all(out, data, len);
}

static bool root_is_initramfs(void)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[1024];

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, " / / ") && strstr(line, " - rootfs "))
			return true;
	return false;
}

int bundle_make(struct bundle *b, const char *program, struct mpol_error *err)
{
	static const char *const dirs[] = { "rootfs", "rootfs/proc", "rootfs/dev", "state" };
	char path[PATH_MAX + 32];
	int r;

	(void)snprintf(b->dir, sizeof(b->dir), "/tmp/mpol-conformance-XXXXXX");
	if (!mkdtemp(b->dir))
		return wrong("/tmp", 0, err);
	b->no_pivot = root_is_initramfs();
	for (size_t i = 0; i < ELEMENTSOF(dirs); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", b->dir, dirs[i]);
		if (mkdir(path, 0755) < 0)
			return wrong(path, 0, err);
	}
	r = copy_program(b->dir, program);
	return r < 0 ? wrong(program, r, err) : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void bundle_remove(const struct bundle *b)
{
	if (b->dir[0])
		(void)nftw(b->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static void write_process(struct json_writer *w, bool wait)
{
	json_key(w, "process");
	json_begin_object(w);
	json_member_bool(w, "terminal", false);
	json_key(w, "user");
	json_begin_object(w);
	json_member_int(w, "uid", 0);
	json_member_int(w, "gid", 0);
	json_end_object(w);
	json_key(w, "args");
	json_begin_array(w);
	json_write_string(w, "/probe");
	json_write_string(w, "probe");
	if (wait)
		json_write_string(w, "--wait");
	json_end_array(w);
	json_key(w, "env");
	json_begin_array(w);
	json_write_string(w, "PATH=/");
	json_end_array(w);
	json_member_string(w, "cwd", "/");
	json_member_bool(w, "noNewPrivileges", true);
	json_end_object(w);
}

static void write_mounts(struct json_writer *w)
{
	/* /dev of its own: where the bundle lies may be mounted without devices. */
	static const struct {
		const char *destination, *type, *option;
	} mounts[] = { { "/proc", "proc", NULL }, { "/dev", "tmpfs", "mode=755" } };

	json_key(w, "mounts");
	json_begin_array(w);
	for (size_t i = 0; i < ELEMENTSOF(mounts); i++) {
		json_begin_object(w);
		json_member_string(w, "destination", mounts[i].destination);
		json_member_string(w, "type", mounts[i].type);
		json_member_string(w, "source", mounts[i].type);
		if (mounts[i].option) {
			json_key(w, "options");
			json_begin_array(w);
			json_write_string(w, mounts[i].option);
			json_end_array(w);
		}
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_linux(struct json_writer *w, const char *id, const char *policy, const char *mems)
{
	static const char *const namespaces[] = { "pid", "mount", "ipc", "uts" };
	char path[256];

	(void)snprintf(path, sizeof(path), "/mpol-conformance/%s", id);
	json_key(w, "linux");
	json_begin_object(w);
	json_member_string(w, "cgroupsPath", path);
	json_key(w, "namespaces");
	json_begin_array(w);
	for (size_t i = 0; i < ELEMENTSOF(namespaces); i++) {
		json_begin_object(w);
		json_member_string(w, "type", namespaces[i]);
		json_end_object(w);
	}
	json_end_array(w);
	if (mems) {
		json_key(w, "resources");
		json_begin_object(w);
		json_key(w, "cpu");
		json_begin_object(w);
		json_member_string(w, "mems", mems);
		json_end_object(w);
		json_end_object(w);
	}
	json_key(w, "memoryPolicy");
	json_write_raw(w, policy);
	json_end_object(w);
}

/* The OCI object on one line, as json_write_raw() wants it. */
static int policy_json(const struct mpol_policy *p, char **ret, struct mpol_error *err)
{
	struct mpol_policy_expr e;
	int r;

	mpol_policy_expr_from(p, &e);
	r = notation_oci.print(&e, ret, err);
	for (char *c = r < 0 ? NULL : *ret; c && *c; c++)
		if (*c == '\n')
			*c = ' ';
	return r;
}

int bundle_configure(const struct bundle *b, const char *id, const struct mpol_policy *policy,
		     const char *mems, bool wait, struct mpol_error *err)
{
	_cleanup_(strbuf_done) struct strbuf text = { 0 };
	struct json_writer w = json_writer(&text, JSON_INDENTED);
	_cleanup_free_ char *object = NULL;
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX + 32];
	int r = policy_json(policy, &object, err);

	if (r < 0)
		return r;
	json_begin_object(&w);
	json_member_string(&w, "ociVersion", "1.0.2");
	write_process(&w, wait);
	json_key(&w, "root");
	json_begin_object(&w);
	json_member_string(&w, "path", "rootfs");
	json_end_object(&w);
	write_mounts(&w);
	write_linux(&w, id, object, mems);
	json_end_object(&w);
	json_newline(&w);
	(void)snprintf(path, sizeof(path), "%s/config.json", b->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	r = fd < 0 ? -errno : text.failed ? -ENOMEM : fd_write_all(fd, text.data, text.len);
	return r < 0 ? wrong(path, r, err) : 0;
}

#define MAX_ARGUMENTS 64

/* The runtime's argv, --root and the arguments. */
static void build_argv(const struct bundle *b, const char *const *arguments, const char *root,
		       char *ret[MAX_ARGUMENTS])
{
	size_t n = 0;
	const char *rooted[] = { "--root", root, NULL };
	const char *const *parts[] = { b->runtime, rooted, arguments };

	for (size_t p = 0; p < ELEMENTSOF(parts); p++)
		for (size_t i = 0; parts[p][i] && n + 1 < MAX_ARGUMENTS; i++)
			memcpy(&ret[n++], &parts[p][i], sizeof(*ret)); /* execv(3) does not write */
	ret[n] = NULL;
}

static _Noreturn void run_child(const struct bundle *b, char *const *argv, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
	    chdir(b->dir) < 0 || (b->engine && cgroup_join(b->engine, 0, NULL) < 0))
		_exit(126);
	execv(argv[0], argv);
	_exit(127);
}

static long long now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What does not fit is dropped. */
int bundle_read(int fd, bool line, char *output, size_t size)
{
	long long until = now_ms() + TIMEOUT_MS;
	size_t len = 0;

	output[0] = '\0';
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		long long left = until - now_ms();
		char rest[512];
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return -ETIMEDOUT;
		n = size - len > 1 ? read(fd, output + len, size - len - 1)
				   : read(fd, rest, sizeof(rest));
		if (n <= 0)
			return 0;
		if (size - len > 1)
			len += (size_t)n;
		output[len] = '\0';
		if (line && strchr(output, '\n'))
			return 0;
	}
}

/* 0 when the process has ended; a runtime that hangs is killed. */
static int wait_end(pid_t pid)
{
	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	long long until = now_ms() + TIMEOUT_MS, left;

	while (fd >= 0 && (left = until - now_ms()) > 0) {
		int r = poll(&p, 1, (int)left);

		if (r > 0)
			return 0;
		if (r < 0 && errno != EINTR)
			break;
	}
	(void)kill(pid, SIGKILL);
	return -ETIMEDOUT;
}

int bundle_run(const struct bundle *b, const char *const *arguments, int out)
{
	char *argv[MAX_ARGUMENTS], root[PATH_MAX + 16];
	int status, r;
	pid_t pid;

	(void)snprintf(root, sizeof(root), "%s/state", b->dir);
	build_argv(b, arguments, root, argv);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run_child(b, argv, out);
	r = wait_end(pid);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (r < 0)
		return r;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
