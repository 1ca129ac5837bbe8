/* SPDX-License-Identifier: MIT */
/*
 * The runtime front: what happens for each command. Everything that no policy is concerned with
 * goes to the real runtime as it came; the front itself is replaced by it (execve(2)), so that
 * signals, terminals, descriptors and exit codes are its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oci/front.h"
#include "oci/args.h"
#include "oci/exec.h"
#include "oci/features.h"
#include "oci/handover.h"
#include "oci/hook.h"
#include "oci/log.h"
#include "oci/probe.h"
#include "oci/source.h"
#include "oci/state.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "kernel/inject.h"
#include "notation/notation.h"

static const struct mpol_rule rule_restore = {
	"restore-loses-policy",
	EOPNOTSUPP,
	"A checkpoint does not hold the memory policy of its tasks, and CRIU fills their memory "
	"before "
	"one could be set.",
	"start the container anew, or take the policy out of its configuration",
	NULL,
	NULL,
};

static const struct mpol_rule rule_busy = {
	"bundle-busy",
	EBUSY,
	"Without privileges the configuration is exchanged until the container's hook has run; "
	"only one "
	"container of a bundle can be created at a time.",
	"wait until it is created, or end it",
	NULL,
	NULL,
};

struct front {
	struct oci_args args;
	struct oci_settings settings;
	struct oci_real real;
	struct oci_log log;
	char headline[OCI_HEADLINE]; /* of an error, in runc's and crun's words; "": none */
};

/* Where the container's configuration is, and where the real runtime looks for it. */
struct place {
	int dir_fd, lock; /* lock: see handover_lock() */
	const char *name;
	int from_fd; /* -1: it is there */
	const char *from;
};
#define NOWHERE                                         \
	{                                               \
		.dir_fd = -1, .lock = -1, .from_fd = -1 \
	}

static void place_done(struct place *p)
{
	cleanup_close(&p->dir_fd);
	cleanup_close(&p->lock);
	cleanup_close(&p->from_fd);
}

static bool same_file(const struct place *p)
{
	struct stat a, b;

	return fstatat(p->dir_fd, p->name, &a, 0) == 0 &&
	       fstatat(p->from_fd, p->from, &b, 0) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/*
 * --config=FILE is crun's, relative to the working directory, not to the bundle. Others read the
 * bundle's config.json only: they get the file's text there.
 */
static int open_place(struct oci_args *a, const struct oci_real *real, struct place *ret)
{
	const char *dir = a->bundle ? a->bundle : ".";
	const bool option = a->config && handover_kind(real) == HANDOVER_OPTION;

	ret->dir_fd = open(option ? "." : dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ret->dir_fd < 0)
		return -errno;
	ret->name = option ? a->config : "config.json";
	if (!a->config || option)
		return 0;
	ret->from = a->config;
	ret->from_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ret->from_fd < 0)
		return -errno;
	oci_args_drop(a, a->config);
	if (same_file(ret))
		cleanup_close(&ret->from_fd);
	return 0;
}

static int read_config(const struct place *p, struct oci_config *ret, struct mpol_error *err)
{
	bool there = p->from_fd < 0;

	return oci_config_read(there ? p->dir_fd : p->from_fd, there ? p->name : p->from, ret, err);
}

static int real_exec(struct front *f, struct mpol_error *err)
{
	return oci_real_exec(&f->real, &f->args, err);
}

static int hand_over(struct front *f, const struct place *at, const char *text, size_t len,
		     struct mpol_error *err)
{
	enum handover how;
	int r = handover(&f->args, &f->real, at->dir_fd, at->lock, at->name, text, len, &how, err);

	return r < 0 ? r : real_exec(f, err);
}

/* Nothing of ours to say: the configuration as it is. */
static int pass_on(struct front *f, const struct place *at, const struct oci_config *c,
		   struct mpol_error *err)
{
	return at->from_fd < 0 ? real_exec(f, err) : hand_over(f, at, c->text, c->len, err);
}

/* The bundle whose configuration may have been exchanged and needs changing back, freed by the
 * caller; NULL: none. The hook cannot know: it looks. */
static char *exchanged_bundle(const struct front *f)
{
	if (handover_kind(&f->real) == HANDOVER_OPTION || geteuid() == 0)
		return NULL;
	return realpath(f->args.bundle ? f->args.bundle : ".", NULL);
}

/* With a hook of ours, and without the field, which crun 1.24 and later would apply as well. */
static int create_with_hook(struct front *f, const struct place *at, const struct oci_config *c,
			    const struct oci_source *source, struct mpol_error *err)
{
	_cleanup_free_ char *hook = NULL, *text = NULL, *dir = NULL;
	size_t len;
	int r = inject_supported(err);

	if (r < 0)
		return r;
	dir = exchanged_bundle(f);
	r = oci_hook_print(&source->policy, &f->log, dir, &hook, err);
	if (r >= 0)
		r = oci_config_with_hook(c, hook, true, &text, &len, err);
	return r < 0 ? r : hand_over(f, at, text, len, err);
}

/* The text with one more hook, which changes an exchanged configuration back as soon as it has been
 * read, not when the container ends. */
static int add_restorer(const char *dir, char **text, size_t *len, struct mpol_error *err)
{
	_cleanup_(oci_config_done) struct oci_config c = { 0 };
	_cleanup_free_ char *hook = NULL;
	int r = oci_hook_print(NULL, &(struct oci_log){ 0 }, dir, &hook, err);

	if (r >= 0)
		r = oci_config_take(TAKE(*text), *len, &c, err);
	return r < 0 ? r : oci_config_with_hook(&c, hook, false, text, len, err);
}

/* As linux.memoryPolicy, for a runtime that applies it. */
static int create_native(struct front *f, const struct place *at, const struct oci_config *c,
			 const struct oci_source *source, struct mpol_error *err)
{
	_cleanup_free_ char *policy = NULL, *text = NULL, *dir = NULL;
	size_t len;
	int r;

	if (source->in_config)
		return pass_on(f, at, c, err);
	r = notation_oci.print(&source->policy, &policy, err);
	if (r >= 0)
		r = oci_config_with_policy(c, policy, &text, &len, err);
	dir = exchanged_bundle(f);
	if (r >= 0 && dir)
		r = add_restorer(dir, &text, &len, err);
	return r < 0 ? r : hand_over(f, at, text, len, err);
}

static bool use_native(struct front *f, const struct oci_source *source)
{
	const struct mpol_policy_expr *e = &source->policy;
	struct mpol_policy p = { .mode = e->mode, .flags = e->flags, .nodes = e->nodes.nodes };

	return mpol_nodes_expr_is_literal(&e->nodes) &&
	       oci_real_is_native(&f->real, &f->settings, &p);
}

static int find_source(struct front *f, const struct oci_config *c, struct oci_source *ret,
		       struct mpol_error *err)
{
	int r = oci_source_find(c, &f->settings, f->args.policy, f->args.env, ret, err);

	if (r < 0)
		(void)oci_source_headline(ret, err, f->headline);
	return r;
}

static int front_create(struct front *f, struct mpol_error *err)
{
	_cleanup_(oci_config_done) struct oci_config c = { 0 };
	_cleanup_(place_done) struct place at = NOWHERE;
	struct oci_source source;
	int r = open_place(&f->args, &f->real, &at);

	/* No bundle, no configuration: the runtime says so, in its own words. */
	if (r < 0 || faccessat(at.dir_fd, at.name, F_OK, 0) < 0)
		return real_exec(f, err);
	at.lock = handover_lock(&f->real, at.dir_fd);
	if (at.lock == -EBUSY)
		return mpol_fail(err, &rule_busy, at.name,
				 "another container of this bundle has been created for a minute");
	r = read_config(&at, &c, err);
	if (r < 0)
		return r;
	r = find_source(f, &c, &source, err);
	if (r < 0) {
		mpol_error_within(err, at.from ? at.from : at.name);
		return r;
	}
	if (!source.found)
		return pass_on(f, &at, &c, err);
	if (use_native(f, &source))
		return create_native(f, &at, &c, &source, err);
	return create_with_hook(f, &at, &c, &source, err);
}

static int front_restore(struct front *f, struct mpol_error *err)
{
	_cleanup_(oci_config_done) struct oci_config c = { 0 };
	_cleanup_(place_done) struct place at = NOWHERE;
	struct oci_source source;
	int r = open_place(&f->args, &f->real, &at);

	if (r < 0 || faccessat(at.dir_fd, at.name, F_OK, 0) < 0)
		return real_exec(f, err);
	r = read_config(&at, &c, err);
	if (r >= 0)
		r = find_source(f, &c, &source, err);
	if (r < 0)
		return r;
	if (source.found)
		return mpol_fail(err, &rule_restore, source.where,
				 "a container with a memory policy cannot be restored");
	return pass_on(f, &at, &c, err);
}

static const char *runtime_name(const struct oci_real *real)
{
	const char *slash = strrchr(real->path, '/');

	return real->is_crun ? "crun" : slash[1] == 'y' ? "youki" : "runc";
}

/*
 * The state of the container that exec names: the first operand that is one, since an option we do
 * not know may have a value that looks like an operand. -ENOENT: none is.
 */
static int exec_state(struct front *f, struct oci_state *ret, struct mpol_error *err)
{
	const char *id;
	int r = -ENOENT;

	for (unsigned n = 0; r == -ENOENT && (id = oci_args_operand(&f->args, n)); n++)
		r = oci_state_find(f->args.root, runtime_name(&f->real), id, ret, err);
	return r;
}

static int front_exec(struct front *f, struct mpol_error *err)
{
	_cleanup_(oci_state_done) struct oci_state state = { 0 };
	struct mpol_policy_expr e;
	struct mpol_policy p;
	int r = exec_state(f, &state, err);

	/* No such container, or one that has ended: the runtime says so, in its own words. */
	if (r == -ENOENT || r == -ESRCH || (r >= 0 && !state.hook_policy))
		return real_exec(f, err);
	if (r >= 0)
		r = notation_kernel.parse(state.hook_policy, &e, err);
	if (r >= 0)
		r = oci_policy_for(state.pid, &e, &p, err);
	if (r >= 0)
		r = exec_take_policy(state.pid, &p, err);
	return r < 0 ? r : real_exec(f, err);
}

static int front_features(struct front *f, struct mpol_error *err)
{
	_cleanup_free_ char *text = NULL;
	int r = oci_features(&f->real, &text, err);

	if (r < 0)
		return r;
	r = fd_write_all(STDOUT_FILENO, text, strlen(text));
	exit(r < 0 ? 1 : 0);
}

static const struct {
	const char *name;
	int (*run)(struct front *f, struct mpol_error *err);
} commands[] = {
	{ "create", front_create },   { "run", front_create },	      { "exec", front_exec },
	{ "restore", front_restore }, { "features", front_features },
};

static int run(struct front *f, int argc, char **argv, struct mpol_error *err)
{
	int r = oci_args_parse(argc, argv, &f->args, err);

	if (r < 0)
		return r;
	f->log = (struct oci_log){ f->args.log, f->args.log_format };
	r = oci_settings_read(f->args.settings, &f->settings, err);
	if (r >= 0)
		r = oci_real_find(&f->args, &f->settings, &f->real, err);
	if (r < 0)
		return r;
	if (!f->real.is_crun)
		oci_args_speak_runc(&f->args);
	for (size_t i = 0; i < ELEMENTSOF(commands); i++)
		if (STREQ(commands[i].name, f->args.command))
			return commands[i].run(f, err);
	return real_exec(f, err);
}

int oci_front_main(int argc, char **argv)
{
	struct front f = { 0 };
	struct mpol_error err = { 0 };

	if (argc > 1 && STREQ(argv[1], "hook"))
		return oci_hook_main(argc, argv);
	if (argc > 1 && STREQ(argv[1], "probe"))
		return oci_probe_main(argc, argv);
	(void)run(&f, argc, argv, &err); /* returns only when something is wrong */
	oci_log_error(&f.log, f.headline, &err);
	oci_args_done(&f.args);
	oci_settings_done(&f.settings);
	return 1;
}
