/* SPDX-License-Identifier: MIT */
/* What policy a process has; see probe.h. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oci/probe.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "kernel/sys.h"

#define MARK "mpol-probe "

/* The second field of the first line; two of the kernel's names have a space in them. */
static void read_text(char *ret, size_t size)
{
	_cleanup_close_ int fd = open("/proc/self/numa_maps", O_RDONLY | O_CLOEXEC);
	char line[512];
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	const char *start;
	size_t len;

	*ret = '\0';
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	start = strchr(line, ' ');
	if (!start)
		return;
	start++;
	len = strcspn(start, " ");
	if (STARTS(start, "prefer (many)") || STARTS(start, "weighted interleave"))
		len += 1 + strcspn(start + len + 1, " ");
	(void)snprintf(ret, size, "%.*s", (int)MIN(len, size - 1), start);
}

void oci_probe_self(struct oci_probe *ret)
{
	unsigned long words[MPOL_MAX_NODES / (8 * sizeof(unsigned long))] = { 0 };
	int mode = -1;

	*ret = (struct oci_probe){ .answered = true, .mode = -1 };
	if (sys_get_mempolicy(&mode, words, MPOL_MAX_NODES, NULL, 0) == 0)
		ret->mode = mode;
	for (unsigned n = 0; n < MPOL_MAX_NODES; n++)
		if (words[n / (8 * sizeof(long))] >> (n % (8 * sizeof(long))) & 1)
			mpol_nodes_add(&ret->nodes, n);
	read_text(ret->text, sizeof(ret->text));
}

size_t oci_probe_print(const struct oci_probe *p, char *buf, size_t size)
{
	char nodes[MPOL_NODES_TEXT];

	(void)mpol_nodes_print(&p->nodes, nodes, sizeof(nodes));
	return (size_t)snprintf(buf, size, MARK "%d [%s] %s\n", p->mode, nodes, p->text);
}

void oci_probe_parse(const char *output, struct oci_probe *ret)
{
	const char *line = strstr(output, MARK);
	char nodes[MPOL_NODES_TEXT];
	char *end;
	size_t len;

	*ret = (struct oci_probe){ 0 };
	if (!line)
		return;
	ret->mode = (int)strtol(line + strlen(MARK), &end, 10);
	if (!STARTS(end, " ["))
		return;
	len = strcspn(end + 2, "]");
	(void)snprintf(nodes, sizeof(nodes), "%.*s", (int)MIN(len, sizeof(nodes) - 1), end + 2);
	if (mpol_nodes_parse(nodes, &ret->nodes, NULL) < 0 || !STARTS(end + 2 + len, "] "))
		return;
	end += 2 + len + 2;
	(void)snprintf(ret->text, sizeof(ret->text), "%.*s",
		       (int)MIN(strcspn(end, "\r\n"), sizeof(ret->text) - 1), end);
	ret->answered = true;
}

bool oci_probe_equal(const struct oci_probe *a, const struct oci_probe *b)
{
	if (!a->answered || !b->answered)
		return a->answered == b->answered;
	return a->mode == b->mode && mpol_nodes_equal(&a->nodes, &b->nodes) &&
	       STREQ(a->text, b->text);
}

int oci_probe_main(int argc, char **argv)
{
	char line[OCI_PROBE_TEXT];
	struct oci_probe p;

	oci_probe_self(&p);
	(void)oci_probe_print(&p, line, sizeof(line));
	if (fd_write_all(STDOUT_FILENO, line, strlen(line)) < 0)
		return 1;
	if (argc > 2 && STREQ(argv[2], "--wait"))
		for (;;)
			(void)pause();
	return 0;
}
