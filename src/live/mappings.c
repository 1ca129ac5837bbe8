/* SPDX-License-Identifier: MIT */
/* Giving mappings a policy; see mappings.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "live/mappings.h"
#include "placement/maps.h"

#define CALLS_A_STOP 8 /* each costs the thread some 10 microseconds */

void mappings_done(struct mappings *m)
{
	free(m->ranges);
	*m = (struct mappings){ 0 };
}

static bool is_governed(const struct map *map)
{
	if (map->special)
		return false;
	switch (map->kind) {
	case MPOL_PAGE_ANON:
	case MPOL_PAGE_SHARED:
	case MPOL_PAGE_HUGE:
		return true;
	case MPOL_PAGE_FILE:
	case MPOL_N_PAGE_KINDS:
		break;
	}
	return map->writable && !map->shared; /* what is written is copied into anonymous pages */
}

int mappings_read(int root_fd, pid_t pid, struct mappings *ret, struct mpol_error *err)
{
	_cleanup_(process_done) struct process p = { .dir_fd = -1 };
	_cleanup_(kinds_done) struct kinds kinds = { 0 };
	_cleanup_free_ struct map *maps = NULL;
	struct mappings m = { 0 };
	size_t n = 0;
	int r = process_open(root_fd, pid, &p, err);

	if (r < 0)
		return r;
	kinds_init(&kinds, &p);
	r = maps_read(&p, &kinds, &maps, &n, err);
	if (r < 0)
		return r;
	m.ranges = calloc(n ? n : 1, sizeof(*m.ranges));
	if (!m.ranges)
		return no_memory(err, "the list of mappings");
	for (size_t i = 0; i < n; i++) {
		if (!is_governed(&maps[i])) {
			m.left++;
			continue;
		}
		m.ranges[m.n++] = (struct mpol_range){ maps[i].start, maps[i].end };
		m.bytes += maps[i].end - maps[i].start;
	}
	*ret = m;
	return 0;
}

/* The range changed since it was read. */
static bool is_gone(int result)
{
	return result == -EFAULT || result == -ENOMEM;
}

int mappings_bind(struct inject *i, pid_t tid, const struct mappings *m,
		  const struct mpol_policy *p, unsigned timeout_ms, uint64_t *ret_stopped_ns,
		  struct mpol_error *err)
{
	int done = 0;

	*ret_stopped_ns = 0;
	for (size_t at = 0; at < m->n;) {
		struct inject_call calls[CALLS_A_STOP];
		struct inject_report report = { 0 };
		size_t n = MIN(m->n - at, CALLS_A_STOP), made = 0;
		int r;

		for (size_t c = 0; c < n; c++)
			calls[c] = (struct inject_call){ .what = INJECT_MBIND,
							 .start = m->ranges[at + c].start,
							 .length = m->ranges[at + c].end -
								   m->ranges[at + c].start };
		r = inject_thread(i, tid, p, calls, n, timeout_ms, &report, err);
		*ret_stopped_ns = MAX(*ret_stopped_ns, report.stopped_ns);
		while (made < n && calls[made].made && calls[made].result == 0)
			made++;
		done += (int)made;
		at += made;
		if (r < 0 && !(made < n && calls[made].made && is_gone(calls[made].result)))
			return r;
		if (r < 0) {
			at++;
			if (err)
				*err = (struct mpol_error){
					0
				}; /* one that is gone is no failure */
		}
	}
	return done;
}
