/* SPDX-License-Identifier: MIT */
/* Where a container's policy comes from; see source.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpol/check.h>

#include "oci/nri.h"
#include "oci/source.h"

#include "base/cleanup.h"
#include "base/macros.h"
#include "notation/names.h"
#include "notation/notation.h"
#include "notation/oci.h"

static const struct mpol_rule rule_untrusted = {
	"container-policy-numbers",
	EINVAL,
	"A container's policy is written by people who may not make the runtime read files or look "
	"up "
	"devices for them.",
	"write numbers, or the sets all, cpu, mem-only and dist<=N",
	NULL,
	NULL,
};
static const struct mpol_rule rule_class = {
	"nri-class",
	ENOENT,
	"Classes are named policies of the operator; one that is not there says nothing.",
	"add it to \"classes\" in " OCI_SETTINGS_FILE,
	NULL,
	NULL,
};

/* The container's name in its pod, as the engines of Kubernetes annotate it. */
static const char *const name_keys[] = { "io.kubernetes.cri.container-name",
					 "io.kubernetes.container.name" };
static const char *const type_keys[] = { "io.kubernetes.cri.container-type",
					 "io.kubernetes.cri-o.ContainerType" };

enum form { FORM_ANY, FORM_NRI, FORM_CLASS };
static const struct key {
	const char *key;
	enum form form;
} keys[] = {
	{ MPOL_ANNOTATION, FORM_ANY },
	{ "policy.memory-policy.nri.io", FORM_NRI },
	{ "class.memory-policy.nri.io", FORM_CLASS },
	{ "memory-policy.noderesource.dev", FORM_NRI },
};

static int first_annotation(const struct oci_config *c, const char *const *names, size_t n,
			    char **ret, struct mpol_error *err)
{
	int r = 0;

	*ret = NULL;
	for (size_t i = 0; i < n && r >= 0 && !*ret; i++)
		r = oci_config_annotation(c, names[i], ret, err);
	return r;
}

static int check_trusted(const struct mpol_policy_expr *p, struct mpol_error *err)
{
	if (p->nodes.device != MPOL_DEVICE_NONE)
		return mpol_fail(err, &rule_untrusted, "nodes",
				 "a container's policy cannot name a device");
	if (p->nodes.sets & MPOL_SET_SAME)
		return mpol_fail(err, &rule_untrusted, "nodes", "there is no previous node list");
	return 0;
}

/* What no kernel takes, whatever the machine and the cpuset. */
static int check_rules(const struct mpol_policy_expr *e, struct mpol_error *err)
{
	struct mpol_finding finding;
	struct mpol_policy p = { .mode = e->mode, .flags = e->flags, .nodes = e->nodes.nodes };

	if (!mpol_nodes_expr_is_literal(&e->nodes))
		return 0; /* judged when it is resolved, by the kernel */
	if (mpol_check(&p, NULL, &finding, 1) == 0 || finding.severity != MPOL_REFUSED)
		return 0;
	if (err)
		*err = finding.error;
	return -finding.error.errnum;
}

static int parse(const char *text, enum form form, struct mpol_policy_expr *ret,
		 struct mpol_error *err)
{
	if (*text == '@')
		return mpol_fail(err, &rule_untrusted, "", "a file cannot be named here");
	return form == FORM_NRI ? nri_parse(text, ret, err) : mpol_policy_parse(text, ret, err);
}

/* What was read from s->where into s->policy: may a container have it? */
static int accept(struct oci_source *s, struct mpol_error *err)
{
	int r = check_trusted(&s->policy, err);

	s->parsed = r >= 0;
	if (r >= 0)
		r = check_rules(&s->policy, err);
	s->found = r >= 0;
	if (r < 0)
		mpol_error_within(err, s->where);
	return r;
}

/* Takes the text found at where; an empty one means: no policy. */
static int take(struct oci_source *s, const char *text, enum form form, const char *where,
		struct mpol_error *err)
{
	int r;

	(void)snprintf(s->where, sizeof(s->where), "%s", where);
	if (!text[strspn(text, " \t\r\n")])
		return 0;
	r = parse(text, form, &s->policy, err);
	if (r < 0) {
		mpol_error_within(err, where);
		return r;
	}
	return accept(s, err);
}

static int take_class(struct oci_source *s, const struct oci_settings *settings, const char *name,
		      const char *where, struct mpol_error *err)
{
	_cleanup_free_ char *text = NULL;
	int r;

	if (!*name)
		return take(s, name, FORM_ANY, where, err);
	r = oci_settings_class(settings, name, &text, err);
	if (r < 0)
		return r;
	if (!text)
		return mpol_fail(err, &rule_class, where, "there is no class \"%.80s\"", name);
	return take(s, text, FORM_ANY, where, err);
}

/* Looks for one key; true in ret_ends when the search ends here. */
static int try_key(struct oci_source *s, const struct oci_config *c,
		   const struct oci_settings *settings, const struct key *key, const char *name,
		   bool *ret_ends, struct mpol_error *err)
{
	_cleanup_free_ char *value = NULL;
	char full[512], where[96];
	int r;

	(void)snprintf(full, sizeof(full), "%s%s%s", key->key, name ? "/container." : "",
		       name ? name : "");
	r = oci_config_annotation(c, full, &value, err);
	*ret_ends = value != NULL;
	if (r < 0 || !value)
		return r;
	(void)snprintf(where, sizeof(where), "annotation %.80s", full);
	return key->form == FORM_CLASS ? take_class(s, settings, value, where, err)
				       : take(s, value, key->form, where, err);
}

static int try_annotations(struct oci_source *s, const struct oci_config *c,
			   const struct oci_settings *settings, bool *ret_ends,
			   struct mpol_error *err)
{
	_cleanup_free_ char *name = NULL;
	int r;

	*ret_ends = false;
	if (span_absent(c->annotations))
		return 0;
	r = first_annotation(c, name_keys, ELEMENTSOF(name_keys), &name, err);
	for (size_t i = 0; i < ELEMENTSOF(keys) && r >= 0 && !*ret_ends; i++) {
		if (name)
			r = try_key(s, c, settings, &keys[i], name, ret_ends, err);
		if (r >= 0 && !*ret_ends)
			r = try_key(s, c, settings, &keys[i], NULL, ret_ends, err);
	}
	return r;
}

static int is_sandbox(const struct oci_config *c, struct mpol_error *err)
{
	_cleanup_free_ char *type = NULL;
	int r = first_annotation(c, type_keys, ELEMENTSOF(type_keys), &type, err);

	return r < 0 ? r : type && STREQ(type, "sandbox");
}

static int take_config(struct oci_source *s, const struct oci_config *c, struct mpol_error *err)
{
	int r = oci_policy_read(c->text, c->policy.value, &oci_policy_path, &s->policy, err);

	s->in_config = true;
	(void)snprintf(s->where, sizeof(s->where), "linux.memoryPolicy");
	return r < 0 ? r : accept(s, err);
}

static int take_env(struct oci_source *s, const struct oci_config *c, bool *ret_ends,
		    struct mpol_error *err)
{
	_cleanup_free_ char *value = NULL;
	int r = oci_config_env(c, OCI_ENV, &value, err);

	*ret_ends = value != NULL;
	return r < 0 || !value ? r : take(s, value, FORM_ANY, "environment " OCI_ENV, err);
}

int oci_source_annotations(const struct oci_config *c, const struct oci_settings *settings,
			   struct oci_source *ret, struct mpol_error *err)
{
	bool ends;
	int r;

	*ret = (struct oci_source){ 0 };
	r = is_sandbox(c, err);
	return r ? MIN(r, 0) : try_annotations(ret, c, settings, &ends, err);
}

int oci_source_find(const struct oci_config *c, const struct oci_settings *settings,
		    const char *argument, bool env, struct oci_source *ret, struct mpol_error *err)
{
	bool ends;
	int r;

	*ret = (struct oci_source){ 0 };
	if (!span_absent(c->policy.value))
		return take_config(ret, c, err);
	r = is_sandbox(c, err);
	if (r)
		return MIN(r, 0);
	r = try_annotations(ret, c, settings, &ends, err);
	if (r < 0 || ends)
		return r;
	if (argument)
		return take(ret, argument, FORM_ANY, "--mpol", err);
	if (env || settings->env) {
		r = take_env(ret, c, &ends, err);
		if (r < 0 || ends)
			return r;
	}
	return settings->policy ? take(ret, settings->policy, FORM_ANY, OCI_SETTINGS_FILE, err) : 0;
}

const char *oci_source_headline(const struct oci_source *source, const struct mpol_error *err,
				char buf[OCI_HEADLINE])
{
	static const struct {
		const char *part, *noun;
	} nouns[] = { { "mode", " mode" }, { "flags", " flag" }, { "nodes", " node" } };
	const char *id = err->rule ? err->rule->id : "";
	const char *noun = STREQ(id, "oci-mode-missing") ? " mode" : "";
	size_t len;

	/* "linux.memoryPolicy.nodes, line 3, column 16" */
	for (size_t i = 0; !*noun && i < ELEMENTSOF(nouns); i++)
		if (strstr(err->where, nouns[i].part))
			noun = nouns[i].noun;
	len = (size_t)snprintf(buf, OCI_HEADLINE, "invalid memory policy%s", noun);
	if (!source->parsed)
		return buf;
	len += (size_t)snprintf(buf + len, OCI_HEADLINE - len, ": set_mempolicy: invalid argument");
	if ((source->policy.mode == MPOL_MODE_DEFAULT || source->policy.mode == MPOL_MODE_LOCAL) &&
	    !mpol_nodes_empty(&source->policy.nodes.nodes))
		(void)snprintf(buf + len, OCI_HEADLINE - len, ": mode requires 0 nodes but got %u",
			       mpol_nodes_count(&source->policy.nodes.nodes));
	return buf;
}
