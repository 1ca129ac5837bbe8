/* SPDX-License-Identifier: MIT */
/* Moving neighbouring pages; see window.h. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/macros.h"
#include "live/window.h"

#define ROUNDS	  3
#define NO_TARGET (-1)
#define NOT_TOLD  INT_MIN /* the kernel did not come so far */
#define NOT_KNOWN MPOL_N_LEFT

struct window {
	const struct mover *m;
	struct window_targets *t;
	const uint64_t *pages;
	size_t n;
	int before[WINDOW_PAGES], now[WINDOW_PAGES]; /* nodes; negative: not resident */
	int target[WINDOW_PAGES];
	enum mpol_left why[WINDOW_PAGES];
};

static int look(struct window *w)
{
	return (int)MIN(w->m->where(w->m->context, w->pages, w->n, w->now), 0);
}

static bool waits(const struct window *w, size_t i)
{
	return w->target[i] != NO_TARGET && w->now[i] >= 0 && w->now[i] != w->target[i];
}

/* What the answer to one page says about it. */
static enum mpol_left reason(long answer, int status)
{
	if (answer == -ENOMEM || status == -ENOMEM)
		return MPOL_LEFT_FULL;
	if (status == -EACCES)
		return MPOL_LEFT_SHARED;
	if (answer > 0 || status == -EBUSY || status == -EIO || status == -EAGAIN)
		return MPOL_LEFT_BUSY;
	return NOT_KNOWN;
}

/* Answers to the call as a whole that no other page would change. */
static bool is_fatal(long answer)
{
	return answer < 0 && answer != -ENOMEM && answer != -EBUSY && answer != -EAGAIN &&
	       answer != -EIO && answer != -ENOENT && answer != -EFAULT;
}

/* Pages that came along with others, in one folio, stay with them: their target is where they are.
 */
static void accept_company(struct window *w, const int *earlier, int node)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->target[i] != NO_TARGET && w->now[i] == node && earlier[i] != node)
			w->target[i] = node;
}

/* One call for these pages. 1: some moved; 0: none did; -errno. */
static int move_some(struct window *w, const size_t *index, size_t n, int node)
{
	uint64_t pages[WINDOW_PAGES];
	int status[WINDOW_PAGES], earlier[WINDOW_PAGES];
	bool any = false;
	long answer;
	int r;

	for (size_t i = 0; i < n; i++) {
		pages[i] = w->pages[index[i]];
		status[i] = NOT_TOLD;
	}
	memcpy(earlier, w->now, w->n * sizeof(*earlier));
	answer = w->m->move(w->m->context, pages, n, node, status);
	if (is_fatal(answer))
		return (int)answer;
	r = look(w);
	if (r < 0)
		return r;
	accept_company(w, earlier, node);
	w->t->full[node] = answer == -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		any = any || w->now[index[i]] == node;
		/* The call's own answer is about one of its pages, we do not know which. */
		w->why[index[i]] = reason(n == 1 ? answer : 0, status[i]);
	}
	return any;
}

/* The pages that wait to go to a node; those that cannot for a known reason are left out. A full
 * node gets one, as a question. */
static size_t collect(const struct window *w, int node, size_t index[WINDOW_PAGES])
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		if (waits(w, i) && w->target[i] == node && w->why[i] != MPOL_LEFT_SHARED &&
		    !(n && w->t->full[node]))
			index[n++] = i;
	return n;
}

/* All that wait, by node, until nothing moves any more. */
static int move_all(struct window *w)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		bool any = false;

		for (size_t k = 0; k < w->t->n_to; k++) {
			size_t index[WINDOW_PAGES];
			size_t n = collect(w, (int)w->t->to[k], index);
			int r = n ? move_some(w, index, n, (int)w->t->to[k]) : 0;

			if (r < 0)
				return r;
			any = any || r > 0;
		}
		if (!any)
			break;
	}
	return 0;
}

/* Those that still wait, one by one: now the call's answer is the page's. */
static int move_singly(struct window *w)
{
	for (size_t i = 0; i < w->n; i++) {
		int r;

		if (!waits(w, i) || w->why[i] == MPOL_LEFT_SHARED)
			continue;
		if (w->t->full[w->target[i]]) {
			w->why[i] = MPOL_LEFT_FULL;
			continue;
		}
		r = move_some(w, &i, 1, w->target[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Pages in turn to each node, by address, so many together as a folio holds. */
static int turn(const struct window *w, size_t i, size_t folio)
{
	return (int)w->t->to[w->pages[i] / w->t->page_size / folio % w->t->n_to];
}

static int other_node(const struct window *w, int node)
{
	return (int)(w->t->to[0] == (unsigned)node ? w->t->to[1] : w->t->to[0]);
}

/* How many pages move together, seen by moving one. */
static int measure_folio(struct window *w, size_t first, size_t *ret)
{
	size_t n = 0;
	int node = other_node(w, w->now[first]);
	int r;

	w->target[first] = node;
	r = move_some(w, &first, 1, node);
	if (r < 0)
		return r;
	while (first + n < w->n && w->before[first + n] >= 0 && w->before[first + n] != node &&
	       w->now[first + n] == node)
		n++;
	*ret = MAX(n, 1u);
	return 0;
}

static bool is_wanted(const struct window *w, size_t i)
{
	return w->before[i] >= 0 && mpol_nodes_has(&w->t->from, (unsigned)w->before[i]);
}

static int choose_targets(struct window *w)
{
	size_t folio = 1, first = 0;
	int r;

	while (first < w->n && !is_wanted(w, first))
		first++;
	if (first == w->n)
		return 0;
	if (w->t->n_to > 1) {
		r = measure_folio(w, first, &folio);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < w->n; i++)
		if (is_wanted(w, i))
			w->target[i] = turn(w, i, folio);
	return 0;
}

static void count(const struct window *w, struct window_result *ret)
{
	for (size_t i = 0; i < w->n; i++) {
		ret->resident += w->before[i] >= 0;
		if (w->target[i] == NO_TARGET || w->now[i] < 0)
			continue;
		if (waits(w, i))
			ret->left[w->why[i] == NOT_KNOWN ? MPOL_LEFT_BUSY : w->why[i]]++;
		else
			ret->moved += w->now[i] != w->before[i];
	}
}

int window_move(const struct mover *m, struct window_targets *t, const uint64_t *pages, size_t n,
		struct window_result *ret)
{
	struct window w = { .m = m, .t = t, .pages = pages, .n = n };
	int r = look(&w);

	if (r < 0)
		return r;
	memcpy(w.before, w.now, n * sizeof(*w.before));
	for (size_t i = 0; i < n; i++) {
		w.target[i] = NO_TARGET;
		w.why[i] = NOT_KNOWN;
	}
	r = choose_targets(&w);
	if (r == 0)
		r = move_all(&w);
	if (r == 0)
		r = move_singly(&w);
	count(&w, ret);
	return r;
}
