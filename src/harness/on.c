/* SPDX-License-Identifier: MIT */
/* Lists of machines and kernels, read from text; see on.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "harness/on-json.h"
#include "harness/on.h"

#define MAX_FILE ((size_t)16 << 20)

static const struct mpol_rule no_machine = {
	.id = "on-machine",
	.errnum = EINVAL,
	.why = "A virtual machine is made of a shape, of a file with shapes or with what mpol "
	       "machine "
	       "--json printed, or of a recorded machine: a folder with its sys/ and proc/.",
	.hint = "write a shape like 2n4l4c1t, or record with: mpol machine --json > FILE",
	.source = "mpol-test(1)",
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
	free(m->were);
}

/* Room for one more, of that name. */
static int prepare(struct on_list *list, const char *text, size_t len, struct on_machine *ret,
		   struct mpol_error *err)
{
	struct on_machine *more = realloc(list->of, (list->n + 1) * sizeof(*more));

	if (more)
		list->of = more;
	*ret = (struct on_machine){
		.text = strndup(text, len),
		.shape = malloc(sizeof(*ret->shape)),
	};
	return more && ret->text && ret->shape ? 0 : no_memory(err, "a list of machines");
}

static int add_shape(struct on_list *list, const char *text, size_t len, const char *where,
		     struct mpol_error *err)
{
	_cleanup_(machine_done) struct on_machine m = { 0 };
	int r = prepare(list, text, len, &m, err);

	if (r < 0)
		return r;
	r = vm_shape_parse(m.text, m.shape, err);
	if (r < 0) {
		mpol_error_within(err, where ? where : m.text);
		return r;
	}
	list->of[list->n++] = m;
	m = (struct on_machine){ 0 };
	return 0;
}

static int add_shapes(struct on_list *list, const char *text, const char *where,
		      struct mpol_error *err)
{
	for (;;) {
		size_t len = shape_length(text);
		int r = add_shape(list, text, len, where, err);

		if (r < 0 || !text[len])
			return r;
		text += len + 1;
	}
}

/* --- Paths. --- */

bool on_is_path(const char *text)
{
	return access(text, F_OK) == 0 || (strchr(text, '/') && !strchr(text, '='));
}

static void nearest_free(struct vm_nearest **n)
{
	if (*n)
		vm_nearest_done(*n);
	free(*n);
}

/* The lines after the first are indented, as those of errors are. */
static void tell(const struct on_list *list, const char *path, const struct vm_nearest *n)
{
	_cleanup_(strbuf_done) struct strbuf lines = { 0 }, text = { 0 };

	vm_nearest_tell(n, &lines);
	strbuf_printf(&text, "%s: ", path);
	for (const char *p = strbuf_text(&lines); *p; p++) {
		strbuf_putc(&text, *p);
		if (*p == '\n')
			strbuf_puts(&text, "      ");
	}
	if (list->notice && !text.failed && !lines.failed)
		list->notice(list->ctx, strbuf_text(&text));
}

static char *ids_of(const struct vm_nearest *n)
{
	struct strbuf ids = { 0 };

	for (unsigned i = 0; i < n->shape.n_nodes; i++)
		strbuf_printf(&ids, "%s%u", i ? "," : "", n->node[i]);
	return strbuf_take(&ids);
}

static int add_nearest(struct on_list *list, const char *path, const struct mpol_machine *m,
		       struct mpol_error *err)
{
	_cleanup_(nearest_free) struct vm_nearest *n = calloc(1, sizeof(*n));
	_cleanup_(machine_done) struct on_machine made = { 0 };
	int r = n ? prepare(list, path, strlen(path), &made, err) : no_memory(err, "a machine");

	if (r == 0)
		r = vm_shape_nearest(m, &list->limits, n, err);
	if (r < 0)
		return r;
	made.were = ids_of(n);
	if (!made.were)
		return no_memory(err, "a machine");
	tell(list, path, n);
	*made.shape = n->shape;
	list->of[list->n++] = made;
	made = (struct on_machine){ 0 };
	return 0;
}

static int add_recorded(struct on_list *list, const char *path, int root_fd, struct mpol_error *err)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	int r;

	if (!file_exists_at(root_fd, "sys/devices/system"))
		return mpol_fail(err, &no_machine, path, "it has no sys/devices/system");
	r = mpol_machine_read(root_fd, 0, &m, err);
	return r < 0 ? r : add_nearest(list, path, &m, err);
}

static int add_lines(struct on_list *list, const char *path, char *text, struct mpol_error *err)
{
	size_t before = list->n;
	char where[512], *save = NULL;
	unsigned number = 0;

	for (char *line = text, *next; line; line = next) {
		size_t len = strcspn(line, "\n");
		int r;

		next = line[len] ? line + len + 1 : NULL;
		number++;
		line[strcspn(line, "#\n")] = '\0';
		line = strtok_r(line, " \t\r", &save);
		if (!line)
			continue;
		(void)snprintf(where, sizeof(where), "line %u", number);
		r = strtok_r(NULL, " \t\r", &save)
			    ? mpol_fail(err, &no_machine, where, "more than a shape is on the line")
			    : add_shapes(list, line, where, err);
		if (r < 0)
			return r;
	}
	return list->n > before ? 0 : mpol_fail(err, &no_machine, path, "there is no shape in it");
}

static int add_file(struct on_list *list, const char *path, int fd, struct mpol_error *err)
{
	_cleanup_(mpol_machine_done) struct mpol_machine m = { 0 };
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = fd_read_all(fd, MAX_FILE, &text, &len);

	if (r < 0)
		return mpol_fail_errno(err, &no_machine, -r, path, "it cannot be read: %s",
				       strerror(-r));
	if (text[strspn(text, " \t\r\n")] != '{')
		return add_lines(list, path, text, err);
	r = on_json_read(text, len, &m, err);
	return r < 0 ? r : add_nearest(list, path, &m, err);
}

static int add_path(struct on_list *list, const char *path, struct mpol_error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return mpol_fail_errno(err, &no_machine, errno, path, "it cannot be opened: %s",
				       strerror(errno));
	r = S_ISDIR(st.st_mode) ? add_recorded(list, path, fd, err) : add_file(list, path, fd, err);
	if (r < 0 && !STREQ(err->where, path))
		mpol_error_within(err, path);
	return r;
}

int on_add(struct on_list *list, const char *text, struct mpol_error *err)
{
	return on_is_path(text) ? add_path(list, text, err)
				: add_shapes(list, text, list->where, err);
}

void on_done(struct on_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		machine_done(&list->of[i]);
	free(list->of);
	list->n = 0;
	list->of = NULL;
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
		return no_memory(err, "a list of kernels");
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
