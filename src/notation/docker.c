/* SPDX-License-Identifier: MIT */
/*
 * Docker: a runtime for /etc/docker/daemon.json that gives its containers the policy; `docker run
 * --runtime NAME` chooses it. An annotation would not do: docker 20.10 has none, and labels do not
 * reach config.json.
 */
#include <ctype.h>

#include "json/write.h"
#include "notation/notation.h"

/* "mpol-bind-static-0-1_3": what a runtime may be named, and what tells the policies apart. */
static void add_name(const char *policy, struct strbuf *out)
{
	strbuf_puts(out, "mpol-");
	for (const char *p = policy; *p; p++)
		strbuf_putc(out, isalnum((unsigned char)*p) ? *p : *p == ',' ? '_' : '-');
}

static int print(const struct mpol_policy_expr *p, char **ret, struct mpol_error *err)
{
	_cleanup_(strbuf_done) struct strbuf policy = { 0 }, name = { 0 }, option = { 0 };
	struct strbuf b = { 0 };
	struct json_writer w = json_writer(&b, JSON_INDENTED);
	int r = notation_check_known(p, "docker", err);

	if (r == 0)
		r = notation_check_carried(p, "docker", err);
	if (r < 0)
		return r;
	kernel_words(p, false, &policy);
	add_name(strbuf_text(&policy), &name);
	strbuf_printf(&option, "--mpol=%s", strbuf_text(&policy));
	json_begin_object(&w);
	json_key(&w, "runtimes");
	json_begin_object(&w);
	json_key(&w, strbuf_text(&name));
	json_begin_object(&w);
	json_member_string(&w, "path", MPOL_BINDIR "/mpol-runtime");
	json_key(&w, "runtimeArgs");
	json_begin_array(&w);
	json_write_string(&w, strbuf_text(&option));
	json_end_array(&w);
	json_end_object(&w);
	json_end_object(&w);
	json_end_object(&w);
	b.failed = b.failed || policy.failed || name.failed || option.failed;
	return notation_take(&b, ret, err);
}

const struct mpol_notation notation_docker = {
	.name = "docker",
	.summary = "a runtime for /etc/docker/daemon.json that applies the policy",
	.print = print,
};
