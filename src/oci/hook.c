/* SPDX-License-Identifier: MIT */
/* The createRuntime hook; see hook.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpol/check.h>

#include "oci/hook.h"
#include "oci/config.h"
#include "oci/handover.h"
#include "oci/source.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "json/write.h"
#include "kernel/inject.h"
#include "model/nodes-expr.h"
#include "notation/notation.h"

#define STATE_MAX ((size_t)8 << 20)

static const struct mpol_rule rule_hook = {
	"hook-state",
	EINVAL,
	"A createRuntime hook gets the container's state, with the number of its init, on standard "
	"input; it is the runtime that calls it.",
	NULL,
	"runtime-spec config.md, createRuntime hooks",
	NULL,
};

/* What stands on the hook's command line. */
struct hook_args {
	const char *policy, *restore;
	struct oci_log log;
};

static const struct {
	const char *name;
	size_t field;
} options[] = {
	{ "--policy=", offsetof(struct hook_args, policy) },
	{ "--log=", offsetof(struct hook_args, log.path) },
	{ "--log-format=", offsetof(struct hook_args, log.format) },
	{ "--restore=", offsetof(struct hook_args, restore) },
};

static int parse_args(int argc, char **argv, struct hook_args *ret, struct mpol_error *err)
{
	*ret = (struct hook_args){ 0 };
	for (int i = 2; i < argc; i++) {
		bool known = false;

		for (size_t k = 0; k < ELEMENTSOF(options) && !known; k++) {
			const char *value = argv[i] + strlen(options[k].name);

			known = STARTS(argv[i], options[k].name);
			if (known)
				memcpy((char *)ret + options[k].field, &value, sizeof(value));
		}
		if (!known)
			return mpol_fail(err, &rule_hook, argv[i],
					 "there is no such argument of the hook");
	}
	return 0;
}

static void add_argument(struct json_writer *w, const char *option, const char *value)
{
	struct strbuf text = { 0 };

	if (!value)
		return;
	strbuf_printf(&text, "%s%s", option, value);
	json_write_string(w, strbuf_text(&text));
	w->out->failed |= text.failed;
	strbuf_done(&text);
}

/* The engine's log by a path that holds wherever the hook runs. */
static int absolute(const char *path, char **ret)
{
	_cleanup_free_ char *cwd = NULL;

	*ret = NULL;
	if (!path || *path == '/' || strchr(path, ':')) {
		*ret = path ? strdup(path) : NULL;
		return path && !*ret ? -ENOMEM : 0;
	}
	cwd = getcwd(NULL, 0);
	return !cwd || asprintf(ret, "%s/%s", cwd, path) < 0 ? -ENOMEM : 0;
}

int oci_hook_print(const struct mpol_policy_expr *policy, const struct oci_log *log,
		   const char *restore_dir, char **ret, struct mpol_error *err)
{
	struct strbuf b = { 0 }, words = { 0 };
	struct json_writer w = json_writer(&b, JSON_LINE);
	_cleanup_free_ char *path = NULL;
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int r;

	if (n < 0)
		return mpol_fail_errno(err, &rule_hook, errno, "/proc/self/exe", "%s",
				       strerror(errno));
	self[n] = '\0';
	if (policy)
		kernel_words(policy, false, &words);
	json_begin_object(&w);
	json_member_string(&w, "path", self);
	json_key(&w, "args");
	json_begin_array(&w);
	json_write_string(&w, "mpol-runtime");
	json_write_string(&w, "hook");
	r = absolute(log->path, &path);
	add_argument(&w, "--policy=", policy ? strbuf_text(&words) : NULL);
	add_argument(&w, "--log=", path);
	add_argument(&w, "--log-format=", log->path ? log->format : NULL);
	add_argument(&w, "--restore=", restore_dir);
	json_end_array(&w);
	json_end_object(&w);
	r = words.failed ? -ENOMEM : r;
	strbuf_done(&words);
	*ret = strbuf_take(&b);
	if (r == 0 && *ret)
		return 0;
	free(TAKE(*ret));
	return mpol_fail_errno(err, &rule_hook, ENOMEM, "", "out of memory");
}

int oci_policy_for(pid_t pid, const struct mpol_policy_expr *e, struct mpol_policy *ret,
		   struct mpol_error *err)
{
	static const struct mpol_nodeset none;
	_cleanup_close_ int root_fd = -1;
	struct mpol_machine machine;
	int r;

	*ret = (struct mpol_policy){ .mode = e->mode, .flags = e->flags, .nodes = e->nodes.nodes };
	if (mpol_nodes_expr_is_literal(&e->nodes))
		return 0;
	root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = mpol_machine_read(root_fd, pid, &machine, err);
	if (r < 0)
		return r;
	r = nodes_expr_evaluate(&e->nodes, &machine, NULL, &none, &ret->nodes, err);
	mpol_machine_done(&machine);
	return r;
}

static int read_state(struct oci_config *ret, pid_t *ret_pid, struct mpol_error *err)
{
	struct scan_member pid;
	char *text = NULL;
	size_t len;
	int r = fd_read_all(STDIN_FILENO, STATE_MAX, &text, &len);

	if (r < 0)
		return mpol_fail_errno(err, &rule_hook, -r, "standard input", "cannot be read: %s",
				       strerror(-r));
	/* The state is an object with annotations, as a configuration is. */
	r = oci_config_take(text, len, ret, err);
	if (r < 0)
		return r;
	r = scan_find(ret->text, ret->root, "pid", "", &pid, err);
	if (r < 0)
		return r;
	if (span_absent(pid.value) || scan_kind(ret->text, pid.value) != SCAN_NUMBER)
		return mpol_fail(err, &rule_hook, "", "the state names no pid");
	*ret_pid = (pid_t)strtol(ret->text + pid.value.start, NULL, 10);
	return *ret_pid > 0 ? 0 : mpol_fail(err, &rule_hook, "", "the state's pid is no process");
}

static int find_policy(const struct hook_args *args, const struct oci_config *state,
		       struct oci_source *ret, struct mpol_error *err)
{
	_cleanup_(oci_settings_done) struct oci_settings settings = { 0 };
	int r;

	if (args->policy) {
		*ret = (struct oci_source){ .found = true };
		return notation_kernel.parse(args->policy, &ret->policy, err);
	}
	r = oci_settings_read(NULL, &settings, err);
	return r < 0 ? r : oci_source_annotations(state, &settings, ret, err);
}

/* EINVAL has many causes: asks the rules, for that process on this machine, which it is. */
static int explain(int root_fd, pid_t pid, const struct mpol_policy *p, int r,
		   struct mpol_error *err)
{
	struct mpol_machine machine;
	struct mpol_finding finding;

	if (r != -EINVAL || mpol_machine_read(root_fd, pid, &machine, NULL) < 0)
		return r;
	if (mpol_check(p, &machine, &finding, 1) > 0 && finding.severity == MPOL_REFUSED)
		*err = finding.error;
	mpol_machine_done(&machine);
	return r;
}

static int inject(const struct hook_args *args, struct mpol_error *err)
{
	_cleanup_(oci_config_done) struct oci_config state = { 0 };
	_cleanup_close_ int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct oci_source source;
	struct mpol_policy policy;
	pid_t pid = 0;
	int r = read_state(&state, &pid, err);

	if (r < 0)
		return r;
	r = find_policy(args, &state, &source, err);
	if (r < 0 || !source.found)
		return r;
	r = oci_policy_for(pid, &source.policy, &policy, err);
	if (r < 0)
		return r;
	r = inject_policy(root_fd, pid, &policy, true, err);
	return r < 0 ? explain(root_fd, pid, &policy, r, err) : 0;
}

static void restore(const char *dir)
{
	_cleanup_close_ int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		(void)handover_restore(fd, "config.json"); /* the keeper does it later otherwise */
}

int oci_hook_main(int argc, char **argv)
{
	struct mpol_error err = { 0 };
	struct hook_args args;
	int r = parse_args(argc, argv, &args, &err);

	if (r >= 0 && args.restore)
		restore(args.restore);
	if (r >= 0 && (args.policy || !args.restore))
		r = inject(&args, &err);
	if (r >= 0)
		return 0;
	if (r == -EPERM && err.rule && STARTS(err.rule->id, "inject-not-permitted"))
		(void)mpol_hint(&err, "use runc, or run the engine as root; crun lets nobody trace "
				      "it in a user namespace that it makes itself");
	oci_log_hook_error(&args.log, "memory policy not applied, so the container is not started",
			   &err);
	return 1;
}
