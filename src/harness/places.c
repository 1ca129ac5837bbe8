/* SPDX-License-Identifier: MIT */
/* The virtual machines of a run, each once; see places.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "base/no-memory.h"
#include "harness/needs.h"
#include "harness/places.h"

#define NEWER "6.12" /* has all that tests can need */

/* What came of looking for a kernel. */
struct places_kernel {
	char *wanted; /* NULL: the usual one */
	struct vm_kernel kernel;
	struct mpol_error err; /* why it cannot be had; rule NULL: it is there */
};

static void place_free(struct place *p)
{
	if (!p)
		return;
	free(p->asked);
	free(p->were);
	free(p->text);
	free(p);
}

static void place_freep(struct place **p)
{
	place_free(*p);
}

void places_done(struct places *p)
{
	for (size_t i = 0; i < p->n; i++)
		place_free(p->of[i]);
	for (size_t i = 0; i < p->n_kernels; i++) {
		free(p->kernels[i]->wanted);
		vm_kernel_done(&p->kernels[i]->kernel);
		free(p->kernels[i]);
	}
	free(p->of);
	free(p->kernels);
	*p = (struct places){ 0 };
}

/* Looks for it once, however often it is asked for. NULL: out of memory. */
static const struct places_kernel *look_for(struct places *p, const char *wanted)
{
	struct places_kernel **more, *k;

	for (size_t i = 0; i < p->n_kernels; i++)
		if (wanted ? p->kernels[i]->wanted && STREQ(p->kernels[i]->wanted, wanted)
			   : !p->kernels[i]->wanted)
			return p->kernels[i];
	more = realloc(p->kernels, (p->n_kernels + 1) * sizeof(*more));
	if (more)
		p->kernels = more;
	k = more ? calloc(1, sizeof(*k)) : NULL;
	if (k && wanted)
		k->wanted = strdup(wanted);
	if (!k || (wanted && !k->wanted)) {
		free(k);
		return NULL;
	}
	(void)vm_kernel_find(wanted, p->notice, p->ctx, &k->kernel, &k->err); /* kept in k->err */
	p->kernels[p->n_kernels++] = k;
	return k;
}

/*
 * The kernel that was asked for; when none was and the usual one lacks what the test needs, a newer
 * one. Where that cannot be had the usual one boots, and the test is skipped there, naming the
 * need.
 */
static int find_kernel(struct places *p, const char *wanted, const struct mpol_needs *needs,
		       const struct vm_kernel **ret, struct mpol_error *err)
{
	const struct places_kernel *k = look_for(p, wanted);

	if (k && !k->err.rule && !wanted && !getenv("MPOL_KERNEL") &&
	    needs_newer_than(needs, k->kernel.release)) {
		const struct places_kernel *newer = look_for(p, NEWER);

		k = newer && !newer->err.rule ? newer : k;
	}
	if (!k)
		return no_memory(err, "a kernel's name");
	if (k->err.rule) {
		*err = k->err;
		return -err->errnum;
	}
	*ret = &k->kernel;
	return 0;
}

static bool is_same(const struct place *a, const struct place *b)
{
	return a->cgroup == b->cgroup && STREQ(a->kernel->path, b->kernel->path) &&
	       (a->asked ? b->asked && STREQ(a->asked, b->asked) : !b->asked) &&
	       vm_shape_equal(&a->shape, &b->shape);
}

static int fill(struct places *p, struct place *place, const struct on_machine *on,
		const char *kernel, const struct mpol_test *test, struct mpol_error *err)
{
	int r = on ? 0 : vm_shape_resolve(&test->machine, &place->shape, err);

	if (r < 0)
		return r;
	if (on)
		place->shape = *on->shape;
	place->asked = on ? strdup(on->text) : NULL;
	place->were = on && on->were ? strdup(on->were) : NULL;
	place->text = vm_shape_print(&place->shape);
	place->cgroup = test->needs.cgroup_v1 ? 1 : 2;
	if (!place->text || (on && !place->asked))
		return no_memory(err, "a machine");
	return find_kernel(p, kernel, &test->needs, &place->kernel, err);
}

int places_find(struct places *p, const struct on_machine *on, const char *kernel,
		const struct mpol_test *test, struct place **ret, struct mpol_error *err)
{
	_cleanup_(place_freep) struct place *place = calloc(1, sizeof(*place));
	struct place **more = realloc(p->of, (p->n + 1) * sizeof(*more));
	int r;

	if (more)
		p->of = more;
	if (!place || !more)
		return no_memory(err, "a machine");
	r = fill(p, place, on, kernel, test, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < p->n; i++)
		if (is_same(p->of[i], place)) {
			*ret = p->of[i];
			return 0;
		}
	*ret = p->of[p->n++] = TAKE(place);
	return 0;
}
