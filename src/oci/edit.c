/* SPDX-License-Identifier: MIT */
/*
 * How is a config.json changed, so that all else in it stays as it was written? As text: spans are
 * cut out and text is put in. Large integers, the order of keys, spacing and keys that nobody knows
 * survive, which a tree that is written anew would not promise.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "oci/config.h"

#include "base/macros.h"
#include "base/no-memory.h"
#include "base/strbuf.h"

/* Replaces [start, end) by text, or NULL: nothing. */
struct change {
	struct span at;
	const char *text;
};

static int by_place(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	return (x->at.start > y->at.start) - (x->at.start < y->at.start);
}

static int apply(const struct oci_config *c, struct change *changes, size_t n, char **ret,
		 size_t *ret_len, struct mpol_error *err)
{
	struct strbuf b = { 0 };
	size_t at = 0;

	qsort(changes, n, sizeof(*changes), by_place);
	for (size_t i = 0; i < n; i++) {
		strbuf_add(&b, c->text + at, changes[i].at.start - at);
		if (changes[i].text)
			strbuf_puts(&b, changes[i].text);
		at = changes[i].at.end;
	}
	strbuf_add(&b, c->text + at, c->len - at);
	*ret_len = b.len;
	*ret = strbuf_take(&b);
	return *ret ? 0 : no_memory(err, "the configuration");
}

/* The span of a member or element with the one comma that goes with it. */
static struct span with_comma(const char *text, struct span container, struct scan_member m)
{
	struct span s = { span_absent(m.key) ? m.value.start : m.key.start, m.value.end };
	size_t after = s.end + strspn(text + s.end, " \t\r\n");
	size_t before = s.start;

	if (text[after] == ',') {
		s.end = after + 1 + strspn(text + after + 1, " \t\r\n");
		return s;
	}
	while (before > container.start + 1 && strchr(" \t\r\n,", text[before - 1]))
		before--;
	s.start = before;
	return s;
}

/* The white space in front of a container's first member, so that a new one looks alike. */
static struct span lead(const char *text, struct span container)
{
	size_t start = container.start + 1;

	return (struct span){ start, start + strspn(text + start, " \t\r\n") };
}

static bool is_empty(const char *text, struct span container)
{
	return lead(text, container).end == container.end - 1;
}

/* Behind a container's last member, where a comma and another may stand. */
static size_t tail(const char *text, struct span container)
{
	size_t at = container.end - 1;

	while (strchr(" \t\r\n", text[at - 1]))
		at--;
	return at;
}

/* Puts a member (or element) at the end of a container; text is built in b. */
static struct change append(const struct oci_config *c, struct span container, const char *member,
			    struct strbuf *b)
{
	struct span space = lead(c->text, container);
	size_t at = tail(c->text, container);

	if (is_empty(c->text, container)) {
		at = container.start + 1;
		strbuf_puts(b, member);
	} else {
		strbuf_putc(b, ',');
		strbuf_add(b, c->text + space.start, space.end - space.start);
		strbuf_puts(b, member);
	}
	return (struct change){ { at, at }, strbuf_text(b) };
}

static bool has_key(struct scan_member m)
{
	return !span_absent(m.key);
}

/* The value of a member that is null: "null" stands there. */
static struct span null_of(struct scan_member m)
{
	return (struct span){ m.value.start, m.value.start + 4 };
}

/*
 * The change that gives an object a member: replaces its value, also null, or appends it. Where
 * the object itself is missing, it is made in root under outer_key.
 */
static struct change set_member(const struct oci_config *c, struct scan_member outer,
				const char *outer_key, struct scan_member inner, const char *key,
				const char *value, struct strbuf *b)
{
	struct strbuf member = { 0 };
	struct change change;

	if (!span_absent(inner.value))
		return (struct change){ inner.value, value };
	if (has_key(inner))
		return (struct change){ null_of(inner), value };
	strbuf_printf(&member, "\"%s\":%s%s", key, memchr(c->text, '\n', c->len) ? " " : "", value);
	if (!span_absent(outer.value)) {
		change = append(c, outer.value, strbuf_text(&member), b);
	} else {
		struct strbuf object = { 0 };

		strbuf_printf(&object, "%s%s%s{%s}", has_key(outer) ? "" : "\"",
			      has_key(outer) ? "" : outer_key,
			      has_key(outer) ? "" : "\":", strbuf_text(&member));
		if (has_key(outer)) {
			strbuf_puts(b, strbuf_text(&object));
			change = (struct change){ null_of(outer), strbuf_text(b) };
		} else {
			change = append(c, c->root, strbuf_text(&object), b);
		}
		b->failed |= object.failed;
		strbuf_done(&object);
	}
	b->failed |= member.failed;
	strbuf_done(&member);
	return change;
}

int oci_config_with_policy(const struct oci_config *c, const char *policy, char **ret,
			   size_t *ret_len, struct mpol_error *err)
{
	struct strbuf b = { 0 };
	struct change change;
	int r;

	if (policy)
		change = set_member(c, c->linux_, "linux", c->policy, "memoryPolicy", policy, &b);
	else if (!span_absent(c->policy.value))
		change = (struct change){ with_comma(c->text, c->linux_.value, c->policy), NULL };
	else
		change = (struct change){ { 0, 0 }, NULL };
	r = b.failed ? no_memory(err, "the configuration")
		     : apply(c, &change, 1, ret, ret_len, err);
	strbuf_done(&b);
	return r;
}

bool oci_hook_is_ours(const char *text, struct span hook, char **ret_policy)
{
	static const char option[] = "--policy=";
	struct scan_member m, args = { 0 }, element;
	size_t pos = 0, n = 0;
	bool ours = false;

	if (scan_kind(text, hook) != SCAN_OBJECT)
		return false;
	while (scan_next(text, hook, &pos, &m))
		if (scan_is(text, m.key, "args"))
			args = m;
	if (span_absent(args.value) || scan_kind(text, args.value) != SCAN_ARRAY)
		return false;
	for (pos = 0; scan_next(text, args.value, &pos, &element); n++) {
		if (n == 0 && !scan_is(text, element.value, "mpol-runtime"))
			return false;
		if (n == 1)
			ours = scan_is(text, element.value, "hook");
		if (n > 1 && ret_policy && !*ret_policy &&
		    strncmp(text + element.value.start + 1, option, strlen(option)) == 0) {
			char *value = scan_string(text, element.value);

			if (value)
				memmove(value, value + strlen(option),
					strlen(value) - strlen(option) + 1);
			*ret_policy = value;
		}
	}
	return ours;
}

/* hooks.createRuntime without hooks of ours, and with this one. */
static char *hooks_with(const struct oci_config *c, const char *hook)
{
	struct span array = c->create_runtime.value;
	struct strbuf b = { 0 };
	struct scan_member m;
	size_t pos = 0;

	strbuf_putc(&b, '[');
	while (!span_absent(array) && scan_next(c->text, array, &pos, &m)) {
		if (oci_hook_is_ours(c->text, m.value, NULL))
			continue;
		strbuf_add(&b, c->text + m.value.start, m.value.end - m.value.start);
		strbuf_putc(&b, ',');
	}
	strbuf_puts(&b, hook);
	strbuf_putc(&b, ']');
	return strbuf_take(&b);
}

int oci_config_with_hook(const struct oci_config *c, const char *hook, bool drop_policy, char **ret,
			 size_t *ret_len, struct mpol_error *err)
{
	struct change changes[2];
	struct strbuf b = { 0 };
	char *hooks = hooks_with(c, hook);
	size_t n = 0;
	int r;

	if (!hooks)
		return no_memory(err, "the configuration");
	changes[n++] =
		set_member(c, c->hooks, "hooks", c->create_runtime, "createRuntime", hooks, &b);
	if (drop_policy && has_key(c->policy)) {
		struct scan_member m = c->policy;

		if (span_absent(m.value))
			m.value = null_of(m);
		changes[n++] = (struct change){ with_comma(c->text, c->linux_.value, m), NULL };
	}
	r = b.failed ? no_memory(err, "the configuration")
		     : apply(c, changes, n, ret, ret_len, err);
	strbuf_done(&b);
	free(hooks);
	return r;
}
