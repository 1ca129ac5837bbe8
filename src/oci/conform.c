/* SPDX-License-Identifier: MIT */
/* The conformance kit: asks each case of a runtime, and of the kernel itself; see conform.h. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpol/apply.h>

#include "oci/conform-container.h"
#include "oci/conform.h"

#include "base/cleanup.h"
#include "base/macros.h"
#include "notation/notation.h"

#define OUTPUT 8192

static const struct mpol_rule rule_environment = {
	"conformance-environment",
	EIO,
	"The kit compares containers with a process in a cgroup of the same cpuset; it must be "
	"able to "
	"make both.",
	"run it as root where cgroups have cpusets: mpol oci conformance --on 4n does so in a "
	"virtual "
	"machine",
	NULL,
	NULL,
};

/* Everything the cases share. */
struct kit {
	const struct conform_options *o;
	int root_fd;
	struct cgroup_tree tree;
	struct cgroup top;
	struct mpol_machine machine;
	struct bundle bundle;
	char id[64];
};

static void kit_done(struct kit *k)
{
	cgroup_done(&k->top);
	mpol_machine_done(&k->machine);
	bundle_remove(&k->bundle);
	cleanup_close(&k->root_fd);
}

/* Those that runtimes look for on v1, each in a hierarchy of its own. */
static void mount_missing(void)
{
	static const char *const names[] = {
		"cpu", "cpuacct", "devices", "freezer", "pids", "blkio"
	};
	char path[64];

	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		(void)snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", names[i]);
		if (mkdir(path, 0755) == 0)
			(void)mount("cgroup", path, "cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC,
				    names[i]); /* a runtime that needs it says so */
	}
}

/*
 * crun refuses machines with controllers in both hierarchies, and misses those that are in neither:
 * where v1 has the cpusets, we and the runtimes below us see v1 alone.
 */
static void leave_hybrid(const struct cgroup_tree *tree)
{
	if (tree->version != CGROUP_V1 || access("/sys/fs/cgroup/unified", F_OK) < 0)
		return;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return;
	(void)umount2("/sys/fs/cgroup/unified", MNT_DETACH); /* else crun says it */
	mount_missing();
}

static int kit_init(struct kit *k, struct mpol_error *err)
{
	int r;

	k->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = mpol_machine_read(k->root_fd, 0, &k->machine, err);
	if (r >= 0)
		r = cgroup_find(k->root_fd, &k->tree, err);
	if (r >= 0)
		r = cgroup_open(k->root_fd, &k->tree, "/", &k->top, err);
	if (r >= 0)
		r = cgroup_enable_cpuset(&k->top, err);
	if (r < 0)
		return r;
	leave_hybrid(&k->tree);
	k->bundle.runtime = k->o->runtime;
	return bundle_make(&k->bundle, k->o->program, err);
}

/* A cgroup at the top with these mems; NULL: those of the top. */
static int make_group(struct kit *k, const char *name, const char *mems, struct cgroup *ret,
		      struct mpol_error *err)
{
	struct mpol_nodeset set;
	int r = cgroup_create(&k->top, name, ret, err);

	if (r < 0 || !mems)
		return r;
	r = mpol_nodes_parse(mems, &set, err);
	return r < 0 ? r : cgroup_set_mems(ret, &set, err);
}

static void drop_group(struct cgroup *g)
{
	if (g->fd >= 0)
		(void)cgroup_remove(g, 5000,
				    NULL); /* the machine's own tidying says what is left */
	cgroup_done(g);
}

/* What the reference process leaves in shared memory. */
struct answer {
	int r;
	struct oci_probe probe;
};

/* A child that joins the cgroup, calls set_mempolicy(2) and looks. */
static int ask_kernel(const struct cgroup *g, const struct mpol_policy *p, struct answer *ret)
{
	struct answer *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t pid;

	if (shared == MAP_FAILED)
		return -errno;
	pid = fork();
	if (pid == 0) {
		shared->r = cgroup_join(g, 0, NULL);
		if (shared->r < 0)
			_exit(1);
		shared->r = mpol_apply(p, NULL);
		if (shared->r == 0)
			oci_probe_self(&shared->probe);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*ret = *shared;
	(void)munmap(shared, sizeof(*shared));
	return pid < 0 ? -EAGAIN : status ? -EIO : 0;
}

static int find_expected(struct kit *k, const struct mpol_policy *p, struct conform_result *r,
			 struct mpol_error *err)
{
	_cleanup_(drop_group) struct cgroup g = CGROUP_NONE;
	struct answer answer = { 0 };
	int res = make_group(k, "mpol-reference", r->c->mems, &g, err);

	if (res < 0)
		return res;
	res = ask_kernel(&g, p, &answer);
	if (res < 0)
		return mpol_fail_errno(err, &rule_environment, -res, "reference", "%s",
				       strerror(-res));
	r->expected_errno = -answer.r;
	r->expected = answer.probe;
	return 0;
}

/* The runtime's last line, for a difference. */
static void keep_words(struct conform_result *r, const char *output)
{
	size_t len = strlen(output);
	const char *start;

	while (len && strchr("\r\n", output[len - 1]))
		len--;
	start = output + len;
	while (start > output && start[-1] != '\n')
		start--;
	if (len)
		(void)snprintf(r->said, sizeof(r->said), "%.*s", (int)(output + len - start),
			       start);
}

static void judge(struct conform_result *r, enum conform_action action, const char *output,
		  int status)
{
	oci_probe_parse(output, &r->action[action].got);
	r->action[action].asked = true;
	r->action[action].same = oci_probe_equal(&r->action[action].got, &r->expected);
	if (!r->action[action].same)
		keep_words(r,
			   status == -ETIMEDOUT ? "(nothing for minutes: it was ended)" : output);
}

/* What is left of a container is in the runtime's state directory. */
static bool is_left(const struct kit *k)
{
	char path[PATH_MAX + 96];

	(void)snprintf(path, sizeof(path), "%s/state/%s", k->bundle.dir, k->id);
	return access(path, F_OK) == 0;
}

static void delete_container(struct kit *k)
{
	_cleanup_close_ int null = -1;

	if (!is_left(k))
		return;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)bundle_run(&k->bundle, (const char *const[]){ "delete", "--force", k->id, NULL },
			 null);
}

/* Puts --no-pivot behind the command where the root needs it. */
static int act(struct kit *k, const char *command, int out)
{
	const char *arguments[] = { command, k->bundle.no_pivot ? "--no-pivot" : k->id,
				    k->bundle.no_pivot ? k->id : NULL, NULL };

	return bundle_run(&k->bundle, arguments, out);
}

static int ask_run(struct kit *k, const struct mpol_policy *p, struct conform_result *r,
		   struct mpol_error *err)
{
	_cleanup_close_ int in = -1;
	char output[OUTPUT] = "";
	int fds[2], res = bundle_configure(&k->bundle, k->id, p, r->c->mems, false, err);

	if (res < 0)
		return res;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	in = fds[0];
	res = act(k, "run", fds[1]);
	(void)close(fds[1]);
	(void)bundle_read(in, false, output, sizeof(output));
	judge(r, CONFORM_RUN, output, res);
	delete_container(k);
	return 0;
}

static void ask_exec(struct kit *k, struct conform_result *r)
{
	_cleanup_close_ int in = -1;
	char output[OUTPUT] = "";
	int fds[2], res;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	in = fds[0];
	res = bundle_run(&k->bundle,
			 (const char *const[]){ "exec", k->id, "/probe", "probe", NULL }, fds[1]);
	(void)close(fds[1]);
	(void)bundle_read(in, false, output, sizeof(output));
	judge(r, CONFORM_EXEC, output, res);
}

/* create, start and, into what then runs, exec. */
static int ask_create(struct kit *k, const struct mpol_policy *p, struct conform_result *r,
		      struct mpol_error *err)
{
	_cleanup_close_ int in = -1;
	char output[OUTPUT] = "";
	int fds[2], res = bundle_configure(&k->bundle, k->id, p, r->c->mems, true, err);

	if (res < 0)
		return res;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	in = fds[0];
	res = act(k, "create", fds[1]);
	if (res == 0)
		res = bundle_run(&k->bundle, (const char *const[]){ "start", k->id, NULL }, fds[1]);
	(void)close(fds[1]);
	(void)bundle_read(in, res == 0, output, sizeof(output));
	judge(r, CONFORM_CREATE, output, res);
	if (res == 0 && !k->o->no_exec)
		ask_exec(k, r);
	delete_container(k);
	return 0;
}

static int ask_case(struct kit *k, const struct conform_case *c, struct conform_result *r,
		    struct mpol_error *err)
{
	_cleanup_(drop_group) struct cgroup engine = CGROUP_NONE;
	struct mpol_policy_expr e;
	struct mpol_policy p;
	int res = notation_kernel.parse(c->policy, &e, err);

	if (res < 0)
		return res;
	p = (struct mpol_policy){ .mode = e.mode, .flags = e.flags, .nodes = e.nodes.nodes };
	res = find_expected(k, &p, r, err);
	if (res >= 0 && c->engine)
		res = make_group(k, "mpol-engine", c->engine, &engine, err);
	if (res < 0)
		return res;
	k->bundle.engine = c->engine ? &engine : NULL;
	res = ask_run(k, &p, r, err);
	if (res >= 0)
		res = ask_create(k, &p, r, err);
	k->bundle.engine = NULL;
	return res;
}

static unsigned nodes_with_memory(const struct kit *k)
{
	return mpol_nodes_count(&k->machine.with_memory);
}

int conform_run(const struct conform_options *o, struct mpol_error *err)
{
	_cleanup_(kit_done) struct kit k = { .o = o, .root_fd = -1, .top = CGROUP_NONE };
	int r = kit_init(&k, err);

	for (size_t i = 0; r >= 0 && i < n_conform_cases; i++) {
		const struct conform_case *c = &conform_cases[i];
		struct conform_result result = { .c = c };
		char skipped[64];

		if (o->only && !strstr(c->policy, o->only))
			continue;
		(void)snprintf(k.id, sizeof(k.id), "case-%zu", i);
		if (nodes_with_memory(&k) < c->nodes) {
			(void)snprintf(skipped, sizeof(skipped), "needs %u nodes", c->nodes);
			result.skipped = skipped;
		} else {
			r = ask_case(&k, c, &result, err);
		}
		if (r >= 0)
			o->result(o->ctx, &result);
	}
	if (k.top.fd >= 0) {
		struct cgroup left = CGROUP_NONE;

		if (cgroup_open_child(&k.top, "mpol-conformance", &left, NULL) == 0)
			drop_group(&left);
	}
	return r;
}
