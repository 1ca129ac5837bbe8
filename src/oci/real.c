/* SPDX-License-Identifier: MIT */
/* The real runtime behind the front; see real.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "oci/real.h"
#include "oci/runtimes.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

#define CACHE_DIR  "/run/mpol"
#define ANSWER_MAX ((size_t)1 << 20)

static const struct mpol_rule rule_real = {
	"real-runtime",
	ENOENT,
	"The front runs no container itself: it hands over to a real runtime.",
	"install runc or crun, or name one: \"real\" in " OCI_SETTINGS_FILE ", or --mpol-real=PATH",
	NULL,
	NULL,
};
static const struct mpol_rule rule_itself = {
	"real-runtime-is-front",
	ELOOP,
	"A front behind the front would never reach a runtime.",
	"name the real runtime's program, such as /usr/sbin/runc",
	NULL,
	NULL,
};
static const struct mpol_rule rule_ask = {
	"real-runtime-answer",
	EPIPE,
	"The runtime was asked about itself and did not answer.",
	NULL,
	NULL,
	NULL,
};

static bool is_program(const char *path, struct stat *st)
{
	return stat(path, st) == 0 && S_ISREG(st->st_mode) && access(path, X_OK) == 0;
}

/* In the directories where distributions put runtimes; PATH is the engine's and may be anything. */
static bool look_up(const char *name, char path[REAL_PATH], struct stat *st)
{
	static const char *const dirs[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
					    "/usr/bin",	       "/sbin",		 "/bin" };

	if (strchr(name, '/')) {
		(void)snprintf(path, REAL_PATH, "%s", name);
		return is_program(path, st);
	}
	for (size_t i = 0; i < ELEMENTSOF(dirs); i++) {
		(void)snprintf(path, REAL_PATH, "%s/%s", dirs[i], name);
		if (is_program(path, st))
			return true;
	}
	return false;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "mpol-crun" asks for crun. */
static const char *name_called_by(const char *argv0)
{
	const char *name = base_name(argv0);

	if (!STARTS(name, "mpol-") || STREQ(name, "mpol-runtime"))
		return NULL;
	return name + strlen("mpol-");
}

static bool find_any(const struct oci_args *a, char path[REAL_PATH], struct stat *st)
{
	static const char *const names[] = { "runc", "crun", "youki" };
	const char *wanted = name_called_by(a->argv[0]);

	if (wanted)
		return look_up(wanted, path, st);
	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		if (look_up(names[i], path, st))
			return true;
	return false;
}

int oci_real_find(const struct oci_args *a, const struct oci_settings *s, struct oci_real *ret,
		  struct mpol_error *err)
{
	const char *named = a->real ? a->real : getenv("MPOL_REAL");
	struct stat st, self;

	if (!named || !*named)
		named = s->real;
	if (named && !look_up(named, ret->path, &st))
		return mpol_fail(err, &rule_real, "", "%.120s is no program", named);
	if (!named && !find_any(a, ret->path, &st))
		return mpol_fail(err, &rule_real, "", "no OCI runtime was found");
	if (stat("/proc/self/exe", &self) == 0 && self.st_dev == st.st_dev &&
	    self.st_ino == st.st_ino)
		return mpol_fail(err, &rule_itself, "", "%.120s is this front itself", ret->path);
	if (ret->path[0] != '/') {
		_cleanup_free_ char *full = realpath(ret->path, NULL);

		if (!full || strlen(full) >= REAL_PATH)
			return mpol_fail_errno(err, &rule_real, ENAMETOOLONG, "",
					       "the path of %.80s is too long", ret->path);
		strcpy(ret->path, full);
	}
	ret->is_crun = strstr(base_name(ret->path), "crun") != NULL;
	return 0;
}

/* The child's side: stdout into the pipe, nothing else of ours, gone when the parent is. */
static _Noreturn void ask_child(const struct oci_real *real, char *const *argv, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	execv(real->path, argv);
	_exit(127);
}

int oci_real_ask(const struct oci_real *real, const char *const *argv, char **ret,
		 struct mpol_error *err)
{
	_cleanup_close_ int in = -1;
	char *list[8] = { NULL };
	int fds[2], status = 0, r;
	pid_t pid;

	for (size_t i = 0; argv[i] && i + 1 < ELEMENTSOF(list); i++)
		memcpy(&list[i], &argv[i],
		       sizeof(list[i])); /* execv(3) wants char *, and does not write */
	if (pipe2(fds, O_CLOEXEC) < 0)
		return mpol_fail_errno(err, &rule_ask, errno, "", "pipe: %s", strerror(errno));
	in = fds[0];
	pid = fork();
	if (pid == 0)
		ask_child(real, list, fds[1]);
	(void)close(fds[1]);
	if (pid < 0)
		return mpol_fail_errno(err, &rule_ask, errno, "", "fork: %s", strerror(errno));
	r = fd_read_all(in, ANSWER_MAX, ret, NULL);
	if (r < 0)
		*ret = NULL;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r == 0 && status == 0)
		return 0;
	free(*ret);
	*ret = NULL;
	return mpol_fail(err, &rule_ask, "", "%.80s %s failed", real->path, argv[1]);
}

/* "crun version 1.8.1", "runc version 1.1.5+ds1", "youki version 0.6.0" */
int oci_real_version(const struct oci_real *real, char name[32], char version[64],
		     struct mpol_error *err)
{
	const char *const argv[] = { base_name(real->path), "--version", NULL };
	_cleanup_free_ char *answer = NULL;
	int r = oci_real_ask(real, argv, &answer, err);

	if (r < 0)
		return r;
	if (sscanf(answer, "%31s version %63s", name, version) != 2 &&
	    sscanf(answer, "%31s %63s", name, version) != 2)
		return mpol_fail(err, &rule_ask, "", "%.80s --version says nothing that is known",
				 real->path);
	if (*version == 'v')
		memmove(version, version + 1, strlen(version));
	return 0;
}

/*
 * "Which version is this program?" costs a start of the runtime, so the answer is remembered in
 * /run/mpol as the target of a symbolic link (made at once, read at once) named by the program's
 * device, inode and times. Only root has the directory; others ask again.
 */
static void cache_name(const struct stat *st, char path[128])
{
	(void)snprintf(path, 128, CACHE_DIR "/runtime-%llx-%llx-%llx.%lx-%llx.%lx",
		       (unsigned long long)st->st_dev, (unsigned long long)st->st_ino,
		       (unsigned long long)st->st_mtim.tv_sec, (unsigned long)st->st_mtim.tv_nsec,
		       (unsigned long long)st->st_ctim.tv_sec, (unsigned long)st->st_ctim.tv_nsec);
}

static const struct oci_runtime *known_runtime(const struct oci_real *real)
{
	char name[32], version[64], link[128], answer[128] = "";
	struct stat st;
	ssize_t n;

	if (stat(real->path, &st) < 0)
		return NULL;
	cache_name(&st, link);
	n = readlink(link, answer, sizeof(answer) - 1);
	if (n <= 0 || sscanf(answer, "%31s %63s", name, version) != 2) {
		if (oci_real_version(real, name, version, NULL) < 0)
			return NULL;
		(void)snprintf(answer, sizeof(answer), "%s %s", name, version);
		if (geteuid() == 0 && (mkdir(CACHE_DIR, 0755) == 0 || errno == EEXIST))
			(void)symlink(answer, link); /* asked again next time when it fails */
	}
	return oci_runtime_find(name, version);
}

bool oci_real_is_native(const struct oci_real *real, const struct oci_settings *s,
			const struct mpol_policy *p)
{
	const struct oci_runtime *known;

	if (s->native != OCI_NATIVE_AUTO)
		return s->native == OCI_NATIVE_ALWAYS;
	if (real->is_crun) /* no version of it is exact: not worth a look */
		return false;
	known = known_runtime(real);
	return known && known->run == OCI_APPLIES && known->exec == OCI_APPLIES &&
	       (!known->right || known->right(p));
}

int oci_real_exec(const struct oci_real *real, const struct oci_args *a, struct mpol_error *err)
{
	char *path = NULL;

	memcpy(&path, &(const char *){ real->path }, sizeof(path)); /* argv is not written to */
	a->argv[0] = path;
	execv(real->path, a->argv);
	return mpol_fail_errno(err, &rule_real, errno, "", "%.120s cannot be started: %s",
			       real->path, strerror(errno));
}
