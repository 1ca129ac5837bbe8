/* SPDX-License-Identifier: MIT */
/* Memory page by page; see pages.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "placement/pages.h"
#include "base/file.h"
#include "base/macros.h"
#include "kernel/sys.h"

static const struct mpol_rule recorded = {
	"placement-recorded",
	EOPNOTSUPP,
	"Single pages can only be asked about while their process runs on this machine; a "
	"recording has sums by mapping.",
	"ask on the running machine, without --root",
	"move_pages(2)",
	NULL,
};

static const struct mpol_rule no_move_pages = {
	"move-pages-refused",
	EPERM,
	"move_pages(2) tells the nodes of a process's pages to its own user and to who has "
	"CAP_SYS_PTRACE; containers often "
	"forbid it by a seccomp filter.",
	"ask as the user of that process, or as root, and outside the container",
	"mm/migrate.c find_mm_struct()",
	NULL,
};

int pages_open(struct pages *g, const struct process *p, struct mpol_error *err)
{
	if (!p->ours)
		return mpol_fail(err, &recorded, "", "process %d is not one of this machine's",
				 (int)p->pid);
	g->process = p;
	g->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	g->pagemap_fd = file_open_at(p->dir_fd, O_RDONLY, "pagemap");
	if (g->pagemap_fd < 0)
		g->pagemap_fd = -1;
	return 0;
}

void pages_done(struct pages *g)
{
	if (g->pagemap_fd >= 0)
		(void)close(g->pagemap_fd); /* read only */
	g->pagemap_fd = -1;
}

int pages_nodes(const struct pages *g, void *const *addresses, size_t n, int *ret_nodes,
		struct mpol_error *err)
{
	void *copy[PAGES_BATCH];
	long r;

	memcpy(copy, addresses, n * sizeof(*copy)); /* the call takes them without const */
	r = sys_move_pages(g->process->pid, n, copy, NULL, ret_nodes, 0);
	if (r >= 0)
		return 0;
	if (r == -EPERM || r == -EACCES || r == -ENOSYS)
		return mpol_fail_errno(err, &no_move_pages, (int)-r, "", "move_pages(%d): %s",
				       (int)g->process->pid, strerror((int)-r));
	return process_fail(g->process, "move_pages", (int)r, err);
}

int pages_entries(const struct pages *g, uint64_t address, size_t n, uint64_t *ret,
		  struct mpol_error *err)
{
	size_t want = n * sizeof(*ret), got = 0;

	while (got < want) {
		ssize_t r = pread(g->pagemap_fd, (char *)ret + got, want - got,
				  (off_t)(address / g->page_size * sizeof(*ret) + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return process_fail(g->process, "pagemap", -errno, err);
		if (r == 0) { /* the memory is gone */
			int gone = process_gone(g->process, err);

			return gone < 0 ? gone : process_fail(g->process, "pagemap", -ESRCH, err);
		}
		got += (size_t)r;
	}
	return 0;
}

static bool is_own(uint64_t entry, enum mpol_page_kind kind)
{
	bool of_file = (entry & PAGEMAP_FILE) && kind == MPOL_PAGE_FILE;

	return (entry & PAGEMAP_EXCLUSIVE) && !of_file;
}

/* Copied on write, or never of a file at all. */
static enum mpol_page_kind kind_of(uint64_t entry, enum mpol_page_kind kind)
{
	return kind != MPOL_PAGE_HUGE && !(entry & PAGEMAP_FILE) ? MPOL_PAGE_ANON : kind;
}

/* Pages that are to be asked for their nodes. */
struct batch {
	size_t n;
	void *addresses[PAGES_BATCH];
	enum mpol_page_kind kinds[PAGES_BATCH];
};

static int ask(const struct pages *g, const struct batch *b, enum pages_which which,
	       struct mpol_placement *ret, struct mpol_error *err)
{
	int nodes[PAGES_BATCH];
	int r = b->n ? pages_nodes(g, b->addresses, b->n, nodes, err) : 0;

	if (r < 0)
		return r;
	for (size_t i = 0; i < b->n; i++) {
		uint64_t *sums = which == PAGES_ALL ? ret->bytes[b->kinds[i]] : ret->own;

		if (nodes[i] >= 0 && nodes[i] < MPOL_MAX_NODES)
			sums[nodes[i]] += g->page_size;
	}
	return 0;
}

static void *pointer(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

int pages_add(const struct pages *g, struct mpol_range range, enum mpol_page_kind kind,
	      enum pages_which which, struct mpol_placement *ret, struct mpol_error *err)
{
	while (range.start < range.end) {
		size_t n = (size_t)MIN((range.end - range.start) / g->page_size,
				       (uint64_t)PAGES_BATCH);
		uint64_t entries[PAGES_BATCH];
		struct batch b = { .n = 0 };
		int r = g->pagemap_fd < 0 ? 0 : pages_entries(g, range.start, n, entries, err);

		if (r < 0)
			return r;
		for (size_t i = 0; i < n; i++) {
			bool known = g->pagemap_fd >= 0;

			if (known && !(entries[i] & PAGEMAP_PRESENT))
				continue;
			if (which == PAGES_OWN_ONLY && !(known && is_own(entries[i], kind)))
				continue;
			b.kinds[b.n] = known ? kind_of(entries[i], kind) : kind;
			b.addresses[b.n++] = pointer(range.start + i * g->page_size);
		}
		r = ask(g, &b, which, ret, err);
		if (r < 0)
			return r;
		range.start += n * g->page_size;
	}
	return 0;
}

int pages_count_own(const struct pages *g, struct mpol_range range, enum mpol_page_kind kind,
		    uint64_t most, uint64_t *ret_own, struct mpol_error *err)
{
	uint64_t resident = 0, own = 0;

	while (range.start < range.end && resident < most) {
		size_t n = (size_t)MIN((range.end - range.start) / g->page_size,
				       (uint64_t)PAGES_BATCH);
		uint64_t entries[PAGES_BATCH];
		int r = pages_entries(g, range.start, n, entries, err);

		if (r < 0)
			return r;
		for (size_t i = 0; i < n; i++) {
			if (!(entries[i] & PAGEMAP_PRESENT))
				continue;
			resident += g->page_size;
			own += is_own(entries[i], kind) ? g->page_size : 0;
		}
		range.start += n * g->page_size;
	}
	*ret_own = own;
	return 0;
}
