/* SPDX-License-Identifier: MIT */
/* Policies as text: which notation it is, and what all notations share. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "notation/names.h"
#include "notation/notation.h"
#include "notation/rules.h"

#define MAX_FILE ((size_t)16 << 20)

/* clang-format off */
const struct mpol_notation *const mpol_notations[] = {
	&notation_kernel,
	&notation_oci,
	&notation_numactl,
	&notation_systemd,
	&notation_c,
	&notation_podman,
	&notation_docker,
	&notation_kubernetes,
	NULL,
};
/* clang-format on */

const struct mpol_notation *mpol_notation(const char *name)
{
	for (size_t i = 0; mpol_notations[i]; i++)
		if (STREQ(mpol_notations[i]->name, name))
			return mpol_notations[i];
	return NULL;
}

const char *text_column(const char *text, const char *p, char buf[32])
{
	(void)snprintf(buf, 32, "column %zu", (size_t)(p - text) + 1);
	return buf;
}

const char *text_shown(const char *p, char buf[16])
{
	if (!*p)
		return "the end";
	(void)snprintf(buf, 16,
		       (unsigned char)*p < ' ' || (unsigned char)*p > '~' ? "byte 0x%02x" : "'%c'",
		       (unsigned char)*p);
	return buf;
}

int notation_take(struct strbuf *b, char **ret, struct mpol_error *err)
{
	char *text = strbuf_take(b);

	if (!text)
		return no_memory(err, "the policy's text");
	*ret = text;
	return 0;
}

int notation_check_known(const struct mpol_policy_expr *p, const char *notation,
			 struct mpol_error *err)
{
	unsigned unknown = p->flags & ~(unsigned)MPOL_ALL_FLAGS;

	if ((unsigned)p->mode >= MPOL_N_MODES)
		return mpol_fail(err, &rule_no_name, "", "%s has no name for mode %d", notation,
				 (int)p->mode);
	if (unknown)
		return mpol_fail(err, &rule_no_name, "", "%s has no name for the flags 0x%x",
				 notation, unknown);
	return 0;
}

int notation_check_literal(const struct mpol_policy_expr *p, const char *notation,
			   struct mpol_error *err)
{
	char text[MPOL_NODES_EXPR_TEXT];

	if (mpol_nodes_expr_is_literal(&p->nodes))
		return 0;
	(void)mpol_nodes_expr_print(&p->nodes, text, sizeof(text));
	return mpol_fail(err, &rule_needs_numbers, "", "%s cannot say \"%.80s\"", notation, text);
}

int notation_check_carried(const struct mpol_policy_expr *p, const char *notation,
			   struct mpol_error *err)
{
	return p->nodes.sets & MPOL_SET_SAME ? notation_check_literal(p, notation, err) : 0;
}

/* Whether the text has the setting of a unit file. */
static bool is_unit(const char *text)
{
	return *text == '[' || *text == ';' || *text == '#' || strstr(text, "NUMAPolicy");
}

/* Which notation a text is in, by its first characters. */
static const struct mpol_notation *notation_of(const char *text)
{
	if (*text == '{')
		return &notation_oci;
	if (*text == '-' || STARTS(text, "numactl "))
		return &notation_numactl;
	return is_unit(text) ? &notation_systemd : &notation_kernel;
}

static int parse_text(const char *text, struct mpol_policy_expr *ret, struct mpol_error *err)
{
	const char *first = text + strspn(text, " \t\r\n");
	const struct mpol_notation *n = notation_of(first);

	/* Space in front is taken where the notation takes it: columns count from the start of the
	 * text. */
	return n->parse(text, ret, err);
}

static int read_file(const char *path, char **ret, struct mpol_error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r;

	r = fd < 0 ? -errno : fd_read_all(fd, MAX_FILE, &text, &len);
	if (r < 0)
		return mpol_fail_errno(err, &rule_policy_file, -r, path, "cannot be read: %s",
				       strerror(-r));
	if (strlen(text) != len)
		return mpol_fail_errno(err, &rule_policy_file, EINVAL, path,
				       "has a NUL byte: it is no text");
	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	*ret = TAKE(text);
	return 0;
}

/* A file's name as it fits in front of a place within it: the end of a long one. */
static const char *short_name(const char *path, char buf[48])
{
	size_t len = strlen(path);
	const char *tail = path + len - MIN(len, (size_t)40);

	if (tail == path)
		return path;
	while (((unsigned char)*tail & 0xC0) == 0x80) /* begin with a whole character */
		tail++;
	(void)snprintf(buf, 48, "...%s", tail);
	return buf;
}

int mpol_policy_parse(const char *text, struct mpol_policy_expr *ret, struct mpol_error *err)
{
	_cleanup_free_ char *content = NULL;
	char name[48];
	int r;

	if (*text != '@')
		return parse_text(text, ret, err);
	r = read_file(text + 1, &content, err);
	if (r < 0)
		return r;
	r = parse_text(content, ret, err);
	if (r < 0)
		mpol_error_within(err, short_name(text + 1, name));
	return r;
}

bool mpol_policy_expr_equal(const struct mpol_policy_expr *a, const struct mpol_policy_expr *b)
{
	return a->mode == b->mode && a->flags == b->flags &&
	       mpol_nodes_expr_equal(&a->nodes, &b->nodes);
}

void mpol_policy_expr_from(const struct mpol_policy *p, struct mpol_policy_expr *ret)
{
	*ret = (struct mpol_policy_expr){ .mode = p->mode, .flags = p->flags };
	ret->nodes.nodes = p->nodes;
}
