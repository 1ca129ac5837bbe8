/* SPDX-License-Identifier: MIT */
/* `mpol rules`: every rule with its reason, the kernel function behind it, and the remedy. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <mpol/check.h>
#include <mpol/predict.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/nearest.h"
#include "cli/all-rules.h"
#include "cli/commands.h"
#include "json/write.h"

struct shown {
	bool as_json;
	struct strbuf text;
	struct json_writer json;
};

static void show_line(struct strbuf *out, const char *label, const char *text)
{
	if (text)
		strbuf_printf(out, "    %s%s\n", label, text);
}

/* "5.12-", "-5.11", "5.12-6.10" in words. */
static void show_versions(struct strbuf *out, const char *versions)
{
	size_t first = versions ? strcspn(versions, "-") : 0;
	const char *last = versions ? versions + first + 1 : "";

	if (!versions)
		strbuf_puts(out, "all versions");
	else if (first == 0)
		strbuf_printf(out, "until Linux %s", last);
	else
		strbuf_printf(out, *last ? "Linux %.*s to %s" : "since Linux %.*s", (int)first,
			      versions, last);
}

static void show_rule(struct shown *s, const char *topic, const struct mpol_rule *rule)
{
	struct json_writer *w = &s->json;

	if (!s->as_json) {
		strbuf_printf(&s->text, "%s (%s, ", rule->id, topic);
		show_versions(&s->text, rule->versions);
		strbuf_puts(&s->text, ")\n");
		show_line(&s->text, "", rule->why);
		show_line(&s->text, "Hint: ", rule->hint);
		show_line(&s->text, "Source: ", rule->source);
		return;
	}
	json_begin_object(w);
	json_member_string(w, "id", rule->id);
	json_member_string(w, "topic", topic);
	json_member_string(w, "why", rule->why);
	json_member_string(w, "hint", rule->hint);
	json_member_string(w, "source", rule->source);
	json_member_string(w, "versions", rule->versions);
	json_end_object(w);
}

/* Calls one for every rule, the policies' first; stops when it returns true. */
static bool each_rule(bool (*one)(void *ctx, const char *topic, const struct mpol_rule *rule),
		      void *ctx)
{
	size_t n;
	const struct mpol_rule *rules = mpol_rules(&n);

	for (size_t i = 0; i < n; i++)
		if (one(ctx, "policy", &rules[i]))
			return true;
	for (const struct listed_rule *l = all_rules; l->room; l++)
		if (one(ctx, l->room, &l->rule))
			return true;
	return false;
}

static bool show_any(void *ctx, const char *topic, const struct mpol_rule *rule)
{
	show_rule(ctx, topic, rule);
	return false;
}

struct search {
	const char *id;
	struct shown *shown;
	struct nearest near;
};

static bool show_wanted(void *ctx, const char *topic, const struct mpol_rule *rule)
{
	struct search *s = ctx;

	nearest_offer(&s->near, s->id, strlen(s->id), rule->id);
	if (!STREQ(s->id, rule->id))
		return false;
	show_rule(s->shown, topic, rule);
	return true;
}

static int show_ids(struct shown *shown, const struct cli_args *args)
{
	int code = CLI_DONE;

	for (int i = 0; i < args->argc; i++) {
		struct search s = { args->argv[i], shown, { 0 } };

		if (each_rule(show_wanted, &s))
			continue;
		cli_say("mpol rules", "there is no rule '%s'", args->argv[i]);
		if (s.near.best)
			fprintf(stderr, "      Hint: did you mean %s?\n", s.near.best);
		code = CLI_NOT_DONE;
	}
	return code;
}

static void show_kernels(struct shown *s)
{
	size_t n;
	const struct mpol_kernel_feature *features = mpol_kernel_features(&n);

	for (size_t i = 0; i < n; i++) {
		if (!s->as_json) {
			strbuf_printf(&s->text, "%s (since Linux %s)\n", features[i].name,
				      features[i].since);
			show_line(&s->text, "", features[i].what);
			show_line(&s->text, "Source: ", features[i].source);
			continue;
		}
		json_begin_object(&s->json);
		json_member_string(&s->json, "name", features[i].name);
		json_member_string(&s->json, "since", features[i].since);
		json_member_string(&s->json, "what", features[i].what);
		json_member_string(&s->json, "source", features[i].source);
		json_end_object(&s->json);
	}
}

static void begin(struct shown *s, const char *list)
{
	s->json = json_writer(&s->text, JSON_INDENTED);
	if (!s->as_json)
		return;
	json_begin_object(&s->json);
	json_member_int(&s->json, "schema", 1);
	json_member_string(&s->json, "command", "rules");
	json_key(&s->json, list);
	json_begin_array(&s->json);
}

static int end(struct shown *s, int code)
{
	if (s->as_json) {
		json_end_array(&s->json);
		json_end_object(&s->json);
		json_newline(&s->json);
	}
	return cli_answer(&s->text) == CLI_DONE ? code : CLI_NOT_DONE;
}

static void done(struct shown *s)
{
	strbuf_done(&s->text);
}

static int run(const struct cli_args *args)
{
	_cleanup_(done) struct shown s = { .as_json = cli_has(args, "json") };
	int code = CLI_DONE;

	if (cli_has(args, "kernels")) {
		if (args->argc)
			return cli_usage(args, "--kernels takes no ID");
		begin(&s, "kernels");
		show_kernels(&s);
		return end(&s, code);
	}
	begin(&s, "rules");
	if (args->argc)
		code = show_ids(&s, args);
	else
		(void)each_rule(show_any, &s); /* never stops */
	return end(&s, code);
}

static const struct cli_option options[] = {
	{ "kernels", 'k', NULL, "list what differs between kernels instead, and since when" },
	{ "json", 'j', NULL, "answer as JSON" },
	{ NULL, 0, NULL, NULL },
};

const struct cli_command cmd_rules = {
	.name = "rules",
	.synopsis = "[--kernels] [--json] [ID…]",
	.summary = "lists the rules: reason, kernel function, versions, remedy",
	.details = "Every message names its rule in brackets, [bind-needs-nodes]; this tells all "
		   "about it. Without ID: all rules, those\n"
		   "about policies first.",
	.options = options,
	.run = run,
};
