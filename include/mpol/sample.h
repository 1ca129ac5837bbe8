/* SPDX-License-Identifier: MIT */
/*
 * Placement from a sample: the nodes of some thousand resident pages, chosen at random, with the confidence that their
 * number allows. The cost depends on how many pages are asked for, not on how large the process is, and the process is
 * never held up for longer than 16 pages take: large processes can be watched while they work.
 */
#ifndef MPOL_SAMPLE_H
#define MPOL_SAMPLE_H

#include <mpol/placement.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MPOL_SAMPLE_PAGES 16384 /* the usual number: +-0.8 percentage points at worst */

struct mpol_sample {
	/* Resident bytes as the kernel counts them, divided as the sample is. known is false when no page was hit. */
	struct mpol_placement placement;
	uint64_t pages[MPOL_N_PAGE_KINDS][MPOL_MAX_NODES]; /* that were hit; with repetition */
	uint64_t n;					   /* pages hit, in all; may be less than asked for */
	uint64_t tried;					   /* addresses asked about */
	bool searched; /* the resident pages were searched for first (PAGEMAP_SCAN), as trying would have cost more */
};

/*
 * Samples `pages` resident pages, uniformly over all of them and with repetition, kinds apart; 0: MPOL_SAMPLE_PAGES. seed
 * makes a sample repeatable on unchanged memory; 0: another one each time. Needs the running machine's root. Errors as
 * mpol_placement_of(); -EPERM where move_pages(2) is refused.
 *
 * Gives up when 256 times as many addresses were tried: n tells. Memory in mappings without any access (PROT_NONE) is
 * sampled where PAGEMAP_SCAN (Linux 6.7) can tell what is resident there, otherwise left out.
 */
int mpol_placement_sample(int root_fd, pid_t pid, uint64_t pages, uint64_t seed, struct mpol_sample *ret,
			  struct mpol_error *err);

/*
 * The share of bytes on nodes (on all kinds of pages), with the ends of its 95% confidence interval (Wilson's). False
 * when it is not known: no page was hit. NULL arguments are not filled.
 */
bool mpol_sample_locality(const struct mpol_sample *s, const struct mpol_nodeset *nodes, double *ret, double *ret_low,
			  double *ret_high);

/* Half the width of the widest 95% interval that n pages can have: 0.0077 for 16384; 1 for none. */
double mpol_sample_margin(uint64_t n);

#ifdef __cplusplus
}
#endif
#endif
