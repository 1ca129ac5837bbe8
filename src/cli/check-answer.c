/* SPDX-License-Identifier: MIT */
/* Finding the answer to one policy; see check-answer.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "cli/check-answer.h"
#include "cli/policy-where.h"
#include "model/check.h"
#include "model/moves.h"

static int resolve(const struct check_context *c, const struct mpol_policy_expr *e,
		   struct check_answer *a, struct mpol_error *err)
{
	int r = mpol_policy_resolve(c->root_fd, c->machine, e, &a->policy, err);

	if (r == 0)
		(void)mpol_nodes_resolution_print(&e->nodes, &a->policy.nodes, a->resolution,
						  sizeof(a->resolution));
	return r;
}

/* Nodes that name none here: said as the refusal that it is. */
static void refuse_unresolved(struct check_answer *a, const struct mpol_error *err)
{
	a->findings[0] = (struct mpol_finding){ MPOL_REFUSED, *err };
	a->n_findings = 1;
}

static void judge(const struct check_context *c, struct check_answer *a)
{
	struct mpol_situation situation = machine_situation(c->machine);
	struct question q;
	size_t n;

	question_from_policy(&q, &a->policy, &situation);
	q.machine = c->machine;
	question_keep(&q, &a->kept);
	n = question_check(&q, &a->kept, c->profile, a->findings, CHECK_MAX_FINDINGS);
	a->n_findings = MIN(n, (size_t)CHECK_MAX_FINDINGS);
	a->accepted = n == 0 || a->findings[0].severity != MPOL_REFUSED;
	a->readback = mpol_kept_readback(&a->kept, &situation);
	for (size_t i = 0; i < a->n_findings; i++)
		policy_where(a->text, &a->findings[i].error);
}

static void follow_moves(const struct check_context *c, struct check_answer *a)
{
	struct mpol_situation s = machine_situation(c->machine);
	struct mpol_kept kept = a->kept;

	for (size_t i = 0; i < c->n_moves && a->accepted; i++) {
		struct check_move *m = &a->moves[i];
		struct mpol_nodeset from = s.mems_allowed;

		s.mems_allowed = c->moves[i];
		m->kept = kept;
		mpol_kept_move(&m->kept, &s.kernel, &s.mems_allowed);
		m->readback = mpol_kept_readback(&m->kept, &s);
		m->n_findings = MIN(move_check(&kept, &m->kept, &s.kernel, &from, &s.mems_allowed,
					       m->findings, CHECK_MAX_MOVE_FINDINGS),
				    (size_t)CHECK_MAX_MOVE_FINDINGS);
		for (size_t f = 0; f < m->n_findings; f++) {
			char mems[MPOL_NODES_TEXT];

			(void)mpol_nodes_print(&s.mems_allowed, mems, sizeof(mems));
			(void)snprintf(m->findings[f].error.where,
				       sizeof(m->findings[f].error.where),
				       "after --then-mems %.60s", mems);
		}
		kept = m->kept;
	}
}

void check_policy(const struct check_context *c, const char *text, const struct mpol_policy_expr *e,
		  struct check_answer *ret)
{
	struct mpol_error unresolved;

	memset(ret, 0, sizeof(*ret));
	ret->text = text;
	if (resolve(c, e, ret, &unresolved) < 0) {
		refuse_unresolved(ret, &unresolved);
		return;
	}
	judge(c, ret);
	follow_moves(c, ret);
}
