/* SPDX-License-Identifier: MIT */
/* Lists of machines and kernels, read from text; see on.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "harness/on.h"

static const struct mpol_rule no_memory = {
	.id = "on-memory",
	.errnum = ENOMEM,
	.why = "A list of machines takes a little memory.",
};

static const struct mpol_rule empty_item = {
	.id = "on-empty",
	.errnum = EINVAL,
	.why = "A list of kernels has one between two commas.",
	.hint = "write it like --kernel 6.1,6.12, or give --kernel several times.",
};

/* Whether an item says how many nodes there are: "2n4l", "nodes=2". */
static bool says_nodes(const char *item)
{
	size_t digits = strspn(item, "0123456789");

	return STARTS(item, "nodes=") || (digits && item[digits] == 'n');
}

/* The length of the first shape of a list. */
static size_t shape_length(const char *text)
{
	bool said = false;

	for (const char *at = text;; at++) {
		if (says_nodes(at)) {
			if (said)
				return (size_t)(at - text) - 1;
			said = true;
		}
		at += strcspn(at, ",");
		if (!*at)
			return (size_t)(at - text);
	}
}

static void machine_done(struct on_machine *m)
{
	free(m->text);
	free(m->shape);
}

static int add_shape(struct on_list *list, const char *text, size_t len, struct mpol_error *err)
{
	_cleanup_(machine_done) struct on_machine m = { strndup(text, len),
							malloc(sizeof(*m.shape)) };
	struct on_machine *more = realloc(list->of, (list->n + 1) * sizeof(*more));
	int r;

	if (more)
		list->of = more;
	if (!more || !m.text || !m.shape)
		return mpol_fail(err, &no_memory, "--on", "no memory for a list of machines");
	r = vm_shape_parse(m.text, m.shape, err);
	if (r < 0) {
		mpol_error_within(err, "--on");
		return r;
	}
	list->of[list->n++] = m;
	m = (struct on_machine){ 0 };
	return 0;
}

int on_add(struct on_list *list, const char *text, struct mpol_error *err)
{
	for (;;) {
		size_t len = shape_length(text);
		int r = add_shape(list, text, len, err);

		if (r < 0 || !text[len])
			return r;
		text += len + 1;
	}
}

void on_done(struct on_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		machine_done(&list->of[i]);
	free(list->of);
	*list = (struct on_list){ 0 };
}

static int add_kernel(struct kernel_list *list, const char *text, size_t len,
		      struct mpol_error *err)
{
	char **more = realloc(list->of, (list->n + 1) * sizeof(*more));

	if (more)
		list->of = more;
	if (!len)
		return mpol_fail(err, &empty_item, "--kernel", "a kernel is missing in the list");
	if (!more || !(list->of[list->n] = strndup(text, len)))
		return mpol_fail(err, &no_memory, "--kernel", "no memory for a list of kernels");
	list->n++;
	return 0;
}

int kernel_add(struct kernel_list *list, const char *text, struct mpol_error *err)
{
	if (access(text, F_OK) == 0) /* a name with a comma is one */
		return add_kernel(list, text, strlen(text), err);
	for (;;) {
		size_t len = strcspn(text, ",");
		int r = add_kernel(list, text, len, err);

		if (r < 0 || !text[len])
			return r;
		text += len + 1;
	}
}

void kernel_done(struct kernel_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->of[i]);
	free(list->of);
	*list = (struct kernel_list){ 0 };
}
