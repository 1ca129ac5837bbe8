/* SPDX-License-Identifier: MIT */
/* What runtimes write down about their containers; see state.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oci/config.h"
#include "oci/state.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

#define STATE_MAX ((size_t)16 << 20)

static const struct mpol_rule rule_state = {
	"container-state",
	EINVAL,
	"What the container was started with stands in its runtime's state directory, below "
	"--root.",
	NULL,
	NULL,
	NULL,
};
static const struct mpol_rule rule_unknown = {
	"container-unknown",
	ENOENT,
	"Each runtime keeps its containers below a directory of its own, and engines give it "
	"others "
	"with --root.",
	"name the runtime's directory with --root",
	NULL,
	NULL,
};
static const struct mpol_rule rule_ended = {
	"container-ended",
	ESRCH,
	"A container without a running init has nothing to look at or join.",
	"start it first",
	NULL,
	NULL,
};

/* Where each runtime writes what. */
static const struct layout {
	const char *file, *pid, *start, *bundle;
	const char *config_file; /* NULL: the same file */
	const char *config[3];	 /* the way to hooks.createRuntime in it */
} layouts[] = {
	{ "status",
	  "pid",
	  "process-start-time",
	  "bundle",
	  "config.json",
	  { "hooks", "createRuntime" } },
	{ "state.json",
	  "init_process_pid",
	  "init_process_start",
	  NULL,
	  NULL,
	  { "config", "Hooks", "createRuntime" } },
	{ "state.json", "pid", NULL, "bundle", "youki_config.json", { "hooks", "createRuntime" } },
};

bool oci_id_is_valid(const char *id)
{
	return *id && strlen(id) <= OCI_ID_MAX && !strchr(id, '/') && !STREQ(id, ".") &&
	       !STREQ(id, "..");
}

/* A JSON file below the container's directory. */
struct document {
	char *text;
	struct span root;
};

static void document_done(struct document *d)
{
	free(d->text);
}

static int document_read(int dir, const char *name, struct document *ret, struct mpol_error *err)
{
	size_t len;
	int r = file_read_at(dir, STATE_MAX, &ret->text, &len, "%s", name);

	if (r < 0)
		return mpol_fail_errno(err, &rule_state, -r, name, "cannot be read: %s",
				       strerror(-r));
	r = scan_document(ret->text, len, &ret->root, err);
	if (r >= 0 && scan_kind(ret->text, ret->root) != SCAN_OBJECT)
		r = mpol_fail(err, &rule_state, "", "is no object");
	if (r < 0)
		mpol_error_within(err, name);
	return r;
}

/* What of a state file is looked at; each is gone through once, as it may be large. */
struct found {
	long long pid, start; /* -1: not there */
	struct span bundle, config;
};

static long long number(const struct document *d, struct span v)
{
	return span_absent(v) || scan_kind(d->text, v) != SCAN_NUMBER
		       ? -1
		       : strtoll(d->text + v.start, NULL, 10);
}

static int look(const struct layout *l, const struct document *d, struct found *ret,
		struct mpol_error *err)
{
	struct scan_wanted w[] = { { .key = l->pid },
				   { .key = l->start },
				   { .key = l->bundle },
				   { .key = l->config_file ? NULL : l->config[0] } };
	int r = scan_find_each(d->text, d->root, "", w, ELEMENTSOF(w), err);

	if (r == 0)
		*ret = (struct found){ number(d, w[0].member.value), number(d, w[1].member.value),
				       w[2].member.value, w[3].member.value };
	return r;
}

/* Field 22 of /proc/PID/stat: when it started, in ticks since boot. */
static int start_of(pid_t pid, long long *ret)
{
	_cleanup_close_ int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char line[1024], *p;
	int r = file_read_line_at(proc, line, sizeof(line), "%d/stat", (int)pid);

	if (r < 0)
		return r;
	p = strrchr(line, ')'); /* the name may hold anything, also spaces and brackets */
	if (!p || p[1] != ' ' || p[2] == 'Z')
		return -ESRCH;
	p += 2;
	for (int field = 3; field < 22; field++) {
		p = strchr(p, ' ');
		if (!p)
			return -ESRCH;
		p++;
	}
	*ret = strtoll(p, NULL, 10);
	return 0;
}

static int check_alive(pid_t pid, long long written, const char *id, struct mpol_error *err)
{
	long long now;

	/* The number may belong to another process by now. */
	if (pid <= 0 || start_of(pid, &now) < 0 || (written > 0 && written != now))
		return mpol_fail(err, &rule_ended, "", "the container %.80s is not running", id);
	return 0;
}

/* Looks through hooks.createRuntime for ours. */
static int read_hook(int dir, const struct layout *l, const struct document *state,
		     struct span config, struct oci_state *ret, struct mpol_error *err)
{
	_cleanup_(document_done) struct document own = { 0 };
	const struct document *d = state;
	struct scan_member m = { 0 };
	struct span at = config;
	size_t pos = 0, i = 1;
	int r;

	if (l->config_file) {
		r = document_read(dir, l->config_file, &own, err);
		if (r < 0)
			return r;
		d = &own;
		at = d->root;
		i = 0;
	}
	if (span_absent(at))
		return 0;
	for (; i < ELEMENTSOF(l->config) && l->config[i]; i++) {
		if (scan_kind(d->text, at) != SCAN_OBJECT)
			return 0;
		r = scan_find(d->text, at, l->config[i], "", &m, err);
		if (r < 0 || span_absent(m.value))
			return r;
		at = m.value;
	}
	if (scan_kind(d->text, at) != SCAN_ARRAY)
		return 0;
	while (!ret->hook_policy && scan_next(d->text, at, &pos, &m))
		(void)oci_hook_is_ours(d->text, m.value, &ret->hook_policy);
	return 0;
}

static int read_layout(int dir, const struct layout *l, const char *id, struct oci_state *ret,
		       struct mpol_error *err)
{
	_cleanup_(document_done) struct document d = { 0 };
	struct found f = { 0 };
	int r = document_read(dir, l->file, &d, err);

	if (r >= 0)
		r = look(l, &d, &f, err);
	if (r < 0)
		return r;
	if (f.pid < 0)
		return -EAGAIN; /* another runtime's */
	ret->pid = (pid_t)f.pid;
	r = check_alive(ret->pid, f.start, id, err);
	if (r < 0)
		return r;
	if (!span_absent(f.bundle) && scan_kind(d.text, f.bundle) == SCAN_STRING)
		ret->bundle = scan_string(d.text, f.bundle);
	return read_hook(dir, l, &d, f.config, ret, err);
}

static int read_below(const char *root, const char *id, struct oci_state *ret,
		      struct mpol_error *err)
{
	_cleanup_close_ int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int dir = -1;

	if (root_fd >= 0)
		dir = openat(root_fd, id, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return -ENOENT;
	for (size_t i = 0; i < ELEMENTSOF(layouts); i++) {
		struct oci_state s = { 0 };
		int r;

		if (!file_exists_at(dir, "%s", layouts[i].file))
			continue;
		r = read_layout(dir, &layouts[i], id, &s, err);
		if (r == -EAGAIN)
			continue;
		if (r < 0) {
			oci_state_done(&s);
			return r;
		}
		*ret = s;
		return 0;
	}
	return -ENOENT;
}

/* The n-th directory a runtime may use by itself. */
static bool default_root(const char *runtime, unsigned n, char buf[4096])
{
	const char *run = getenv("XDG_RUNTIME_DIR");

	if (n == 0)
		(void)snprintf(buf, 4096, "/run/%s", runtime);
	else if (n == 1 && run && *run == '/')
		(void)snprintf(buf, 4096, "%s/%s", run, runtime);
	else if (n <= 2)
		(void)snprintf(buf, 4096, "/tmp/%s-%u", runtime, (unsigned)geteuid());
	else
		return false;
	return true;
}

static int find_default(const char *runtime, const char *id, struct oci_state *ret,
			struct mpol_error *err)
{
	char root[4096];
	int r = -ENOENT;

	for (unsigned n = 0; r == -ENOENT && default_root(runtime, n, root); n++)
		r = read_below(root, id, ret, err);
	return r;
}

int oci_state_find(const char *root, const char *runtime, const char *id, struct oci_state *ret,
		   struct mpol_error *err)
{
	static const char *const names[] = { "runc", "crun", "youki" };
	int r = -ENOENT;

	if (oci_id_is_valid(id)) {
		if (root)
			r = read_below(root, id, ret, err);
		else if (*runtime)
			r = find_default(runtime, id, ret, err);
		else
			for (size_t i = 0; r == -ENOENT && i < ELEMENTSOF(names); i++)
				r = find_default(names[i], id, ret, err);
	}
	if (r == -ENOENT)
		return mpol_fail(err, &rule_unknown, "", "there is no container %.80s%s%.60s", id,
				 root ? " below " : "", root ? root : "");
	return r;
}

void oci_state_done(struct oci_state *s)
{
	free(s->hook_policy);
	free(s->bundle);
	*s = (struct oci_state){ 0 };
}
