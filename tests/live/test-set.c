/* SPDX-License-Identifier: MIT */
/* mpol_set() and mpol_set_cgroup() on processes that run, and that do not want to. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mpol/live.h>

#include "base/macros.h"
#include "cgroup/cgroup.h"
#include "check.h"
#include "kernel/inject.h"
#include "prey.h"

#define MAX_THREADS 2048

static const struct mpol_policy bind0 = mpol_bind(0), interleave0 = mpol_interleave(0);

static int set(pid_t pid, const struct mpol_policy *p, struct mpol_set_result *ret,
	       struct mpol_error *err)
{
	return mpol_set(prey_root(), pid, p, NULL, ret, err);
}

/* The policies that the threads show now, those that end meanwhile left out. */
static void all_show(pid_t pid, const char *expected)
{
	pid_t tids[MAX_THREADS];
	size_t n = prey_threads(pid, tids, MAX_THREADS);
	char policy[64];

	CHECK(n > 0);
	for (size_t t = 0; t < n; t++) {
		prey_policy(pid, tids[t], policy, sizeof(policy));
		if (policy[0] && !CHECK_STR(policy, expected))
			break;
	}
}

TEST(all_of_64_blocked_threads_get_it_and_what_was_done_is_told)
{
	struct prey p = prey_start(NULL, "blocked", "64");
	struct mpol_set_result result;
	struct mpol_error err = { 0 };

	CHECK_EQ(set(p.pid, &bind0, &result, &err), 0);
	CHECK_EQ(result.pid, p.pid);
	CHECK_STR(result.name, "victim");
	CHECK_EQ(result.threads, 65);
	CHECK_EQ(result.unreachable, 0);
	CHECK_STR(result.before, "default");
	CHECK_STR(result.after, "bind:0");
	CHECK(result.stopped_median_ns > 0 && result.stopped_median_ns <= result.stopped_max_ns);
	all_show(p.pid, "bind:0");
	CHECK_EQ(set(p.pid, &mpol_policy(MPOL_MODE_DEFAULT), &result, &err), 0);
	CHECK_STR(result.before, "bind:0");
	all_show(p.pid, "default");
	CHECK(prey_ends_well(&p));
}

TEST(only_the_first_thread_when_asked)
{
	struct prey p = prey_start(NULL, "blocked", "3");
	struct mpol_set_options options = { .main_only = true };
	struct mpol_set_result result;
	pid_t tids[8];
	char policy[64];

	CHECK_EQ(mpol_set(prey_root(), p.pid, &bind0, &options, &result, NULL), 0);
	CHECK_EQ(result.threads, 1);
	for (size_t t = 0, n = prey_threads(p.pid, tids, 8); t < n; t++) {
		prey_policy(p.pid, tids[t], policy, sizeof(policy));
		CHECK_STR(policy, tids[t] == p.pid ? "bind:0" : "default");
	}
	CHECK(prey_ends_well(&p));
}

TEST(threads_and_processes_created_all_the_while_are_found)
{
	struct prey p = prey_start(NULL, "breeding", "2");
	const struct mpol_policy *policies[] = { &bind0, &interleave0 };
	const char *texts[] = { "bind:0", "interleave:0" };
	unsigned inherited = 0;

	for (unsigned n = 0; n < 10; n++) {
		struct mpol_set_result result;
		struct mpol_error err = { 0 };

		if (!CHECK_EQ(set(p.pid, policies[n % 2], &result, &err), 0))
			printf("#   %s\n", err.what);
		all_show(p.pid, texts[n % 2]);
		inherited += result.inherited;
	}
	printf("# %u were born with it while it was set\n", inherited);
	CHECK(prey_ends_well(&p));
}

TEST(a_plan_changes_nothing)
{
	struct prey p = prey_start(NULL, "blocked", "5");
	struct mpol_set_options options = { .mbind_existing = true };
	struct mpol_policy beyond = mpol_policy(MPOL_MODE_INTERLEAVE, .nodes = MPOL_NODES(0, 62));
	struct mpol_set_result result;

	CHECK_EQ(mpol_set_plan(prey_root(), p.pid, &beyond, &options, &result, NULL), 0);
	CHECK_EQ(result.threads, 6);
	CHECK_STR(result.before, "default");
	CHECK_STR(result.after, "interleave:0");
	CHECK(result.mappings > 5 && result.mapping_bytes > 0);
	CHECK_EQ(result.stopped_max_ns, 0);
	all_show(p.pid, "default");
	CHECK(prey_ends_well(&p));
}

TEST(a_policy_that_its_cpuset_refuses_is_refused_before_anything)
{
	struct prey p = prey_start(NULL, "idle", NULL);
	struct mpol_policy elsewhere = mpol_bind(62);
	struct mpol_set_result result;
	struct mpol_error err = { 0 };

	CHECK_EQ(set(p.pid, &elsewhere, &result, &err), -EINVAL);
	CHECK_STR(err.rule->id, "no-usable-node");
	CHECK_EQ(set(p.pid, &mpol_policy(MPOL_MODE_BIND), &result, &err), -EINVAL);
	CHECK_STR(err.rule->id, "bind-needs-nodes");
	CHECK_EQ(result.threads, 0);
	all_show(p.pid, "default");
	CHECK(prey_ends_well(&p));
}

/* How many mappings show a policy. */
static unsigned count_mappings(pid_t pid, const char *text)
{
	char path[64], line[512];
	unsigned n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/numa_maps", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		const char *policy = strchr(line, ' ');

		n += policy && strncmp(policy + 1, text, strlen(text)) == 0;
	}
	if (f)
		fclose(f);
	return n;
}

TEST(mappings_keep_the_policy_they_were_given)
{
	struct prey p = prey_start(NULL, "memory", "4");
	struct mpol_set_options options = { .mbind_existing = true };
	struct mpol_set_result result;
	struct mpol_error err = { 0 };

	CHECK_EQ(mpol_set(prey_root(), p.pid, &bind0, &options, &result, &err), 0);
	CHECK(result.mappings > 5 && result.mappings_left > 5);
	CHECK_EQ(set(p.pid, &mpol_policy(MPOL_MODE_DEFAULT), &result, &err), 0);
	CHECK(count_mappings(p.pid, "bind:0") > 3);  /* neighbours may have become one */
	CHECK(count_mappings(p.pid, "default") > 5); /* files, the kernel's own */
	CHECK(prey_ends_well(&p));
}

TEST(refusals_leave_the_process_alone)
{
	struct prey p = prey_start(NULL, "seccomp", "0x80000000"); /* kill */
	struct mpol_set_result result;
	struct mpol_error err = { 0 };

	CHECK_EQ(set(p.pid, &bind0, &result, &err), -EPERM);
	CHECK_STR(err.rule->id, geteuid() == 0 ? "inject-seccomp" : "inject-seccomp-unreadable");
	all_show(p.pid, "default");
	CHECK(prey_ends_well(&p));
	CHECK_EQ(set(getpid(), &bind0, &result, &err), -EINVAL);
	CHECK_STR(err.rule->id, "set-self");
	CHECK_EQ(set(2, &bind0, &result, &err), prey_state(2, 0) == '-' ? -ESRCH : -EOPNOTSUPP);
}

TEST(one_thread_that_cannot_be_stopped_does_not_keep_the_others_from_it)
{
	struct prey p = prey_start(NULL, "vfork", "3000");
	struct mpol_set_options options = { .timeout_ms = 100 };
	struct mpol_set_result result;
	struct mpol_error err = { 0 };

	CHECK(prey_reaches(p.pid, 0, 'D'));
	CHECK_EQ(mpol_set(prey_root(), p.pid, &bind0, &options, &result, &err), -ETIMEDOUT);
	CHECK_STR(err.rule->id, "set-threads-unreachable");
	CHECK_EQ(result.unreachable, 1);
	options.timeout_ms = 20000;
	CHECK_EQ(mpol_set(prey_root(), p.pid, &bind0, &options, &result, &err), 0);
	all_show(p.pid, "bind:0");
	CHECK(prey_ends_well(&p));
}

/* What an unprivileged user is told, and that the user's own processes are no problem. */
static int as_nobody(pid_t pid, char rule[64])
{
	int channel[2], status;
	pid_t child;

	if (pipe(channel) != 0)
		return -1;
	child = fork();
	if (child == 0) {
		struct mpol_set_result result;
		struct mpol_error err = { 0 };
		int r;

		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(99);
		r = set(pid, &bind0, &result, &err);
		(void)!write(channel[1], err.rule ? err.rule->id : "none", 63);
		_exit(r == 0 ? 0 : r == -EPERM ? 1 : 2);
	}
	close(channel[1]);
	memset(rule, 0, 64);
	(void)!read(channel[0], rule, 63);
	close(channel[0]);
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(without_permission_the_reason_is_told)
{
	struct prey roots, own, secret;
	char rule[64], policy[64];

	if (geteuid() != 0)
		check_skip("becoming another user needs root");
	roots = prey_start(NULL, "idle", NULL);
	CHECK_EQ(as_nobody(roots.pid, rule), 1);
	CHECK_STR(rule, "ptrace-other-user");
	prey_policy(roots.pid, 0, policy, sizeof(policy));
	CHECK_STR(policy, "default");
	CHECK(prey_ends_well(&roots));

	own = prey_start_as(65534, "idle");
	CHECK_EQ(as_nobody(own.pid, rule), 0);
	prey_policy(own.pid, 0, policy, sizeof(policy));
	CHECK_STR(policy, "bind:0");
	CHECK(prey_ends_well(&own));

	secret = prey_start_as(65534, "not-dumpable");
	CHECK_EQ(as_nobody(secret.pid, rule), 1);
	CHECK_STR(rule, "ptrace-not-dumpable");
	CHECK(prey_ends_well(&secret));
}

/* A cgroup of our own with the cpuset controller, in which victims are started. */
static struct cgroup make_group(void)
{
	struct cgroup top = CGROUP_NONE, group = CGROUP_NONE;
	struct cgroup_tree tree;
	struct mpol_error err = { 0 };

	if (geteuid() != 0)
		check_skip("making a cgroup needs root");
	if (cgroup_find(prey_root(), &tree, &err) < 0 ||
	    cgroup_open(prey_root(), &tree, "/", &top, &err) < 0 ||
	    cgroup_enable_cpuset(&top, &err) < 0)
		check_skip("%s", err.what);
	if (cgroup_create(&top, "mpol-test-set", &group, &err) < 0 && err.errnum == EEXIST)
		(void)cgroup_open_child(&top, "mpol-test-set", &group,
					&err); /* left by a test that was killed */
	if (group.fd < 0)
		check_skip("%s", err.what);
	cgroup_done(&top);
	return group;
}

/* Back to where we came from, and the group is removed. */
static bool leave(struct cgroup *group, const char *home)
{
	struct cgroup old = CGROUP_NONE;
	struct cgroup_tree tree;
	struct mpol_error err = { 0 };

	return cgroup_find(prey_root(), &tree, &err) == 0 &&
	       cgroup_open(prey_root(), &tree, home, &old, &err) == 0 &&
	       cgroup_join(&old, 0, &err) == 0 && cgroup_kill(group, &err) == 0 &&
	       cgroup_remove(group, 5000, &err) == 0;
}

static void find_home(char home[CGROUP_PATH])
{
	struct cgroup_tree tree;

	if (cgroup_find(prey_root(), &tree, NULL) < 0 ||
	    cgroup_path_of(prey_root(), &tree, 0, home, CGROUP_PATH, NULL) < 0)
		check_skip("no cgroup hierarchy has the cpuset controller");
}

TEST(a_cgroup_without_processes_and_no_cgroup_at_all_are_refused)
{
	struct cgroup group = make_group();
	const struct {
		const char *path, *rule, *what;
	} refused[] = {
		{ group.path, "set-empty-cgroup", "the cgroup has no processes" },
		{ "/no-such-group", "set-no-cgroup", "neither as a folder nor below /" },
		{ "/proc/self", "set-no-cgroup", "neither as a folder nor below /" },
		{ "/../..", "set-no-cgroup", "there is no such cgroup" },
	};

	for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
		struct mpol_set_result *results = NULL;
		struct mpol_error err = { 0 };
		size_t n = 0;

		check_row(i, refused[i].path);
		CHECK(mpol_set_cgroup(prey_root(), refused[i].path, &bind0, NULL, &results, &n,
				      &err) < 0);
		CHECK_STR(err.rule ? err.rule->id : NULL, refused[i].rule);
		CHECK_HAS(err.what, refused[i].what);
		CHECK_EQ(n, 0);
		free(results);
	}
	CHECK_EQ(cgroup_remove(&group, 5000, NULL), 0);
}

TEST(every_process_of_a_cgroup_gets_it_though_one_follows_the_other)
{
	struct cgroup group = make_group();
	struct mpol_set_result *results = NULL;
	struct mpol_error err = { 0 };
	struct prey relay, threads;
	size_t n = 0, n_pids = 0;
	pid_t *pids = NULL;
	char home[CGROUP_PATH];

	find_home(home);
	CHECK_EQ(cgroup_join(&group, 0, &err), 0); /* what we start is in it; we are, too */
	relay = prey_start(NULL, "relay", NULL);
	threads = prey_start(NULL, "blocked", "8");
	CHECK_EQ(mpol_set_cgroup(prey_root(), group.path, &bind0, NULL, &results, &n, &err), 0);
	CHECK(n >= 2);
	CHECK_EQ(cgroup_pids(&group, &pids, &n_pids, &err), 0);
	for (size_t i = 0; i < n_pids; i++) {
		char policy[64];

		prey_policy(pids[i], 0, policy, sizeof(policy));
		if (pids[i] != getpid() && policy[0])
			CHECK_STR(policy, "bind:0");
	}
	CHECK(prey_ends_well(&relay));
	CHECK(prey_ends_well(&threads));
	free(results);
	free(pids);
	CHECK(leave(&group, home));
}
