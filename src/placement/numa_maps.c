/* SPDX-License-Identifier: MIT */
/* /proc/PID/numa_maps, mapping by mapping; see numa_maps.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "placement/numa_maps.h"
#include "base/file.h"
#include "base/macros.h"

static const struct mpol_rule bad_line = {
	"numa-maps-format",
	EBADMSG,
	"A line of numa_maps is an address, a policy, a file, and counts by node.",
	"report the line, with the version of the kernel that wrote it",
	"fs/proc/task_mmu.c show_numa_map()",
	NULL,
};

/* A decimal number that ends the token; false when it is none or too large. */
static bool number(const char *text, uint64_t *ret)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
			return false;
	}
	*ret = value;
	return true;
}

/* A hexadecimal number and the space behind it; NULL when it is none. */
static char *address(char *text, uint64_t *ret)
{
	uint64_t value = 0;
	char *p = text;

	for (; p < text + 16; p++) {
		int digit = *p >= '0' && *p <= '9'   ? *p - '0'
			    : *p >= 'a' && *p <= 'f' ? *p - 'a' + 10
						     : -1;

		if (digit < 0)
			break;
		value = value << 4 | (unsigned)digit;
	}
	if (p == text || *p != ' ')
		return NULL;
	*ret = value;
	return p + 1;
}

/* "N<id>" with its pages. */
static int add_count(struct numa_mapping *m, struct numa_count *counts, const char *node,
		     uint64_t pages)
{
	uint64_t id;

	if (!number(node, &id) || id >= MPOL_MAX_NODES || m->n_counts == MPOL_MAX_NODES ||
	    __builtin_add_overflow(m->pages, pages, &m->pages))
		return -EBADMSG;
	counts[m->n_counts++] = (struct numa_count){ (unsigned)id, pages };
	return 0;
}

static uint64_t *stat_of(struct numa_mapping *m, const char *key)
{
	return STREQ(key, "anon")		 ? &m->anon
	       : STREQ(key, "dirty")		 ? &m->dirty
	       : STREQ(key, "mapmax")		 ? &m->mapmax
	       : STREQ(key, "kernelpagesize_kB") ? &m->page_size
						 : NULL;
}

/* One token behind the policy. Those of future kernels are passed over. */
static int add_token(struct numa_mapping *m, struct numa_count *counts, char *token)
{
	char *equals = strchr(token, '=');
	uint64_t value, *stat;

	if (!equals) {
		if (STREQ(token, "huge"))
			m->huge = true;
		else if (STREQ(token, "heap") || STREQ(token, "stack"))
			m->name = token;
		return 0;
	}
	if (STARTS(token, "file=")) {
		m->path = equals + 1;
		return 0;
	}
	*equals = '\0';
	if (token[0] == 'N' && token[1] >= '0' && token[1] <= '9')
		return number(equals + 1, &value) ? add_count(m, counts, token + 1, value)
						  : -EBADMSG;
	stat = stat_of(m, token);
	if (stat && !number(equals + 1, stat))
		return -EBADMSG;
	return 0;
}

/* The next token of *rest, which is NULL behind the last one. */
static char *next_token(char **rest)
{
	char *token = *rest, *space = strchr(token, ' ');

	if (space)
		*space = '\0';
	*rest = space ? space + 1 : NULL;
	return token;
}

int numa_mapping_parse(char *line, struct numa_mapping *ret, struct numa_count *counts,
		       char **ret_policy)
{
	struct numa_mapping m = { .counts = counts };
	char *policy = address(line, &m.start), *rest;
	uint64_t bytes;
	size_t len;

	if (!policy || !*policy || *policy == ' ')
		return -EBADMSG;
	len = numa_policy_length(policy);
	rest = policy[len] ? policy + len + 1 : NULL;
	policy[len] = '\0';
	while (rest) {
		int r = add_token(&m, counts, next_token(&rest));

		if (r < 0)
			return r;
	}
	if (m.pages && !m.page_size)
		return -EBADMSG;
	if (__builtin_mul_overflow(m.page_size, 1024, &m.page_size) ||
	    __builtin_mul_overflow(m.pages, m.page_size, &bytes))
		return -EBADMSG;
	*ret = m;
	*ret_policy = policy;
	return 0;
}

void numa_path_decode(char *path)
{
	char *to = path;

	while (*path) {
		bool octal = path[0] == '\\' && path[1] >= '0' && path[1] <= '3' &&
			     path[2] >= '0' && path[2] <= '7' && path[3] >= '0' && path[3] <= '7';

		if (!octal) {
			*to++ = *path++;
			continue;
		}
		*to++ = (char)((path[1] - '0') << 6 | (path[2] - '0') << 3 | (path[3] - '0'));
		path += 4;
	}
	*to = '\0';
}

int numa_maps_open(struct numa_maps *m, const struct process *p, const char *file,
		   struct mpol_error *err)
{
	int fd;

	m->process = p;
	m->line = 0;
	m->last_start = 0;
	m->policy = (struct numa_policy){ 0 };
	m->alive_fd = p->live ? file_open_at(p->dir_fd, O_RDONLY, "maps") : -1;
	fd = file_open_at(p->dir_fd, O_RDONLY, "%s", file);
	lines_init(&m->lines, fd < 0 ? -1 : fd);
	if (fd < 0)
		return process_fail(p, file, fd, err);
	if (p->live && m->alive_fd < 0)
		return process_fail(p, "maps", m->alive_fd, err);
	return 0;
}

void numa_maps_done(struct numa_maps *m)
{
	lines_done(&m->lines);
	if (m->alive_fd >= 0)
		(void)close(m->alive_fd); /* read only */
	m->alive_fd = -1;
}

/*
 * At the end of the text. The kernel ends it early, without an error, when the memory it describes
 * is gone: because the process ended, or executed another program. proc/PID/maps of the same memory
 * is then empty as well.
 */
static int check_end(const struct numa_maps *m, struct mpol_error *err)
{
	char c;

	if (m->alive_fd < 0 || pread(m->alive_fd, &c, 1, 0) == 1)
		return 0;
	return process_gone(m->process, err);
}

/* Parses the policy unless it is the one of the line before. */
static void read_policy(struct numa_maps *m, const char *text)
{
	size_t len = strlen(text);

	if (m->policy.text && STREQ(text, m->policy_text))
		return;
	if (len >= sizeof(m->policy_text)) { /* no kernel writes that */
		m->policy = (struct numa_policy){ .text = "", .cut = true };
		m->policy_text[0] = '\0';
		return;
	}
	memcpy(m->policy_text, text, len + 1);
	m->policy = numa_policy_parse(m->policy_text, len);
}

int numa_maps_next(struct numa_maps *m, struct numa_mapping *ret, struct mpol_error *err)
{
	for (;;) {
		char *line, *policy, shown[81];
		size_t len;
		int r = lines_next(&m->lines, &line, &len);

		if (r < 0)
			return process_fail(m->process, "numa_maps", r, err);
		if (r == 0)
			return check_end(m, err);
		m->line++;
		len = MIN(len, sizeof(shown) - 1);
		memcpy(shown, line, len); /* parsing takes the line apart */
		shown[len] = '\0';
		r = numa_mapping_parse(line, ret, m->counts, &policy);
		if (r < 0)
			return mpol_fail(err, &bad_line, "", "line %u of /proc/%d/numa_maps: '%s'",
					 m->line, (int)m->process->pid, shown);
		/*
		 * The kernel lets go of the memory between two reads; a mapping that merged with
		 * its neighbour meanwhile comes again.
		 */
		if (m->line > 1 && ret->start <= m->last_start)
			continue;
		m->last_start = ret->start;
		read_policy(m, policy);
		ret->in_force = m->policy;
		return 1;
	}
}
